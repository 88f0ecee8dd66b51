// The tree of markdown.ts as lit templates. Text stays text: nothing here makes HTML out of a string.
import { css, html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons.js";
import { t } from "./l10n.js";
import { hiddenTarget, plainText, type MarkdownElement, type MarkdownNode } from "./markdown.js";
import { wish } from "./wishes.js";

type View = string | TemplateResult | typeof nothing;

/** `tabIndex` is that of links and buttons: 0 only in the row the keyboard is in, else Tab would visit all rows. */
export function markdownView(nodes: readonly MarkdownNode[], tabIndex: 0 | -1): View[] {
  return nodes.map((node) => (typeof node === "string" ? node : elementView(node, tabIndex)));
}

function elementView(node: MarkdownElement, tabIndex: 0 | -1): View {
  const inside = markdownView(node.children, tabIndex);
  switch (node.tag) {
    case "p":
      return html`<p dir="auto">${inside}</p>`;
    case "heading":
      return html`<p dir="auto"><strong>${inside}</strong></p>`;
    case "strong":
      return html`<strong>${inside}</strong>`;
    case "em":
      return html`<em>${inside}</em>`;
    case "s":
      return html`<s>${inside}</s>`;
    case "code":
      return html`<code dir="ltr">${inside}</code>`;
    case "br":
      return html`<br />`;
    case "blockquote":
      return html`<blockquote>${inside}</blockquote>`;
    case "ul":
      return html`<ul>
        ${inside}
      </ul>`;
    case "ol":
      return html`<ol start=${node.info === "" ? "1" : node.info}>
        ${inside}
      </ol>`;
    case "li":
      return html`<li dir="auto">${inside}</li>`;
    case "table":
      return html`<div class="table">
        <table>
          ${inside}
        </table>
      </div>`;
    case "thead":
      return html`<thead>
        ${inside}
      </thead>`;
    case "tbody":
      return html`<tbody>
        ${inside}
      </tbody>`;
    case "tr":
      return html`<tr>
        ${inside}
      </tr>`;
    case "th":
      return html`<th dir="auto">${inside}</th>`;
    case "td":
      return html`<td dir="auto">${inside}</td>`;
    case "pre":
      return codeView(node, tabIndex);
    case "a":
      return linkView(node, inside, tabIndex);
  }
}

function codeView({ children, info }: MarkdownElement, tabIndex: 0 | -1): TemplateResult {
  const code = plainText(children);
  const copy = (event: Event): void => {
    wish(event.currentTarget as Element, { type: "copyText", text: code });
  };
  return html`<div class="code">
    <pre dir="ltr" tabindex=${tabIndex === 0 ? nothing : -1}><code>${code}</code></pre>
    <div class="code-tools">
      ${info === "" ? nothing : html`<span class="muted">${info}</span>`}
      <button
        class="flat"
        tabindex=${tabIndex}
        title=${t("Copy")}
        aria-label=${t("Copy Code")}
        @click=${copy}
      >
        ${icon("copy")}
      </button>
    </div>
  </div>`;
}

function linkView(node: MarkdownElement, inside: View[], tabIndex: 0 | -1): TemplateResult {
  const { href } = node;
  if (href === undefined) return html`${inside}`;
  const target = hiddenTarget(node);
  const open = (event: Event): void => {
    // The editor would open the link as well when the click reached the document.
    event.preventDefault();
    event.stopPropagation();
    wish(event.currentTarget as Element, { type: "openLink", url: href });
  };
  return html`<a href=${href} title=${href} tabindex=${tabIndex} @click=${open} @auxclick=${open}
      >${inside}</a
    >${target === undefined ? nothing : html`<span class="target muted"> (${target})</span>`}`;
}

export const markdownStyles = css`
  .text {
    overflow-wrap: anywhere;
    /* Whole pixels: rows of half a pixel leave hairlines between tinted ones. */
    line-height: round(1.45em, 1px);
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
  .text > * + * {
    margin-top: 4px;
  }
  .text p {
    unicode-bidi: isolate;
  }
  .text :is(ul, ol) {
    padding-inline-start: 24px;
  }
  .text blockquote {
    padding: 1px 10px;
    border-inline-start: 3px solid var(--vscode-textBlockQuote-border, currentColor);
    color: var(--vscode-descriptionForeground);
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
    background: var(--vscode-textPreformat-background);
    color: var(--vscode-textPreformat-foreground);
  }
  .code {
    position: relative;
    border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
    border-radius: 4px;
    background: var(--vscode-textCodeBlock-background);
  }
  .code pre {
    max-height: 24em;
    margin: 0;
    padding: 6px 10px;
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
    padding-inline-start: 6px;
    border-radius: 4px;
    background: var(--vscode-editor-background);
    font-size: 11px;
    opacity: 0;
  }
  :is(.code:hover, .code:focus-within, message-row:focus, message-row:focus-within) .code-tools {
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
`;
