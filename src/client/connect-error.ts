// Why a connection could not be made, as an error to throw.
import type { ConnectFailure } from "./status.js";

export class ConnectError extends Error {
  constructor(readonly failure: ConnectFailure) {
    super(`${failure.code}: ${failure.detail}`);
  }
}

/** The failure of a socket that never got connected, by its error code. */
export function socketFailure(error: Error): ConnectFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const detail = error.message;
  switch (code) {
    case "ECONNREFUSED":
      return { code: "refused", detail };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return { code: "name-not-found", detail };
    case "ETIMEDOUT":
      return { code: "timed-out", detail };
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
      return { code: "lost", detail };
    default:
      return { code: "unreachable", detail };
  }
}

/** Those that say most come first: an answer tells more than none. */
const TELLING: readonly ConnectFailure["code"][] = [
  "cancelled",
  "certificate-changed",
  "certificate-unknown",
  "tls-not-supported",
  "not-a-chat-server",
  "silent",
  "refused",
  "lost",
  "timed-out",
  "unreachable",
  "name-not-found",
];

/** Of the failures at several hosts the one to show. */
export function tellingFailure(failures: readonly ConnectFailure[]): ConnectFailure {
  const rank = (failure: ConnectFailure) => {
    const index = TELLING.indexOf(failure.code);
    return index < 0 ? TELLING.length : index;
  };
  return (
    failures.toSorted((a, b) => rank(a) - rank(b))[0] ?? {
      code: "unreachable",
      detail: "the address has no host",
    }
  );
}
