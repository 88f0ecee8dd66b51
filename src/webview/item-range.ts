// Which part of a long list is in the page. Ten thousand rows at once take seconds to draw and make each frame slow.

/** Items from `start` up to, not including, `end`. */
export interface ItemRange {
  readonly start: number;
  readonly end: number;
}

/** By how much the part grows at a time; more than a tall screen shows. */
const PAGE = 150;
const MAX_SIZE = 3 * PAGE;

/** The last items of `count`. */
export function lastItems(count: number): ItemRange {
  return { start: Math.max(0, count - PAGE), end: count };
}

/** A page around the item at `index`. */
export function itemsAround(index: number, count: number): ItemRange {
  const start = Math.max(0, Math.min(index - PAGE / 2, count - PAGE));
  return { start, end: Math.min(count, start + PAGE) };
}

/** One page more at the top; what becomes too much goes at the bottom. */
export function earlierItems({ start, end }: ItemRange): ItemRange {
  const earlier = Math.max(0, start - PAGE);
  return { start: earlier, end: Math.min(end, earlier + MAX_SIZE) };
}

/** One page more at the bottom; what becomes too much goes at the top. */
export function laterItems({ start, end }: ItemRange, count: number): ItemRange {
  const later = Math.min(count, end + PAGE);
  return { start: Math.max(start, later - MAX_SIZE), end: later };
}

interface Keyed {
  readonly key: string;
}

/** The part of `next` that shows what `range` shows of `previous`, though items came or went before it. */
export function sameItems(
  range: ItemRange,
  previous: readonly Keyed[],
  next: readonly Keyed[],
): ItemRange {
  const places = new Map(next.map(({ key }, index) => [key, index]));
  for (let index = range.start; index < range.end; index++) {
    const place = places.get(previous[index]?.key ?? "");
    if (place === undefined) continue;
    const start = Math.max(0, place - (index - range.start));
    return { start, end: Math.min(next.length, start + range.end - range.start) };
  }
  return lastItems(next.length);
}
