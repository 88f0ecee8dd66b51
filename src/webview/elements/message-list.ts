import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationView, EventRow, PanelSettings, PersonView } from "../../bridge/view.js";
import { announcement, arrivals, fromOthers } from "../arrivals.js";
import { avatarStyles, baseStyles } from "../styles.js";
import { icon } from "../icons.js";
import {
  earlierItems,
  itemsAround,
  laterItems,
  lastItems,
  sameItems,
  type ItemRange,
} from "../item-range.js";
import { t } from "../l10n.js";
import { markdownStyles } from "../markdown-view.js";
import { keepPerson, personFromNick } from "../person.js";
import { ReadReporter } from "../read-reporter.js";
import { ScrollKeeper } from "../scroll-keeper.js";
import { rememberScroll, type ScrollMark } from "../store.js";
import { cleanLine } from "../../bridge/text.js";
import type { Palette } from "../theme.js";
import { isRowItem, rowIdOf, timeline, type TimelineItem } from "../timeline.js";
import { dayName } from "../times.js";
import { emit, type PanelRequests } from "../wishes.js";
import { condensedEventsStyles } from "./condensed-events.js";
import { eventRowStyles } from "./event-row.js";
import { messageListStyles } from "./message-list-styles.js";
import { messageRowStyles } from "./message-row.js";
import "./condensed-events.js";
import "./event-row.js";
import "./message-row.js";

/** Nearer than this to an edge, more rows are drawn or asked for. */
const NEAR_PX = 400;
/** How far below the upper edge the unread mark comes to stand. */
const UNREAD_OFFSET_PX = 48;
const SAVE_SCROLL_MS = 200;

function movesRows(changed: PropertyValues): boolean {
  return ["conversation", "settings", "range"].some((name) => changed.has(name));
}

/** The rows of one conversation, oldest first. */
@customElement("message-list")
export class MessageList extends LitElement {
  static override styles = [
    baseStyles,
    avatarStyles,
    markdownStyles,
    messageRowStyles,
    eventRowStyles,
    condensedEventsStyles,
    messageListStyles,
  ];

  @property({ attribute: false }) conversation!: ConversationView;
  @property({ attribute: false }) settings!: PanelSettings;
  @property({ attribute: false }) palette!: Palette;
  /** Where this conversation was left; read when it comes on screen. */
  @property({ attribute: false }) scrollMark: ScrollMark | undefined;
  requests!: PanelRequests;
  media = "";
  locale = "";

  @state() private isAtEnd = true;
  /** Messages of others that came while the end was out of sight. */
  @state() private missed = 0;
  @state() private spoken = "";
  @state() private isLoading = false;
  /** The items that are drawn. */
  @state() private range: ItemRange = { start: 0, end: 0 };
  /** The key of the row the keyboard is in; undefined: the last. */
  @state() private activeKey: string | undefined;

  @query(".scroller") private readonly scroller!: HTMLElement;
  @query(".content") private readonly content!: HTMLElement;

