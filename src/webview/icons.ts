// Codicons inside shadow roots, which the codicon style sheet does not reach: its font does.
import { css, html, type TemplateResult } from "lit";

// Code points of @vscode/codicons/dist/codicon.css.
const GLYPHS = {
  account: "\ueb99",
  "arrow-down": "\uea9a",
  "arrow-left": "\uea9b",
  "arrow-right": "\uea9c",
  check: "\ueab2",
  "chevron-down": "\ueab4",
  "chevron-right": "\ueab6",
  "circle-slash": "\ueabd",
  coffee: "\uec15",
  close: "\uea76",
  comment: "\uea6b",
  "comment-discussion": "\ueac7",
  copy: "\uebcc",
  "debug-disconnect": "\uead0",
  discard: "\ueae2",
  edit: "\uea73",
  error: "\uea87",
  eye: "\uea70",
  info: "\uea74",
  link: "\ueb15",
  lock: "\uea75",
  mention: "\ueb1f",
  organization: "\uea7e",
  pass: "\ueba4",
  plug: "\ueb2d",
  refresh: "\ueb37",
  send: "\uec0f",
  "star-full": "\ueb59",
  server: "\ueb50",
  shield: "\ueb53",
  "sign-in": "\uea6f",
  "sign-out": "\uea6e",
  sync: "\uea77",
  tag: "\uea66",
  watch: "\ueb7c",
  warning: "\uea6c",
} as const;

export type IconName = keyof typeof GLYPHS;

/** A picture beside words; screen readers pass it by. */
export function icon(name: IconName, slot = ""): TemplateResult {
  return html`<span
    class="icon"
    slot=${slot}
    data-glyph=${GLYPHS[name]}
    aria-hidden="true"
  ></span>`;
}

/** The same where lit does not draw. */
export function iconElement(name: IconName): HTMLElement {
  const element = document.createElement("span");
  element.className = "icon";
  element.dataset.glyph = GLYPHS[name];
  element.ariaHidden = "true";
  return element;
}

/** Needed by each shadow root that shows icons. */
export const iconStyles = css`
  .icon {
    display: inline-block;
    width: 16px;
    height: 16px;
    flex: none;
    user-select: none;
  }
  .icon::before {
    content: attr(data-glyph);
    font: normal 16px/1 codicon;
    display: block;
    -webkit-font-smoothing: antialiased;
  }
`;
