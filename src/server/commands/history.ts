// CHATHISTORY. https://ircv3.net/specs/extensions/chathistory
import { CAP } from "../../irc/caps.js";
import { TAG } from "../../irc/tags.js";
import { formatTime, type OutgoingParts } from "../delivery.js";
import type { Client } from "../client.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { StandardError, errorText } from "../errors.js";
import { channelBuffer, outgoingOf } from "../history/archive.js";
import { directSince, findConversation } from "./conversations.js";
import { replyWhole } from "../multiline.js";
import {
  MULTILINE,
  identityOf,
  peerOf,
  type Query,
  type Reference,
  type StoredMessage,
} from "../history/store.js";
import { CHATHISTORY_MAX } from "../isupport.js";
import { parseTimestamp } from "../timestamp.js";

export const historyCommands: CommandTable = {
  CHATHISTORY: { run: chathistory, inTurns: true },
};

/** How many messages or times each is asked by. */
const REFERENCES: ReadonlyMap<string, number> = new Map([
  ["LATEST", 1],
  ["BEFORE", 1],
  ["AFTER", 1],
  ["AROUND", 1],
  ["BETWEEN", 2],
  ["TARGETS", 2],
]);

/** One answer holds at most about this much, so that a reader on a thin line is not cut off for asking. */
const MAX_ANSWER_BYTES = 512 * 1024;

type Selector = Pick<Query, "after" | "before" | "keep">;

function chathistory(cx: CommandContext): void {
  const [subcommand = "", ...params] = cx.params;
  const name = subcommand.toUpperCase();
  const references = name === "TARGETS" ? params.slice(0, 2) : params.slice(1, -1);
  const wanted = REFERENCES.get(name);
  if (wanted === undefined)
    throw new StandardError(
      "INVALID_PARAMS",
      [subcommand],
      `Unknown subcommand; valid ones are ${[...REFERENCES.keys()].join(", ")}`,
    );
  if (cx.params.length !== wanted + (name === "TARGETS" ? 2 : 3))
    throw new StandardError(
      "INVALID_PARAMS",
      [name],
      cx.params.length < wanted + 2 ? "Insufficient parameters" : "Wrong number of parameters",
    );
  const limit = parseLimit(name, params.at(-1));
  if (name === "TARGETS") targets(cx, references, limit);
  else messages(cx, name, params[0] ?? "", references, limit);
}

function messages(
  cx: CommandContext,
  name: string,
  target: string,
  texts: readonly string[],
  limit: number,
): void {
  const { server, client } = cx;
  const [first, second] = texts.map((text) =>
    name === "LATEST" && text === "*" ? undefined : parseReference(name, text),
  );
  const place = findConversation(cx, target);
  if (place === undefined)
    throw new StandardError(
      "INVALID_TARGET",
      [name, target],
      "Messages could not be retrieved: you are not in that channel",
    );
  const { store } = server.archive;
  const withEvents = client.has(CAP.eventPlayback);
  const { buffer, since } = place;
  const base = { buffer, since, limit, withEvents, without: unreadableBy(client) };
  const page = read(cx, [name, place.name], () => {
    if (name === "AROUND" && first !== undefined)
      return { rows: withinBytes(store.around(base, first), "oldest"), isEnd: false };
    const selector = selectorOf(cx, name, buffer, first, second);
    const found = store.find({ ...base, ...selector, limit: limit + 1 });
    return pageOf(found, selector.keep, limit, withinBytes);
  });
  const send = () => {
    for (const message of page.rows) sendStored(cx, message);
  };
  cx.reply.batch("chathistory", [place.name], send, endTag(client, page));
}

interface Page<T> {
  readonly rows: readonly T[];
  /** Whether the next page would be empty. */
  readonly isEnd: boolean;
}

/** The first page of what was found when one row more was asked for than a page holds. */
function pageOf<T>(
  found: readonly T[],
  keep: Query["keep"],
  limit: number,
  cut: (rows: readonly T[], keep: Query["keep"]) => readonly T[] = (rows) => rows,
): Page<T> {
  const rows = cut(keep === "newest" ? found.slice(-limit) : found.slice(0, limit), keep);
  return { rows, isEnd: rows.length === found.length };
}

/** "To signal that no more messages are available", on the line that opens the batch. */
function endTag(client: Client, { isEnd }: Page<unknown>): Partial<OutgoingParts> {
  return isEnd && client.has(CAP.messageTags) ? { serverTags: TAG.historyEnd } : {};
}

/** What the store says. Where it cannot, the sender is told that it is not their fault. */
function read<T>({ server }: CommandContext, context: readonly string[], ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    server.logger.error(`could not read the history: ${errorText(error)}`);
    throw new StandardError(
      "MESSAGE_ERROR",
      context,
      "Messages could not be retrieved; try again later",
    );
  }
}

