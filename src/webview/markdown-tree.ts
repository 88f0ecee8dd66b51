// What a message is made of when its Markdown has been read: a tree of known tags. No HTML, no images.

export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** Links: where they lead, checked. */
  readonly href: string | undefined;
  /**
   * Ordered lists: the first number; their items: the number, where it does not follow the one before. Blocks of code:
   * their language. Cells: how they are aligned. "" where there is none.
   */
  readonly info: string;
  /** Colored text. */
  readonly colors: TextColors | undefined;
}

export type MarkdownTag =
  | "p"
  | "heading"
  | "strong"
  | "em"
  | "s"
  | "u"
  | "span"
  | "bdo"
  | "a"
  | "code"
  | "pre"
  | "br"
  | "blockquote"
  | "ul"
  | "ol"
  | "li"
  | "table"
  | "thead"
  | "tbody"
  | "tr"
  | "th"
  | "td";

/** `#rrggbb` as sent, not yet corrected for contrast; undefined: the reader's own. */
export interface TextColors {
  readonly color: string | undefined;
  readonly background: string | undefined;
  /** The two change places. */
  readonly reverse: boolean;
}

export function element(
  tag: MarkdownTag,
  children: readonly MarkdownNode[],
  more: Partial<MarkdownElement> = {},
): MarkdownElement {
  return { tag, children, href: undefined, info: "", colors: undefined, ...more };
}

/** Whether nothing in a tree can be seen. */
export function isEmpty(nodes: readonly MarkdownNode[]): boolean {
  return nodes.every((node) =>
    typeof node === "string" ? node.trim() === "" : isEmpty(node.children),
  );
}

const LINES: ReadonlySet<MarkdownTag> = new Set<MarkdownTag>([
  "p",
  "heading",
  "pre",
  "blockquote",
  "ul",
  "ol",
  "li",
  "table",
  "thead",
  "tbody",
  "tr",
]);

/** The words of a tree, for comparing and reading out: a line for each line, numbers of lists included. */
export function plainText(nodes: readonly MarkdownNode[]): string {
  let text = "";
  let isLineDone = false;
  for (const node of nodes) {
    const isLine = typeof node !== "string" && LINES.has(node.tag);
    if (text !== "" && (isLine || isLineDone)) text += "\n";
    isLineDone = isLine;
    text += typeof node === "string" ? node : elementText(node);
    if (typeof node !== "string" && (node.tag === "td" || node.tag === "th")) text += " ";
  }
  return text;
}

function elementText({ tag, children, info }: MarkdownElement): string {
  if (tag === "br") return "\n";
  if (tag !== "ol") return plainText(children);
  const lines = listNumbers(info, children).map((number, index) => {
    const item = children[index];
    return `${number}. ${item === undefined ? "" : plainText([item])}`;
  });
  return lines.join("\n");
}

/** The numbers of an ordered list's items. */
export function listNumbers(first: string, items: readonly MarkdownNode[]): number[] {
  let next = Number(first);
  return items.map((item) => {
    const number = typeof item === "string" || item.info === "" ? next : Number(item.info);
    next = number + 1;
    return number;
  });
}
