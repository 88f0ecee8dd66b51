// A safe piece of Markdown: message text → a tree of known tags. What is typed is never less than what is seen: only
// marks that have an effect are not shown. The work for a message is bounded.
import type { SyntaxNode } from "@lezer/common";
import { cleanFormatted } from "../bridge/text.js";
import { readFormatting } from "../irc/formatting.js";
import { hiddenPlace } from "./links.js";
import { parser } from "./markdown-parser.js";
import {
  element,
  isEmpty,
  plainText,
  type MarkdownElement,
  type MarkdownNode,
  type MarkdownTag,
} from "./markdown-tree.js";
import { StyledText } from "./styled-text.js";
import { layOut } from "./text-limits.js";

export { plainText, type MarkdownElement, type MarkdownNode } from "./markdown-tree.js";

/** A longer text is shown as it is. */
const MAX_LENGTH = 40_000;
/** Beyond these, what is left of a text is shown as it is: each element takes time to draw, in everyone's panel. */
const MAX_ELEMENTS = 400;
/** Emphasis within emphasis; what is deeper is text. */
const MAX_NESTING = 8;

const EMPHASIS: Readonly<Record<string, MarkdownTag | undefined>> = {
  Emphasis: "em",
  StrongEmphasis: "strong",
  Strikethrough: "s",
};
const INLINE: ReadonlySet<string> = new Set([
  ...Object.keys(EMPHASIS),
  "InlineCode",
  "Address",
  "LinkText",
]);
/** Up to three digits and a point are shown as they were typed. */
const SHOWN_NUMBER = /^(?:0|[1-9]\d{0,2})\.$/;

/** What a message says, cleaned of what must not be shown. */
export function parseMarkdown(text: string): readonly MarkdownNode[] {
  const { text: typed, runs } = readFormatting(cleanFormatted(text));
  const { text: shown, rest, isOneWay } = layOut(typed);
  const nodes =
    typed.length > MAX_LENGTH ? [element("p", [shown])] : readBlocks(shown, new StyledText(runs));
  if (rest !== "") nodes.push(element("p", [isOneWay ? element("bdo", [rest]) : rest]));
  return nodes;
}

function readBlocks(text: string, styled: StyledText): MarkdownNode[] {
  const reader = new TreeReader(text, styled);
  const nodes: MarkdownNode[] = [];
  let last: SyntaxNode | undefined;
  for (const block of childrenOf(parser.parse(text).topNode)) {
    try {
      reader.add(nodes, block, last, []);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      nodes.push(element("p", [text.slice(block.from)]));
      break;
    }
    last = block;
  }
  return nodes;
}

/** A message has more elements than can be drawn at once. */
class TooMuch extends Error {}

/** What a block stands in: a quotation, or an item of a list whose text begins so many columns further in. */
type Container = "quote" | number;

/** A piece of the text: from, to. */
type Span = readonly [from: number, to: number];

class TreeReader {
  private left = MAX_ELEMENTS;

  constructor(
    private readonly text: string,
    private readonly styled: StyledText,
  ) {}

  /** Adds a block to `nodes`, of which `before` is the last one. */
  add(
    nodes: MarkdownNode[],
    node: SyntaxNode,
    before: SyntaxNode | undefined,
    within: readonly Container[],
  ): void {
    const made = this.block(node, within);
    const last = nodes.at(-1);
    // Lines that nothing parts are one paragraph, whatever the parser took them for first.
    const isSame =
      before?.name === "Paragraph" &&
      node.name === "Paragraph" &&
      !/\n.*\n/.test(this.text.slice(before.to, node.from));
    if (!isSame || last === undefined || typeof last === "string") nodes.push(...made);
    else
      nodes.push(
        element("p", [
          ...(nodes.pop() as MarkdownElement).children,
          this.element("br", []),
          ...made.flatMap(wordsOf),
        ]),
      );
  }

  /** Marks around nothing have no effect: they are what was said. */
  private block(node: SyntaxNode, within: readonly Container[]): MarkdownNode[] {
    const nodes = this.read(node, within);
    return isEmpty(nodes) ? [this.asTyped(node, within)] : nodes;
  }

  private read(node: SyntaxNode, within: readonly Container[]): MarkdownNode[] {
    switch (node.name) {
      case "Quote":
        return [this.element("blockquote", this.blocks(childrenOf(node), [...within, "quote"]))];
      case "BulletList":
      case "OrderedList":
        return this.list(node, within);
      case "FencedCode":
      case "CodeBlock":
        return [this.code(node, within)];
      case "Table":
        return [this.table(node, within)];
      case "Paragraph":
        return [this.element("p", this.inline(node, this.whole(node, within), within))];
      default: {
        // A heading: only the marks it begins with are not shown.
        const [mark] = childrenOf(node);
        const from = mark?.name === "HeaderMark" ? mark.to : node.from;
        const start = from + (/^[ \t]*/.exec(this.text.slice(from, node.to))?.[0].length ?? 0);
        return [this.element("heading", this.inline(node, [start, node.to], within))];
      }
    }
  }

