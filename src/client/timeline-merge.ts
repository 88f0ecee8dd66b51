// Puts a page of history, which is in the server's order, into the entries that are there.
import { idsOf, isGap, isStored, type Row } from "./entry-identity.js";
import type { Entry } from "./model.js";
import { placesInOrder } from "./timeline-order.js";

/** What a page is known to stand next to. A gap that is not among the entries (yet) is at their end. */
export type Place =
  /** It begins right after the entry that precedes this gap, or where it `isApart` somewhere between the gap's neighbors. */
  | { readonly next: "after"; readonly gap: string; readonly isApart?: boolean }
  /** It ends right before the entry that follows this gap, or where it `isApart` somewhere between the gap's neighbors. */
  | { readonly next: "before"; readonly gap: string; readonly isApart?: boolean }
  /** It ends with the newest there is. */
  | { readonly next: "end" }
  /** Nothing: times alone show where it belongs. */
  | { readonly next: "nothing" };

/** A line of a page, and where among the entries it is already. */
export interface Placed {
  readonly row: Row;
  readonly index: number | undefined;
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** The entries with the page in them. */
export interface Merged {
  readonly merged: Entry[];
  /** Where the part begins that was put together anew. */
  readonly start: number;
  /** Whether the page has something in common with the entries that shows where it belongs. */
  readonly isTied: boolean;
}

export function mergePage(
  entries: readonly Entry[],
  page: readonly Placed[],
  place: Place,
): Merged {
  const inOrder = placesInOrder(entries);
  const anchors = page.map(({ index }) =>
    index !== undefined && inOrder.has(index) ? index : undefined,
  );
  // By times alone, a line from a clock that is ahead comes after all others: that says nothing of its place.
  const isOfOddTime = ({ row, index }: Placed) =>
    index !== undefined && !inOrder.has(index) && !hasId(row);
  const isElsewhere = place.next === "after" && page.length > 0 && page.every(isOfOddTime);
  const region = regionOf(entries, anchors, isElsewhere ? { next: "nothing" } : place);
  const taken = new Set(page.map(({ index }) => index));
  const isLeft = (_: Entry, index: number) => !taken.has(index);
  const merged = entries.filter((entry, index) => index < region.start && isLeft(entry, index));
  const start = merged.length;
  // A page has all there is between its first and its last line: a gap within it is closed.
  interleave(merged, entries, page, region, isElsewhere || place.next === "nothing");
  const rest = entries.filter((entry, index) => index >= region.end && isLeft(entry, index));
  const isTied = anchors.some((index) => index !== undefined);
  return { merged: merged.concat(rest), start, isTied };
}

/**
 * A page without the lines at its far end that may be known, or only be of the same time and words: where it was cut there may
 * be more of them. Alone they do not show that it reaches what is on the other side of its gap; the next page does.
 */
export function withoutLooseEnd(
  entries: readonly Entry[],
  page: readonly Placed[],
  place: Place,
): readonly Placed[] {
  const isBackward = place.next === "before" || place.next === "end";
  const far = isBackward ? page[0] : page.at(-1);
  const gap = gapOf(entries, place);
  if (far === undefined || gap === undefined) return page;
  const isBeyond = ({ index }: Placed) =>
    index !== undefined && (isBackward ? index < gap : index > gap);
  const beyond = page.filter(isBeyond);
  const isLoose = ({ row, index }: Placed) =>
    row.time === far.row.time && index !== undefined && !sharesId(row, entries[index]);
  return beyond.every(isLoose) ? page.filter((line) => !beyond.includes(line)) : page;
}

function hasId(row: Row): boolean {
  return row.kind === "message" && row.msgid !== undefined;
}

function sharesId(row: Row, entry: Entry | undefined): boolean {
  if (row.kind !== "message" || row.msgid === undefined || entry === undefined) return false;
  return idsOf(entry).includes(row.msgid);
}

/** Where the gap is that a page is to fill; undefined: nowhere. */
function gapOf(entries: readonly Entry[], place: Place): number | undefined {
  if (place.next === "nothing") return undefined;
  if (place.next === "end") return entries.length;
  const found = entries.findIndex((entry) => isGap(entry) && entry.id === place.gap);
  return found < 0 ? undefined : found;
}

/** The part of the entries that the page covers. `anchors` are where its lines stand among them, if that says anything. */
function regionOf(
  entries: readonly Entry[],
  anchors: readonly (number | undefined)[],
  place: Place,
): Region {
  const whole = { start: 0, end: entries.length };
  const known = anchors.filter((index) => index !== undefined);
  if (place.next === "nothing") return whole;
  // The page reaches to here on both sides, whatever it has in common with the entries.
  const seam = seamOf(entries, place);
  if (known.length === 0) return seam;
  const first = Math.min(...known);
  const last = Math.max(...known);
  const startsUnknown = anchors[0] === undefined;
  const endsUnknown = anchors.at(-1) === undefined;
  if (isApart(place))
    return {
      start: startsUnknown ? gapBefore(entries, first) + 1 : first,
      end: endsUnknown ? gapAfter(entries, last) : last + 1,
    };
  return {
    start: Math.min(
      startsUnknown && (place.next !== "after" || first < seam.start)
        ? gapBefore(entries, first) + 1
        : first,
      place.next === "before" && first < seam.start ? first : seam.start,
    ),
    end: Math.max(
      endsUnknown && (place.next !== "before" || last >= seam.end)
        ? gapAfter(entries, last)
        : last + 1,
      seam.end,
    ),
  };
}

/** Whether there may be more between a page and what its place names. */
export function isApart(place: Place): boolean {
  return (place.next === "after" || place.next === "before") && place.isApart === true;
}

/** Where a page belongs that has nothing in common with the entries. */
function seamOf(entries: readonly Entry[], place: Exclude<Place, { next: "nothing" }>): Region {
  const end = entries.length;
  if (place.next === "end") {
    // Comings and goings alone tie it to nothing: not every server keeps them.
    const piece = gapBefore(entries, end) + 1;
    const isTie = entries.slice(piece).some((entry) => entry.kind === "message" && isStored(entry));
    return { start: isTie ? storedBefore(entries, end) + 1 : piece, end };
  }
  const gap = gapOf(entries, place) ?? end;
  if (place.next === "after") return { start: storedBefore(entries, gap) + 1, end: gap };
  const start = Math.min(gap + 1, end);
  return { start, end: storedAfter(entries, start) };
}

function gapBefore(entries: readonly Entry[], index: number): number {
  let at = index - 1;
  while (at >= 0 && !isGap(entries[at])) at--;
  return at;
}

function gapAfter(entries: readonly Entry[], index: number): number {
  let at = index + 1;
  while (at < entries.length && !isGap(entries[at])) at++;
  return at;
}

function storedBefore(entries: readonly Entry[], index: number): number {
  let at = index - 1;
  while (at >= 0 && !isGap(entries[at]) && !isStored(entries[at])) at--;
  return at;
}

function storedAfter(entries: readonly Entry[], index: number): number {
  let at = index;
  while (at < entries.length && !isGap(entries[at]) && !isStored(entries[at])) at++;
  return at;
}

/** Adds a region to `out`: the page in its own order, and between its lines what is not part of it. */
function interleave(
  out: Entry[],
  entries: readonly Entry[],
  page: readonly Placed[],
  region: Region,
  keepsGaps: boolean,
): void {
  const taken = new Set(page.map(({ index }) => index));
  let at = region.start;
  let unplaced: Row[] = [];
  const addUpTo = (end: number) => {
    const others: Entry[] = [];
    for (const entry of entries.slice(at, end)) {
      if (!taken.has(at) && (keepsGaps || !isGap(entry))) others.push(entry);
      at++;
    }
    addByTime(out, others, unplaced);
    unplaced = [];
  };
  for (const { row, index } of page) {
    // Known, but in another order than the server's: the server's is everyone's.
    if (index === undefined || index < at || index >= region.end) {
      unplaced.push(row);
      continue;
    }
    addUpTo(index);
    out.push(row);
    at = index + 1;
  }
  addUpTo(region.end);
}

/** Both in one, by time, each in its own order though clocks may disagree with that. Of the same time, `others` come first. */
function addByTime(out: Entry[], others: readonly Entry[], rows: readonly Row[]): void {
  let next = 0;
  let latestOther = others[0]?.time ?? 0;
  let latest = -Infinity;
  for (const row of rows) {
    latest = Math.max(latest, row.time);
    for (let other = others[next]; other !== undefined && latestOther <= latest;) {
      out.push(other);
      other = others[++next];
      latestOther = Math.max(latestOther, other?.time ?? 0);
    }
    out.push(row);
  }
  for (const other of others.slice(next)) out.push(other);
}
