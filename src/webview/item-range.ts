// Which part of a long list is in the page. Ten thousand rows at once take seconds to draw and make each frame slow; so do a
// hundred very long ones.

/** Items from `start` up to, not including, `end`. */
export interface ItemRange {
  readonly start: number;
  readonly end: number;
}

/** So many items, or as few as have this weight together. One always, however heavy. */
interface Reach {
  readonly items: number;
  readonly weight: number;
}

/** Drawn beyond the screen on each side, in both of which scrolling finds something. */
const MARGIN: Reach = { items: 60, weight: 32_000 };
/** With less than this left beyond the screen the part moves on. */
const SLACK: Reach = { items: 25, weight: 10_000 };
/** More than this is drawn only for a moment, when rows came between those that were. */
const MOST: Reach = { items: 120, weight: 100_000 };
/** What a screen may show before that is known. */
const SCREEN: Reach = { items: 40, weight: 0 };

/** The weight of what is being loaded: nothing beyond it is drawn, else scrolling would pass what is missing. */
export const BARRIER = Infinity;

/** How much of a list stands in a part of it. `weights` has about how long each item is, here and below. */
export function amountOf({ start, end }: ItemRange, weights: readonly number[]): Reach {
  const shown = weights.slice(start, end).filter((weight) => weight !== BARRIER);
  return { items: end - start, weight: shown.reduce((sum, weight) => sum + weight, 0) };
}

/** The last items, where about `screen` of them is on screen. */
export function lastItems(weights: readonly number[], screen = SCREEN): ItemRange {
  const end = weights.length;
  const items = Math.max(screen.items, SCREEN.items) + MARGIN.items;
  const weight = screen.weight + MARGIN.weight;
  return { start: startOf(end, weights, { items, weight }), end };
}

/** The item at `index` with what is around it. */
export function itemsAround(index: number, weights: readonly number[]): ItemRange {
  return itemsWithin({ start: index, end: index + 1 }, weights, MARGIN);
}

/** The part to draw while `visible` is on screen: `range`, unless little of it is left on one side, or too much. */
export function rangeFor(
  visible: ItemRange,
  range: ItemRange,
  weights: readonly number[],
): ItemRange {
  const least = itemsWithin(visible, weights, SLACK);
  const most = itemsWithin(visible, weights, MOST);
  const isEnough = range.start <= least.start && range.end >= least.end;
  const isTooMuch = range.start < most.start || range.end > most.end;
  return isEnough && !isTooMuch ? range : itemsWithin(visible, weights, MARGIN);
}

/** `range` with so much on both sides, up to barriers. */
function itemsWithin(
  { start, end }: ItemRange,
  weights: readonly number[],
  reach: Reach,
): ItemRange {
  return {
    start: weights[start] === BARRIER ? start : startOf(start, weights, reach),
    end: weights[end - 1] === BARRIER ? end : endOf(end, weights, reach),
  };
}

function startOf(place: number, weights: readonly number[], { items, weight }: Reach): number {
  let start = place;
  for (let sum = 0; start > 0 && place - start < items && sum < weight;)
    sum += weights[--start] ?? 0;
  return start;
}

function endOf(place: number, weights: readonly number[], { items, weight }: Reach): number {
  let end = place;
  for (let sum = 0; end < weights.length && end - place < items && sum < weight;)
    sum += weights[end++] ?? 0;
  return end;
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
