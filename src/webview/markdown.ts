// A safe piece of Markdown: message text → a tree of known tags. What is typed is never less than what is seen: only
// marks that have an effect are not shown. Any text is read in linear time.
import { cleanFormatted } from "../bridge/text.js";
import { readFormatting } from "../irc/formatting.js";
import { hiddenPlace } from "./links.js";
import { readBlocks, type Block, type Line, type ListItem } from "./markdown-blocks.js";
import { parseInline } from "./markdown-inline.js";
import {
  element,
  isEmpty,
  plainText,
  sizeOf,
  type MarkdownElement,
  type MarkdownNode,
} from "./markdown-tree.js";
import { StyledText } from "./styled-text.js";

export { plainText, type MarkdownElement, type MarkdownNode } from "./markdown-tree.js";

/** Beyond these, what is left of a text is shown as it is: each element takes time to draw, in everybody's panel. */
const MAX_LENGTH = 40_000;
const MAX_ELEMENTS = 400;

/** What a message says, cleaned of what must not be shown. */
export function parseMarkdown(text: string): readonly MarkdownNode[] {
  const { text: shown, runs } = readFormatting(cleanFormatted(text));
  if (shown.length > MAX_LENGTH) return [element("p", [shown])];
  const reader = new BlockReader(new StyledText(runs));
  const nodes: MarkdownNode[] = [];
  for (const block of readBlocks(shown, MAX_ELEMENTS)) {
    const node = reader.node(block);
    if (node === undefined) {
      nodes.push(element("p", [shown.slice(block.lines[0]?.at)]));
      break;
    }
    nodes.push(node);
  }
  return nodes;
}

class BlockReader {
  private left = MAX_ELEMENTS;

  constructor(private readonly text: StyledText) {}

  /** undefined where it would be too much. */
  node(block: Block): MarkdownNode | undefined {
    const node = this.read(block);
    if (node === undefined || this.left < 0) return undefined;
    return isEmpty([node]) ? asTyped(block) : node;
  }

  private read(block: Block): MarkdownElement | undefined {
    this.left--;
    switch (block.kind) {
      case "paragraph":
        return this.withWords("p", block.lines);
      case "heading":
        return this.withWords("heading", [block.content]);
      case "code":
        return element("pre", [block.code], { info: block.language });
      case "quote": {
        const children = this.all(block.blocks, (inside) => this.node(inside));
        return children && element("blockquote", children);
      }
      case "list":
        return this.list(block.items, block.isOrdered);
      case "table":
        return this.table(block);
    }
  }

  /** Stops as soon as it is too much. */
  private all<T>(
    things: readonly T[],
    read: (thing: T, index: number) => MarkdownNode | undefined,
  ): MarkdownNode[] | undefined {
    const nodes: MarkdownNode[] = [];
    for (const [index, thing] of things.entries()) {
      const node = read(thing, index);
      if (node === undefined || this.left < 0) return undefined;
      nodes.push(node);
    }
    return nodes;
  }

  private words(lines: readonly Line[]): MarkdownNode[] | undefined {
    const words = parseInline(lines, this.text, this.left);
    if (words !== undefined) this.left -= sizeOf(words);
    return words;
  }

  private withWords(
    tag: "p" | "heading" | "th" | "td",
    lines: readonly Line[],
    info = "",
  ): MarkdownElement | undefined {
    const words = this.words(lines);
    return words && element(tag, words, { info });
  }

  private list(items: readonly ListItem[], isOrdered: boolean): MarkdownElement | undefined {
    const children = this.all(items, (item, index) => {
      const before = items[index - 1];
      const follows = before === undefined || item.number === before.number + 1;
      return this.item(item, isOrdered && !follows ? String(item.number) : "");
    });
    if (children === undefined) return undefined;
    if (!isOrdered) return element("ul", children);
    return element("ol", children, { info: String(items[0]?.number ?? 1) });
  }

  /** An item's first paragraph stands beside its bullet. */
  private item({ blocks }: ListItem, info: string): MarkdownElement | undefined {
    this.left--;
    const [first, ...others] = blocks;
    const isText = first?.kind === "paragraph";
    const words = isText ? this.words(first.lines) : [];
    const rest = this.all(isText ? others : blocks, (block) => this.node(block));
    return words && rest && element("li", [...words, ...rest], { info });
  }

  private table({ rows, align }: Block & { kind: "table" }): MarkdownElement | undefined {
    const row = (cells: readonly Line[], tag: "th" | "td"): MarkdownElement | undefined => {
      this.left--;
      const children = this.all(cells, (cell, index) => {
        this.left--;
        return this.withWords(tag, [cell], align[index]);
      });
      return children && element("tr", children);
    };
    const [head = [], ...body] = rows;
    const header = row(head, "th");
    const lines = this.all(body, (cells) => row(cells, "td"));
    if (header === undefined || lines === undefined) return undefined;
    const parts = [element("thead", [header])];
    if (lines.length > 0) parts.push(element("tbody", lines));
    return element("table", parts);
  }
}

/** Marks around nothing have no effect: they are what was said. */
function asTyped({ lines }: Block): MarkdownElement {
  return element("p", [lines.map(({ text }) => text).join("\n")]);
}

/** The place a link leads to where its words say another or none, else undefined. */
export function hiddenTarget({ href, children }: MarkdownElement): string | undefined {
  return href === undefined ? undefined : hiddenPlace(href, plainText(children));
}
