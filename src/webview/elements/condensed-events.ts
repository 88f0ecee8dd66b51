import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { EventRow, PanelSettings } from "../../bridge/view.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { clean } from "../../bridge/text.js";
import { traffic } from "../timeline.js";

const MAX_NAMES = 3;

/** A run of joins and leaves in one line, which opens. */
@customElement("condensed-events")
export class CondensedEventsElement extends LitElement {
  @property({ attribute: false }) rows: readonly EventRow[] = [];
  @property({ attribute: false }) colorOf: (row: EventRow) => string = () => "";
  @property({ attribute: false }) timeFormat: PanelSettings["timeFormat"] = "auto";
  /** The row the keyboard is in. */
  @property({ type: Boolean }) active = false;
  /** Whether each event is shown. The list keeps that: this element goes when it is far from the screen. */
  @property({ type: Boolean }) open = false;
  locale = "";

  /** Draws into the list's own tree, as `message-row` does. */
  protected override createRenderRoot(): this {
    return this;
  }

  /** The keyboard's place is the button that opens. */
  override focus(options?: FocusOptions): void {
    this.querySelector("button")?.focus(options);
  }

  protected override updated(_changed: PropertyValues<this>): void {
    this.classList.toggle("open", this.open);
  }

  protected override render(): TemplateResult {
    const { rows, open, timeFormat, locale } = this;
    return html`<button
        class="line"
        tabindex=${this.active ? 0 : -1}
        aria-expanded=${open}
        @click=${this.toggle}
      >
        <span class="gutter">${icon(open ? "chevron-down" : "chevron-right")}</span>
        <span class="sentence" dir="auto">${summary(rows)}</span>
      </button>
      ${
        open
          ? rows.map(
              (row) =>
                html`<event-row
                  .row=${row}
                  .nickColor=${this.colorOf(row)}
                  .timeFormat=${timeFormat}
                  .locale=${locale}
                ></event-row>`,
            )
          : nothing
      }`;
  }

  private readonly toggle = (): void => {
    this.dispatchEvent(new Event("toggle-run"));
  };
}

/** "ann, bob and 2 others joined · carl left". */
function summary(rows: readonly EventRow[]): string {
  const { joined, left, passed, returned } = traffic(rows);
  const parts = [
    joined.length > 0 ? t("{0} joined", names(joined)) : "",
    left.length > 0 ? t("{0} left", names(left)) : "",
    passed.length > 0 ? t("{0} joined and left", names(passed)) : "",
    returned.length > 0 ? t("{0} left and rejoined", names(returned)) : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function names(nicks: readonly string[]): string {
  const shown = nicks.slice(0, MAX_NAMES).map(clean);
  const others = nicks.length - shown.length;
  if (others > 0) return t("{0} and {1} more", shown.join(", "), others);
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : t("{0} and {1}", shown.join(", "), last);
}

export const condensedEventsStyles = css`
  condensed-events {
    display: block;
  }
  condensed-events .line {
    width: 100%;
    border: 0;
    background: none;
    font-family: inherit;
    text-align: start;
    cursor: pointer;
  }
  condensed-events .line:hover {
    color: var(--vscode-foreground);
  }
  condensed-events .sentence {
    overflow-wrap: anywhere;
  }
`;

declare global {
  interface HTMLElementTagNameMap {
    "condensed-events": CondensedEventsElement;
  }
}
