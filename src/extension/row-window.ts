// Which rows of a conversation the page holds. It draws any number of them, but they must be sent, and kept twice.
import type { Entry, GapEntry } from "../client/model.js";

/** Rows on each side of the place one reads at; more than several screens. */
const REACH = 400;

/** Entries from `start` up to, not including, `end`. */
export interface RowWindow {
  readonly start: number;
  readonly end: number;
}

/** The entry a window stands around. `time` finds the place again should the entry be gone. */
export interface Center {
  readonly id: string;
  readonly time: number;
}

/** What lies outside the window is a gap to the page, which asks for it as for others. No server can name these ids. */
export const EARLIER_ROWS = `earlier ${crypto.randomUUID()}`;
export const LATER_ROWS = `later ${crypto.randomUUID()}`;

/** The window around `center`; undefined: the last rows. */
export function rowWindow(entries: readonly Entry[], center: Center | undefined): RowWindow {
  const count = entries.length;
  const place = center === undefined ? count : placeOf(entries, center);
  return { start: Math.max(0, place - REACH), end: Math.min(count, place + REACH) };
}

/** The entries the page gets. */
export interface RowSelection {
  /** Those of the window, with gaps for what lies outside. */
  readonly entries: readonly Entry[];
  /** Whether the first entry of the conversation is among them. */
  readonly hasFirst: boolean;
}

export function selectRows(entries: readonly Entry[], { start, end }: RowWindow): RowSelection {
  const shown = entries.slice(start, end);
  const [first] = shown;
  const last = shown.at(-1);
  if (start > 0 && first !== undefined && first.kind !== "gap")
    shown.unshift(gap(EARLIER_ROWS, first));
  if (end < entries.length && last !== undefined && last.kind !== "gap")
    shown.push(gap(LATER_ROWS, last));
  return { entries: shown, hasFirst: start === 0 };
}

function gap(id: string, { time }: Entry): GapEntry {
  return { kind: "gap", id, time };
}

function placeOf(entries: readonly Entry[], { id, time }: Center): number {
  const index = entries.findIndex((entry) => entry.id === id);
  if (index !== -1) return index;
  const later = entries.findIndex((entry) => entry.time >= time);
  return later === -1 ? entries.length : later;
}
