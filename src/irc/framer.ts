// Bytes in, lines out. https://modern.ircdocs.horse/#message-format
import { utf8Length } from "./utf8.js";

/** What the framer found: a line (without CR LF), or why there is none; `bytes` are a copy, with the line's end. */
export type Frame =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "invalid-utf8"; readonly bytes: Uint8Array };

export interface FramerOptions {
  /** The most bytes a line may have, tags, CR and LF included. What is longer is dropped up to its end. */
  readonly maxLineBytes: number;
  /**
   * How many of these the tags may have, with their `@` and the space after them; the rest of the line may then have
   * `maxLineBytes` less this. Left out: any share.
   */
  readonly maxTagsBytes?: number;
  /**
   * The text of UTF-8 bytes, a byte order mark kept, or undefined when they are not UTF-8. Called with one or more whole
   * lines, their ends included, and again with each of them where several are not UTF-8 together.
   */
  readonly decode: (bytes: Uint8Array) => string | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = new Uint8Array(0);
const FIRST_PENDING_BYTES = 128;
// A lone CR is left out, not taken for a line's end: some servers pass on what another client reads as a second line.
const STRAY = /[\r\0]/g;

/**
 * Cuts a stream of bytes into lines, however it is chunked. Holds at most `maxLineBytes` between two chunks, and nothing
 * between two lines. A CR or NUL inside a line is left out.
 */
export class LineFramer {
  /** The beginning of a line whose end has not come; `pendingBytes` of it are in use. */
  private pending = NOTHING;
  private pendingBytes = 0;
  private discarding = false;

  constructor(private readonly options: FramerOptions) {}

  /** The frames that `chunk` completes, in order. Blank lines are left out. `chunk` may be reused afterwards. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    const { maxLineBytes } = this.options;
    let start = this.continueLine(chunk, frames);
    while (start < chunk.length) {
      // Decoding costs more by the call than by the byte, so whole blocks of lines are decoded at once. No block is
      // longer than a line may be: a name or topic that is kept keeps its block in memory.
      const end = chunk.lastIndexOf(LF, start + maxLineBytes - 1) + 1;
      if (end > start) {
        this.addBlock(chunk.subarray(start, end), frames);
        start = end;
      } else {
        start = this.beginLine(chunk, start, frames);
      }
    }
    return frames;
  }

  /** Takes up the line the last chunk broke off; where the next one starts. */
  private continueLine(chunk: Uint8Array, frames: Frame[]): number {
    if (this.pendingBytes === 0 && !this.discarding) return 0;
    const lf = chunk.indexOf(LF);
    const end = lf < 0 ? chunk.length : lf + 1;
    if (this.discarding) {
      this.discarding = lf < 0;
    } else if (this.isTooLong(this.pendingBytes + end, lf >= 0)) {
      this.dropPending();
      this.discarding = lf < 0;
      frames.push({ kind: "too-long" });
    } else {
      this.append(chunk.subarray(0, end));
      if (lf >= 0) {
        const line = this.pending.subarray(0, this.pendingBytes);
        this.dropPending();
        this.addBlock(line, frames);
      }
    }
    return end;
  }

  /** Takes a line with no LF among the next `maxLineBytes`; where the next one starts. */
  private beginLine(chunk: Uint8Array, start: number, frames: Frame[]): number {
    if (!this.isTooLong(chunk.length - start, false)) {
      this.append(chunk.subarray(start));
      return chunk.length;
    }
    frames.push({ kind: "too-long" });
    const lf = chunk.indexOf(LF, start);
    this.discarding = lf < 0;
    return lf < 0 ? chunk.length : lf + 1;
  }

  private isTooLong(bytes: number, ended: boolean): boolean {
    return bytes + (ended ? 0 : 1) > this.options.maxLineBytes;
  }

  private append(bytes: Uint8Array): void {
    const needed = this.pendingBytes + bytes.length;
    if (needed > this.pending.length) {
      const roomy = Math.max(needed, this.pending.length * 2, FIRST_PENDING_BYTES);
      const grown = new Uint8Array(Math.min(roomy, this.options.maxLineBytes));
      grown.set(this.pending.subarray(0, this.pendingBytes));
      this.pending = grown;
    }
    this.pending.set(bytes, this.pendingBytes);
    this.pendingBytes = needed;
  }

  private dropPending(): void {
    this.pending = NOTHING;
    this.pendingBytes = 0;
  }

  /** Adds the lines of `bytes`, which ends with a LF. */
  private addBlock(bytes: Uint8Array, frames: Frame[]): void {
    const text = this.options.decode(bytes);
    if (text !== undefined) {
      this.addLines(text, frames);
      return;
    }
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(LF, start) + 1;
      const line = bytes.subarray(start, end);
      const lineText = this.options.decode(line);
      if (lineText === undefined)
        frames.push({ kind: "invalid-utf8", bytes: Uint8Array.from(line) });
      else this.addLines(lineText, frames);
      start = end;
    }
  }

  private addLines(text: string, frames: Frame[]): void {
    let start = 0;
    for (let lf = text.indexOf("\n"); lf >= 0; lf = text.indexOf("\n", start)) {
      const end = text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
      if (end > start) this.addLine(text.slice(start, end), frames);
      start = lf + 1;
    }
  }

  private addLine(raw: string, frames: Frame[]): void {
    const text = raw.replace(STRAY, "");
    if (text === "") return;
    if (this.exceedsShares(text)) frames.push({ kind: "too-long" });
    else frames.push({ kind: "line", text });
  }

  private exceedsShares(line: string): boolean {
    const { maxLineBytes, maxTagsBytes } = this.options;
    if (maxTagsBytes === undefined) return false;
    const tagsEnd = line.startsWith("@") ? line.indexOf(" ") + 1 || line.length : 0;
    return (
      exceedsBytes(line.slice(0, tagsEnd), maxTagsBytes) ||
      exceedsBytes(line.slice(tagsEnd), maxLineBytes - maxTagsBytes - "\r\n".length)
    );
  }
}

function exceedsBytes(text: string, maxBytes: number): boolean {
  // A UTF-16 code unit takes three bytes at most, so most lines need no counting.
  return text.length * 3 > maxBytes && utf8Length(text) > maxBytes;
}
