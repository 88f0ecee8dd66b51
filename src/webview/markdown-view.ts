// The tree of markdown.ts as elements of the page. Text stays text: nothing here makes HTML out of a string.
import { css, unsafeCSS, type CSSResult } from "lit";
import { iconElement } from "./icons.js";
import { t } from "./l10n.js";
import { hiddenTarget, plainText, type MarkdownElement, type MarkdownNode } from "./markdown.js";
import { listNumbers } from "./markdown-tree.js";
import type { Palette } from "./theme.js";
import { wish } from "./wishes.js";

/** Of a block of code before all of it is asked for. */
const MAX_CODE_LINES = 16;

/**
 * Made at once and outside the page: lit would put thousands of pieces into it one by one, each of which makes a
 * paragraph with `dir=auto` look at all its text anew.
 */
export function markdownView(nodes: readonly MarkdownNode[], palette: Palette): Node[] {
  return nodes.map((node) =>
    typeof node === "string" ? new Text(node) : elementView(node, palette),
  );
}

/** What the keyboard goes to in a message: only in the row it is in, else Tab would visit all rows. */
export function setTabStops(message: ParentNode, tabIndex: 0 | -1): void {
  for (const stop of message.querySelectorAll<HTMLElement>(".text :is(a, button, pre)")) {
    stop.tabIndex = tabIndex;
  }
}

function elementView(node: MarkdownElement, palette: Palette): Node {
  const inside = markdownView(node.children, palette);
  switch (node.tag) {
    case "p":
    case "li":
      return make(node.tag, { dir: "auto" }, inside);
    case "heading":
      return make("p", { dir: "auto" }, [make("strong", {}, inside)]);
    case "code":
    case "bdo":
      return make(node.tag, { dir: "ltr" }, inside);
    case "span":
      return coloredView(node, inside, palette);
    case "ol":
      return listView(node, inside);
    case "table":
      return make("div", { className: "table" }, [make("table", {}, inside)]);
    case "th":
    case "td":
      return make(node.tag, { dir: "auto", className: node.info }, inside);
    case "pre":
      return codeView(node);
    case "a":
      return linkView(node, inside);
    case "strong":
    case "em":
    case "s":
    case "u":
    case "br":
    case "blockquote":
    case "ul":
    case "thead":
    case "tbody":
    case "tr":
      return make(node.tag, {}, inside);
  }
}

function make<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]>,
  children: readonly (Node | string)[],
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  made.append(...children);
  return Object.assign(made, properties);
}

function coloredView({ colors }: MarkdownElement, inside: Node[], palette: Palette): Node {
  const colored = make("span", {}, inside);
  if (colors === undefined) return colored;
  const { color, background } = palette.textColors(colors);
  colored.style.color = color;
  if (background !== undefined) colored.style.backgroundColor = background;
  return colored;
}

function listView({ info, children }: MarkdownElement, items: Node[]): Node {
  const list = make("ol", { start: Number(info) }, items);
  for (const [index, number] of listNumbers(info, children).entries()) {
    const item = items[index];
    if (item instanceof HTMLLIElement) item.value = number;
  }
  return list;
}

function codeView({ children, info }: MarkdownElement): Node {
  const code = plainText(children);
  const copy = make("button", { className: "flat", title: t("Copy"), ariaLabel: t("Copy Code") }, [
    iconElement("copy"),
  ]);
  copy.addEventListener("click", () => {
    wish(copy, { type: "copyText", text: code });
  });
  const language = make("span", { className: "language cut muted" }, [info]);
  const block = make("div", { className: info === "" ? "code" : "code named" }, [
    make("div", { className: "code-tools" }, info === "" ? [copy] : [language, copy]),
    make("pre", { dir: "ltr" }, [make("code", {}, [code])]),
  ]);
  const lines = code.split("\n").length;
  if (lines > MAX_CODE_LINES) fold(block, lines);
  return block;
}

/** Shows the beginning of a long block, and all of it by a button. */
function fold(block: HTMLElement, lines: number): void {
  const more = make("button", { className: "flat more" }, [t("Show all {0} lines", lines)]);
  const pre = block.querySelector("pre");
  pre?.addEventListener("scroll", () => {
    block.classList.toggle("at-end", pre.scrollTop + pre.clientHeight > pre.scrollHeight - 2);
  });
  more.addEventListener("click", () => {
    block.dispatchEvent(new Event("unfold", { bubbles: true }));
    block.classList.remove("folded");
    more.remove();
  });
  block.classList.add("folded");
  block.append(more);
}

function linkView(node: MarkdownElement, inside: Node[]): Node {
  const { href } = node;
  if (href === undefined) return make("span", {}, inside);
  const open = (event: Event): void => {
    // The editor would open the link as well when the click reached the document.
    event.preventDefault();
    event.stopPropagation();
    wish(link, { type: "openLink", url: href });
  };
  const link = make("a", { href, title: href }, inside);
  link.addEventListener("click", open);
  link.addEventListener("auxclick", open);
  const target = hiddenTarget(node);
  if (target === undefined) return link;
  const place = make("bdi", { className: "target muted" }, [` (${target})`]);
  return make("span", {}, [link, place]);
}

