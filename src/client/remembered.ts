// What one session leaves to the next: the conversations, what is unread in them, and up to where they have been read.
import { isUnsent } from "./entry-identity.js";
import type { ChatBuffer, Entry, MessageEntry } from "./model.js";

/** A line of a conversation, found again by its id, and by its time where the server gives no ids or has lost it. */
export interface Position {
  readonly msgid: string | undefined;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly time: number;
}

/** Something that was said and that the server does not have, as far as is known. */
export interface UnsentMessage {
  /** The same at every attempt: a server that has it after all stores it only once. */
  readonly id: string;
  /** Mostly the conversation's name, but `@#room` for the operators of #room. */
  readonly target: string;
  readonly form: MessageEntry["form"];
  readonly text: string;
  /** When it was said, ms since the epoch. */
  readonly time: number;
  readonly error: string;
}

/** A conversation as an earlier session left it. */
export interface RememberedConversation {
  readonly name: string;
  readonly kind: "channel" | "direct";
  /** Channels: whether to join it. One we left or were removed from is only shown. */
  readonly joined: boolean;
  /** What lets us into the channel. A secret. */
  readonly key: string | undefined;
  readonly unread: number;
  readonly mentions: number;
  /** The newest line when `unread` and `mentions` were counted; undefined: there was none. */
  readonly known: Position | undefined;
  /** The time of the newest line that was read, for MARKREAD. */
  readonly readAt: number | undefined;
  /** Oldest first; left out: none. */
  readonly unsent?: readonly UnsentMessage[];
}

/** Where the newest line of `entries` stands that the server has confirmed. */
export function newestPosition(entries: readonly Entry[]): Position | undefined {
  const newest = entries.findLast((entry) => entry.kind === "message" && entry.status === "sent");
  return newest?.kind === "message" ? { msgid: newest.msgid, time: newest.time } : undefined;
}

/** The entries that came after a position. An id tells exactly; clocks are asked only where it is not found. */
export function entriesAfter(
  entries: readonly Entry[],
  position: Position | undefined,
): readonly Entry[] {
  if (position === undefined) return entries;
  const { msgid, time } = position;
  // Clocks go back now and then: what follows the entry of that time is later, whatever its own time says.
  const index = entries.findLastIndex(
    (entry) =>
      entry.kind === "message" &&
      (msgid === undefined ? entry.time === time : entry.msgid === msgid),
  );
  return index >= 0 ? entries.slice(index + 1) : entries.filter((entry) => entry.time > time);
}

/** Whether anything that was said is here: a remembered conversation begins without, but for what was not sent. */
export function hasMessages({ entries }: Pick<ChatBuffer, "entries">): boolean {
  return entries.some((entry) => entry.kind === "message" && !isUnsent(entry));
}
