// A safe piece of Markdown: message text → a tree of known tags. No HTML, no images, no link but web and mail.
import MarkdownIt, { type Token } from "markdown-it";
import { isLink } from "../bridge/validate.js";
import { clean } from "../bridge/text.js";

export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** Links: where they lead, checked. */
  readonly href: string | undefined;
  /** Ordered lists: the first number. Blocks of code: their language, "" where none is named. */
  readonly info: string;
}

const TAGS = [
  "p",
  "heading",
  "strong",
  "em",
  "s",
  "a",
  "code",
  "pre",
  "br",
  "blockquote",
  "ul",
  "ol",
  "li",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
] as const;

export type MarkdownTag = (typeof TAGS)[number];

/** Beyond this a text is shown as it is: reading it as Markdown would hold the page up. */
const MAX_LENGTH = 20_000;
const MAX_NESTING = 12;

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: MAX_NESTING })
  // What is typed in a chat should not vanish (reference), shout (lheading) or turn into something else (entity).
  .disable(["image", "reference", "lheading", "hr", "entity", "html_block", "html_inline"]);
parser.validateLink = isLink;
// Only with a scheme: "main.rs" and "README.md" are files, not sites in Serbia and Moldova.
parser.linkify
  .set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  .add("ftp:", null)
  .add("//", null);

/** What a message says, cleaned of what must not be shown. */
export function parseMarkdown(text: string): readonly MarkdownNode[] {
  const shown = clean(text);
  if (shown.length > MAX_LENGTH) return [element("p", [shown])];
  return new Reader(parser.parse(shown, {})).nodes();
}

function element(
  tag: MarkdownTag,
  children: readonly MarkdownNode[],
  more: Partial<MarkdownElement> = {},
): MarkdownElement {
  return { tag, children, href: undefined, info: "", ...more };
}

/** Nests markdown-it's flat list of tokens. */
class Reader {
  private position = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** Nodes up to the end or the token that closes what is open. */
  nodes(): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    while (this.position < this.tokens.length) {
      const token = this.tokens[this.position++];
      if (token === undefined || token.nesting === -1) break;
      nodes.push(...(token.nesting === 1 ? this.container(token) : leaf(token)));
    }
    return nodes;
  }

  private container(token: Token): readonly MarkdownNode[] {
    const children = this.nodes();
    // In a tight list the paragraphs are there but not meant to be seen.
    if (token.hidden) return children;
    const tag = tagOf(token);
    const href = token.attrGet("href");
    if (tag === "a") return [element("a", children, { href: isLink(href) ? href : undefined })];
    return [element(tag ?? "p", children, { info: String(token.attrGet("start") ?? "") })];
  }
}

function leaf(token: Token): readonly MarkdownNode[] {
  switch (token.type) {
    case "inline":
      return new Reader(token.children ?? []).nodes();
    case "softbreak":
    case "hardbreak":
      return [element("br", [])];
    case "code_inline":
      return [element("code", [token.content])];
    case "code_block":
    case "fence": {
      // A fence that came as a message of its own has nothing to frame.
      if (token.content.trim() === "") return [element("p", [token.markup + token.info])];
      const [language = ""] = token.info.trim().split(/\s/, 1);
      return [element("pre", [token.content.replace(/\n$/, "")], { info: language })];
    }
    default:
      return token.content === "" ? [] : [token.content];
  }
}

function tagOf(token: Token): MarkdownTag | undefined {
  if (token.type === "heading_open") return "heading";
  return TAGS.find((tag) => tag === token.tag);
}

/** The words of a tree, for comparing and reading out. */
export function plainText(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (typeof node === "string" ? node : plainText(node.children))).join("");
}

/** The place a link leads to where its words say another or none, else undefined. */
export function hiddenTarget({ href, children }: MarkdownElement): string | undefined {
  if (href === undefined) return undefined;
  const place = placeOf(href);
  return placeOf(plainText(children)) === place ? undefined : place;
}

/** Host and port of a web address (who stands before "@" is not the host), or the address mail goes to. */
function placeOf(address: string): string {
  const mail = /^mailto:([^?]*)/i.exec(address)?.[1];
  if (mail !== undefined) return mail.toLowerCase();
  const [authority = ""] = address
    .trim()
    .replace(/^https?:\/\//i, "")
    .split(/[/?#\s]/, 1);
  return (/^https?:/i.test(address) ? authority.replace(/^.*@/, "") : authority).toLowerCase();
}
