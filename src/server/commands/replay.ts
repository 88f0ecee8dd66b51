// What someone missed, for clients that cannot ask for it. Those that know draft/chathistory do, and get nothing unasked.
import { CAP } from "../../irc/caps.js";
import { fold } from "../../irc/casemapping.js";
import type { Channel } from "../channel.js";
import type { Client } from "../client.js";
import type { CommandContext } from "../dispatch.js";
import { channelBuffer } from "../history/archive.js";
import { MULTILINE, identityOf, type StoredMessage } from "../history/store.js";
import { lastHeard } from "../leaving.js";
import { peerNames, sendStored } from "./history.js";

const SPEECH: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", MULTILINE]);
/** How many messages and events of a channel are looked at for every line that may be shown. */
const LOOKED_AT_PER_LINE = 4;
const MAX_CONVERSATIONS = 20;

/** What was said in a channel since the client was there last. To be asked before it comes in, and shown when it has. */
export function missedIn(cx: CommandContext, channel: Channel): readonly StoredMessage[] {
  const { server, client } = cx;
  const { replayLines } = server.config;
  if (!isShownUnasked(client) || replayLines === 0) return [];
  const found = server.archive.store.find({
    buffer: channelBuffer(channel),
    keep: "newest",
    limit: replayLines * LOOKED_AT_PER_LINE,
    withEvents: true,
  });
  return lastLines(afterLeaving(cx, found), replayLines);
}

/** Shows what was missed in a conversation. */
export function showMissed(
  cx: CommandContext,
  name: string,
  missed: readonly StoredMessage[],
): void {
  if (missed.length === 0) return;
  cx.reply.batch("chathistory", [name], () => {
    for (const message of missed) sendStored(cx, message);
  });
}

/** Shows what was said in these channels, and to the client, while it stayed without a connection. */
export function showAbsence(
  cx: CommandContext,
  absentSince: number | undefined,
  channels: Iterable<Channel>,
): void {
  const { server, client } = cx;
  if (!isShownUnasked(client) || server.config.replayLines === 0) return;
  // It was connected when the server ended.
  const since = absentSince ?? server.startedAt;
  for (const channel of channels)
    showMissed(cx, channel.name, saidSince(cx, channelBuffer(channel), since));
  const identity = identityOf(client);
  const range = { after: since - 1, before: Infinity };
  const targets = server.archive.store.targets(identity, [], range, "newest", MAX_CONVERSATIONS);
  if (targets.length === 0) return;
  const peerName = peerNames(cx);
  for (const { buffer } of targets) showMissed(cx, peerName(buffer), saidSince(cx, buffer, since));
}

/**
 * A line that does not say when it was said passes for a new one, and to a program that acts on what it reads it may be a
 * command given twice.
 */
function isShownUnasked(client: Client): boolean {
  return client.has(CAP.serverTime) && !client.has(CAP.chathistory) && !client.modes.has("B");
}

function saidSince({ server }: CommandContext, buffer: string, since: number): StoredMessage[] {
  const { replayLines } = server.config;
  const after = { kind: "time", time: since - 1 } as const;
  const query = { buffer, after, keep: "newest", limit: replayLines, withEvents: false } as const;
  return lastLines(server.archive.store.find(query), replayLines);
}

/** What came after the client was there last, as far as these messages and events know of that. */
function afterLeaving(
  { server, client }: CommandContext,
  found: readonly StoredMessage[],
): readonly StoredMessage[] {
  const last = found.findLastIndex((stored) => isAbout(client, stored));
  const trace = found[last];
  if (trace === undefined) return found;
  const later = found.slice(last + 1);
  switch (trace.command) {
    case "PART":
    case "KICK":
    case "NICK":
      return later;
    case "QUIT": {
      const from = lastHeard(server.config, trace.params[0] ?? "", trace.time);
      return from === trace.time ? later : found.filter(({ time }) => time >= from);
    }
    default:
      // It never left: it was there when the server ended.
      return later.filter(({ time }) => time >= server.startedAt);
  }
}

/** Whether someone did this by the client's nick who was the same person, or was sent away by that nick. */
function isAbout(client: Client, { command, source, account, params }: StoredMessage): boolean {
  const isNick = (nick = "") => fold(nick, "ascii") === fold(client.nick, "ascii");
  if (command === "KICK" && isNick(params[1])) return true;
  const [, nick, host] = /^([^!]*)![^@]*@(.*)$/.exec(source) ?? [];
  return (
    isNick(nick) && account === client.account && (account !== undefined || host === client.host)
  );
}

/** The newest of what was said, of so many lines together. */
function lastLines(found: readonly StoredMessage[], most: number): StoredMessage[] {
  const kept: StoredMessage[] = [];
  let lines = 0;
  for (const message of found.toReversed()) {
    if (!SPEECH.has(message.command)) continue;
    lines += message.command === MULTILINE ? message.params.length - 2 : 1;
    if (lines > most && kept.length > 0) break;
    kept.push(message);
  }
  return kept.reverse();
}
