// What was sent before, to be had again by the arrow keys.

const MAX_ENTRIES = 50;

/** The inputs of one page. Walking through them keeps what was being written. */
export class InputHistory {
  private readonly entries: string[] = [];
  /** undefined: not walking. */
  private index: number | undefined;
  private unsent = "";

  /** Remembers what was sent and ends walking. */
  add(text: string): void {
    this.index = undefined;
    if (this.entries.at(-1) === text) return;
    this.entries.push(text);
    if (this.entries.length > MAX_ENTRIES) this.entries.shift();
  }

  /** Whether `text` is what the last step brought, untouched since. */
  isShowing(text: string): boolean {
    return this.index !== undefined && this.entries[this.index] === text;
  }

  /** The input before; undefined where there is none. `current` comes back by `next`. */
  previous(current: string): string | undefined {
    const walking = this.isShowing(current) ? this.index : undefined;
    if (walking === undefined) this.unsent = current;
    const index = (walking ?? this.entries.length) - 1;
    if (index < 0) return undefined;
    this.index = index;
    return this.entries[index];
  }

  /** The input after, at last what was being written; undefined when not walking. */
  next(current: string): string | undefined {
    if (this.index === undefined || !this.isShowing(current)) return undefined;
    const index = this.index + 1;
    this.index = index < this.entries.length ? index : undefined;
    return this.entries[index] ?? this.unsent;
  }
}
