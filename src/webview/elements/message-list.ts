import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationView, EventRow, PanelSettings } from "../../bridge/view.js";
import { announcement, arrivals, fromOthers } from "../arrivals.js";
import { avatarStyles, baseStyles } from "../styles.js";
import { GapLoader } from "../gap-loader.js";
import { FloatingDay } from "../floating-day.js";
import { icon } from "../icons.js";
import type { ItemRange } from "../item-range.js";
import { ItemWindow } from "../item-window.js";
import { t } from "../l10n.js";
import { markdownStyles } from "../markdown-view.js";
import { People } from "../people.js";
import { ReadReporter } from "../read-reporter.js";
import { RowNavigation, type NavigableList } from "../row-navigation.js";
import { ScrollKeeper } from "../scroll-keeper.js";
import { rememberScroll, type ScrollMark } from "../store.js";
import { cleanLine } from "../../bridge/text.js";
import type { Palette } from "../theme.js";
import { timeline, type TimelineItem } from "../timeline.js";
import { dayName } from "../times.js";
import { emit, wish, type PanelRequests } from "../wishes.js";
import { CondensedEventsElement, condensedEventsStyles } from "./condensed-events.js";
import { eventRowStyles } from "./event-row.js";
import type { GapState } from "./history-gap.js";
import { messageListStyles } from "./message-list-styles.js";
import { messageRowStyles } from "./message-row.js";
import "./event-row.js";
import "./history-gap.js";
import "./message-row.js";

/** How far below the upper edge the unread mark comes to stand. */
const UNREAD_OFFSET_PX = 48;
/** So long after the last movement scrolling has ended. */
const SCROLL_END_MS = 200;

function movesRows(changed: PropertyValues): boolean {
  return ["conversation", "settings", "openRuns"].some((name) => changed.has(name));
}

/** The rows of one conversation, oldest first. */
@customElement("message-list")
export class MessageList extends LitElement implements NavigableList {
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
  @property({ type: Boolean }) online = false;
  /** Where this conversation was left; read when it comes on screen. */
  @property({ attribute: false }) scrollMark: ScrollMark | undefined;
  requests!: PanelRequests;
  media = "";
  locale = "";

  /** Whether the newest message is on screen. */
  @state() private isEnd = true;
  @state() private spoken = "";
  /** The ids of the events that stand in an open fold. */
  @state() private openRuns: ReadonlySet<string> = new Set();
  @query(".scroller") readonly scroller!: HTMLElement;
  @query(".items") private readonly list!: HTMLElement;

