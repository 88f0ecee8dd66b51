// Bytes in, lines out. https://modern.ircdocs.horse/#message-format

/** What the framer found: a line (without CR LF), or why there is none. */
export type Frame =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "invalid-utf8" };

export interface FramerOptions {
  /** The most bytes a line may have, tags, CR and LF included. What is longer is dropped up to its end. */
  readonly maxLineBytes: number;
  /** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
  readonly decode: (bytes: Uint8Array) => string | undefined;
}

const LF = 0x0a;
const CR = 0x0d;

/** Cuts a stream of bytes into lines, however it is chunked. Holds at most `maxLineBytes` between two chunks. */
export class LineFramer {
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private discarding = false;

  constructor(private readonly options: FramerOptions) {}

  /** The frames that `chunk` completes, in order. Blank lines are left out. `chunk` may be reused afterwards. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.endLine(chunk.subarray(start, end), frames);
      start = end + 1;
    }
    this.keep(chunk.subarray(start), frames);
    return frames;
  }

  private endLine(tail: Uint8Array, frames: Frame[]): void {
    if (this.discarding) {
      this.discarding = false;
      return;
    }
    const bytes = this.takeLine(tail);
    if (bytes.length + 1 > this.options.maxLineBytes) {
      frames.push({ kind: "too-long" });
      return;
    }
    const content = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
    if (content.length === 0) return;
    const text = this.options.decode(content);
    frames.push(text === undefined ? { kind: "invalid-utf8" } : { kind: "line", text });
  }

  private takeLine(tail: Uint8Array): Uint8Array {
    if (this.pendingBytes === 0) return tail;
    const line = new Uint8Array(this.pendingBytes + tail.length);
    let at = 0;
    for (const part of this.pending) {
      line.set(part, at);
      at += part.length;
    }
    line.set(tail, at);
    this.dropPending();
    return line;
  }

  private keep(rest: Uint8Array, frames: Frame[]): void {
    if (rest.length === 0 || this.discarding) return;
    if (this.pendingBytes + rest.length >= this.options.maxLineBytes) {
      this.dropPending();
      this.discarding = true;
      frames.push({ kind: "too-long" });
      return;
    }
    this.pending.push(rest.slice());
    this.pendingBytes += rest.length;
  }

  private dropPending(): void {
    this.pending = [];
    this.pendingBytes = 0;
  }
}
