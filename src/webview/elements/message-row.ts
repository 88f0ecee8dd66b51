import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { MemberView, MessageRow, PanelSettings, PersonView } from "../../bridge/view.js";
import { avatar } from "../avatar.js";
import { cssProperties } from "../css-properties.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { markdownView, setTabStops } from "../markdown-view.js";
import { parseMarkdown, plainText, type MarkdownNode } from "../markdown.js";
import { roleName, visibility } from "../person.js";
import { cleanLine, shortened } from "../../bridge/text.js";
import type { Palette } from "../theme.js";
import { fullTime, shortTime } from "../times.js";
import { emit, wish } from "../wishes.js";

/**
 * Something a person said. It draws into the list's own tree, so that a selection runs over many rows and ten
 * thousand rows need no ten thousand shadow roots; its styles are the list's.
 */
@customElement("message-row")
export class MessageRowElement extends LitElement {
  @property({ attribute: false }) row!: MessageRow;
  @property({ attribute: false }) person!: PersonView;
  @property({ attribute: false }) palette!: Palette;
  @property({ attribute: false }) memberRole: MemberView["role"];
  @property({ attribute: false }) timeFormat: PanelSettings["timeFormat"] = "auto";
  /** The first of its author's group. */
  @property({ type: Boolean }) head = false;
  /** The row the keyboard is in. */
  @property({ type: Boolean }) active = false;
  /** The id of the conversation the row stands in. */
  conversation = "";
  media = "";
  locale = "";

  private content: readonly MarkdownNode[] = [];
  private drawn: readonly Node[] = [];

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isNewText = changed.has("row") && changed.get("row")?.text !== this.row.text;
    if (isNewText) this.content = parseMarkdown(this.row.text);
    // Colors of a text depend on the theme.
    if (isNewText || changed.has("palette")) this.drawn = markdownView(this.content, this.palette);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const tabIndex = this.active ? 0 : -1;
    if (changed.has("active")) this.tabIndex = tabIndex;
    if (changed.has("active") || changed.has("row") || changed.has("palette")) {
      setTabStops(this, tabIndex);
    }
    if (!changed.has("row") && !changed.has("timeFormat")) return;
    const { form, own, mention, status } = this.row;
    this.setAttribute("role", "article");
    this.setAttribute("aria-label", this.label());
    this.className = [form, status, own ? "own" : "", mention ? "mention" : ""].join(" ").trim();
  }

  private label(): string {
    const { row, timeFormat, locale } = this;
    const time = shortTime(row.time, timeFormat, locale);
    const parts = [cleanLine(row.nick), time, shortened(plainText(this.content))];
    if (row.visibleTo !== undefined) parts.push(visibility(row.visibleTo));
    if (row.status === "pending") parts.push(t("sending"));
    if (row.status === "failed") parts.push(t("not sent"));
    return parts.join(", ");
  }

  protected override render(): TemplateResult {
    const { row, person, palette, head, media } = this;
    const isAction = row.form === "action";
    const tabIndex = this.active ? 0 : -1;
    return html`<div class="gutter">
        ${head && !isAction ? avatar(person, palette, media) : nothing}
        ${isAction ? avatar(person, palette, media, "small") : nothing}
        ${row.mention && !head ? this.mentionView() : nothing}
      </div>
      <div class="body" ${cssProperties({ "--nick-color": palette.colorsOf(person).nick })}>
        ${head && !isAction ? this.headView() : nothing}
        <div class="text">${isAction ? html`${this.nickView()} ` : nothing}${this.drawn}</div>
        ${this.visibilityView()} ${this.statusView(tabIndex)}
      </div>
      ${head && !isAction ? nothing : this.timeView("aside")}`;
  }

  private headView(): TemplateResult {
    const { row, person } = this;
    return html`<div class="head">
      ${this.nickView()}
      ${
        person.displayName === undefined
          ? nothing
          : html`<bdi class="cut muted" title=${cleanLine(person.displayName)}
              >${cleanLine(person.displayName)}</bdi
            >`
      }
      ${row.form === "notice" ? html`<span class="role">${t("notice")}</span>` : nothing}
      ${this.timeView("beside")} ${row.mention ? this.mentionView() : nothing}
    </div>`;
  }

  /** Not by color alone. */
  private mentionView(): TemplateResult {
    return html`<span
      class="mentions"
      role="img"
      title=${t("Mentions you")}
      aria-label=${t("Mentions you")}
      >${icon("mention")}</span
    >`;
  }

  private nickView(): TemplateResult {
    const nick = cleanLine(this.row.nick);
    return html`<bdi class="nick" title=${this.whoIs()}>${nick}</bdi>`;
  }

  /** What else is known of the author: shown when the pointer rests on the nick. */
  private whoIs(): string {
    const { row, person, memberRole } = this;
    const facts = [row.nick, person.displayName, roleName(memberRole), row.address];
    return facts.flatMap((fact) => (fact === undefined ? [] : [cleanLine(fact)])).join("\n");
  }

  private timeView(place: "beside" | "aside"): TemplateResult {
    const { row, timeFormat, locale } = this;
    return html`<time
      class="${place} muted"
      datetime=${new Date(row.time).toISOString()}
      title=${fullTime(row.time, timeFormat, locale)}
      >${shortTime(row.time, timeFormat, locale)}</time
    >`;
  }

  /** What looks like the rest of a channel is taken to be for everyone in it. */
  private visibilityView(): TemplateResult | typeof nothing {
    const { visibleTo } = this.row;
    if (visibleTo === undefined) return nothing;
    return html`<div class="visibility muted">
      ${icon("lock")}<span>${visibility(visibleTo)}</span>
    </div>`;
  }

  private statusView(tabIndex: 0 | -1): TemplateResult | typeof nothing {
    const { row } = this;
    if (row.status === "sent") return nothing;
    if (row.status === "pending") {
      return html`<div class="sending muted">${icon("watch")}<span>${t("Sending…")}</span></div>`;
    }
    return html`<div class="failure">
      ${icon("error")}
      <span
        >${row.error === undefined ? t("Not sent.") : t("Not sent: {0}", cleanLine(row.error))}
        <span class="choices">
          <button class="link" tabindex=${tabIndex} @click=${this.retry}>${t("Retry")}</button>
          <button class="link" tabindex=${tabIndex} @click=${this.edit}>${t("Edit")}</button>
          <button class="link" tabindex=${tabIndex} @click=${this.discard}>${t("Discard")}</button>
        </span></span
      >
    </div>`;
  }

  private readonly retry = (): void => {
    wish(this, { type: "retry", conversation: this.conversation, row: this.row.id });
  };

  private readonly edit = (): void => {
    this.discard();
    emit(this, "panel-restore-text", this.row.text);
  };

  private readonly discard = (): void => {
    wish(this, { type: "discard", conversation: this.conversation, row: this.row.id });
  };
}