  private keeper: ScrollKeeper | undefined;
  private readonly rows = new ItemWindow((item) => this.isLoading(item));
  private readonly keyboard = new RowNavigation(this);
  private readonly day = new FloatingDay(this);
  private readonly people = new People();
  private isSwitch = false;
  private couldLoad = false;
  private placed = "";
  private readonly gaps = new GapLoader(this, () => this.rows.items);
  private readonly reads = new ReadReporter(this, () => {
    const row = this.conversation.rows.at(-1)?.id;
    return row === undefined || !this.isEnd
      ? undefined
      : { conversation: this.conversation.id, row };
  });
  private scrollTimer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.scrollTimer);
    this.keeper?.dispose();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("conversation") as ConversationView | undefined;
    this.isSwitch = changed.has("conversation") && before?.id !== this.conversation.id;
    if (this.isSwitch) this.reset(before?.id);
    if (changed.has("conversation")) {
      this.people.read(this.conversation, before);
      if (!this.isSwitch && before !== undefined) this.takeArrivals(before);
    }
    if (changed.has("conversation") || changed.has("settings")) this.readItems();
    const couldLoad = this.couldLoad;
    this.couldLoad = this.canLoad;
    if (this.canLoad && !couldLoad) this.gaps.forget();
    this.keyboard.keepFocus(this.shadowRoot?.activeElement);
  }

  protected override updated(changed: PropertyValues): void {
    this.keeper ??= new ScrollKeeper(this.scroller, this.list, this.afterMove);
    const hasOthers = this.rows.markDrawn();
    this.keeper.hasEnd = this.rows.hasEnd;
    if (hasOthers || movesRows(changed)) void this.settle(this.isSwitch, changed.has("openRuns"));
    else this.afterMove();
  }

  private readItems(): void {
    const items = timeline(this.conversation.rows, {
      showJoinLeave: this.settings.showJoinLeave,
      unreadFrom: this.conversation.unreadFrom,
    });
    if (this.isSwitch) this.rows.start(items, this.scrollMark?.row);
    else this.rows.replace(items, this.screen(), this.keeper?.isAtEnd === true);
  }

  /** Whether missing rows can be asked for: a server tells of a channel only who is in it. */
  private get canLoad(): boolean {
    const { kind, canSend } = this.conversation;
    return this.online && (kind !== "channel" || canSend);
  }

  private isLoading({ kind, key }: TimelineItem): boolean {
    return kind === "gap" && this.canLoad && !this.gaps.hasFailed(key);
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
    this.keyboard.settled();
  }

  private reset(previousId: string | undefined): void {
    if (previousId !== undefined) this.saveScroll(previousId);
    this.spoken = "";
    this.keyboard.forget();
    this.openRuns = new Set();
    this.day.hide();
    this.placed = "";
    this.reads.forget();
    this.gaps.forget();
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
    if (isPersons) this.day.show(this.rows.items.slice(this.rows.visible(this.screen()).start));
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => {
      this.saveScroll(this.conversation.id);
      this.report();
    }, SCROLL_END_MS);
  };

  private readonly onPersonsScroll = {
    handleEvent: (): void => {
      this.keyboard.stop();
    },
    passive: true,
  };

  /** The list stands somewhere else, or other rows are on screen. */
  private readonly afterMove = (): void => {
    const { keeper, rows } = this;
    // A page that is not laid out (hidden) would ask for everything.
    if (keeper === undefined || this.scroller.clientHeight === 0) return;
    this.isEnd = keeper.isAtEnd && keeper.hasEnd;
    const visible = rows.visible(this.screen());
    if (rows.follow(this.screen())) {
      this.requestUpdate();
      this.report();
    }
    if (this.isEnd) this.report();
    if (this.canLoad) this.gaps.loadNear(visible, this.conversation, this.requests);
    this.reads.report();
  };

  /** What is on screen of the items that are drawn. */
  private screen(): ItemRange {
    return this.keeper?.visible ?? { start: 0, end: 0 };
  }

  /** Tells the host where the list stands. */
  private report(): void {
    const { isEnd: isAtEnd, conversation } = this;
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

  goToEnd(): void {
    this.keeper?.follow();
    // Followed when they are drawn; the host may have to send them first.
    this.rows.reachEnd(this.screen());
    this.placed = "end";
    wish(this, { type: "placed", conversation: this.conversation.id, row: "", isAtEnd: true });
    this.requestUpdate();
  }

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
    if (this.keyboard.press(event.key)) event.preventDefault();
  };

  // ---- what the keyboard goes through

  allItems(): readonly TimelineItem[] {
    return this.rows.items;
  }

  shownItems(): readonly TimelineItem[] {
    return this.rows.shown;
  }

  onScreen(): readonly HTMLElement[] {
    if (this.keeper === undefined) return [];
    const { start, end } = this.keeper.visible;
    return ([...this.list.children] as HTMLElement[]).slice(start, end);
  }

  isAtEnd(): boolean {
    return this.keeper?.isAtEnd === true && this.keeper.hasEnd;
  }

  elementOf(key: string): LitElement | null {
    return this.list.querySelector<LitElement>(`[data-key="${CSS.escape(key)}"]`);
  }

  reach(index: number): void {
    if (this.rows.reach(index)) this.requestUpdate();
  }

  leaveEnd(): void {
    if (this.keeper) this.keeper.isAtEnd = false;
  }

  stay(): void {
    this.keeper?.stay();
  }

  moved(): void {
    this.keeper?.keep();
    this.afterMove();
  }

  // ---- what is drawn

  protected override render(): TemplateResult {
    const { conversation, day } = this;
    const current = this.keyboard.current();
    // A log is live by its role, but older rows must not be read out: the region below speaks for the new ones.
    return html`<div
        class="scroller"
        role="log"
        @unfold=${this.onUnfold}
        aria-label=${cleanLine(conversation.name)}
        aria-live="off"
        tabindex="-1"
        @scroll=${this.onScroll}
        @wheel=${this.onPersonsScroll}
        @pointerdown=${this.onPersonsScroll}
        @keydown=${this.onKeyDown}
        @focusin=${this.keyboard.onFocusIn}
      >
        <div class="content">
          ${this.beginning()}
          <div class="items">
            ${repeat(
              this.rows.shown,
              ({ key }) => key,
              (item) => this.itemView(item, item.key === current),
            )}
          </div>
        </div>
      </div>
      ${
        day.time === undefined
          ? nothing
          : html`<div class="floating" aria-hidden="true">
              <span>${dayName(day.time, Date.now(), this.locale)}</span>
            </div>`
      }
      ${this.isEnd ? nothing : this.pill()}
      <div class="unseen" aria-live="polite">${this.spoken}</div>`;
  }

  private beginning(): TemplateResult | typeof nothing {
    const { startsAtBeginning, kind, name } = this.conversation;
    if (!startsAtBeginning || this.rows.range.start > 0) return nothing;
    const words =
      kind === "direct"
        ? t("This is the beginning of your conversation with {0}.", cleanLine(name))
        : t("This is the beginning of {0}.", cleanLine(name));
    return html`<div class="beginning muted">${words}</div>`;
  }

  private gapState(gap: string): GapState {
    if (!this.online) return "offline";
    if (!this.canLoad) return "left";
    return this.gaps.hasFailed(gap) ? "failed" : "loading";
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
        return html`<history-gap
          .state=${this.gapState(item.key)}
          @retry-gap=${() => {
            this.gaps.retry(item.key, this.conversation, this.requests);
          }}
        ></history-gap>`;
      case "message":
        return html`<message-row
          data-row=${item.row.id}
          data-key=${item.key}
          .media=${media}
          .locale=${locale}
          .conversation=${this.conversation.id}
          .row=${item.row}
          .person=${this.people.of(item.row)}
          .memberRole=${item.head ? this.people.roleOf(item.row) : undefined}
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

  /** What unfolds grows downwards, also at the end. */
  private readonly onUnfold = (): void => {
    this.leaveEnd();
    this.stay();
  };

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

  private readonly eventColor = ({ from, nick }: EventRow): string =>
    from === undefined || nick === undefined
      ? ""
      : this.palette.colorsOf(this.people.of({ from, nick })).nick;
}

declare global {
  interface HTMLElementTagNameMap {
    "message-list": MessageList;
  }
}
