// MARKREAD. https://ircv3.net/specs/extensions/read-marker
import { CAP } from "../../irc/caps.js";
import { channelNameProblem, nickProblem } from "../../irc/names.js";
import type { Client } from "../client.js";
import { Outgoing, formatTime } from "../delivery.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { StandardError, errorText } from "../errors.js";
import type { Server } from "../server.js";
import { parseTimestamp } from "../timestamp.js";

export const readMarkerCommands: CommandTable = {
  MARKREAD: { run: markRead },
};

function markRead(cx: CommandContext): void {
  const { server, client, params, reply } = cx;
  const [target, timestamp] = params;
  if (target === undefined || target === "")
    throw new StandardError(
      "NEED_MORE_PARAMS",
      [],
      "Missing parameters: use MARKREAD <channel or nick>",
    );
  const problem = target.startsWith("#") ? channelNameProblem(target) : nickProblem(target);
  if (problem !== undefined)
    throw new StandardError("INVALID_PARAMS", [target], "This is not a channel or a nick");
  if (timestamp === undefined) {
    reply.send(marker(server, client, target));
    return;
  }
  const time = parseTimestamp(timestamp);
  if (time === undefined)
    throw new StandardError(
      "INVALID_PARAMS",
      [timestamp],
      "Invalid timestamp: use timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
    );
  const before = server.readMarkers.get(client, target);
  // What is yet to be said is not read.
  advance(cx, target, Math.min(time, server.now()));
  const message = marker(server, client, target);
  reply.send(message);
  if (server.readMarkers.get(client, target) === before) return;
  for (const other of server.sessions.with(client))
    if (other !== client && other.isRegistered && other.has(CAP.readMarker)) other.deliver(message);
}

function advance({ server, client }: CommandContext, target: string, time: number): void {
  try {
    if (server.readMarkers.advance(client, target, time)) return;
  } catch (error) {
    server.logger.error(`could not store a read marker: ${errorText(error)}`);
    throw new StandardError("INTERNAL_ERROR", [target], "The read timestamp could not be set");
  }
  throw new StandardError("INTERNAL_ERROR", [target], "You have too many read markers");
}

/** `MARKREAD <target> timestamp=…`, or `*` where nothing is known. */
export function marker(server: Server, client: Client, target: string): Outgoing {
  const time = server.readMarkers.get(client, target);
  return new Outgoing({
    source: server.name,
    command: "MARKREAD",
    params: [target, time === undefined ? "*" : `timestamp=${formatTime(time)}`],
    time: server.now(),
  });
}