export const messageRowStyles = css`
  message-row {
    position: relative;
    display: grid;
    grid-template-columns: 28px minmax(0, 1fr);
    column-gap: 12px;
    padding: 1px 16px 1px 14px;
    border-inline-start: 2px solid transparent;
    /* Stacked accents and the like stay in their row. */
    contain: content;
  }
  message-row[head] {
    padding-top: 12px;
  }
  message-row.mention {
    border-inline-start-color: var(--vscode-editorWarning-foreground);
    background: color-mix(in srgb, var(--vscode-editorWarning-foreground) 6%, transparent);
  }
  /* Over the tint of a row, not in its place. */
  message-row:hover {
    background-image: linear-gradient(
      var(--vscode-list-hoverBackground),
      var(--vscode-list-hoverBackground)
    );
  }
  message-row .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    min-width: 0;
    line-height: 20px;
  }
  message-row .nick {
    min-width: 0;
    color: var(--nick-color);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  /* The nick is whole as long as the row is wide enough; what stands beside it gives way first. */
  message-row .head > .nick {
    flex: none;
    max-width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  message-row .head > .cut {
    flex: 1 1 4em;
    max-width: max-content;
  }
  message-row time {
    font-size: 11px;
  }
  message-row time {
    flex: none;
    white-space: nowrap;
  }
  message-row .mentions {
    align-self: center;
    color: var(--vscode-editorWarning-foreground);
  }
  /* Beside the text, below the picture of the first row. */
  message-row .aside {
    position: absolute;
    top: 1px;
    inset-inline-start: 4px;
    width: 40px;
    font-size: 10px;
    font-variant-numeric: tabular-nums;
    line-height: 20px;
    text-align: end;
    opacity: 0;
  }
  message-row:is(:hover, :focus, :focus-within) .aside {
    opacity: 1;
  }
  message-row.action .text {
    font-style: italic;
  }
  message-row.action .text > p {
    display: inline;
  }
  message-row.action .gutter {
    text-align: center;
  }
  message-row.action .nick {
    font-style: normal;
  }
  message-row.action .aside {
    display: none;
  }
  message-row.notice .text {
    padding-inline-start: 8px;
    border-inline-start: 2px solid var(--vscode-descriptionForeground);
  }
  /* The icon beside the first line of its text, however narrow the row is. */
  message-row .visibility,
  message-row .sending,
  message-row .failure {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    column-gap: 6px;
    font-size: 12px;
    line-height: 16px;
  }
  message-row .failure {
    color: var(--error-foreground);
    overflow-wrap: anywhere;
  }
  message-row .choices {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 2px 8px;
    max-width: 100%;
    vertical-align: top;
  }
  /* Most messages are confirmed at once: saying so would only flicker. */
  message-row .sending {
    animation: appear 0s 400ms both;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  message-row .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--vscode-textLink-foreground);
    font: inherit;
    text-decoration: underline;
    cursor: pointer;
  }
`;

declare global {
  interface HTMLElementTagNameMap {
    "message-row": MessageRowElement;
  }
}
