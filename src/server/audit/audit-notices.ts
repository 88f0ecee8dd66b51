// What everyone is told of the log. Clients that have asked for the capability tell it by themselves.
import { CAP } from "../../irc/caps.js";
import type { CommandContext } from "../dispatch.js";

export const EVERYTHING_IS_LOGGED =
  "Everything said on this server is logged by the host, including direct messages.";
export const LOGGING_BEGINS =
  "From now on everything said on this server is logged by the host, including direct messages. What was said before is not.";
export const LOGGING_ENDS = "The host has stopped logging what is said on this server.";

/** Tells the client, where it shows things said to `target`: its nick, or a channel it has just joined. */
export function tellLogged({ server, client, reply }: CommandContext, target: string): void {
  if (server.config.audit && !client.has(CAP.audit))
    reply.message("NOTICE", [target, EVERYTHING_IS_LOGGED]);
}