  private element(
    tag: MarkdownTag,
    children: readonly MarkdownNode[],
    more: Partial<MarkdownElement> = {},
  ): MarkdownElement {
    if (this.left-- <= 0) throw new TooMuch();
    return element(tag, children, more);
  }

  private asTyped(node: SyntaxNode, within: readonly Container[]): MarkdownElement {
    const lines = this.lines(this.whole(node, within), within);
    return this.element("p", [lines.map((line) => this.text.slice(...line)).join("\n")]);
  }

  /** A block with the spaces before it, where they are no one else's. */
  private whole(node: SyntaxNode, within: readonly Container[]): Span {
    const start = this.text.lastIndexOf("\n", node.from - 1) + 1;
    const isIndent = within.length === 0 && this.text.slice(start, node.from).trim() === "";
    return [isIndent ? start : node.from, node.to];
  }

  private blocks(blocks: readonly SyntaxNode[], within: readonly Container[]): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    for (const [index, node] of blocks.entries()) this.add(nodes, node, blocks[index - 1], within);
    return nodes;
  }

  // ---- lists

  /** An item without words, or whose number would be shown as another, ends the list and is shown as typed. */
  private list(node: SyntaxNode, within: readonly Container[]): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    let items: MarkdownElement[] = [];
    let next = 0;
    const endList = () => {
      if (items.length > 0)
        nodes.push(this.element(node.name === "OrderedList" ? "ol" : "ul", items, { info: first }));
      items = [];
    };
    let first = "";
    for (const item of childrenOf(node).filter(({ name }) => name === "ListItem")) {
      const mark = this.markOf(item);
      const children = mark === undefined ? [] : this.item(item, mark, within);
      if (mark === undefined || isEmpty(children)) {
        endList();
        nodes.push(this.asTyped(item, within));
        continue;
      }
      const number = Number.parseInt(mark);
      if (items.length === 0) first = Number.isNaN(number) ? "" : String(number);
      const isNext = items.length === 0 || Number.isNaN(number) || number === next;
      items.push(this.element("li", children, { info: isNext ? "" : String(number) }));
      next = number + 1;
    }
    endList();
    return nodes;
  }

  /** What an item begins with; undefined where it cannot be shown as typed. */
  private markOf(item: SyntaxNode): string | undefined {
    const { firstChild: node } = item;
    if (node?.name !== "ListMark") return undefined;
    const mark = this.text.slice(node.from, node.to);
    return mark.length === 1 || SHOWN_NUMBER.test(mark) ? mark : undefined;
  }

  /** An item's first paragraph stands beside its bullet. */
  private item(item: SyntaxNode, mark: string, within: readonly Container[]): MarkdownNode[] {
    const [first, ...others] = childrenOf(item).slice(1);
    if (first === undefined) return [];
    const column = first.from - item.from;
    const inside = [
      ...within,
      this.text.slice(item.from, first.from).includes("\n") ? mark.length + 1 : column,
    ];
    const isText = first.name === "Paragraph";
    const words = isText ? this.inline(first, [first.from, first.to], inside) : [];
    return [...words, ...this.blocks(isText ? others : [first, ...others], inside)];
  }

  // ---- code and tables

  private code(node: SyntaxNode, within: readonly Container[]): MarkdownElement {
    const lines = this.lines([node.from, node.to], within).map((line) => this.text.slice(...line));
    if (node.name === "CodeBlock")
      return this.element("pre", [
        lines.map((line, i) => (i === 0 ? line : unindented(line, 4))).join("\n"),
      ]);
    const marks = childrenOf(node).filter(({ name }) => name === "CodeMark");
    const indent = this.columnOf(node.from);
    const body = lines.slice(1, marks.length > 1 ? -1 : undefined);
    const info = childrenOf(node).find(({ name }) => name === "CodeInfo");
    const code = body.map((line) => unindented(line, indent)).join("\n");
    // Without words it is shown as typed.
    if (code.trim() === "") return element("pre", []);
    return this.element("pre", [code], {
      info: info === undefined ? "" : this.text.slice(info.from, info.to).trim(),
    });
  }

  /** How many spaces stand directly before a place in its line. */
  private columnOf(at: number): number {
    return / *$/.exec(this.text.slice(Math.max(0, at - 4), at))?.[0].length ?? 0;
  }

  private table(node: SyntaxNode, within: readonly Container[]): MarkdownElement {
    const [head, rule, ...body] = childrenOf(node);
    const align = rule === undefined ? [] : alignments(this.text.slice(rule.from, rule.to));
    const row = (line: SyntaxNode, tag: "th" | "td") =>
      this.element("tr", this.cells(line, tag, align, within));
    const parts = head === undefined ? [] : [this.element("thead", [row(head, "th")])];
    if (body.length > 0)
      parts.push(
        this.element(
          "tbody",
          body.map((line) => row(line, "td")),
        ),
      );
    return this.element("table", parts);
  }

  private cells(
    row: SyntaxNode,
    tag: "th" | "td",
    align: readonly string[],
    within: readonly Container[],
  ): MarkdownElement[] {
    const cells: MarkdownElement[] = [];
    const add = (words: readonly MarkdownNode[]) => {
      cells.push(this.element(tag, words, { info: align[cells.length] ?? "" }));
    };
    let isFilled = true;
    for (const node of childrenOf(row)) {
      if (node.name === "TableCell") add(this.inline(node, [node.from, node.to], within));
      else if (!isFilled) add([]);
      isFilled =
        node.name === "TableCell" || node === row.firstChild ? node.name === "TableCell" : false;
    }
    return cells;
  }

  // ---- words

  /** The words of `span` with what is marked among them. */
  private inline(
    node: SyntaxNode,
    [from, to]: Span,
    within: readonly Container[],
    nesting = 0,
  ): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    let at = from;
    const marked = nesting > MAX_NESTING ? [] : childrenOf(node);
    for (const child of marked) {
      if (!INLINE.has(child.name) || child.from < at || child.to > to) continue;
      this.addWords(nodes, [at, child.from], within);
      nodes.push(...this.marked(child, within, nesting + 1));
      at = child.to;
    }
    this.addWords(nodes, [at, to], within);
    return nodes;
  }

  private marked(node: SyntaxNode, within: readonly Container[], nesting: number): MarkdownNode[] {
    const { from, to, firstChild, lastChild } = node;
    const inside: Span = [firstChild?.to ?? from, lastChild?.from ?? to];
    const tag = EMPHASIS[node.name];
    if (tag !== undefined) return [this.element(tag, this.inline(node, inside, within, nesting))];
    if (node.name === "InlineCode") return this.inlineCode(node, inside, within);
    if (node.name === "LinkText") return [this.link(node, within, nesting)];
    const words = this.words([from, to], within);
    return [this.element("a", words, { href: this.text.slice(from, to) })];
  }

  private inlineCode(node: SyntaxNode, inside: Span, within: readonly Container[]): MarkdownNode[] {
    const lines = this.lines(inside, within).map((line) => this.text.slice(...line));
    const code = lines.join(" ");
    if (code.trim() === "") return this.words([node.from, node.to], within);
    const isPadded = code.startsWith(" ") && code.endsWith(" ");
    return [this.element("code", [isPadded ? code.slice(1, -1) : code])];
  }

  /** Links within its words are words. */
  private link(node: SyntaxNode, within: readonly Container[], nesting: number): MarkdownElement {
    const target = node.lastChild;
    const end = target?.from ?? node.to;
    const words = this.inline(node, [node.from + 1, end], within, nesting);
    const href = this.text.slice(end + 2, node.to - 1);
    return this.element("a", words.flatMap(withoutLinks), { href });
  }

  private words(span: Span, within: readonly Container[]): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    this.addWords(nodes, span, within);
    return nodes;
  }

  private addWords(nodes: MarkdownNode[], span: Span, within: readonly Container[]): void {
    for (const [index, [from, to]] of this.lines(span, within).entries()) {
      if (index > 0) nodes.push(this.element("br", []));
      if (to <= from) continue;
      const words = this.styled.slice(this.text.slice(from, to), from);
      this.left -= words.length - 1;
      nodes.push(...words);
    }
  }

  /** The lines of a span, without what the containers put before each but the first. */
  private lines([from, to]: Span, within: readonly Container[]): Span[] {
    const lines: Span[] = [];
    for (let start = from; ;) {
      const newline = this.text.indexOf("\n", start);
      const end = newline < 0 || newline >= to ? to : newline;
      lines.push([start, end]);
      if (end === to) return lines;
      start = Math.min(to, this.afterContainers(end + 1, within));
    }
  }

  private afterContainers(start: number, within: readonly Container[]): number {
    let at = start;
    for (const container of within) {
      const prefix =
        container === "quote" ? / {0,3}>[ \t]?/y : new RegExp(`[ \\t]{0,${container}}`, "y");
      prefix.lastIndex = at;
      if (prefix.test(this.text)) at = prefix.lastIndex;
    }
    return at;
  }
}

/** The children of a node but the marks of quotations, which lines() leaves out. */
function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== "QuoteMark") children.push(child);
  return children;
}

function wordsOf(node: MarkdownNode): readonly MarkdownNode[] {
  return typeof node === "string" ? [node] : node.children;
}

function withoutLinks(node: MarkdownNode): readonly MarkdownNode[] {
  if (typeof node === "string") return [node];
  const children = node.children.flatMap(withoutLinks);
  return node.tag === "a" ? children : [{ ...node, children }];
}

function unindented(line: string, columns: number): string {
  return line.slice(Math.min(columns, /^ */.exec(line)?.[0].length ?? 0));
}

/** How the columns stand, of a line such as `|:-|-:|`. */
function alignments(rule: string): string[] {
  const columns = rule
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|");
  return columns.map((column) => {
    const [left, right] = [column.trim().startsWith(":"), column.trim().endsWith(":")];
    if (left && right) return "center";
    return left ? "left" : right ? "right" : "";
  });
}

/** The place a link leads to where its words say another or none, else undefined. */
export function hiddenTarget({ href, children }: MarkdownElement): string | undefined {
  return href === undefined ? undefined : hiddenPlace(href, plainText(children));
}
