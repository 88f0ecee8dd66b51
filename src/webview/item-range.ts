// Which part of a long list is in the page. Ten thousand rows at once take seconds to draw and make each frame slow.

/** Items from `start` up to, not including, `end`. */
export interface ItemRange {
  readonly start: number;
  readonly end: number;
}

/** Items drawn beyond the screen on each side, in both of which scrolling finds something. */
const MARGIN = 60;
/** With fewer than these left beyond the screen the part moves on. */
const SLACK = 25;
/** More than this is drawn only for a moment, when rows came between those that were. */
const MAX_SIZE = 300;
/** What a screen may show before that is known. */
const SCREEN = 40;

/** The last items of `count`, where `screen` of them are on screen. */
export function lastItems(count: number, screen = SCREEN): ItemRange {
  return { start: Math.max(0, count - Math.max(screen, SCREEN) - MARGIN), end: count };
}

/** The item at `index` with what is around it. */
export function itemsAround(index: number, count: number): ItemRange {
  return itemsBeyond({ start: index, end: index + 1 }, count);
}

/** The part to draw while `visible` is on screen: `range`, unless little of it is left on one side, or too much. */
export function rangeFor(visible: ItemRange, range: ItemRange, count: number): ItemRange {
  const isNearStart = range.start > 0 && visible.start - range.start < SLACK;
  const isNearEnd = range.end < count && range.end - visible.end < SLACK;
  const isTooLong = range.end - range.start > Math.max(MAX_SIZE, 2 * (visible.end - visible.start));
  return isNearStart || isNearEnd || isTooLong ? itemsBeyond(visible, count) : range;
}

function itemsBeyond({ start, end }: ItemRange, count: number): ItemRange {
  return { start: Math.max(0, start - MARGIN), end: Math.min(count, end + MARGIN) };
}

interface Keyed {
  readonly key: string;
}

/** The part of `next` that shows what `range` shows of `previous`, though items came or went before it. */
export function sameItems(
  range: ItemRange,
  previous: readonly Keyed[],
  next: readonly Keyed[],
): ItemRange | undefined {
  const places = new Map(next.map(({ key }, index) => [key, index]));
  const place = (index: number): number | undefined => places.get(previous[index]?.key ?? "");
  let first: number | undefined;
  let last: number | undefined;
  for (let index = range.start; index < range.end; index++) first ??= place(index);
  for (let index = range.end - 1; index >= range.start; index--) last ??= place(index);
  return first === undefined || last === undefined ? undefined : { start: first, end: last + 1 };
}
