// How a client's connection ended, and what may have been lost on it.
import type { ServerConfig } from "./config.js";

const OWN_WISH = "Quit: ";
export const KILLED = "Killed";

/**
 * Why the connection of a client ends that says QUIT. Modern IRC: "the reason sent to other clients SHOULD be just this
 * "Quit: " string" where they give none; so no one can pass for one whose connection was lost.
 */
export function quitReason(text: string): string {
  return OWN_WISH + text;
}

/** The same without what someone wrote: they are not quoted, but leave all the same. */
export function withoutText(reason: string): string {
  if (reason.startsWith(OWN_WISH)) return OWN_WISH;
  return reason.startsWith(KILLED) ? KILLED : reason;
}

/** Why the connection of a client ends whom `by` throws out. */
export function killReason(by: string, text: string): string {
  return `${KILLED} (${by} (${text}))`;
}

/**
 * Until when the client, whose connection ended at `time` for this reason, has surely read what was said to it. Who says
 * QUIT has read everything; any other connection may have been dead for as long as no one asked.
 */
export function lastHeard(
  config: Pick<ServerConfig, "limits">,
  reason: string,
  time: number,
): number {
  const { pingIntervalMs, pingTimeoutMs } = config.limits;
  return reason.startsWith(OWN_WISH) ? time : time - pingIntervalMs - pingTimeoutMs;
}
