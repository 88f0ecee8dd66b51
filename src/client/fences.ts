// Where the code blocks of a text are, so that none is cut in two unseen. https://spec.commonmark.org/0.31.2/#fenced-code-blocks
import { ColumnReader } from "./column-reader.js";

/** A line outside of code, or a block of code with what a part of it needs to be one as well. */
export type Block = Line | Fence;

interface Line {
  readonly kind: "line";
  readonly at: number;
  readonly line: string;
  /** Whether its indent alone makes it code. */
  readonly isIndentedCode: boolean;
}

export interface Fence {
  readonly kind: "fence";
  readonly at: number;
  readonly lines: readonly string[];
  /** The line on which the list it stands in began before it: the lines are code only after that one. */
  readonly listedAt: number | undefined;
  /** What begins and ends it where nothing stands before it, and its lines without the fence as they are then. */
  readonly opening: string;
  readonly code: readonly string[];
  readonly closing: string;
}

/** What blocks can be in. What belongs to a list item is indented, by so many columns. */
type Container =
  | { readonly kind: "quote"; readonly line: number }
  | {
      readonly kind: "item";
      readonly line: number;
      readonly marker: string;
      readonly width: number;
    };

interface Opening {
  readonly containers: readonly Container[];
  readonly indent: number;
  readonly marker: string;
  readonly info: string;
}

/** What is indented by so much more is code without a fence. */
const CODE_INDENT = 4;
/** What is deeper is text. */
const MAX_DEPTH = 50;
const LEAST_MARKER = 3;
const LIST_MARKER = /(?:[-*+]|[0-9]{1,9}[.)])(?=[ \t]|$)/y;
/** A line across, of marks that could begin list items: https://spec.commonmark.org/0.31.2/#thematic-breaks */
const BREAK = /([-*_])(?:[ \t]*\1){2,}[ \t]*$/y;
const HEADING = /#{1,6}(?:[ \t]|$)/y;
const QUOTE_MARK = ">";

/** The lines of `lines`, those of a block of code together. One that has no end goes on to the last line. */
export function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let containers: readonly Container[] = [];
  let isParagraph = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const reader = new ColumnReader(line);
    const inside = containersOf(reader, at, containers, isParagraph);
    const found = openingAt(reader, inside);
    if (found === undefined) {
      const goesOn: boolean = isParagraph && inside === containers;
      const isIndentedCode: boolean = !goesOn && !reader.isBlank && reader.indent >= CODE_INDENT;
      containers = inside;
      isParagraph = !isIndentedCode && isOfParagraph(reader, goesOn);
      blocks.push({ kind: "line", at, line, isIndentedCode });
      continue;
    }
    const { end, isClosed } = endOf(lines, at + 1, found);
    blocks.push(fenceOf(lines.slice(at, isClosed ? end + 1 : end), at, isClosed, found));
    at = isClosed ? end : end - 1;
    containers = inside;
    isParagraph = false;
  }
  return blocks;
}

/** What line `at` stands in: those of `before` that go on, and those that begin with it. `reader` goes behind their marks. */
function containersOf(
  reader: ColumnReader,
  at: number,
  before: readonly Container[],
  isParagraph: boolean,
): readonly Container[] {
  const count = takeContinued(reader, before);
  const begun: Container[] = [];
  while (count + begun.length < MAX_DEPTH) {
    const next = takeContainer(reader, at);
    if (next === undefined) break;
    begun.push(next);
  }
  if (begun.length === 0 && count === before.length) return before;
  // A paragraph in a list goes on without its indent, and any paragraph with a line whose indent would be code elsewhere.
  const isText = isOfParagraph(reader, isParagraph) && openingAt(reader, []) === undefined;
  const isLazy = isParagraph && begun.length === 0 && isText;
  const isOfList = before.slice(count).every(({ kind }) => kind === "item");
  if (isLazy && (isOfList || reader.indent >= CODE_INDENT)) return before;
  return [...before.slice(0, count), ...begun];
}

