// Why a connection could not be made, as an error to throw.
import type { ConnectFailure } from "./status.js";

export class ConnectError extends Error {
  constructor(readonly failure: ConnectFailure) {
    super(`${failure.code}: ${failure.detail}`);
  }
}

/** Of these the detail is in our words, or in those of this computer. */
const OWN_WORDS: ReadonlySet<ConnectFailure["code"]> = new Set([
  "refused",
  "unreachable",
  "name-not-found",
  "timed-out",
  "silent",
  "tls-not-supported",
  "certificate-changed",
  "cancelled",
]);
/** Of these as well, up to the first colon; what follows may quote the server. */
const PARTLY_OWN_WORDS: ReadonlySet<ConnectFailure["code"]> = new Set([
  "lost",
  "certificate-unknown",
]);

/** A failure as it may stand in the log, which has nothing that servers write freely. */
export function loggedFailure({ code, detail }: ConnectFailure): string {
  if (OWN_WORDS.has(code)) return `${code} (${detail})`;
  const own = detail.replace(/(\([^():]*)?:.*$/s, (_, open?: string) =>
    open === undefined ? "" : `${open})`,
  );
  return PARTLY_OWN_WORDS.has(code) && own !== "" ? `${code} (${own})` : code;
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
