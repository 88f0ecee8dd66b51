// Small things the handlers of state.ts share: ids, times, people, event rows.
import type { Message } from "../irc/message.js";
import type { Source } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import { parseServerTime } from "../irc/time.js";
import type { EventData, EventEntry, User } from "./model.js";
import type { StateDraft } from "./state-draft.js";

/** No name or text that is only shown in passing needs more. */
const MAX_TEXT_LENGTH = 4_096;

/** When a message was sent: the server's time where it says so. */
export function entryTime(draft: StateDraft, message: Message): number {
  return parseServerTime(message.tags.get(TAG.time)) ?? draft.context.now();
}

export function entryId(draft: StateDraft, message: Message): string {
  return message.tags.get(TAG.msgid) ?? draft.context.newId();
}

export function eventEntry(draft: StateDraft, message: Message, event: EventData): EventEntry {
  return { kind: "event", id: entryId(draft, message), time: entryTime(draft, message), event };
}

/** Adds a row for `event` to a buffer, if there is such a buffer and no such row yet. */
export function addEvent(
  draft: StateDraft,
  buffer: string,
  message: Message,
  event: EventData,
): void {
  const entry = eventEntry(draft, message, event);
  if (!draft.knows(buffer, entry.id)) draft.addEntry(buffer, entry);
}

export function addInfo(draft: StateDraft, buffer: string, message: Message, text: string): void {
  if (text === "") return;
  addEvent(draft, buffer, message, { type: "info", text: text.slice(0, MAX_TEXT_LENGTH) });
}

/** What a message's source and tags tell of its sender. */
export function learnSource(draft: StateDraft, message: Message, source: Source): void {
  if (source.nick === "") return;
  const patch: { -readonly [K in keyof User]?: User[K] } = { online: true };
  if (source.user !== undefined) patch.user = source.user;
  if (source.host !== undefined) patch.host = source.host;
  if (draft.get().caps.has("account-tag")) patch.account = message.tags.get(TAG.account);
  if (message.tags.has(TAG.bot)) patch.isBot = true;
  draft.updateUser(source.nick, patch);
}
