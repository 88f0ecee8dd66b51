// The keyboard in the list: which row it is in, and where a key leads.
import type { LitElement } from "lit";
import { isRowItem, type RowItem, type TimelineItem } from "./timeline.js";

/** Up or down. */
type Direction = -1 | 1;

/** So much of a message higher than the screen comes with an arrow key. */
const STEP_PX = 40;
/** What stays on screen when a page is turned. */
const OVERLAP_PX = 40;
/** So often Home goes on to what has been loaded before the first row. */
const MAX_LOADS = 50;

/** The list as far as the keyboard goes through it. */
export interface NavigableList {
  readonly scroller: HTMLElement;
  readonly updateComplete: Promise<boolean>;
  /** All items, and those in the page. */
  allItems(): readonly TimelineItem[];
  shownItems(): readonly TimelineItem[];
  /** The elements on screen. */
  onScreen(): readonly HTMLElement[];
  isAtEnd(): boolean;
  elementOf(key: string): LitElement | null;
  /** Draws the item at `index` where it is not. */
  reach(index: number): void;
  /** Goes to the newest message, which the host may have to send first. */
  goToEnd(): void;
  /** The keyboard leaves the end: what comes is not followed. */
  leaveEnd(): void;
  /** The place is where the list is now, whatever has been drawn above it. */
  stay(): void;
  /** The list was scrolled. */
  moved(): void;
  requestUpdate(): void;
}

export class RowNavigation {
  /** The key of the row the keyboard is in; undefined: the last. */
  private activeKey: string | undefined;
  /** The keyboard goes to the last row as soon as it is there. */
  private wantsLastRow = false;
  /** How often the keyboard still goes on to the first row as earlier ones are loaded. */
  private loadsLeft = 0;

  constructor(private readonly list: NavigableList) {}

  /** Another conversation is on screen. */
  forget(): void {
    this.activeKey = undefined;
    this.wantsLastRow = false;
    this.loadsLeft = 0;
  }

  /** The person has scrolled: where the keyboard was going is not where they want to be. */
  stop(): void {
    this.loadsLeft = 0;
  }

  /** The row that Tab leads to. */
  current(): string | undefined {
    const shown = this.list.shownItems().filter(isRowItem);
    const active = shown.find(({ key }) => key === this.activeKey);
    if (active !== undefined) return active.key;
    // At the end it is the newest row, also before that has been laid out.
    const onScreen = this.list.isAtEnd()
      ? []
      : rowsOf(this.list.onScreen()).map(({ dataset }) => dataset.key);
    const last = shown.findLast(({ key }) => onScreen.includes(key)) ?? shown.at(-1);
    return last?.key;
  }

  /** A click, or Tab into a row, makes it the one the arrow keys start from. */
  readonly onFocusIn = (event: FocusEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>("[data-key]");
    if (row?.dataset.key === undefined) return;
    if (row.dataset.key !== this.activeKey) this.stop();
    this.activate(row.dataset.key);
  };

  /** Returns whether the key is one of the list's. */
  press(key: string): boolean {
    this.stop();
    switch (key) {
      case "ArrowUp":
        this.step(-1);
        return true;
      case "ArrowDown":
        this.step(1);
        return true;
      case "PageUp":
        this.turnPage(-1);
        return true;
      case "PageDown":
        this.turnPage(1);
        return true;
      case "Home":
        this.loadsLeft = MAX_LOADS;
        this.goTo(this.rows()[0]);
        return true;
      case "End":
        this.goToLast();
        return true;
      default:
        return false;
    }
  }

  /** The list has drawn other rows, and stands where it should. */
  settled(): void {
    this.goOnToFirst();
    if (!this.wantsLastRow || !this.list.isAtEnd()) return;
    this.wantsLastRow = false;
    this.goTo(this.rows().at(-1));
  }

