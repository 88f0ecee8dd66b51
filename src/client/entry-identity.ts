// What makes two entries the same, and what kind of row one is.
import type { Entry, EventData, EventEntry, GapEntry, MessageEntry } from "./model.js";

/** A row that is no gap. */
export type Row = MessageEntry | EventEntry;

/** What a history tells of. Anything else happened in this client alone. */
const STORED_EVENTS: ReadonlySet<EventData["type"]> = new Set([
  "join",
  "part",
  "quit",
  "kick",
  "nick",
  "topic",
  "mode",
]);

/** What an entry costs beside its text. */
const ENTRY_BYTES = 300;

export function isGap(entry: Entry | undefined): entry is GapEntry {
  return entry?.kind === "gap";
}

/** Pending or failed: the server does not have it. */
export function isUnsent(entry: Entry | undefined): boolean {
  return entry?.kind === "message" && entry.status !== "sent";
}

export function isPending(entry: Entry | undefined): boolean {
  return entry?.kind === "message" && entry.status === "pending";
}

/** Whether the server's history may have it. */
export function isStored(entry: Entry | undefined): boolean {
  if (entry === undefined || entry.kind === "gap") return false;
  return entry.kind === "message" ? entry.status === "sent" : STORED_EVENTS.has(entry.event.type);
}

export function idsOf(entry: Entry): readonly string[] {
  return entry.kind === "message" && entry.msgid !== undefined
    ? [entry.id, entry.msgid]
    : [entry.id];
}

/** Where there are no ids: what is of the same time, by the same nick and of the same words is the same. */
export function contentKey(entry: Row, time: number): string {
  if (entry.kind === "message") return JSON.stringify([time, entry.form, entry.nick, entry.text]);
  // Addresses are told live and left out of histories.
  const { event } = entry;
  const what = event.type === "join" ? { type: event.type, nick: event.nick } : event;
  return JSON.stringify([time, what]);
}

/** About how much memory it takes. */
export function sizeOf(entry: Entry): number {
  if (entry.kind === "gap") return ENTRY_BYTES;
  let length = entry.id.length;
  if (entry.kind === "message") {
    const { text, nick, formatted = "", msgid = "", address = "" } = entry;
    length += text.length + formatted.length + nick.length + address.length;
    return ENTRY_BYTES + 2 * (length + (msgid === entry.id ? 0 : msgid.length));
  }
  for (const value of Object.values(entry.event) as readonly unknown[])
    if (typeof value === "string") length += value.length;
  return ENTRY_BYTES + 2 * length;
}
