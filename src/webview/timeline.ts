// From rows to what stands in the list: days, the unread mark, groups of one author, condensed comings and goings.
import type { EventRow, MessageRow, PanelSettings, RowView } from "../bridge/view.js";
import { dayNumber } from "./times.js";

export type TimelineItem =
  | { readonly kind: "day"; readonly key: string; readonly time: number }
  | { readonly kind: "unread"; readonly key: string }
  /** Rows that are missing; the key is the gap's id. */
  | { readonly kind: "gap"; readonly key: string }
  /** `head`: the first of its group, with picture and nick. */
  | {
      readonly kind: "message";
      readonly key: string;
      readonly row: MessageRow;
      readonly head: boolean;
    }
  | { readonly kind: "event"; readonly key: string; readonly row: EventRow }
  | { readonly kind: "condensed"; readonly key: string; readonly rows: readonly EventRow[] };

/** An item the keyboard can go to. */
export type RowItem = Exclude<TimelineItem, { kind: "day" | "unread" | "gap" }>;

export function isRowItem(item: TimelineItem): item is RowItem {
  return item.kind !== "day" && item.kind !== "unread" && item.kind !== "gap";
}

/** The id of the row an item shows, the first of several. */
export function rowIdOf(item: TimelineItem): string | undefined {
  if (!isRowItem(item)) return undefined;
  return item.kind === "condensed" ? item.rows[0]?.id : item.row.id;
}

/** When what an item shows was said; undefined where it shows nothing of a time. */
export function timeOf(item: TimelineItem): number | undefined {
  if (item.kind === "day") return item.time;
  if (!isRowItem(item)) return undefined;
  return item.kind === "condensed" ? item.rows[0]?.time : item.row.time;
}

/** About how much there is to draw. */
export function weightOf(item: TimelineItem): number {
  return item.kind === "message" ? item.row.text.length : 0;
}

/** Who came and who left in a run of events; who did both is in neither list. */
export interface Traffic {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** Came, and are gone again. */
  readonly passed: readonly string[];
  /** Left, and are here again. */
  readonly returned: readonly string[];
}

/** Messages of one author this close together share one picture and nick. */
const GROUP_MS = 5 * 60_000;

export interface TimelineOptions {
  readonly showJoinLeave: PanelSettings["showJoinLeave"];
  /** The id of the first unread row. */
  readonly unreadFrom: string | undefined;
}

export function timeline(
  rows: readonly RowView[],
  { showJoinLeave, unreadFrom }: TimelineOptions,
): TimelineItem[] {
  const items: TimelineItem[] = [];
  let day: number | undefined;
  let head: MessageRow | undefined;
  let run: EventRow[] = [];
  let isUnreadDue = false;

  function endRun(): void {
    const [first] = run;
    if (first === undefined) return;
    if (run.length === 1) items.push({ kind: "event", key: first.id, row: first });
    else items.push({ kind: "condensed", key: `run ${first.id}`, rows: run });
    run = [];
  }

  function addMessage(row: MessageRow): void {
    const continues = head !== undefined && belongsTo(head, row);
    items.push({ kind: "message", key: row.id, row, head: !continues });
    if (!continues) head = row;
  }

  for (const row of rows) {
    if (row.kind === "gap") {
      endRun();
      items.push({ kind: "gap", key: row.id });
      head = undefined;
      day = undefined;
      continue;
    }
    // The mark waits for a row that is shown, else hidden joins would leave it hanging at the end.
    isUnreadDue ||= row.id === unreadFrom;
    if (showJoinLeave === "none" && isTraffic(row)) continue;
    const rowDay = dayNumber(row.time);
    if (rowDay !== day) {
      endRun();
      items.push({ kind: "day", key: `day ${row.id}`, time: row.time });
      day = rowDay;
      head = undefined;
    }
    if (isUnreadDue) {
      endRun();
      items.push({ kind: "unread", key: "unread" });
      unreadFrom = undefined;
      isUnreadDue = false;
      head = undefined;
    }
    if (showJoinLeave === "condensed" && isTraffic(row)) {
      run.push(row);
      head = undefined;
      continue;
    }
    endRun();
    if (row.kind === "message") addMessage(row);
    else {
      items.push({ kind: "event", key: row.id, row });
      head = undefined;
    }
  }
  endRun();
  return items;
}

/** Joins and leaves of a run, by nick in the order of their last move. */
export function traffic(rows: readonly EventRow[]): Traffic {
  const moves = new Map<string, { first: EventRow["event"]; last: EventRow["event"] }>();
  for (const { nick, event } of rows) {
    if (nick === undefined) continue;
    const first = moves.get(nick)?.first ?? event;
    moves.delete(nick);
    moves.set(nick, { first, last: event });
  }
  const of = (first: EventRow["event"], last: EventRow["event"]): string[] =>
    [...moves].filter(([, m]) => m.first === first && m.last === last).map(([nick]) => nick);
  return {
    joined: of("join", "join"),
    left: of("leave", "leave"),
    passed: of("join", "leave"),
    returned: of("leave", "join"),
  };
}

function isTraffic(row: RowView): row is EventRow {
  return row.kind === "event" && (row.event === "join" || row.event === "leave");
}

function belongsTo(head: MessageRow, row: MessageRow): boolean {
  return (
    head.from === row.from &&
    head.form === row.form &&
    row.form !== "action" &&
    head.own === row.own &&
    head.visibleTo === row.visibleTo &&
    Math.abs(row.time - head.time) < GROUP_MS
  );
}
