// How a client's connection ended, and what may have been lost on it.
import type { ServerConfig } from "./config.js";

/** Why the connection of a client ends that says QUIT. */
export function quitReason(text: string): string {
  return text === "" ? "Quit" : `Quit: ${text}`;
}

/**
 * Until when the client, whose connection ended at `time` for this reason, has surely read what was said to it. Who says
 * QUIT has read everything; any other connection may have been dead for as long as nobody asked.
 */
export function lastHeard(
  config: Pick<ServerConfig, "limits">,
  reason: string,
  time: number,
): number {
  const { pingIntervalMs, pingTimeoutMs } = config.limits;
  const isOwnWish = reason === "Quit" || reason.startsWith("Quit: ");
  return isOwnWish ? time : time - pingIntervalMs - pingTimeoutMs;
}
