// From one view to the next in as few words as it takes. Parts that are the same object cost nothing.
import type { ConversationView, RowView, ViewState, ViewUpdate } from "./view.js";

const HEADER_FIELDS = [
  "name",
  "topic",
  "canSend",
  "audience",
  "startsAtBeginning",
  "unreadFrom",
] as const;

type Header = Extract<ViewUpdate, { type: "header" }>["header"];

/**
 * The updates that lead from `previous` to `next`, in order; none where they are the same.
 * The draft of a conversation that stays on screen is the page's own and is not sent back to it.
 */
export function diffView(previous: ViewState, next: ViewState): ViewUpdate[] {
  if (previous === next) return [];
  const updates: ViewUpdate[] = [];
  if (!same(previous.connection, next.connection)) {
    updates.push({ type: "connection", connection: next.connection });
  }
  if (previous.isAudited !== next.isAudited) {
    updates.push({ type: "audit", isAudited: next.isAudited });
  }
  if (!same(previous.self, next.self)) updates.push({ type: "self", self: next.self });
  if (!same(previous.conversations, next.conversations)) {
    updates.push({ type: "conversations", conversations: next.conversations });
  }
  if (!same(previous.settings, next.settings)) {
    updates.push({ type: "settings", settings: next.settings });
  }
  if (!same(previous.commands, next.commands)) {
    updates.push({ type: "commands", commands: next.commands });
  }
  updates.push(...diffCurrent(previous.current, next.current));
  return updates;
}

/** The view after one update. An update for a conversation that is not there changes nothing. */
export function applyUpdate(view: ViewState, update: ViewUpdate): ViewState {
  switch (update.type) {
    case "connection":
      return { ...view, connection: update.connection };
    case "audit":
      return { ...view, isAudited: update.isAudited };
    case "self":
      return { ...view, self: update.self };
    case "conversations":
      return { ...view, conversations: update.conversations };
    case "settings":
      return { ...view, settings: update.settings };
    case "commands":
      return { ...view, commands: update.commands };
    case "current":
      return { ...view, current: update.current };
    case "header":
      // Field by field: on its way here JSON has dropped what is undefined, and that must not mean "as before".
      return withCurrent(view, headerOf(update.header));
    case "members":
      return withCurrent(view, { members: update.members });
    case "people":
      return withCurrent(view, { people: update.people });
    case "rows": {
      const rows = view.current?.rows.toSpliced(update.start, update.deleted, ...update.inserted);
      return rows === undefined ? view : withCurrent(view, { rows });
    }
  }
}

function withCurrent(view: ViewState, change: Partial<ConversationView>): ViewState {
  return view.current === undefined ? view : { ...view, current: { ...view.current, ...change } };
}

function diffCurrent(
  previous: ConversationView | undefined,
  next: ConversationView | undefined,
): ViewUpdate[] {
  if (previous === next) return [];
  if (previous?.id !== next?.id || previous?.kind !== next?.kind) {
    return [{ type: "current", current: next }];
  }
  if (previous === undefined || next === undefined) return [];
  const updates: ViewUpdate[] = [];
  if (HEADER_FIELDS.some((field) => previous[field] !== next[field])) {
    updates.push({ type: "header", header: headerOf(next) });
  }
  if (!same(previous.members, next.members)) {
    updates.push({ type: "members", members: next.members });
  }
  if (!same(previous.people, next.people)) updates.push({ type: "people", people: next.people });
  updates.push(...diffRows(previous.rows, next.rows));
  return updates;
}

function headerOf(view: Header): Header {
  const { name, topic, canSend, audience, startsAtBeginning, unreadFrom } = view;
  return { name, topic, canSend, audience, startsAtBeginning, unreadFrom };
}

/**
 * The change between the common head and the common tail. Rows that left at the top (a full list) or came there
 * (older ones were loaded) are a change of their own, else a row at the bottom would send all between again.
 */
function diffRows(previous: readonly RowView[], next: readonly RowView[]): ViewUpdate[] {
  if (previous === next) return [];
  const updates: ViewUpdate[] = [];
  let known = previous;
  const left = indexOfRow(previous, next[0]);
  if (left > 0) {
    updates.push({ type: "rows", start: 0, deleted: left, inserted: [] });
    known = previous.slice(left);
  }
  const came = left > 0 ? 0 : indexOfRow(next, previous[0]);
  if (came > 0) {
    const inserted = next.slice(0, came);
    updates.push({ type: "rows", start: 0, deleted: 0, inserted });
    known = [...inserted, ...known];
  }
  const start = commonHead(known, next);
  const tail = commonTail(known, next, start);
  const deleted = known.length - start - tail;
  const inserted = next.slice(start, next.length - tail);
  if (deleted > 0 || inserted.length > 0) {
    updates.push({ type: "rows", start, deleted, inserted });
  }
  return updates;
}

function indexOfRow(rows: readonly RowView[], row: RowView | undefined): number {
  return row === undefined ? -1 : rows.findIndex(({ id }) => id === row.id);
}

function commonHead(a: readonly RowView[], b: readonly RowView[]): number {
  const limit = Math.min(a.length, b.length);
  let count = 0;
  while (count < limit && same(a[count], b[count])) count++;
  return count;
}

function commonTail(a: readonly RowView[], b: readonly RowView[], head: number): number {
  const limit = Math.min(a.length, b.length) - head;
  let count = 0;
  while (count < limit && same(a.at(-1 - count), b.at(-1 - count))) count++;
  return count;
}

/** Whether two JSON values are equal; the same object answers at once. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && same(value, right.get(key)))
  );
}
