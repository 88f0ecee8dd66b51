// Messages of several lines. https://ircv3.net/specs/extensions/multiline
import { CAP } from "../irc/caps.js";
import { stripFormatting } from "../irc/formatting.js";
import { message, type Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import { splitToBytes, utf8Length } from "../irc/utf8.js";
import { blocksOf, type Fence } from "./fences.js";
import { LINE_OVERHEAD } from "./limits.js";

/** How much one message may be. */
export interface MultilineLimits {
  /** Of the whole text, with the line feeds in it. */
  readonly maxBytes: number;
  /** Of lines on the wire, those that only continue the one before included. */
  readonly maxLines: number;
}

/** The most we send or take in as one message, whatever a server allows. */
export const MOST_MULTILINE: MultilineLimits = { maxBytes: 100_000, maxLines: 2_000 };

const CONCAT = "draft/multiline-concat";
/** A server that allows less gains no one anything by it. */
const LEAST_BYTES = 64;
const LEAST_LINES = 2;

/** What the value of the capability allows; undefined where that is nothing worth a batch. */
export function parseMultilineLimits(value: string): MultilineLimits | undefined {
  const maxBytes = numberOf(value, "max-bytes");
  const maxLines = numberOf(value, "max-lines") ?? MOST_MULTILINE.maxLines;
  if (maxBytes === undefined || maxBytes < LEAST_BYTES || maxLines < LEAST_LINES) return undefined;
  return {
    maxBytes: Math.min(maxBytes, MOST_MULTILINE.maxBytes),
    maxLines: Math.min(maxLines, MOST_MULTILINE.maxLines),
  };
}

function numberOf(value: string, key: string): number | undefined {
  const digits = new RegExp(`(?:^|,)${key}=([0-9]{1,9})(?:,|$)`).exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * `text` in pieces that fit a batch each, cut between lines where that is possible and never inside a character. A block of
 * code that fits is not cut, and of one that does not each part is a block of its own. `room` is what a line has for text, in
 * bytes. Blank lines around a piece are left out.
 */
export function cutToBatches(text: string, room: number, limits: MultilineLimits): string[] {
  return cut(text, room, limits).finish();
}

/** Whether a block of code in `text` is too long for one message. */
export function cutsCode(text: string, room: number, limits: MultilineLimits | undefined): boolean {
  if (limits !== undefined) return cut(text, room, limits).hasCutCode;
  return blocksOf(linesIn(text)).some((block) => block.kind === "fence" && block.lines.length > 1);
}

/** The lines of what a person typed, as they can be sent. */
export function linesIn(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map((line) => fenceAsShown(withoutSpecials(line)));
}

const FENCE_LINE = /^[\s>]*(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)*(?:`{3}|~{3})/;

/** Formatting codes do nothing on the line of a fence, but they would hide it from us, and readers see it all the same. */
function fenceAsShown(line: string): string {
  const shown = stripFormatting(line);
  return shown !== line && FENCE_LINE.test(shown) ? shown : line;
}

/** NUL cannot be sent, and 0x01 would make a command for the other side's program of what a person wrote. */
function withoutSpecials(line: string): string {
  // eslint-disable-next-line no-control-regex -- the two characters meant
  return line.replace(/[\x00\x01]/g, "");
}

function cut(text: string, room: number, limits: MultilineLimits): Cutter {
  const cutter = new Cutter(room, limits);
  for (const block of blocksOf(linesIn(text))) {
    if (block.kind === "line") cutter.addLine(block);
    else cutter.addFence(block);
  }
  return cutter;
}

interface Size {
  /** With a line feed after each line. */
  readonly bytes: number;
  readonly lines: number;
}

const NOTHING: Size = { bytes: 0, lines: 0 };

function sizeOf(lines: readonly string[], room: number): Size {
  let [bytes, count] = [0, 0];
  for (const line of lines) {
    bytes += utf8Length(line) + 1;
    count += linesOf(line, room).length;
  }
  return { bytes, lines: count };
}

function sum(a: Size, b: Size): Size {
  return { bytes: a.bytes + b.bytes, lines: a.lines + b.lines };
}

/** Whether lines of this size can be one message. */
function fits({ bytes, lines }: Size, { maxBytes, maxLines }: MultilineLimits): boolean {
  return bytes <= maxBytes + 1 && lines <= maxLines;
}

/** Fills one message after the other. */
class Cutter {
  private readonly pieces: string[] = [];
  private units: string[] = [];
  private size = NOTHING;
  /** The first line of the text that is whole in the current message. */
  private start = 0;
  private hasCut = false;

  constructor(
    private readonly room: number,
    private readonly limits: MultilineLimits,
  ) {}

  /** Whether a block of code is in more than one message. */
  get hasCutCode(): boolean {
    return this.hasCut;
  }

  private hasRoomFor(added: readonly string[], also = NOTHING): boolean {
    return fits(sum(sum(this.size, sizeOf(added, this.room)), also), this.limits);
  }

  private push(added: readonly string[], at: number): void {
    if (this.units.length === 0) this.start = at;
    this.size = sum(this.size, sizeOf(added, this.room));
    for (const unit of added) this.units.push(unit);
  }

  private flush(): void {
    this.pieces.push(withoutBlankEnds(this.units));
    this.units = [];
    this.size = NOTHING;
  }

  addLine({ line, at }: { readonly line: string; readonly at: number }): void {
    for (const [i, unit] of cutLine(line, this.room, this.limits).entries()) {
      if (this.units.length > 0 && !this.hasRoomFor([unit])) this.flush();
      this.push([unit], i === 0 ? at : at + 1);
    }
  }

  addFence(fence: Fence): void {
    if (!this.hasRoomFor(this.formOf(fence))) this.flush();
    const lines = this.formOf(fence);
    if (this.hasRoomFor(lines)) this.push(lines, fence.at);
    else this.cutFence(fence);
  }

  /** As it was typed; away from the list it stands in it would be no code, or the list a part of it. */
  private formOf({ at, listedAt = at, lines, opening, code, closing }: Fence): readonly string[] {
    const start = this.units.length === 0 ? at : this.start;
    return listedAt >= start ? lines : [opening, ...code, closing];
  }

  private cutFence({ at, lines, code, opening, closing }: Fence): void {
    this.hasCut = true;
    const frame = sizeOf([opening, closing], this.room);
    const limits = {
      maxBytes: this.limits.maxBytes - frame.bytes,
      maxLines: this.limits.maxLines - frame.lines,
    };
    // Where a message has no room for code and its fence, the lines have to do.
    if (limits.maxLines < 1 || limits.maxBytes < LEAST_BYTES / 2) {
      for (const [i, line] of lines.entries()) this.addLine({ line, at: at + i });
      return;
    }
    const end = sizeOf([closing], this.room);
    this.push([opening], at);
    for (const unit of code.flatMap((line) => cutLine(line, this.room, limits))) {
      if (!this.hasRoomFor([unit], end)) {
        this.push([closing], at);
        this.flush();
        this.push([opening], at);
      }
      this.push([unit], at);
    }
    this.push([closing], at);
  }

  finish(): string[] {
    this.flush();
    return this.pieces.filter((piece) => piece !== "");
  }
}

/** One line whole, or in parts as long as a batch can be: no two that follow each other fit into one. */
function cutLine(line: string, room: number, { maxBytes, maxLines }: MultilineLimits): string[] {
  const parts: string[] = [];
  let part = "";
  let [bytes, lines] = [0, 0];
  for (const piece of linesOf(line, Math.min(room, maxBytes))) {
    const pieceBytes = utf8Length(piece);
    if (part !== "" && (bytes + pieceBytes > maxBytes || lines >= maxLines)) {
      parts.push(part);
      part = "";
      [bytes, lines] = [0, 0];
    }
    part += piece;
    bytes += pieceBytes;
    lines++;
  }
  return [...parts, part];
}

function linesOf(line: string, room: number): string[] {
  return line === "" ? [""] : splitToBytes(line, room);
}

/** "Clients MUST NOT send messages consisting entirely of blank lines": of those nothing is left. */
function withoutBlankEnds(lines: readonly string[]): string {
  const hasText = (line: string) => line.trim() !== "";
  const from = Math.max(0, lines.findIndex(hasText));
  return lines.slice(from, lines.findLastIndex(hasText) + 1).join("\n");
}

/** The lines that carry `text` as one message. `tags` are the message's, so they stand on the line that opens the batch. */
export function multilineMessages(
  { command, target, text, tags }: MultilineText,
  reference: string,
  room: number,
): Message[] {
  const inBatch = new Map([[TAG.batch, reference]]);
  const continued = new Map([...inBatch, [CONCAT, ""]]);
  const lines = text
    .split("\n")
    .flatMap((line) =>
      linesOf(line, room).map((piece, i) =>
        message(command, [target, piece], undefined, i === 0 ? inBatch : continued),
      ),
    );
  return [
    message("BATCH", [`+${reference}`, CAP.multiline, target], undefined, tags),
    ...lines,
    message("BATCH", [`-${reference}`]),
  ];
}

export interface MultilineText {
  readonly command: string;
  readonly target: string;
  readonly text: string;
  readonly tags: Message["tags"];
}

/** Gathers the lines of one message. What does not belong to it is left out, and so is what is too much. */
export class MultilineCollector {
  private first: Message | undefined;
  private readonly texts: string[] = [];
  private length = 0;
  private isCut = false;

  constructor(
    private readonly opening: Message,
    private readonly isSame: (a: string, b: string) => boolean,
  ) {}

  add(line: Message): void {
    const { first } = this;
    const [target = "", text = ""] = line.params;
    if (line.command !== "PRIVMSG" && line.command !== "NOTICE") return;
    // "These lines MUST all have a target which matches the batch target", and they are all of one command and sender.
    if (!this.isSame(target, this.opening.params[2] ?? "")) return;
    if (first !== undefined && (line.command !== first.command || line.source !== first.source))
      return;
    const { maxBytes, maxLines } = MOST_MULTILINE;
    this.isCut ||= this.texts.length >= maxLines || this.length + text.length > maxBytes;
    if (this.isCut) return;
    this.first ??= line;
    this.texts.push(first === undefined || line.tags.has(CONCAT) ? text : `\n${text}`);
    this.length += text.length + 1;
  }

  /** What it holds. */
  get size(): number {
    return this.length + LINE_OVERHEAD * (1 + this.texts.length);
  }

  /** All lines as one message, whose text has line feeds in it; undefined when there was none. */
  combine(): Message | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    const tags = new Map([...first.tags, ...this.opening.tags]);
    tags.delete(TAG.batch);
    tags.delete(CONCAT);
    const text = this.texts.join("") + (this.isCut ? "\n…" : "");
    return message(
      first.command,
      [first.params[0] ?? "", text],
      first.source ?? this.opening.source,
      tags,
    );
  }
}
