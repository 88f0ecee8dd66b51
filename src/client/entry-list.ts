// The rows of one buffer: their order, what is known already, and how many there may be.
import type { Entry, MessageEntry } from "./model.js";

/** How many times the usual number of entries a buffer may have after scrolling back. */
const MAX_SCROLLBACK_FACTOR = 5;

/**
 * Rows in the server's order, with those that are still being sent at the end. What `entries` gives is never changed after
 * handOut(): the next change makes a copy.
 */
export class EntryList {
  private rows: readonly Entry[];
  private own: Entry[] | undefined;
  private ids: Set<string> | undefined;
  private maxEntries: number;
  private readonly mostEntries: number;

  constructor(entries: readonly Entry[], maxEntries: number) {
    this.rows = entries;
    this.maxEntries = Math.max(maxEntries, entries.length);
    this.mostEntries = maxEntries * MAX_SCROLLBACK_FACTOR;
  }

  /** As they are now; changed by the next change unless handed out. */
  get entries(): readonly Entry[] {
    return this.rows;
  }

  /** Whether older entries would still be kept. */
  get hasRoom(): boolean {
    return this.maxEntries < this.mostEntries;
  }

  /** From now on `entries` is somebody else's too. */
  handOut(): void {
    this.own = undefined;
  }

  private writable(): Entry[] {
    if (this.own === undefined) this.replace(this.rows.slice());
    return this.own ?? [];
  }

  private replace(rows: Entry[]): void {
    this.own = rows;
    this.rows = rows;
  }

  /** Whether there is an entry of this id or msgid. */
  knows(id: string): boolean {
    return this.known().has(id);
  }

  private known(): Set<string> {
    if (this.ids === undefined) {
      this.ids = new Set();
      for (const entry of this.rows) this.remember(entry);
    }
    return this.ids;
  }

  private remember(entry: Entry): void {
    for (const id of idsOf(entry)) this.known().add(id);
  }

  private forget(entry: Entry): void {
    for (const id of idsOf(entry)) this.ids?.delete(id);
  }

  private isKnown(entry: Entry): boolean {
    return idsOf(entry).some((id) => this.knows(id));
  }

  /** At the end, but before what is still being sent unless it is that itself. */
  add(entry: Entry): void {
    const rows = this.writable();
    rows.splice(isPending(entry) ? rows.length : pendingStart(rows), 0, entry);
    this.remember(entry);
    this.trim();
  }

  /** Before everything, with room made for it. Returns those that were new. */
  prepend(added: readonly Entry[]): readonly Entry[] {
    const fresh = added.filter((entry) => !this.isKnown(entry));
    this.maxEntries = Math.min(this.maxEntries + fresh.length, this.mostEntries);
    for (const entry of fresh) this.remember(entry);
    this.replace(fresh.concat(this.rows));
    this.trim();
    return fresh;
  }

  /**
   * Merges `added`, a piece of history in order, leaving out what is there already. What is there shows where the rest
   * belongs; between such places time decides. Returns those that were new.
   */
  insert(added: readonly Entry[]): readonly Entry[] {
    // Learnt before the pending ones are set aside, or they would count as unknown.
    this.known();
    const rows = this.writable();
    const pending = rows.splice(pendingStart(rows));
    const merged: Entry[] = [];
    const fresh: Entry[] = [];
    let segment: Entry[] = [];
    let start = 0;
    for (const entry of added) {
      if (!this.isKnown(entry)) {
        this.remember(entry);
        fresh.push(entry);
        segment.push(entry);
        continue;
      }
      const place = rows.findIndex((row) => isSameEntry(row, entry));
      if (place < start) continue;
      for (const row of mergeByTime(rows.slice(start, place), segment)) merged.push(row);
      segment = [];
      start = place;
    }
    for (const row of mergeByTime(rows.slice(start), segment)) merged.push(row);
    this.replace(merged.concat(pending));
    this.trim();
    return fresh;
  }

  /** Puts what `change` makes of a message in its place; one that is no longer pending goes before those that are. */
  change(id: string, change: Partial<MessageEntry>): void {
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    const before = rows[index];
    if (before?.kind !== "message") return;
    const after: MessageEntry = { ...before, ...change };
    rows.splice(index, 1);
    rows.splice(placeOf(before, after, index, rows), 0, after);
    this.remember(after);
  }

  /** Puts `entries` in the place of the one of this id. */
  replaceWith(id: string, entries: readonly Entry[]): void {
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    if (index < 0) return;
    for (const old of rows.splice(index, 1, ...entries)) this.forget(old);
    for (const entry of entries) this.remember(entry);
  }

  remove(id: string): void {
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    if (index >= 0) for (const old of rows.splice(index, 1)) this.forget(old);
  }

  /** Leaves only what is still to be sent. */
  dropSent(): void {
    this.replace(this.rows.filter(isUnsent));
    this.ids = undefined;
  }

  /** Drops the oldest until there are no more than there may be. */
  private trim(): void {
    const excess = this.rows.length - this.maxEntries;
    if (excess <= 0) return;
    const rows = this.writable();
    for (let dropped = 0, at = 0; dropped < excess && at < rows.length;) {
      const entry = rows[at];
      // What has not been sent yet is the person's own and never dropped.
      if (entry === undefined || isUnsent(entry)) {
        at++;
        continue;
      }
      const run = at === 0 ? sentRun(rows, excess - dropped) : 1;
      for (const old of rows.splice(at, run)) this.forget(old);
      dropped += run;
    }
  }
}

function idsOf(entry: Entry): string[] {
  return entry.kind === "message" && entry.msgid !== undefined
    ? [entry.id, entry.msgid]
    : [entry.id];
}

function isUnsent(entry: Entry): boolean {
  return entry.kind === "message" && entry.status !== "sent";
}

function isPending(entry: Entry | undefined): boolean {
  return entry?.kind === "message" && entry.status === "pending";
}

/** Whether both stand for the same line of the server. */
function isSameEntry(a: Entry, b: Entry): boolean {
  const ids = idsOf(b);
  return idsOf(a).some((id) => ids.includes(id));
}

/** How many of the first `max` entries can go in one piece. */
function sentRun(entries: readonly Entry[], max: number): number {
  const end = entries.findIndex((entry, i) => i >= max || isUnsent(entry));
  return end < 0 ? entries.length : end;
}

/** Where a changed entry goes among the others: pending ones stay together at the end. */
function placeOf(
  before: MessageEntry,
  after: MessageEntry,
  index: number,
  others: readonly Entry[],
): number {
  if (before.status === after.status) return index;
  if (after.status === "pending") return others.length;
  const place = pendingStart(others);
  return before.status === "pending" ? Math.min(index, place) : place;
}

/** Where the entries that are still being sent begin; they stand at the end. */
function pendingStart(entries: readonly Entry[]): number {
  let start = entries.length;
  while (start > 0 && isPending(entries[start - 1])) start--;
  return start;
}

/** Both lists in one, by time; of the same time, what was there comes first. */
function mergeByTime(entries: readonly Entry[], added: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  // The order within `entries` is the order of arrival and stays, though clocks may disagree with it.
  let latest = -Infinity;
  const sorted = added.toSorted((a, b) => a.time - b.time);
  let next = 0;
  for (const entry of entries) {
    latest = Math.max(latest, entry.time);
    for (
      let fresh = sorted[next];
      fresh !== undefined && fresh.time < latest;
      fresh = sorted[++next]
    )
      merged.push(fresh);
    merged.push(entry);
  }
  return merged.concat(sorted.slice(next));
}