/** Goes behind the marks of as many of `containers` as the line goes on with. Returns their number. */
function takeContinued(reader: ColumnReader, containers: readonly Container[]): number {
  for (const [depth, container] of containers.entries()) {
    if (container.kind === "quote") {
      // As the panel has it, however far its mark is indented.
      if (reader.next !== QUOTE_MARK) return depth;
      takeQuoteMark(reader);
    } else if (reader.isBlank || reader.indent >= container.width) reader.skip(container.width);
    else return depth;
  }
  return containers.length;
}

function takeContainer(reader: ColumnReader, line: number): Container | undefined {
  if (takeQuote(reader)) return { kind: "quote", line };
  const { indent } = reader;
  if (indent >= CODE_INDENT || reader.match(BREAK) !== undefined) return undefined;
  const marker = reader.match(LIST_MARKER);
  if (marker === undefined) return undefined;
  reader.take(marker.length);
  const padding = reader.isBlank || reader.indent > CODE_INDENT ? 1 : reader.indent;
  reader.skip(padding);
  return { kind: "item", line, marker, width: indent + marker.length + padding };
}

function takeQuote(reader: ColumnReader): boolean {
  if (reader.indent >= CODE_INDENT || reader.next !== QUOTE_MARK) return false;
  takeQuoteMark(reader);
  return true;
}

function takeQuoteMark(reader: ColumnReader): void {
  reader.take(QUOTE_MARK.length);
  reader.skip(1);
}

function isOfParagraph(reader: ColumnReader, isAfterParagraph: boolean): boolean {
  if (reader.isBlank || [HEADING, BREAK].some((pattern) => reader.match(pattern) !== undefined))
    return false;
  return isAfterParagraph || reader.indent < CODE_INDENT;
}

function openingAt(reader: ColumnReader, containers: readonly Container[]): Opening | undefined {
  const { indent, next } = reader;
  if (indent >= CODE_INDENT || (next !== "`" && next !== "~")) return undefined;
  const length = reader.runLength;
  const info = reader.text.slice(length);
  if (length < LEAST_MARKER || (next === "`" && info.includes(next))) return undefined;
  return { containers, indent, marker: next.repeat(length), info };
}

/** Where the code ends that begins at `from`: at its closing fence, or where its quote or list item ends. */
function endOf(lines: readonly string[], from: number, { containers, marker }: Opening) {
  for (let end = from; end < lines.length; end++) {
    const reader = new ColumnReader(lines[end] ?? "");
    if (takeContinued(reader, containers) < containers.length) return { end, isClosed: false };
    if (reader.indent >= CODE_INDENT || reader.next !== marker.charAt(0)) continue;
    const { runLength, text } = reader;
    if (runLength >= marker.length && text.slice(runLength).trim() === "")
      return { end, isClosed: true };
  }
  return { end: lines.length, isClosed: false };
}

/** The block of code that `lines` are, of which the first is line `at` of the text. */
function fenceOf(
  lines: readonly string[],
  at: number,
  isClosed: boolean,
  { containers, indent, marker, info }: Opening,
): Fence {
  const code = lines.slice(1, isClosed ? -1 : undefined);
  const [line = ""] = lines;
  const items = containers.filter(({ kind }) => kind === "item");
  const whole = { kind: "fence", at, lines } as const;
  if (items.length === 0) {
    const before = line.slice(0, line.length - info.length - marker.length);
    return { ...whole, listedAt: undefined, opening: line, code, closing: before + marker };
  }
  // Of its list, only what begins with it comes along.
  const kept = containers.filter((one) => one.kind === "quote" || one.line === at);
  const marks = kept.map((one) => (one.kind === "quote" ? "> " : `${one.marker} `));
  const margin = marks.map((mark) => (mark === "> " ? mark : " ".repeat(mark.length))).join("");
  return {
    ...whole,
    listedAt: items.find((one) => one.line < at)?.line,
    opening: marks.join("") + marker + info,
    code: code.map((one) => (margin + withoutIndent(one, containers, indent)).trimEnd()),
    closing: margin + marker,
  };
}

/** A line of code without what it stands in, and without the indent of its fence. */
function withoutIndent(line: string, containers: readonly Container[], indent: number): string {
  const reader = new ColumnReader(line);
  takeContinued(reader, containers);
  reader.skip(indent);
  return reader.rest;
}
