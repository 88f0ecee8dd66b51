// Lines → blocks of Markdown, as people use it in a chat. Each line is read once for each quote or list it stands in.

/** A line, or what is left of it within a quote or list; `at` is where that begins in the message. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

export type Block = { readonly lines: readonly Line[] } & (
  | { readonly kind: "paragraph" }
  | { readonly kind: "heading"; readonly content: Line }
  | { readonly kind: "code"; readonly language: string; readonly code: string }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "list"; readonly isOrdered: boolean; readonly items: readonly ListItem[] }
  | {
      readonly kind: "table";
      readonly align: readonly Alignment[];
      readonly rows: readonly (readonly Line[])[];
    }
);

export interface ListItem {
  /** Ordered lists: as typed. */
  readonly number: number;
  readonly blocks: readonly Block[];
}

export type Alignment = "" | "left" | "center" | "right";

/** Quotes and lists within each other; what is deeper is text. */
const MAX_NESTING = 12;
const TAB_COLUMNS = 4;

function linesOf(text: string): Line[] {
  let at = 0;
  return text.split("\n").map((line) => {
    const start = at;
    at += line.length + 1;
    return { at: start, text: line };
  });
}

/** How many blocks and items may still be read; then what is left is a paragraph. */
interface Limit {
  left: number;
}

/** At most about `max` blocks, those within others included. */
export function readBlocks(text: string, max: number): Block[] {
  return parseBlocks(linesOf(text), { left: max }, 0);
}

