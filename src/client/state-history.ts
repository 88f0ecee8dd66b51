// What was said before: pieces of history, and messages that were deleted.
import type { Message } from "../irc/message.js";
import { parseSource, type Source } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import type { Row } from "./entry-identity.js";
import type { EventData } from "./model.js";
import { eventEntry } from "./state-entries.js";
import type { StateDraft } from "./state-draft.js";
import { isChannelName, isOwn, messageEntry, splitStatusPrefix } from "./state-messages.js";
import { displayText } from "./text.js";
import type { Place } from "./timeline-merge.js";
import { countHistory, isForUs } from "./unread.js";

/** A piece of history, in order. */
export interface HistoryPiece {
  readonly target: string;
  readonly messages: readonly Message[];
  /** Messages later than this are unread; undefined: none. */
  readonly unreadSince: number | undefined;
  /** Messages after this entry are unread, whatever their times. */
  readonly unreadAfter?: string | undefined;
  readonly place: Place;
  /** Whether the server has no more beyond it. */
  readonly isLast: boolean;
  readonly mayBeCut?: boolean;
  readonly recognized?: Set<string>;
  readonly unsettled?: ReadonlyMap<string, number>;
}

/** Puts a piece of history into its buffer. Nothing in it changes who is where: it is over. Returns the rows that were new. */
export function insertHistory(draft: StateDraft, piece: HistoryPiece): readonly Row[] {
  const { target, messages, unreadSince, unreadAfter, ...page } = piece;
  const kind = isChannelName(draft, target) ? "channel" : "direct";
  if (messages.length === 0 && draft.buffer(target) === undefined) return [];
  if (draft.openBuffer(target, kind) === undefined) return [];
  const rows: Row[] = [];
  for (const message of messages) {
    const source = parseSource(message.source ?? "");
    if (message.command === "REDACT") removeRedacted(draft, target, message.params[1] ?? "");
    const row = historyRow(draft, target, message, source);
    if (row !== undefined) rows.push(row);
  }
  const fresh = draft.change(target, (timeline) => timeline.insert({ ...page, rows })) ?? [];
  const deletions = messages.filter(({ command }) => command === "REDACT").length;
  countHistory(draft, target, fresh, { since: unreadSince, after: unreadAfter, deletions });
  return fresh;
}

/** `REDACT <target> <msgid> [:reason]`. https://ircv3.net/specs/extensions/message-redaction */
export function redact(draft: StateDraft, message: Message, source: Source): void {
  const [target = "", msgid = ""] = message.params;
  const { name } = splitStatusPrefix(draft, target);
  const isThere = isChannelName(draft, name) || isOwn(draft, message, source);
  const usual = isThere ? name : source.nick;
  // An operator or the server deletes what others said, and a notice may be shown elsewhere: the id tells.
  removeRedacted(draft, draft.bufferOf(msgid, usual) ?? usual, msgid);
}

/** A deleted message goes at once, and is no longer unread. */
function removeRedacted(draft: StateDraft, buffer: string, msgid: string): void {
  const data = draft.buffer(buffer);
  if (data === undefined || msgid === "") return;
  // Most are of messages that are not here, and need no walk through those that are.
  if (draft.timeline(buffer)?.has(msgid) !== true) {
    draft.redact(buffer, msgid);
    return;
  }
  const { entries, unreadFrom, unread, mentions } = data;
  const firstUnread = entries.findIndex(({ id }) => id === unreadFrom);
  const at = entries.findLastIndex((entry) => entry.kind === "message" && entry.msgid === msgid);
  const gone = draft.redact(buffer, msgid);
  if (gone === undefined || gone.own || firstUnread < 0 || at < firstUnread) return;
  const isMention = isForUs(data, gone);
  draft.patchBuffer(buffer, {
    unread: Math.max(0, unread - 1),
    mentions: Math.max(0, mentions - (isMention ? 1 : 0)),
  });
}

function historyRow(
  draft: StateDraft,
  target: string,
  message: Message,
  source: Source,
): Row | undefined {
  if (message.command === "PRIVMSG" || message.command === "NOTICE") {
    const own = isOwn(draft, message, source) || isFormerlyOwn(draft, target, message, source);
    return messageEntry(draft, message, source, own);
  }
  const event = eventOf(draft, message, source);
  return event === undefined ? undefined : eventEntry(draft, message, event);
}

/** An id no one but us can know of before we have said it is ours: so is a message we are still waiting for. */
function isFormerlyOwn(
  draft: StateDraft,
  target: string,
  message: Message,
  source: Source,
): boolean {
  if (draft.context.formerNicks?.has(draft.fold(source.nick)) !== true) return false;
  const id = message.tags.get(TAG.id);
  const entry = id === undefined ? undefined : draft.entry(target, id);
  return entry?.kind === "message" && entry.own;
}

function eventOf(draft: StateDraft, message: Message, source: Source): EventData | undefined {
  const { nick } = source;
  const [first = "", second = "", third = ""] = message.params.map(displayText);
  switch (message.command) {
    case "JOIN":
      return { type: "join", nick, address: message.tags.get(TAG.address) };
    case "PART":
      return { type: "part", nick, reason: second };
    case "QUIT":
      return { type: "quit", nick, reason: first };
    case "KICK":
      return { type: "kick", nick: second, by: nick, reason: third };
    case "NICK":
      return { type: "nick", nick, newNick: first };
    case "TOPIC":
      return { type: "topic", nick, topic: second };
    case "MODE":
      return { type: "mode", nick, modes: message.params.slice(1).map(displayText).join(" ") };
    default:
      return undefined;
  }
}