const NESTED = ":is(ul, ol, blockquote)";

/** Selects what stands within so many quotations and lists. */
function deeperThan(levels: number): CSSResult {
  return unsafeCSS(`:is(${`${NESTED} `.repeat(levels)}${NESTED})`);
}

export const markdownStyles = css`
  .text {
    min-height: 1lh;
    overflow-wrap: anywhere;
    /* Whole pixels: rows of half a pixel leave hairlines between tinted ones. */
    line-height: round(1.54em, 1px);
  }
  /* Runs of spaces stay; on the blocks themselves, or the gaps between templates would show as lines. */
  .text :is(p, li) {
    white-space: pre-wrap;
  }
  .text :is(ul, ol, blockquote, .code, .table) {
    white-space: normal;
  }
  .text :is(p, ul, ol, blockquote, .code, .table) {
    margin: 0;
  }
  .text > :is(p, ul, ol, blockquote, .code, .table):not(:first-child) {
    margin-top: 6px;
  }
  .text p {
    unicode-bidi: isolate;
  }
  .text ul {
    padding-inline-start: 24px;
  }
  /* Three digits and a point. */
  .text ol {
    padding-inline-start: 36px;
  }
  .text blockquote {
    padding: 1px 0;
    padding-inline-start: 10px;
    border-inline-start: 3px solid var(--vscode-textBlockQuote-border, currentColor);
    color: var(--vscode-descriptionForeground);
  }
  /* However deep they are, words have space beside them. */
  .text ${deeperThan(4)} {
    padding-inline-start: 8px;
    border-inline-start-width: 1px;
  }
  @media (max-width: 560px) {
    .text ${deeperThan(1)} {
      padding-inline-start: 8px;
    }
    .text ${deeperThan(4)} {
      padding-inline-start: 1px;
    }
    .text blockquote${deeperThan(1)} {
      padding-inline-start: 5px;
    }
    .text blockquote${deeperThan(4)} {
      padding-inline-start: 0;
    }
  }
  .text a {
    color: var(--vscode-textLink-foreground);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .text a:hover {
    color: var(--vscode-textLink-activeForeground);
  }
  .text .target {
    font-size: 0.9em;
  }
  .text code {
    font-family: var(--vscode-editor-font-family, monospace);
    font-size: var(--vscode-editor-font-size, 0.95em);
  }
  .text :is(p, li, td, th) code {
    padding: 0 3px;
    border-radius: 3px;
    font-size: 0.95em;
    background: linear-gradient(
        var(--vscode-textPreformat-background, transparent),
        var(--vscode-textPreformat-background, transparent)
      )
      var(--vscode-editor-background);
    box-shadow: inset 0 0 0 1px
      var(--vscode-contrastBorder, color-mix(in srgb, var(--vscode-foreground) 15%, transparent));
    box-decoration-break: clone;
    color: var(--vscode-textPreformat-foreground);
  }
  /* Opaque, so that no color of the row swallows it. */
  .code {
    position: relative;
    border: 1px solid
      var(
        --vscode-contrastBorder,
        color-mix(in srgb, var(--vscode-foreground) 20%, var(--vscode-editor-background))
      );
    border-radius: var(--vscode-cornerRadius-medium, 6px);
    background: linear-gradient(
        var(--vscode-textCodeBlock-background),
        var(--vscode-textCodeBlock-background)
      )
      var(--vscode-editor-background);
  }
  .code.folded pre {
    max-height: ${unsafeCSS(String(MAX_CODE_LINES))}lh;
  }
  .code.folded:not(.at-end) pre {
    mask-image: linear-gradient(black calc(100% - 2lh), transparent);
  }
  .code .more {
    display: block;
    width: 100%;
    min-height: 22px;
    padding: 0 12px 3px;
    color: var(--vscode-textLink-foreground);
    text-align: start;
  }
  .code pre {
    margin: 0;
    padding: 8px 12px;
    overflow: auto;
    white-space: pre;
    overflow-wrap: normal;
    tab-size: 4;
  }
  .code-tools {
    position: absolute;
    top: 3px;
    inset-inline-end: 3px;
    display: flex;
    align-items: center;
    gap: 6px;
    border-radius: 4px;
    background: var(--vscode-editor-background);
    font-size: 11px;
  }
  .code-tools button {
    opacity: 0.7;
  }
  /* The language is what someone typed: it is always to be seen. */
  .code.named .code-tools {
    position: static;
    justify-content: space-between;
    padding: 1px 3px 0 12px;
    background: none;
  }
  .code.named pre {
    padding-top: 2px;
  }
  :is(.code:hover, .code:focus-within, message-row:focus, message-row:focus-within)
    .code-tools
    button {
    opacity: 1;
  }
  .table {
    overflow-x: auto;
  }
  .table table {
    border-collapse: collapse;
  }
  .table :is(th, td) {
    padding: 2px 8px;
    border: 1px solid var(--vscode-widget-border, currentColor);
    text-align: start;
  }
  .table :is(th, td).left {
    text-align: left;
  }
  .table :is(th, td).center {
    text-align: center;
  }
  .table :is(th, td).right {
    text-align: right;
  }
`;
