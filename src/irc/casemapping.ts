// Which names are the same. https://modern.ircdocs.horse/#casemapping-parameter

export type CaseMapping = "ascii" | "rfc1459" | "rfc1459-strict";

/** The case mapping an ISUPPORT token names; unknown ones fall back to `ascii`, which folds the least. */
export function parseCaseMapping(token: string | undefined): CaseMapping {
  return token === "rfc1459" || token === "rfc1459-strict" ? token : "ascii";
}

const RFC1459: Readonly<Record<string, string>> = { "[": "{", "]": "}", "\\": "|", "~": "^" };

/** `name` in the form all its spellings share: two names are the same when their folded forms are equal. */
export function fold(name: string, mapping: CaseMapping): string {
  const lower = name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (mapping === "ascii") return lower;
  const pattern = mapping === "rfc1459" ? /[[\]\\~]/g : /[[\]\\]/g;
  return lower.replace(pattern, (c) => RFC1459[c] ?? c);
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