  private keeper: ScrollKeeper | undefined;
  private items: readonly TimelineItem[] = [];
  private people: ReadonlyMap<string, PersonView> = new Map();
  private roles: ReadonlyMap<string, ConversationView["members"][number]["role"]> = new Map();
  private isSwitch = false;
  private readonly reads = new ReadReporter(this, () => {
    const row = this.conversation.rows.at(-1)?.id;
    return row === undefined || !this.isAtEnd
      ? undefined
      : { conversation: this.conversation.id, row };
  });
  private askedBefore: string | undefined;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.saveTimer);
    this.keeper?.dispose();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("conversation") as ConversationView | undefined;
    this.isSwitch = changed.has("conversation") && before?.id !== this.conversation.id;
    if (this.isSwitch) this.reset(before?.id);
    if (changed.has("conversation")) {
      this.readPeople(before);
      if (!this.isSwitch && before !== undefined) this.takeArrivals(before);
    }
    if (changed.has("conversation") || changed.has("settings")) this.readItems();
    if (!this.isSwitch && movesRows(changed)) this.keeper?.hold();
  }

  protected override updated(changed: PropertyValues): void {
    this.keeper ??= new ScrollKeeper(this.scroller, this.content);
    this.keeper.hasEnd = this.range.end === this.items.length;
    if (movesRows(changed)) void this.settle(this.isSwitch);
  }

  private readItems(): void {
    const items = timeline(this.conversation.rows, {
      showJoinLeave: this.settings.showJoinLeave,
      unreadFrom: this.conversation.unreadFrom,
    });
    if (this.isSwitch) this.range = this.startRange(items);
    else if (this.keeper?.isAtEnd === true) this.range = lastItems(items.length);
    else this.range = sameItems(this.range, this.items, items);
    this.items = items;
  }

  /** Where the conversation was left, else what is unread, else the end. */
  private startRange(items: readonly TimelineItem[]): ItemRange {
    const { scrollMark } = this;
    const index =
      scrollMark === undefined
        ? items.findIndex(({ kind }) => kind === "unread")
        : items.findIndex((item) => rowIdOf(item) === scrollMark.row);
    const last = lastItems(items.length);
    return index === -1 || index >= last.start ? last : itemsAround(index, items.length);
  }

  /** Rows draw themselves after the list has; where they stand is known only then, still before it is painted. */
  private async settle(isSwitch: boolean): Promise<void> {
    const rows = this.content.querySelectorAll<LitElement>("[data-row]");
    await rows[rows.length - 1]?.updateComplete;
    if (isSwitch) this.showStart();
    else this.keeper?.release();
    this.afterScroll();
    this.reads.report();
  }

  private reset(previousId: string | undefined): void {
    if (previousId !== undefined) this.saveScroll(previousId);
    this.missed = 0;
    this.spoken = "";
    this.activeKey = undefined;
    this.reads.forget();
    this.askedBefore = undefined;
    this.isLoading = false;
  }

  /** Keeps the objects of people who did not change: a new one draws all their rows again. */
  private readPeople(before: ConversationView | undefined): void {
    const { people, members } = this.conversation;
    if (before?.people !== people) {
      const known = this.people;
      this.people = new Map(
        people.map((person) => [person.key, keepPerson(known.get(person.key), person)]),
      );
    }
    if (before?.members !== members) this.roles = new Map(members.map((m) => [m.key, m.role]));
  }

  private takeArrivals(before: ConversationView): void {
    const came = arrivals(before.rows, this.conversation.rows);
    const last = came.at(-1);
    // Who sends wants to see it.
    if (last?.kind === "message" && last.own) this.keeper?.toEnd();
    const news = fromOthers(came);
    if (news.length === 0) return;
    this.spoken = announcement(news);
    if (!this.isAtEnd) this.missed += news.length;
  }

  /** A conversation comes on screen: where it was left, else at what is unread, else at the end. */
  private showStart(): void {
    const keeper = this.keeper;
    if (keeper === undefined) return;
    if (this.scrollMark !== undefined && keeper.restore(this.scrollMark)) return;
    keeper.toEnd();
    const mark = this.content.querySelector<HTMLElement>(".unread");
    if (mark !== null && (mark.offsetTop < this.scroller.scrollTop || !keeper.hasEnd)) {
      keeper.showAt(mark, UNREAD_OFFSET_PX);
    }
  }

  private readonly onScroll = (): void => {
    this.keeper?.scrolled();
    this.afterScroll();
    this.reads.report();
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => {
      this.saveScroll(this.conversation.id);
    }, SAVE_SCROLL_MS);
  };

  private afterScroll(): void {
    this.isAtEnd = this.keeper?.isAtEnd ?? true;
    if (this.isAtEnd) this.missed = 0;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // A page that is not laid out (hidden) would ask for everything.
    if (clientHeight === 0) return;
    if (scrollTop < NEAR_PX) {
      if (this.range.start > 0) this.range = earlierItems(this.range);
      else void this.loadOlder();
    } else if (
      scrollHeight - scrollTop - clientHeight < NEAR_PX &&
      this.range.end < this.items.length
    ) {
      this.range = laterItems(this.range, this.items.length);
    }
  }

  private saveScroll(id: string): void {
    const mark = this.keeper?.mark();
    emit(this, "panel-save", (saved) => rememberScroll(saved, id, mark));
  }

  /** Asks once for each first row: a host that has none after all is not asked for ever. */
  private async loadOlder(): Promise<void> {
    const { id, rows } = this.conversation;
    const [gap, first] = rows;
    if (gap?.kind !== "gap" || this.isLoading || this.askedBefore === (first?.id ?? "")) return;
    this.askedBefore = first?.id ?? "";
    this.isLoading = true;
    try {
      await this.requests.loadGap({ conversation: id, row: gap.id, side: "after" });
    } catch {
      // The button under the finger is the way to try again; the host has said why in its log.
    } finally {
      this.isLoading = false;
    }
  }

  private readonly loadOlderNow = (): void => {
    this.askedBefore = undefined;
    void this.loadOlder();
  };

  private readonly goToEnd = (): void => {
    this.range = lastItems(this.items.length);
    // Followed when they are drawn.
    if (this.keeper) this.keeper.isAtEnd = true;
    this.requestUpdate("range");
    emit(this, "panel-focus-composer", undefined);
  };

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const keys = this.items.filter(isRowItem);
    const current = keys.findIndex(({ key }) => key === this.currentKey());
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: Math.max(current - 1, 0),
      ArrowDown: Math.min(current + 1, keys.length - 1),
      Home: 0,
      End: keys.length - 1,
    };
    if (event.key === "Escape") {
      emit(this, "panel-focus-composer", undefined);
      return;
    }
    const target = keys[targets[event.key] ?? -1];
    if (target === undefined) return;
    event.preventDefault();
    void this.moveTo(target.key);
  };

  private async moveTo(key: string): Promise<void> {
    this.activeKey = key;
    const index = this.items.findIndex((item) => item.key === key);
    if (index < this.range.start || index >= this.range.end) {
      this.range = itemsAround(index, this.items.length);
      if (this.keeper) this.keeper.isAtEnd = false;
    }
    await this.updateComplete;
    const element = this.content.querySelector<LitElement>(`[data-key="${CSS.escape(key)}"]`);
    await element?.updateComplete;
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  /** A click, or Tab into a row, makes it the one the arrow keys start from. */
  private readonly onFocusIn = (event: FocusEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>("[data-key]");
    if (row?.dataset.key !== undefined) this.activeKey = row.dataset.key;
  };

  private currentKey(): string | undefined {
    const shown = this.items.slice(this.range.start, this.range.end).filter(isRowItem);
    const active = shown.find(({ key }) => key === this.activeKey) ?? shown.at(-1);
    return active?.key;
  }

  protected override render(): TemplateResult {
    const { conversation, items, range } = this;
    const current = this.currentKey();
    // A log is live by its role, but older rows must not be read out: the region below speaks for the new ones.
    return html`<div
        class="scroller"
        role="log"
        aria-label=${cleanLine(conversation.name)}
        aria-live="off"
        @scroll=${this.onScroll}
        @keydown=${this.onKeyDown}
        @focusin=${this.onFocusIn}
      >
        <div class="content">
          ${this.beginning()}
          ${repeat(
            items.slice(range.start, range.end),
            ({ key }) => key,
            (item) => this.itemView(item, item.key === current),
          )}
        </div>
      </div>
      ${this.isAtEnd ? nothing : this.pill()}
      <div class="unseen" aria-live="polite">${this.spoken}</div>`;
  }

  private beginning(): TemplateResult | typeof nothing {
    const { rows } = this.conversation;
    if (this.isLoading) {
      return html`<div class="beginning">
        <vscode-progress-ring
          class="ring"
          aria-label=${t("Loading older messages")}
        ></vscode-progress-ring>
      </div>`;
    }
    if (rows[0]?.kind !== "gap" || this.range.start > 0) return nothing;
    return html`<div class="beginning">
      <button class="flat muted" @click=${this.loadOlderNow}>${t("Load older messages")}</button>
    </div>`;
  }

  private itemView(item: TimelineItem, active: boolean): TemplateResult {
    const { palette, locale, media } = this;
    const { timeFormat } = this.settings;
    switch (item.kind) {
      case "day": {
        const name = dayName(item.time, Date.now(), locale);
        return html`<div class="day" role="separator" aria-label=${name}>
          <span>${name}</span>
        </div>`;
      }
      case "unread":
        return html`<div class="unread" role="separator" aria-label=${t("New messages")}>
          <span>${t("New")}</span>
        </div>`;
      case "message":
        return html`<message-row
          data-row=${item.row.id}
          data-key=${item.key}
          .media=${media}
          .locale=${locale}
          .conversation=${this.conversation.id}
          .row=${item.row}
          .person=${this.personOf(item.row)}
          .memberRole=${item.head ? this.roles.get(item.row.from) : undefined}
          .palette=${palette}
          .timeFormat=${timeFormat}
          ?head=${item.head}
          ?active=${active}
        ></message-row>`;
      case "event":
        return html`<event-row
          data-row=${item.row.id}
          data-key=${item.key}
          .locale=${locale}
          .row=${item.row}
          .nickColor=${this.eventColor(item.row)}
          .timeFormat=${timeFormat}
          ?active=${active}
        ></event-row>`;
      case "condensed":
        return html`<condensed-events
          data-row=${item.rows[0]?.id ?? ""}
          data-key=${item.key}
          .locale=${locale}
          .rows=${item.rows}
          .colorOf=${this.eventColor}
          .timeFormat=${timeFormat}
          ?active=${active}
        ></condensed-events>`;
    }
  }

  private pill(): TemplateResult {
    const { missed } = this;
    const words = missed === 1 ? t("1 new message") : t("{0} new messages", missed);
    return html`<button
      class="pill ${missed > 0 ? "news" : ""}"
      title=${t("Go to the newest message")}
      aria-label=${missed > 0 ? words : t("Go to the newest message")}
      @click=${this.goToEnd}
    >
      ${icon("arrow-down")}${missed > 0 ? html`<span>${words}</span>` : nothing}
    </button>`;
  }

  private personOf({ from, nick }: { from: string; nick: string }): PersonView {
    return this.people.get(from) ?? personFromNick(from, nick);
  }

  private readonly eventColor = ({ from, nick }: EventRow): string =>
    from === undefined || nick === undefined
      ? ""
      : this.palette.colorsOf(this.personOf({ from, nick })).nick;
}

declare global {
  interface HTMLElementTagNameMap {
    "message-list": MessageList;
  }
}
