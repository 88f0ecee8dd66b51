// Where the code blocks of a text are, so that none is cut in two unseen. https://spec.commonmark.org/0.31.2/#fenced-code-blocks

/** A line outside of code, or a block of code with what a part of it needs to be one as well. */
export type Block =
  | { readonly kind: "line"; readonly line: string }
  | {
      readonly kind: "fence";
      readonly lines: readonly string[];
      /** Its lines without the fence itself. */
      readonly code: readonly string[];
      /** What has to begin and to end a part of it that begins a message. */
      readonly opening: string;
      readonly closing: string;
    };

interface Opening {
  /** How many `>` stand before it. */
  readonly quotes: number;
  /** From where on lines belong to the list item it stands in. */
  readonly offset: number;
  readonly marker: string;
  readonly opening: string;
  readonly closing: string;
}

const OPENING =
  /^((?: {0,3}> ?)*)((?: *(?:[-*+]|[0-9]{1,9}[.)]) {1,4})*)( *)(`{3,}(?!.*`)|~{3,})(.*)$/;
const LIST_ITEM = /^ *(?:[-*+]|[0-9]{1,9}[.)]) +/;
const QUOTE = /^ {0,3}> ?/;
/** What is indented by so much more is code of another kind, where a fence is text. */
const CODE_INDENT = 4;

/** The lines of `lines`, those of a block of code together. One that has no end goes on to the last line. */
export function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let offset = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const found = openingIn(line, offset);
    if (found === undefined) {
      offset = offsetAfter(line, offset);
      blocks.push({ kind: "line", line });
      continue;
    }
    const { end, isClosed } = endOf(lines, at + 1, found);
    const { opening, closing } = found;
    blocks.push({
      kind: "fence",
      lines: lines.slice(at, isClosed ? end + 1 : end),
      code: lines.slice(at + 1, end),
      opening,
      closing,
    });
    at = isClosed ? end : end - 1;
  }
  return blocks;
}

function offsetAfter(line: string, offset: number): number {
  const item = LIST_ITEM.exec(line);
  if (item !== null) return item[0].length;
  return line.trim() === "" || indentOf(line) >= offset ? offset : 0;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function openingIn(line: string, listOffset: number): Opening | undefined {
  const match = OPENING.exec(line);
  if (match === null) return undefined;
  const [, quote = "", items = "", indent = "", marker = "", info = ""] = match;
  const isListed = items === "" && indent.length >= listOffset;
  const offset = items !== "" ? items.length : isListed ? listOffset : 0;
  if (indent.length - (items === "" ? offset : 0) >= CODE_INDENT) return undefined;
  const width = " ".repeat(items.length + indent.length);
  // Outside of its list, a fence must not be indented so much.
  const isDeep = items === "" && indent.length >= CODE_INDENT;
  return {
    quotes: quote.split(">").length - 1,
    offset,
    marker,
    opening: isDeep ? quote + marker + info : line,
    closing: isDeep ? quote + marker : quote + width + marker,
  };
}

/** Where the code ends that begins at `from`: at its closing fence, or where its quote or list item ends. */
function endOf(lines: readonly string[], from: number, { quotes, offset, marker }: Opening) {
  const closing = new RegExp(`^ *${marker.charAt(0)}{${marker.length},} *$`);
  for (let end = from; end < lines.length; end++) {
    const line = withoutQuotes(lines[end] ?? "", quotes);
    const isBlank = line?.trim() === "";
    if (line === undefined || (!isBlank && indentOf(line) < offset))
      return { end, isClosed: false };
    if (closing.test(line) && indentOf(line) - offset < CODE_INDENT) return { end, isClosed: true };
  }
  return { end: lines.length, isClosed: false };
}

/** `line` without this many `>`; undefined when it has fewer. */
function withoutQuotes(line: string, quotes: number): string | undefined {
  let rest = line;
  for (let i = 0; i < quotes; i++) {
    if (!QUOTE.test(rest)) return undefined;
    rest = rest.replace(QUOTE, "");
  }
  return rest;
}
