import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { EventRow, PanelSettings } from "../../bridge/view.js";
import { cssProperties } from "../css-properties.js";
import { icon, type IconName } from "../icons.js";
import { clean } from "../../bridge/text.js";
import { fullTime, shortTime } from "../times.js";

const ICONS: Readonly<Record<EventRow["event"], IconName>> = {
  join: "arrow-right",
  leave: "arrow-left",
  nick: "edit",
  topic: "tag",
  mode: "shield",
  kick: "sign-out",
  away: "coffee",
  back: "check",
  info: "info",
  error: "warning",
  connection: "plug",
};

/** Something that happened. Only the host makes these; what a person types is always a `message-row`. */
@customElement("event-row")
export class EventRowElement extends LitElement {
  @property({ attribute: false }) row!: EventRow;
  @property({ attribute: false }) nickColor = "";
  @property({ attribute: false }) timeFormat: PanelSettings["timeFormat"] = "auto";
  /** The row the keyboard is in. */
  @property({ type: Boolean }) active = false;
  locale = "";

  /** Draws into the list's own tree, as `message-row` does. */
  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("active")) this.tabIndex = this.active ? 0 : -1;
    if (!changed.has("row") && !changed.has("timeFormat")) return;
    const { row, timeFormat, locale } = this;
    this.setAttribute("role", "note");
    this.setAttribute(
      "aria-label",
      `${clean(row.text)}, ${shortTime(row.time, timeFormat, locale)}`,
    );
    this.className = row.event;
  }

  protected override render(): TemplateResult {
    const { row, timeFormat, locale, nickColor } = this;
    return html`<span class="gutter">${icon(ICONS[row.event])}</span>
      <span class="sentence" dir="auto" ${cssProperties({ "--nick-color": nickColor })}
        >${this.sentence()}</span
      >
      <time
        datetime=${new Date(row.time).toISOString()}
        title=${fullTime(row.time, timeFormat, locale)}
        >${shortTime(row.time, timeFormat, locale)}</time
      >`;
  }

  /** The sentence with the nick it is about in that nick's color. */
  private sentence(): TemplateResult | string {
    const { text, nick } = this.row;
    const shown = clean(text);
    const at = nick === undefined || nick === "" ? -1 : shown.indexOf(nick);
    if (at === -1 || nick === undefined) return shown;
    return html`${shown.slice(0, at)}<bdi class="nick">${nick}</bdi
      >${shown.slice(at + nick.length)}`;
  }
}

export const eventRowStyles = css`
  event-row,
  condensed-events .line {
    display: grid;
    grid-template-columns: 28px minmax(0, 1fr) auto;
    column-gap: 12px;
    align-items: baseline;
    padding: 0 16px;
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
    line-height: 18px;
  }
  event-row {
    contain: content;
  }
  message-row + :is(event-row, condensed-events) {
    margin-top: 6px;
  }
  event-row .gutter,
  condensed-events .gutter {
    display: grid;
    place-items: center;
    align-self: start;
    height: 18px;
  }
  event-row .icon::before,
  condensed-events .icon::before {
    font-size: 12px;
    text-align: center;
  }
  event-row .sentence {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  event-row .nick {
    color: var(--nick-color);
    font-weight: 600;
  }
  event-row time {
    font-size: 11px;
    opacity: 0;
  }
  event-row:is(:hover, :focus) time {
    opacity: 1;
  }
  event-row.error .gutter {
    color: var(--vscode-editorWarning-foreground);
  }
  event-row.error .sentence {
    color: var(--vscode-foreground);
  }
  event-row.info .sentence {
    font-family: var(--vscode-editor-font-family, monospace);
  }
`;

declare global {
  interface HTMLElementTagNameMap {
    "event-row": EventRowElement;
  }
}