/** What the client could not read: it must not count, or a page of nothing else would pass for the end of the history. */
function unreadableBy(client: Client): readonly string[] {
  return [
    ...(client.has(CAP.messageTags) ? [] : ["TAGMSG"]),
    ...(client.has(CAP.messageRedaction) ? [] : ["REDACT"]),
  ];
}

function selectorOf(
  cx: CommandContext,
  name: string,
  buffer: string,
  first: Reference | undefined,
  second: Reference | undefined,
): Selector {
  switch (name) {
    case "BEFORE":
      return { before: first, keep: "newest" };
    case "AFTER":
      return { after: first, keep: "oldest" };
    case "BETWEEN":
      return betweenOf(cx, buffer, first, second);
    default:
      return { after: first, keep: "newest" };
  }
}

// "This may be forwards or backwards in time", counted from the first.
function betweenOf(
  cx: CommandContext,
  buffer: string,
  first: Reference | undefined,
  second: Reference | undefined,
): Selector {
  const { store } = cx.server.archive;
  const at = (reference: Reference | undefined) =>
    reference === undefined ? undefined : store.position(buffer, reference);
  const isForwards = (at(first) ?? 0) <= (at(second) ?? 0);
  return isForwards
    ? { after: first, before: second, keep: "oldest" }
    : { after: second, before: first, keep: "newest" };
}

function targets(cx: CommandContext, texts: readonly string[], limit: number): void {
  const { server, client, reply } = cx;
  const [a = 0, b = 0] = texts.map((text) => {
    const reference = parseReference("TARGETS", text);
    if (reference.kind === "msgid")
      throw new StandardError("INVALID_PARAMS", ["TARGETS", text], "TARGETS requires timestamps");
    return reference.time;
  });
  const identity = identityOf(client);
  const channels = new Map([...client.channels].map((c) => [channelBuffer(c), c.name]));
  const range = { after: Math.min(a, b), before: Math.max(a, b) };
  // "The parameters have the same semantics as BETWEEN": counted from the first.
  const keep = a <= b ? "oldest" : "newest";
  const { store } = server.archive;
  const page = read(cx, ["TARGETS"], () =>
    pageOf(store.targets(identity, [...channels.keys()], range, keep, limit + 1), keep, limit),
  );
  const peerName = peerNames(cx);
  const since = directSince(client);
  const send = () => {
    for (const { buffer, time } of page.rows) {
      if (!channels.has(buffer) && time < since) continue;
      const name = channels.get(buffer) ?? peerName(buffer);
      reply.message("CHATHISTORY", ["TARGETS", name, formatTime(time)]);
    }
  };
  reply.batch("draft/chathistory-targets", [], send, endTag(client, page));
}

/** Names the other of any conversation that is the client's with someone. */
export function peerNames({ server, client }: CommandContext): (buffer: string) => string {
  const identity = identityOf(client);
  const nicks = new Map([...server.clients.values()].map((peer) => [identityOf(peer), peer.nick]));
  const lastNickOf = (peer: string) =>
    server.accounts.nicks.latestOf(peer) ?? peer.split("@", 1)[0] ?? peer;
  return (buffer) => {
    const peer = peerOf(buffer, identity) ?? identity;
    return nicks.get(peer) ?? lastNickOf(peer);
  };
}

export function sendStored({ client, reply }: CommandContext, stored: StoredMessage): void {
  const message = outgoingOf(stored);
  if (stored.command === MULTILINE) replyWhole(client, reply, message);
  else reply.send(message);
}

// What is left out is what the next question will ask for.
function withinBytes(
  found: readonly StoredMessage[],
  keep: Query["keep"],
): readonly StoredMessage[] {
  const isNewest = keep === "newest";
  const ordered = isNewest ? [...found].reverse() : found;
  const kept: StoredMessage[] = [];
  let bytes = 0;
  for (const message of ordered) {
    bytes += message.clientTags.length + 600 * Math.max(1, message.params.length - 2);
    if (bytes > MAX_ANSWER_BYTES && kept.length > 0) break;
    kept.push(message);
  }
  return isNewest ? kept.reverse() : kept;
}

function parseLimit(name: string, text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,9}$/.test(text) || Number(text) === 0)
    throw new StandardError(
      "INVALID_PARAMS",
      [name, text ?? "*"],
      `Invalid limit: it must be between 1 and ${CHATHISTORY_MAX}`,
    );
  return Math.min(Number(text), CHATHISTORY_MAX);
}

function parseReference(name: string, text: string): Reference {
  const equals = text.indexOf("=");
  const kind = text.slice(0, Math.max(equals, 0));
  const value = text.slice(equals + 1);
  if (kind === TAG.msgid && value !== "") return { kind: "msgid", msgid: value };
  const time = parseTimestamp(text);
  if (time !== undefined) return { kind: "time", time };
  throw new StandardError(
    "INVALID_PARAMS",
    [name, text],
    "Invalid timestamp or msgid: use timestamp=YYYY-MM-DDThh:mm:ss.sssZ or msgid=…",
  );
}
