import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationView, EventRow, PanelSettings, PersonView } from "../../bridge/view.js";
import { announcement, arrivals, fromOthers } from "../arrivals.js";
import { avatarStyles, baseStyles } from "../styles.js";
import { GapLoader } from "../gap-loader.js";
import { icon } from "../icons.js";
import {
  amountOf,
  BARRIER,
  itemsAround,
  lastItems,
  rangeFor,
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
import { isRowItem, rowIdOf, timeline, timeOf, weightOf, type TimelineItem } from "../timeline.js";
import { dayName } from "../times.js";
import { emit, wish, type PanelRequests } from "../wishes.js";
import { CondensedEventsElement, condensedEventsStyles } from "./condensed-events.js";
import { eventRowStyles } from "./event-row.js";
import { messageListStyles } from "./message-list-styles.js";
import { messageRowStyles } from "./message-row.js";
import "./event-row.js";
import "./message-row.js";

/** How far below the upper edge the unread mark comes to stand. */
const UNREAD_OFFSET_PX = 48;
/** So long after the last movement scrolling has ended. */
const SCROLL_END_MS = 200;
const FLOATING_DAY_MS = 1500;

function movesRows(changed: PropertyValues): boolean {
  return ["conversation", "settings", "range", "openRuns"].some((name) => changed.has(name));
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
  /** How many messages of the conversation are unread. */
  @property({ type: Number }) unread = 0;
  /** Whether missing rows can be asked for. */
  @property({ type: Boolean }) online = false;
  /** Where this conversation was left; read when it comes on screen. */
  @property({ attribute: false }) scrollMark: ScrollMark | undefined;
  requests!: PanelRequests;
  media = "";
  locale = "";

  @state() private isAtEnd = true;
  @state() private spoken = "";
  /** The items that are drawn. */
  @state() private range: ItemRange = { start: 0, end: 0 };
  /** The key of the row the keyboard is in; undefined: the last. */
  @state() private activeKey: string | undefined;
  /** The ids of the events that stand in an open fold. */
  @state() private openRuns: ReadonlySet<string> = new Set();
  /** The day of the first row on screen, while someone scrolls. */
  @state() private floatingDay: string | undefined;

  @query(".scroller") private readonly scroller!: HTMLElement;
  @query(".items") private readonly list!: HTMLElement;

  private keeper: ScrollKeeper | undefined;
  private items: readonly TimelineItem[] = [];
  private weights: readonly number[] = [];
  private people: ReadonlyMap<string, PersonView> = new Map();
  private roles: ReadonlyMap<string, ConversationView["members"][number]["role"]> = new Map();
  private isSwitch = false;
  /** The keyboard goes to the last row as soon as it is there. */
  private wantsLastRow = false;
  private placed = "";
  private readonly gaps = new GapLoader(this, () => this.items);
  private readonly reads = new ReadReporter(this, () => {
    const row = this.conversation.rows.at(-1)?.id;
    return row === undefined || !this.isAtEnd
      ? undefined
      : { conversation: this.conversation.id, row };
  });
  private scrollTimer: ReturnType<typeof setTimeout> | undefined;
  private dayTimer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.scrollTimer);
    clearTimeout(this.dayTimer);
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
    if (changed.has("online") && this.online) this.gaps.forget();
    this.keepKeyboard();
  }

  protected override updated(changed: PropertyValues): void {
    this.keeper ??= new ScrollKeeper(this.scroller, this.list, this.afterMove);
    this.keeper.hasEnd = this.range.end === this.items.length && this.items.at(-1)?.kind !== "gap";
    if (movesRows(changed)) void this.settle(this.isSwitch, changed.has("openRuns"));
    else this.afterMove();
  }

  private readItems(): void {
    const items = timeline(this.conversation.rows, {
      showJoinLeave: this.settings.showJoinLeave,
      unreadFrom: this.conversation.unreadFrom,
    });
    const before = this.items;
    const screen = amountOf(this.visibleItems(), this.weights);
    this.items = items;
    this.weights = this.weigh(items);
    if (this.isSwitch) this.range = this.startRange();
    else if (this.keeper?.isAtEnd === true) this.range = lastItems(this.weights, screen);
    else this.range = sameItems(this.range, before, items) ?? lastItems(this.weights, screen);
  }

  /** Where the conversation was left, else what is unread, else the end. */
  private weigh(items: readonly TimelineItem[]): readonly number[] {
    return items.map((item) => (this.isLoading(item) ? BARRIER : weightOf(item)));
  }

  private isLoading({ kind, key }: TimelineItem): boolean {
    return kind === "gap" && this.online && !this.gaps.hasFailed(key);
  }

  private startRange(): ItemRange {
    const { scrollMark, items, weights } = this;
    const left =
      scrollMark === undefined ? -1 : items.findIndex((item) => rowIdOf(item) === scrollMark.row);
    const index = left === -1 ? items.findIndex(({ kind }) => kind === "unread") : left;
    const last = lastItems(weights);
    return index === -1 || index >= last.start ? last : itemsAround(index, weights);
  }

  /** Rows draw themselves after the list has; where they stand is known only then, still before it is painted. */
  private async settle(isSwitch: boolean, isFolding: boolean): Promise<void> {
    // Events stand in folds: they are there when those are drawn.
    for (const rows of ["[data-row]", "event-row"]) {
      const pending = [...this.list.querySelectorAll<LitElement>(rows)].filter(
        (row) => row.isUpdatePending,
      );
      await Promise.all(pending.map((row) => row.updateComplete));
    }
    if (isSwitch) this.showStart();
    else if (isFolding && this.keeper?.isAtEnd === false) this.keeper.stay();
    else this.keeper?.keep();
    this.afterMove();
    if (this.wantsLastRow && this.isAtEnd) {
      this.wantsLastRow = false;
      const last = this.items.findLast(isRowItem);
      if (last !== undefined) void this.moveTo(last.key);
    }
  }

  private reset(previousId: string | undefined): void {
    if (previousId !== undefined) this.saveScroll(previousId);
    this.spoken = "";
    this.activeKey = undefined;
    this.openRuns = new Set();
    this.floatingDay = undefined;
    this.wantsLastRow = false;
    this.placed = "";
    this.reads.forget();
    this.gaps.forget();
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
    if (last?.kind === "message" && last.own) this.keeper?.follow();
    const news = fromOthers(came);
    if (news.length > 0) this.spoken = announcement(news);
  }

  /** A conversation comes on screen: where it was left, else at what is unread, else at the end. */
  private showStart(): void {
    const keeper = this.keeper;
    if (keeper === undefined) return;
    if (this.scrollMark !== undefined && keeper.restore(this.scrollMark)) return;
    keeper.follow();
    keeper.keep();
    const mark = this.list.querySelector<HTMLElement>(".unread");
    if (mark !== null && (mark.offsetTop < this.scroller.scrollTop || !keeper.hasEnd)) {
      keeper.showAt(mark, UNREAD_OFFSET_PX);
    }
  }

  private readonly onScroll = (): void => {
    const isPersons = this.keeper?.keep() === true;
    this.afterMove();
    if (isPersons) this.floatDay();
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => {
      this.saveScroll(this.conversation.id);
      this.report();
    }, SCROLL_END_MS);
  };

  /** The list stands somewhere else, or other rows are on screen. */
  private readonly afterMove = (): void => {
    const { keeper, range, items } = this;
    // A page that is not laid out (hidden) would ask for everything.
    if (keeper === undefined || this.scroller.clientHeight === 0) return;
    // A gap that could not be loaded, or not now, is passed.
    this.weights = this.weigh(items);
    this.isAtEnd = keeper.isAtEnd && keeper.hasEnd;
    const visible = this.visibleItems();
    const next = rangeFor(visible, range, this.weights);
    if (next !== range) {
      this.range = next;
      this.report();
    }
    if (this.isAtEnd) this.report();
    if (this.online) this.gaps.loadNear(visible, this.conversation, this.requests);
    this.reads.report();
  };

  private visibleItems(): ItemRange {
    const { start = 0, end = 0 } = this.keeper?.visible ?? {};
    return { start: this.range.start + start, end: this.range.start + end };
  }

  /** Tells the host where the list stands. */
  private report(): void {
    const { isAtEnd, conversation } = this;
    const row = this.keeper?.mark()?.row ?? "";
    const placed = isAtEnd ? "end" : row;
    if (placed === this.placed || (row === "" && !isAtEnd)) return;
    this.placed = placed;
    wish(this, { type: "placed", conversation: conversation.id, row, isAtEnd });
  }

  private saveScroll(id: string): void {
    const mark = this.keeper?.mark();
    emit(this, "panel-save", (saved) => rememberScroll(saved, id, mark));
  }

  /** Someone scrolls: the day they are at floats above the list. */
  private floatDay(): void {
    clearTimeout(this.dayTimer);
    this.dayTimer = setTimeout(() => (this.floatingDay = undefined), FLOATING_DAY_MS);
    const { start } = this.visibleItems();
    const [first] = this.items.slice(start);
    const shown = this.items.slice(start).find((item) => timeOf(item) !== undefined);
    const time = shown === undefined ? undefined : timeOf(shown);
    // A day line at the top says it already.
    this.floatingDay =
      time === undefined || first?.kind === "day"
        ? undefined
        : dayName(time, Date.now(), this.locale);
  }

  private readonly goToEnd = (): void => {
    this.keeper?.follow();
    // Followed when they are drawn; the host may have to send them first.
    this.range = lastItems(this.weights, amountOf(this.visibleItems(), this.weights));
    this.placed = "end";
    wish(this, { type: "placed", conversation: this.conversation.id, row: "", isAtEnd: true });
    this.requestUpdate("range");
  };

  private readonly onPill = (): void => {
    this.goToEnd();
    emit(this, "panel-focus-composer", undefined);
  };

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Escape") {
      emit(this, "panel-focus-composer", undefined);
      return;
    }
    if (event.key === "End" && this.items.at(-1)?.kind === "gap") {
      event.preventDefault();
      this.wantsLastRow = true;
      this.goToEnd();
      return;
    }
    const target = this.keyTarget(event.key);
    if (target === undefined) return;
    event.preventDefault();
    void this.moveTo(target);
  };

  /** The row a key leads to from the current one. */
  private keyTarget(key: string): string | undefined {
    const rows = this.items.filter(isRowItem);
    const current = rows.findIndex((item) => item.key === this.currentKey());
    const { start, end } = this.visibleItems();
    const page = Math.max(1, this.items.slice(start, end).filter(isRowItem).length - 1);
    const last = rows.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: Math.max(current - 1, 0),
      ArrowDown: Math.min(current + 1, last),
      PageUp: Math.max(current - page, 0),
      PageDown: Math.min(current + page, last),
      Home: 0,
      End: last,
    };
    return rows[targets[key] ?? -1]?.key;
  }

  private async moveTo(key: string): Promise<void> {
    this.activeKey = key;
    const index = this.items.findIndex((item) => item.key === key);
    if (this.keeper && index < this.items.length - 1) this.keeper.isAtEnd = false;
    if (index < this.range.start || index >= this.range.end) {
      this.range = itemsAround(index, this.weights);
    }
    await this.updateComplete;
    const element = this.list.querySelector<LitElement>(`[data-key="${CSS.escape(key)}"]`);
    await element?.updateComplete;
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
    this.keeper?.keep();
    this.afterMove();
  }

  /** The keyboard does not go with a row that leaves the page: from the list itself it goes on. */
  private keepKeyboard(): void {
    const focused = this.shadowRoot?.activeElement?.closest<HTMLElement>("[data-key]");
    const key = focused?.dataset.key;
    if (key === undefined) return;
    const { start, end } = this.range;
    if (!this.items.slice(start, end).some((item) => item.key === key)) {
      this.scroller.focus({ preventScroll: true });
    }
  }

  /** A click, or Tab into a row, makes it the one the arrow keys start from. */
  private readonly onFocusIn = (event: FocusEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>("[data-key]");
    if (row?.dataset.key !== undefined) this.activeKey = row.dataset.key;
  };

  private currentKey(): string | undefined {
    const shown = this.items.slice(this.range.start, this.range.end).filter(isRowItem);
    const active = shown.find(({ key }) => key === this.activeKey);
    if (active !== undefined) return active.key;
    // At the end it is the newest row, also before that has been laid out.
    if (this.keeper?.isAtEnd === true) return shown.at(-1)?.key;
    const { start, end } = this.visibleItems();
    return (this.items.slice(start, end).findLast(isRowItem) ?? shown.at(-1))?.key;
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
        tabindex="-1"
        @scroll=${this.onScroll}
        @keydown=${this.onKeyDown}
        @focusin=${this.onFocusIn}
      >
        <div class="content">
          ${this.beginning()}
          <div class="items">
            ${repeat(
              items.slice(range.start, range.end),
              ({ key }) => key,
              (item) => this.itemView(item, item.key === current),
            )}
          </div>
        </div>
      </div>
      ${
        this.floatingDay === undefined
          ? nothing
          : html`<div class="floating" aria-hidden="true"><span>${this.floatingDay}</span></div>`
      }
      ${this.isAtEnd ? nothing : this.pill()}
      <div class="unseen" aria-live="polite">${this.spoken}</div>`;
  }

  private beginning(): TemplateResult | typeof nothing {
    const { startsAtBeginning, kind, name } = this.conversation;
    if (!startsAtBeginning || this.range.start > 0) return nothing;
    const words =
      kind === "direct"
        ? t("This is the beginning of your conversation with {0}.", cleanLine(name))
        : t("This is the beginning of {0}.", cleanLine(name));
    return html`<div class="beginning muted">${words}</div>`;
  }

  private gapView(gap: string): TemplateResult {
    if (this.gaps.hasFailed(gap)) {
      return html`<div class="gap" role="note">
        <span class="muted">${t("Some messages could not be loaded.")}</span>
        <button
          class="flat link"
          @click=${() => {
            this.gaps.retry(gap, this.conversation, this.requests);
          }}
        >
          ${t("Try Again")}
        </button>
      </div>`;
    }
    return this.online
      ? html`<div class="gap" role="note" aria-label=${t("Loading messages")}>
          <vscode-progress-ring class="ring" aria-hidden="true"></vscode-progress-ring>
        </div>`
      : html`<div class="gap muted" role="note">
          ${t("More messages load when you are connected.")}
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
      case "gap":
        return this.gapView(item.key);
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
          ?open=${item.rows.some(({ id }) => this.openRuns.has(id))}
          .colorOf=${this.eventColor}
          .timeFormat=${timeFormat}
          ?active=${active}
          @toggle-run=${this.onToggleRun}
        ></condensed-events>`;
    }
  }

  private pill(): TemplateResult {
    const { unread } = this;
    const words = unread === 1 ? t("1 new message") : t("{0} new messages", unread);
    return html`<button
      class="pill ${unread > 0 ? "news" : ""}"
      title=${t("Go to the newest message")}
      aria-label=${unread > 0 ? words : t("Go to the newest message")}
      @click=${this.onPill}
    >
      ${icon("arrow-down")}${unread > 0 ? html`<span>${words}</span>` : nothing}
    </button>`;
  }

  private readonly onToggleRun = ({ target }: Event): void => {
    if (!(target instanceof CondensedEventsElement)) return;
    const { rows, open } = target;
    const runs = new Set(this.openRuns);
    for (const { id } of rows) {
      if (open) runs.delete(id);
      else runs.add(id);
    }
    this.openRuns = runs;
  };

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
