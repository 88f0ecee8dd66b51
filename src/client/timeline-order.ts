// Which entries stand where their times say: a server that sorts by time has the others elsewhere.
import { isStored } from "./entry-identity.js";
import type { Entry } from "./model.js";

/**
 * The places of as many stored entries as possible that are in the order of their times. Where a clock was ahead, it is the
 * line with the later time that is left out.
 */
export function placesInOrder(entries: readonly Entry[]): ReadonlySet<number> {
  // For each length, the place at which the run of this length ends that goes on most easily.
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  const timeOf = (place: number | undefined) =>
    place === undefined ? Infinity : (entries[place]?.time ?? Infinity);
  for (const [place, entry] of entries.entries()) {
    if (!isStored(entry)) continue;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeOf(ends[middle]) <= entry.time) low = middle + 1;
      else high = middle;
    }
    before.set(place, ends[low - 1]);
    ends[low] = place;
  }
  const places = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before.get(place)) places.add(place);
  return places;
}
