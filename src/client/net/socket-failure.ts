// What the errors of sockets mean.
import type { ConnectFailure } from "../status.js";

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