/** What a line must have to be more than words. */
const MAYBE_BLOCK = /^(?: {4}| {0,3}\t| {0,3}[#>*+`~0-9-])|\|/;

function parseBlocks(lines: readonly Line[], limit: Limit, depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: Line[] = [];
  function endParagraph(): void {
    if (!paragraph.every(isBlank)) {
      blocks.push({ kind: "paragraph", lines: paragraph });
      limit.left--;
    }
    paragraph = [];
  }
  let index = 0;
  for (let line = lines[0]; line !== undefined; line = lines[index]) {
    const isMore = limit.left > 0 && MAYBE_BLOCK.test(line.text) && !isBlank(line);
    const block = isMore ? readBlock(lines, index, limit, depth, paragraph.length > 0) : undefined;
    if (block !== undefined || (isBlank(line) && limit.left > 0)) endParagraph();
    else paragraph.push(line);
    if (block !== undefined) {
      blocks.push(block);
      limit.left--;
    }
    index += block?.lines.length ?? 1;
  }
  endParagraph();
  return blocks;
}

/** The block that begins at `index`, where it is no paragraph. */
function readBlock(
  lines: readonly Line[],
  index: number,
  limit: Limit,
  depth: number,
  isInParagraph: boolean,
): Block | undefined {
  return (
    readFence(lines, index) ??
    (isInParagraph ? undefined : readIndentedCode(lines, index)) ??
    readHeading(lines, index) ??
    readTable(lines, index) ??
    (depth < MAX_NESTING
      ? (readQuote(lines, index, limit, depth) ??
        readList(lines, index, limit, depth, isInParagraph))
      : undefined)
  );
}

function readFence(lines: readonly Line[], index: number): Block | undefined {
  const opening = /^( {0,3})(`{3,}|~{3,})([^]*)$/.exec(textAt(lines, index));
  if (opening === null) return undefined;
  const [, indent = "", mark = "", info = ""] = opening;
  if (mark.startsWith("`") && info.includes("`")) return undefined;
  let end = index + 1;
  while (end < lines.length && !closesFence(textAt(lines, end), mark)) end++;
  const code = lines.slice(index + 1, end).map((line) => withoutIndent(line, indent.length).text);
  return {
    kind: "code",
    lines: lines.slice(index, end + 1),
    language: info.trim(),
    code: code.join("\n"),
  };
}

function closesFence(text: string, mark: string): boolean {
  const closing = text.trim();
  return closing.length >= mark.length && closing === mark.charAt(0).repeat(closing.length);
}

function readIndentedCode(lines: readonly Line[], index: number): Block | undefined {
  if (indentOf(textAt(lines, index)) < TAB_COLUMNS) return undefined;
  let end = index;
  for (let at = index; at < lines.length; at++) {
    const text = textAt(lines, at);
    if (text.trim() === "") continue;
    if (indentOf(text) < TAB_COLUMNS) break;
    end = at + 1;
  }
  const own = lines.slice(index, end);
  const code = own.map((line) => withoutIndent(line, TAB_COLUMNS).text).join("\n");
  return { kind: "code", lines: own, language: "", code };
}

function readHeading(lines: readonly Line[], index: number): Block | undefined {
  const line = lines[index];
  const mark = /^ {0,3}#{1,6}[ \t]+(?=\S)/.exec(line?.text ?? "");
  if (line === undefined || mark === null) return undefined;
  return { kind: "heading", lines: [line], content: rest(line, mark[0].length) };
}

/** Only with a space after it: `>_<` and `>:(` are faces. */
const QUOTE = /^ {0,3}>(?:[ \t]|$|(?=>+(?:[ \t]|$)))/;

function readQuote(
  lines: readonly Line[],
  index: number,
  limit: Limit,
  depth: number,
): Block | undefined {
  const inside: Line[] = [];
  for (let at = index; at < lines.length; at++) {
    const line = lines[at];
    const mark = QUOTE.exec(line?.text ?? "");
    if (line === undefined || mark === null) break;
    inside.push(rest(line, mark[0].length));
  }
  if (inside.length === 0) return undefined;
  return {
    kind: "quote",
    lines: lines.slice(index, index + inside.length),
    blocks: parseBlocks(inside, limit, depth + 1),
  };
}

interface Marker {
  readonly length: number;
  /** "-", "*", "+" or ".". */
  readonly kind: string;
  readonly number: number;
}

/** What begins an item. `1)`, `007.` and long numbers are left as they are: a list could not show them. */
function markerOf(text: string): Marker | undefined {
  if (/^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(text)) return undefined;
  const found = /^ {0,3}(?:([-*+])|(0|[1-9][0-9]{0,2})(\.))[ \t]{1,4}(?=\S)/.exec(text);
  if (found === null) return undefined;
  const [mark, bullet, number = "", point = ""] = found;
  return { length: mark.length, kind: bullet ?? point, number: Number(number) };
}

function readList(
  lines: readonly Line[],
  index: number,
  limit: Limit,
  depth: number,
  isInParagraph: boolean,
): Block | undefined {
  const first = markerOf(textAt(lines, index));
  // "It was in\n1986. It…" is no list.
  if (first === undefined || (isInParagraph && first.kind === "." && first.number !== 1)) {
    return undefined;
  }
  const items: ListItem[] = [];
  let end = index;
  let at = index;
  while (at < lines.length && limit.left > 0) {
    const line = lines[at];
    const marker = markerOf(line?.text ?? "");
    if (line === undefined || marker?.kind !== first.kind) break;
    end = itemEnd(lines, at, marker.length);
    const [, ...more] = lines.slice(at, end);
    const inside = [
      rest(line, marker.length),
      ...more.map((other) => withoutIndent(other, marker.length)),
    ];
    items.push({ number: marker.number, blocks: parseBlocks(inside, limit, depth + 1) });
    at = end;
    while (at < lines.length && textAt(lines, at).trim() === "") at++;
  }
  return { kind: "list", lines: lines.slice(index, end), isOrdered: first.kind === ".", items };
}

/** Lines that are indented as far as the item's text belong to it, blank ones between them too. */
function itemEnd(lines: readonly Line[], index: number, indent: number): number {
  let end = index + 1;
  for (let at = end; at < lines.length; at++) {
    const text = textAt(lines, at);
    if (text.trim() === "") continue;
    if (indentOf(text) < indent) break;
    end = at + 1;
  }
  return end;
}

function readTable(lines: readonly Line[], index: number): Block | undefined {
  const head = lines[index];
  if (!head?.text.includes("|")) return undefined;
  const align = alignments(textAt(lines, index + 1));
  if (align === undefined) return undefined;
  const header = cells(head);
  if (header.length !== align.length || header.every(isBlank)) return undefined;
  let end = index + 2;
  while (end < lines.length && textAt(lines, end).includes("|")) end++;
  const rows = [header, ...lines.slice(index + 2, end).map(cells)];
  return { kind: "table", lines: lines.slice(index, end), align, rows };
}

/** How the columns stand, from the line under a table's head. */
function alignments(text: string): Alignment[] | undefined {
  if (!/^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)*(?:[ \t]*:?-+:?[ \t]*)?$/.test(text)) return undefined;
  const marks = text.split("|").flatMap((mark) => (mark.trim() === "" ? [] : [mark.trim()]));
  if (marks.length === 0) return undefined;
  return marks.map((mark) => {
    if (!mark.endsWith(":")) return mark.startsWith(":") ? "left" : "";
    return mark.startsWith(":") && mark.length > 1 ? "center" : "right";
  });
}

/** What stands between the bars of a row; a bar after a backslash is text. */
function cells(line: Line): Line[] {
  const found: Line[] = [];
  let start = 0;
  for (const { index, 0: mark } of line.text.matchAll(/\\.|\|/g)) {
    if (mark !== "|") continue;
    found.push({ at: line.at + start, text: line.text.slice(start, index) });
    start = index + 1;
  }
  found.push({ at: line.at + start, text: line.text.slice(start) });
  if (found.length > 1 && isBlank(found[0])) found.shift();
  if (found.length > 1 && isBlank(found.at(-1))) found.pop();
  return found.map(trimmed);
}

function trimmed({ at, text }: Line): Line {
  const start = text.trimStart();
  return { at: at + text.length - start.length, text: start.trimEnd() };
}

function isBlank(line: Line | undefined): boolean {
  return line === undefined || line.text.trim() === "";
}

function textAt(lines: readonly Line[], index: number): string {
  return lines[index]?.text ?? "";
}

function rest({ at, text }: Line, from: number): Line {
  return { at: at + from, text: text.slice(from) };
}

/** In columns. */
function indentOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character === " ") columns++;
    else if (character === "\t") columns += TAB_COLUMNS - (columns % TAB_COLUMNS);
    else break;
  }
  return columns;
}

function withoutIndent(line: Line, columns: number): Line {
  let from = 0;
  for (let column = 0; column < columns; from++) {
    const character = line.text.charAt(from);
    if (character === " ") column++;
    else if (character === "\t") column += TAB_COLUMNS - (column % TAB_COLUMNS);
    else break;
  }
  return rest(line, from);
}
