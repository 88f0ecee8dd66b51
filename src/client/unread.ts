// How much of each conversation is unread.
import { isGap, isStored } from "./entry-identity.js";
import type { ChatBuffer, Entry, MessageEntry } from "./model.js";
import { entriesAfter } from "./remembered.js";
import type { StateDraft } from "./state-draft.js";

/** `fresh`, which are in the buffer now, have not been read. What is our own, and what is no message, does not count. */
export function countUnread(draft: StateDraft, buffer: string, fresh: readonly Entry[]): void {
  const data = draft.buffer(buffer);
  const others = fresh.filter(isFromOther);
  const [first] = others;
  if (data === undefined || first === undefined) return;
  draft.patchBuffer(buffer, {
    unread: data.unread + others.length,
    mentions: data.mentions + countMentions(data, others),
    unreadFrom: firstOf(data, data.unreadFrom, first.id),
  });
}

/** What of a piece of history is unread: what is later than a time, or follows an entry; otherwise nothing. */
export interface UnreadPart {
  readonly since: number | undefined;
  readonly after?: string | undefined;
  /** How many deletions the piece tells of. */
  readonly deletions: number;
}

/**
 * A piece of history has brought `fresh`, a part of which is unread; but the first piece of a conversation that an earlier
 * session remembers goes on with what was unread then.
 */
export function countHistory(
  draft: StateDraft,
  buffer: string,
  fresh: readonly Entry[],
  { since, after, deletions }: UnreadPart,
): void {
  if (goOnCounting(draft, buffer, deletions)) return;
  if (since !== undefined) {
    countUnread(
      draft,
      buffer,
      fresh.filter(({ time }) => time > since),
    );
  } else if (after !== undefined) {
    const entries = draft.buffer(buffer)?.entries ?? [];
    const later = new Set(entries.slice(entries.findIndex(({ id }) => id === after) + 1));
    countUnread(
      draft,
      buffer,
      fresh.filter((entry) => later.has(entry)),
    );
  }
}

/** Adds what came since an earlier session to what was unread then. Returns whether there was such a session. */
function goOnCounting(draft: StateDraft, buffer: string, deletions: number): boolean {
  const data = draft.buffer(buffer);
  const before = data && draft.context.takeRemembered?.(data.name);
  if (data === undefined || before === undefined) return false;
  const fresh = entriesAfter(data.entries, before.known).filter(isFromOther);
  let unread = before.unread + fresh.length;
  let mentions = before.mentions + countMentions(data, fresh);
  const left = entriesSinceRead(draft, data)?.filter(isFromOther);
  if (left !== undefined) {
    // No more than was deleted: a clock that is behind may have put a line before the one that was read.
    const gone = Math.min(deletions, Math.max(0, unread - left.length));
    unread -= gone;
    mentions = Math.min(mentions, Math.max(mentions - gone, countMentions(data, left)));
  }
  const others = data.entries.filter(isFromOther);
  draft.patchBuffer(buffer, {
    unread,
    mentions,
    unreadFrom: unread === 0 ? undefined : (others.at(-unread) ?? others[0])?.id,
  });
  return true;
}

/** What follows the line that was read last; undefined: that line, or some of what follows it, is not here. */
function entriesSinceRead(
  draft: StateDraft,
  { name, entries, startsAtBeginning }: ChatBuffer,
): readonly Entry[] | undefined {
  const readAt = draft.context.lastSeen.get(draft.fold(name));
  const gap = entries.findLastIndex(isGap);
  const piece = entries.slice(gap + 1).filter(isStored);
  if (readAt === undefined) return startsAtBeginning && gap < 0 ? piece : undefined;
  // Whether a line is later than another its place tells, not its time: clocks go back now and then.
  const read = piece.findIndex(({ time }) => time === readAt);
  return read < 0 ? undefined : piece.slice(read + 1);
}

function isFromOther(entry: Entry): entry is MessageEntry {
  return entry.kind === "message" && !entry.own;
}

/** In a direct message everything is meant for us; but a notice wants no answer, so that it is only unread. */
export function isForUs({ kind }: ChatBuffer, { mention, form }: MessageEntry): boolean {
  return mention || (kind === "direct" && form !== "notice");
}

function countMentions(buffer: ChatBuffer, others: readonly MessageEntry[]): number {
  return others.filter((entry) => isForUs(buffer, entry)).length;
}

function firstOf(data: ChatBuffer, a: string | undefined, b: string): string {
  if (a === undefined) return b;
  return data.entries.find((entry) => entry.id === a || entry.id === b)?.id ?? b;
}

/** Everything up to the entry `id` has been read. Returns the time of that entry, or undefined when there is none. */
export function markRead(draft: StateDraft, buffer: string, id: string): number | undefined {
  const data = draft.buffer(buffer);
  const index = data?.entries.findLastIndex((entry) => entry.id === id) ?? -1;
  if (data === undefined || index < 0) return undefined;
  // Reading goes forward only: an older entry coming into view makes nothing unread again.
  const unreadIndex = data.entries.findIndex((entry) => entry.id === data.unreadFrom);
  if (data.unread > 0 && unreadIndex <= index) {
    clearUnread(draft, buffer);
    countUnread(draft, buffer, data.entries.slice(index + 1));
  }
  return data.entries[index]?.time;
}

/** Nothing in the buffer is unread. */
export function clearUnread(draft: StateDraft, buffer: string): void {
  draft.patchBuffer(buffer, { unread: 0, mentions: 0, unreadFrom: undefined });
}
