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

/** Changes to a shared map are taken into it when they have been copied as often as that costs: as the map has entries, or this. */
const LEAST_MERGED = 128;
const GONE = Symbol("gone");

/**
 * A map whose keys are names; each is found under any spelling. Copies share what they have in common: on average a copy with
 * few changes costs about the square root of its size, and one with many as much as they are, and not all of it.
 */
export class FoldedMap<V> {
  /** Never changed once it is shared. */
  private base = new Map<string, V>();
  /** What is different here from a base that is shared. */
  private changes: Map<string, V | typeof GONE> | undefined;
  private count = 0;
  /** How many changes have been copied since the base was made. */
  private copied = 0;

  constructor(
    readonly mapping: CaseMapping,
    entries: Iterable<readonly [string, V]> = [],
  ) {
    for (const [name, value] of entries) this.set(name, value);
  }

  /** A map of the same names and values that changes independently. */
  copy(): FoldedMap<V> {
    this.mergeMany();
    const copy = new FoldedMap<V>(this.mapping);
    copy.base = this.base;
    copy.changes = new Map(this.changes);
    copy.count = this.count;
    copy.copied = this.copied;
    this.changes ??= new Map();
    return copy;
  }

  private mergeMany(): void {
    const { base, changes } = this;
    if (changes === undefined) return;
    this.copied += changes.size;
    if (this.copied <= Math.max(LEAST_MERGED, base.size)) return;
    const merged = new Map(base);
    for (const [key, value] of changes)
      if (value === GONE) merged.delete(key);
      else merged.set(key, value);
    this.base = merged;
    this.changes = undefined;
    this.copied = 0;
  }

  get size(): number {
    return this.count;
  }

  get(name: string): V | undefined {
    return this.find(fold(name, this.mapping));
  }

  private find(key: string): V | undefined {
    const changed = this.changes?.get(key);
    if (changed === undefined) return this.base.get(key);
    return changed === GONE ? undefined : changed;
  }

  has(name: string): boolean {
    return this.hasKey(fold(name, this.mapping));
  }

  private hasKey(key: string): boolean {
    return this.changes?.has(key) === true ? this.changes.get(key) !== GONE : this.base.has(key);
  }

  set(name: string, value: V): this {
    const key = fold(name, this.mapping);
    if (!this.hasKey(key)) this.count++;
    if (this.changes === undefined) this.base.set(key, value);
    else this.changes.set(key, value);
    return this;
  }

  delete(name: string): boolean {
    const key = fold(name, this.mapping);
    if (!this.hasKey(key)) return false;
    this.count--;
    if (this.changes === undefined) this.base.delete(key);
    else if (this.base.has(key)) this.changes.set(key, GONE);
    else this.changes.delete(key);
    return true;
  }

  clear(): void {
    this.base = new Map();
    this.changes = undefined;
    this.count = 0;
  }

  /** The folded names. */
  keys(): IterableIterator<string> {
    return this.hasChanges ? this.column(0) : this.base.keys();
  }

  values(): IterableIterator<V> {
    return this.hasChanges ? this.column(1) : this.base.values();
  }

  /** Folded names with their values. */
  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.hasChanges ? this.entries() : this.base.entries();
  }

  /** Whether something is different here from the base. */
  private get hasChanges(): boolean {
    return this.changes !== undefined && this.changes.size > 0;
  }

  private *column<I extends 0 | 1>(index: I): Generator<[string, V][I], undefined> {
    for (const entry of this.entries()) yield entry[index];
  }

  private *entries(): Generator<[string, V], undefined> {
    const { base, changes } = this;
    for (const entry of base) {
      const changed = changes?.get(entry[0]);
      if (changed === undefined) yield entry;
      else if (changed !== GONE) yield [entry[0], changed];
    }
    for (const [key, value] of changes ?? [])
      if (value !== GONE && !base.has(key)) yield [key, value];
  }
}
