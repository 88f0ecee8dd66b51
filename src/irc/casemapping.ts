// Which names are the same. https://modern.ircdocs.horse/#casemapping-parameter

export type CaseMapping = "ascii" | "rfc1459" | "rfc1459-strict";

/** The case mapping an ISUPPORT token names; unknown ones fall back to `ascii`, which folds the least. */
export function parseCaseMapping(token: string | undefined): CaseMapping {
  return token === "rfc1459" || token === "rfc1459-strict" ? token : "ascii";
}

// What a mapping folds is one run of ASCII from A on, moved by one distance: `[\]` follow Z, and `^` follows them. (The
// specification folds `~` to `^`, not `^` to `~`. It matters only that both are the same.)
const LAST_FOLDED: Readonly<Record<CaseMapping, number>> = {
  ascii: 0x5a,
  "rfc1459-strict": 0x5d,
  rfc1459: 0x5e,
};
const FIRST_FOLDED = 0x41;
const TO_LOWER = 0x20;

/**
 * `name` in the form all its spellings share: two names are the same when their folded forms are equal.
 * Letters outside ASCII are left as they are; no mapping in use folds them.
 */
export function fold(name: string, mapping: CaseMapping): string {
  const last = LAST_FOLDED[mapping];
  // Most names are folded already, and this is asked for each line.
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= FIRST_FOLDED && unit <= last) return foldFrom(name, i, last);
  }
  return name;
}

function foldFrom(name: string, from: number, last: number): string {
  let folded = name.slice(0, from);
  for (let i = from; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    folded +=
      unit >= FIRST_FOLDED && unit <= last ? String.fromCharCode(unit + TO_LOWER) : name.charAt(i);
  }
  return folded;
}

/** A map whose keys are names; each is found under any spelling. */
export class FoldedMap<V> {
  private readonly map = new Map<string, V>();

  constructor(
    readonly mapping: CaseMapping,
    entries: Iterable<readonly [string, V]> = [],
  ) {
    for (const [name, value] of entries) this.set(name, value);
  }

  /** A map of the same names and values that changes independently. Cheap: nothing is folded again. */
  copy(): FoldedMap<V> {
    const copy = new FoldedMap<V>(this.mapping);
    for (const [name, value] of this.map) copy.map.set(name, value);
    return copy;
  }

  get size(): number {
    return this.map.size;
  }

  get(name: string): V | undefined {
    return this.map.get(fold(name, this.mapping));
  }

  has(name: string): boolean {
    return this.map.has(fold(name, this.mapping));
  }

  set(name: string, value: V): this {
    this.map.set(fold(name, this.mapping), value);
    return this;
  }

  delete(name: string): boolean {
    return this.map.delete(fold(name, this.mapping));
  }

  clear(): void {
    this.map.clear();
  }

  /** The folded names. */
  keys(): MapIterator<string> {
    return this.map.keys();
  }

  values(): MapIterator<V> {
    return this.map.values();
  }

  /** Folded names with their values. */
  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.map[Symbol.iterator]();
  }
}
