// Which Markdown a chat has: Lezer's CommonMark without what would hide what was typed, with tables and ~~strikes~~.
import {
  parser as commonMark,
  Strikethrough,
  Table,
  type BlockContext,
  type BlockParser,
  type DelimiterType,
  type Element,
  type InlineContext,
  type InlineParser,
  type Line,
} from "@lezer/markdown";
import { readAddress, readDestination } from "./links.js";

/** Blocks within blocks; what is deeper is text. */
const MAX_DEPTH = 12;

/** Runs of `*`, `_` and `~` in one paragraph: no text of people has that many. */
const MAX_MARKS = 1000;

const BACKSLASH = 92;
const STAR = 42;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const GREATER = 62;

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[A-Za-z0-9]/;
const BEFORE_ADDRESS = /[\p{L}\p{N}_]$/u;
const RULE = /^([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const FACE = /^>[_:;.<=^-]/;
const SCHEME = /(?:https?:\/\/|mailto:)/iy;

const EMPHASIS_MARKS: ReadonlySet<number> = new Set(Array.from("*_~", (c) => c.charCodeAt(0)));
/** The first letters of the addresses that are links. */
const SCHEME_LETTERS: ReadonlySet<number> = new Set(Array.from("hHmM", (c) => c.charCodeAt(0)));

function charAt(cx: InlineContext, at: number): string {
  return String.fromCharCode(cx.char(at));
}

/** It stays on screen: `¯\_(ツ)_/¯`, a path and a pattern are more common than a star that should be none. */
const backslash: InlineParser = {
  name: "Backslash",
  before: "InlineCode",
  parse: (cx, next, at) =>
    next === BACKSLASH && PUNCTUATION.test(charAt(cx, at + 1)) ? at + 2 : -1,
};

const marksIn = new WeakMap<InlineContext, number>();

/** Finding what belongs together takes the square of their number: beyond some, marks are text. */
const fewMarks: InlineParser = {
  name: "FewMarks",
  before: "Emphasis",
  parse: (cx, next, at) => {
    if (!EMPHASIS_MARKS.has(next)) return -1;
    const count = (marksIn.get(cx) ?? 0) + 1;
    marksIn.set(cx, count);
    return count > MAX_MARKS ? at + 1 : -1;
  },
};

/** The stars of `2*3*4` multiply. */
const product: InlineParser = {
  name: "Product",
  before: "Emphasis",
  parse: (cx, next, at) => {
    if (next !== STAR || at === cx.offset || !WORD.test(charAt(cx, at - 1))) return -1;
    let end = at + 1;
    while (cx.char(end) === STAR) end++;
    return WORD.test(charAt(cx, end)) ? end : -1;
  },
};

/** An address that is not marked as one. */
const address: InlineParser = {
  name: "Address",
  before: "Emphasis",
  parse: (cx, next, at) => {
    if (!SCHEME_LETTERS.has(next)) return -1;
    const { text } = cx;
    const start = at - cx.offset;
    SCHEME.lastIndex = start;
    if (!SCHEME.test(text) || BEFORE_ADDRESS.test(text.slice(Math.max(0, start - 2), start)))
      return -1;
    const { href, end } = readAddress(text, start);
    const to = cx.offset + end;
    return href === undefined ? to : cx.addElement(cx.elt("Address", at, to));
  },
};

const bracket: DelimiterType = {};

/**
 * Texts with a `[` since their last `](`. As no link has `](` among its words, nothing before one can begin a link: each
 * `[` is looked for once.
 */
const withOpener = new WeakSet<InlineContext>();

const linkStart: InlineParser = {
  name: "LinkStart",
  before: "Emphasis",
  parse: (cx, next, at) => {
    if (next !== OPEN_BRACKET) return -1;
    withOpener.add(cx);
    return cx.addDelimiter(bracket, at, at + 1, true, false);
  },
};

/** `](address)`, and nothing else: titles and references would hide words. */
const linkEnd: InlineParser = {
  name: "LinkTarget",
  before: "Emphasis",
  parse: (cx, next, at) => {
    if (next !== CLOSE_BRACKET || charAt(cx, at + 1) !== "(") return -1;
    if (!withOpener.delete(cx)) return -1;
    const { text } = cx;
    const destination = at + 2 - cx.offset;
    SCHEME.lastIndex = destination;
    if (!SCHEME.test(text)) return -1;
    const opener = cx.findOpeningDelimiter(bracket);
    const start = opener === null ? undefined : cx.getDelimiterAt(opener)?.to;
    if (opener === null || start === undefined) return -1;
    const words = cx.slice(start, at);
    // No link of nothing, and none around another.
    if (words.trim() === "" || words.includes("](")) return -1;
    const { href, end } = readDestination(text, destination);
    if (href === undefined) return -1;
    const target = cx.elt("LinkTo", at, cx.offset + end);
    const inside = [...cx.takeContent(opener), target];
    return cx.addElement(cx.elt("LinkText", start - 1, cx.offset + end, inside));
  },
};

/** Takes the whole line as a paragraph without marks. */
function takeAsTyped(cx: BlockContext, line: Line): true {
  cx.addElement(cx.elt("Paragraph", cx.lineStart + line.pos, cx.lineStart + line.text.length));
  cx.nextLine();
  return true;
}

/** Lines that are too deep, and those of nothing but three or more stars or dashes. */
const asTyped: BlockParser = {
  name: "AsTyped",
  before: "IndentedCode",
  parse: (cx, line) =>
    (cx.depth > MAX_DEPTH || RULE.test(line.text.slice(line.pos))) && takeAsTyped(cx, line),
};

/** How far a `>` and the space behind it reach where it begins a quotation, not a face; else undefined. */
function quoteEnd(line: Line): number | undefined {
  if (line.next !== GREATER || FACE.test(line.text.slice(line.pos, line.pos + 2))) return undefined;
  return line.pos + (/[ \t]/.test(line.text.charAt(line.pos + 1)) ? 2 : 1);
}

/** The mark at the beginning of a line, which it goes behind; else undefined. */
function takeQuoteMark(cx: BlockContext, line: Line): Element | undefined {
  const end = quoteEnd(line);
  if (end === undefined) return undefined;
  const at = cx.lineStart + line.pos;
  line.moveBase(end);
  return cx.elt("QuoteMark", at, at + 1);
}

const quote: BlockParser = {
  name: "Quote",
  before: "FencedCode",
  parse: (cx, line) => {
    if (quoteEnd(line) === undefined) return false;
    cx.startComposite("Quote", line.pos);
    const mark = takeQuoteMark(cx, line);
    if (mark !== undefined) cx.addElement(mark);
    return null;
  },
  endLeaf: (cx, line) => quoteEnd(line) !== undefined || leavesQuote(cx, line),
};

function continueQuote(cx: BlockContext, line: Line): boolean {
  const mark = takeQuoteMark(cx, line);
  // The marks are what tells how far the quotation reaches.
  if (mark !== undefined) line.addMarker(mark);
  return mark !== undefined;
}

/** A quotation ends with its last `>`: the answer is on the next line. */
function leavesQuote(cx: BlockContext, line: Line): boolean {
  let quotes = 0;
  for (let depth = 1; depth < cx.depth; depth++)
    if (cx.parentType(depth).name === "Quote") quotes++;
  return line.text.slice(0, line.basePos).split(">").length - 1 < quotes;
}

/** Its nodes: those of Lezer, `Quote`, `Address`, and `LinkText` that ends with a `LinkTo`. */
export const parser = commonMark.configure([
  Strikethrough,
  Table,
  {
    remove: [
      "Blockquote",
      "Escape",
      "Entity",
      "HTMLBlock",
      "HTMLTag",
      "SetextHeading",
      "HorizontalRule",
      "LinkReference",
      "Link",
      "LinkEnd",
      "Image",
      "Autolink",
    ],
    defineNodes: [
      "Address",
      "LinkText",
      "LinkTo",
      { name: "Quote", block: true, composite: continueQuote },
    ],
    parseInline: [fewMarks, backslash, product, address, linkStart, linkEnd],
    parseBlock: [asTyped, quote],
  },
]);
