// Reads a line as Markdown does, where a tab reaches to the next column that is a multiple of four.
const TAB_STOP = 4;

export class ColumnReader {
  private at = 0;
  private column = 0;
  /** Columns left of a tab that has been skipped in part. */
  private owed = 0;

  constructor(private readonly line: string) {}

  /** The columns of white space ahead. */
  get indent(): number {
    let column = this.column + this.owed;
    for (let at = this.at; isSpace(this.line[at]); at++) column += widthOf(this.line[at], column);
    return column - this.column;
  }

  get isBlank(): boolean {
    return this.next === "";
  }

  /** The first character behind the white space; "" where there is none. */
  get next(): string {
    return this.line[this.textAt] ?? "";
  }

  /** What stands behind the white space. */
  get text(): string {
    return this.line.slice(this.textAt);
  }

  /** How often the first character behind the white space is there in a row. */
  get runLength(): number {
    const start = this.textAt;
    let end = start;
    while (end < this.line.length && this.line[end] === this.line[start]) end++;
    return end - start;
  }

  /** All that is ahead. */
  get rest(): string {
    return " ".repeat(this.owed) + this.line.slice(this.at);
  }

  private get textAt(): number {
    let { at } = this;
    while (isSpace(this.line[at])) at++;
    return at;
  }

  /** What the sticky `pattern` finds behind the white space. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.textAt;
    return pattern.exec(this.line)?.[0];
  }

  /** Goes behind the white space and `length` characters. */
  take(length: number): void {
    this.column += this.indent + length;
    this.at = this.textAt + length;
    this.owed = 0;
  }

  /** Goes behind so many columns of white space, or as many as there are. */
  skip(columns: number): void {
    for (let left = columns; left > 0;) {
      if (this.owed === 0) {
        if (!isSpace(this.line[this.at])) return;
        this.owed = widthOf(this.line[this.at], this.column);
        this.at++;
      }
      const step = Math.min(left, this.owed);
      this.owed -= step;
      this.column += step;
      left -= step;
    }
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function widthOf(character: string | undefined, column: number): number {
  return character === "\t" ? TAB_STOP - (column % TAB_STOP) : 1;
}