  /** Before what was the first row others have been loaded: the beginning is further up. */
  private goOnToFirst(): void {
    const [first] = this.rows();
    if (this.loadsLeft === 0 || first === undefined || first.key === this.activeKey) return;
    this.loadsLeft--;
    this.goTo(first);
  }

  /** The keyboard does not go with a row that leaves the page: from the list itself it goes on. */
  keepFocus(focused: Element | null | undefined): void {
    const key = focused?.closest<HTMLElement>("[data-key]")?.dataset.key;
    if (key === undefined || this.list.shownItems().some((item) => item.key === key)) return;
    this.list.scroller.focus({ preventScroll: true });
  }

  private rows(): readonly RowItem[] {
    return this.list.allItems().filter(isRowItem);
  }

  /** To the next row; through the one the keyboard is in first where that is higher than the screen. */
  private step(direction: Direction): void {
    const key = this.current();
    const element = key === undefined ? null : this.list.elementOf(key);
    if (key !== undefined && element !== null && this.scrollThrough(element, direction)) {
      this.focus(key, element);
      return;
    }
    const rows = this.rows();
    const index = rows.findIndex((row) => row.key === key) + direction;
    this.goTo(rows[Math.min(Math.max(index, 0), rows.length - 1)]);
  }

  private scrollThrough(element: Element, direction: Direction): boolean {
    const { scroller } = this.list;
    const screen = scroller.getBoundingClientRect();
    const { top, bottom, height } = element.getBoundingClientRect();
    const isOnScreen = top < screen.bottom && bottom > screen.top;
    const beyond = direction < 0 ? screen.top - top : bottom - screen.bottom;
    if (height <= screen.height || !isOnScreen || beyond < 1) return false;
    this.scroll(direction * Math.min(beyond, STEP_PX));
    return true;
  }

  /** A screen further, whatever stands there; the keyboard goes to the row at the edge it came from. */
  private turnPage(direction: Direction): void {
    this.scroll(direction * Math.max(this.list.scroller.clientHeight - OVERLAP_PX, STEP_PX));
    const { top, bottom } = this.list.scroller.getBoundingClientRect();
    const rows = rowsOf(this.list.onScreen());
    const whole = rows.filter((row) => {
      const rect = row.getBoundingClientRect();
      return rect.top >= top - 1 && rect.bottom <= bottom + 1;
    });
    const place = direction < 0 ? 0 : -1;
    const row = whole.at(place) ?? rows.at(place);
    const key = row?.dataset.key;
    if (key !== undefined) this.focus(key, this.list.elementOf(key));
  }

  private goToLast(): void {
    if (this.list.allItems().at(-1)?.kind !== "gap") this.goTo(this.rows().at(-1));
    else {
      this.wantsLastRow = true;
      this.list.goToEnd();
    }
  }

  private goTo(row: RowItem | undefined): void {
    if (row !== undefined) void this.moveTo(row.key);
  }

  private async moveTo(key: string): Promise<void> {
    this.activate(key);
    const { list } = this;
    const items = list.allItems();
    const index = items.findIndex((item) => item.key === key);
    if (index < items.length - 1) list.leaveEnd();
    list.reach(index);
    await list.updateComplete;
    const element = list.elementOf(key);
    await element?.updateComplete;
    this.focus(key, element);
    // What stands above the first row is the beginning.
    if (items.slice(0, index).some(isRowItem)) element?.scrollIntoView({ block: "nearest" });
    else {
      list.scroller.scrollTop = 0;
      list.stay();
    }
    list.moved();
  }

  private scroll(pixels: number): void {
    this.list.scroller.scrollTop += pixels;
    this.list.moved();
  }

  private focus(key: string, element: HTMLElement | null): void {
    this.activate(key);
    element?.focus({ preventScroll: true });
  }

  private activate(key: string): void {
    if (key === this.activeKey) return;
    this.activeKey = key;
    this.list.requestUpdate();
  }
}

function rowsOf(elements: readonly HTMLElement[]): HTMLElement[] {
  return elements.filter(({ dataset }) => dataset.row !== undefined);
}
