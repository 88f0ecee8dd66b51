// Where a growing list stands: at its end, or at the rows someone is reading.
import type { ItemRange } from "./item-range.js";
import type { ScrollMark } from "./store.js";
import { firstCharacter, topOfCharacter } from "./text-place.js";

/** This near to the end counts as there. */
const END_PX = 24;

/** So long after the person's last key or turn of the wheel the list may move for it: browsers scroll smoothly. */
const INPUT_MS = 1000;

/** A line with less than this on screen is not read. */
const LINE_PX = 15;

/** Some text on screen: a character of a row, so many pixels below the upper edge of the window. */
interface Anchor {
  readonly row: HTMLElement;
  readonly at: number;
  readonly top: number;
}

/**
 * Keeps the place of one scroller. `items` holds its items, of which rows carry `data-row`. The browser's own scroll
 * anchoring is off: it does nothing at the very top, where it is needed most.
 */
export class ScrollKeeper {
  /** Whether what comes is followed. */
  isAtEnd = true;
  /** Whether the last item there is stands in the page: else its lower edge is not the end. */
  hasEnd = true;
  /** Which children of `items` are on screen. */
  visible: ItemRange = { start: 0, end: 0 };

  private lastTop = 0;
  private lastSize = "";
  private lastLength = 0;
  /** The rows on screen when the person last scrolled: the first that is still there shows where the place is now. */
  private anchors: readonly Anchor[] = [];
  private readonly observer: ResizeObserver;
  /** When the person last did what may scroll, as `performance.now()`; and whether a finger or a button is down. */
  private lastInput = -Infinity;
  private isHeld = false;
  private readonly listening = new AbortController();

  /** `onMove` is called when the place was kept because something changed its size. */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly items: HTMLElement,
    onMove: () => void,
  ) {
    // Rows get their real height when they are drawn, events unfold, and the window can change its own.
    this.observer = new ResizeObserver(() => {
      this.keep();
      onMove();
    });
    this.observer.observe(scroller);
    this.observer.observe(items);
    this.listen();
  }

  dispose(): void {
    this.observer.disconnect();
    this.listening.abort();
  }

  private listen(): void {
    const options = { passive: true, signal: this.listening.signal };
    const onInput = ({ type }: Event) => {
      this.lastInput = performance.now();
      if (type === "pointerdown") this.isHeld = true;
    };
    for (const type of ["wheel", "keydown", "pointerdown", "touchmove"])
      this.scroller.addEventListener(type, onInput, options);
    // Not every browser tells when a scroll bar is let go: but then the pointer moves without a button.
    const onRelease = (event: PointerEvent) => {
      if (event.type !== "pointermove" || event.buttons === 0) this.isHeld = false;
    };
    for (const type of ["pointerup", "pointercancel", "pointermove"] as const)
      window.addEventListener(type, onRelease, options);
  }

  /**
   * To be called after anything changed, and at each scroll event: follows the end, or puts the text that was on screen
   * back where it was. Returns whether the person scrolled since the last time.
   */
  keep(): boolean {
    const { scroller } = this;
    // A page that is not laid out (hidden) has no places.
    if (scroller.clientHeight === 0) return false;
    const by = this.scrolledBy();
    if (by < 0) this.isAtEnd = false;
    if (this.isAtEnd) scroller.scrollTop = scroller.scrollHeight;
    else this.restoreAnchor(by);
    if (by >= 0 && this.hasEnd && this.toEnd() < (by > 0 ? END_PX : 1)) this.isAtEnd = true;
    this.lastTop = scroller.scrollTop;
    this.lastSize = this.size();
    this.lastLength = scroller.scrollHeight;
    this.visible = this.look();
    // Else they stay what they were: small changes of other places would add up.
    if (by !== 0 || this.isAtEnd || !this.anchors.some(isThere)) this.anchors = this.anchorsNow();
    return by !== 0;
  }

  /** The person unfolds something: it grows downwards, and the place is where it is then. */
  stay(): void {
    this.lastTop = this.scroller.scrollTop;
    this.visible = this.look();
    this.anchors = this.anchorsNow();
  }

  /** From here on what comes is followed. */
  follow(): void {
    this.isAtEnd = true;
    this.lastTop = this.scroller.scrollTop;
  }

  /** What to remember of the place; undefined at the end. */
  mark(): ScrollMark | undefined {
    const anchor = this.isAtEnd ? undefined : this.anchors.find(isThere);
    const row = anchor?.row.dataset.row;
    return anchor && row !== undefined
      ? { row, at: anchor.at, offset: Math.round(anchor.top - this.edge()) }
      : undefined;
  }

  /** Goes to a remembered place; false where its row is no longer there. */
  restore({ row, at, offset }: ScrollMark): boolean {
    const element = this.items.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"]`);
    if (element === null) return false;
    this.scrollBy(
      (topOfCharacter(element, at) ?? element.getBoundingClientRect().top) - this.edge() - offset,
    );
    return true;
  }

  /** Puts `element` so many pixels below the upper edge, or as near as the end allows. */
  showAt(element: HTMLElement, offset: number): void {
    this.scrollBy(element.getBoundingClientRect().top - this.edge() - offset);
  }

  /** Scrolls for the person. */
  scrollBy(pixels: number): void {
    this.isAtEnd = false;
    this.scroller.scrollTop += pixels;
    this.stay();
  }

  /** How far the person has scrolled, also where no event has told yet. */
  private scrolledBy(): number {
    const by = this.scroller.scrollTop - this.lastTop;
    // Where the end came nearer than the place was, if only for a moment, the browser scrolled. The moment may be over:
    // then the list is as large as before, and no one did anything.
    const isCutOff = this.toEnd() < 1 || this.size() !== this.lastSize;
    const isSmall = by > -END_PX && !this.isPersons();
    return by < 0 && (isCutOff || isSmall) ? 0 : by;
  }

  private isPersons(): boolean {
    return this.isHeld || performance.now() - this.lastInput < INPUT_MS;
  }

  private size(): string {
    const { clientWidth, clientHeight } = this.scroller;
    return `${clientWidth}×${clientHeight}`;
  }

  private toEnd(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  private restoreAnchor(by: number): void {
    for (const { row, at, top } of this.anchors) {
      const now = row.isConnected ? topOfCharacter(row, at) : undefined;
      if (now === undefined) continue;
      // The list's own edge moves when a banner comes above it; the text must not.
      const moved = now - (top - by);
      if (Math.abs(moved) >= 1) this.moveBy(moved);
      return;
    }
  }

  /** Chromium leaves the place to us while a person holds the thumb only if the length changes with it. */
  private moveBy(pixels: number): void {
    const { scroller, items } = this;
    if (scroller.scrollHeight === this.lastLength) {
      items.style.paddingBottom = items.style.paddingBottom === "1px" ? "0px" : "1px";
    }
    scroller.scrollTop += pixels;
  }

  private edge(): number {
    return this.scroller.getBoundingClientRect().top;
  }

  /** Which items are on screen. */
  private look(): ItemRange {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const { children } = this.items;
    const start = firstBelow(children, top);
    let end = start;
    while (end < children.length && topOf(children[end]) < bottom) end++;
    return { start, end };
  }

  /** The texts of the rows on screen. */
  private anchorsNow(): Anchor[] {
    const edge = this.edge();
    const { start, end } = this.visible;
    return [...this.items.children].slice(start, end).flatMap((row) => {
      if (!(row instanceof HTMLElement) || row.dataset.row === undefined) return [];
      const character = firstCharacter(row, edge + LINE_PX);
      return character === undefined ? [] : [{ row, at: character.at, top: character.top }];
    });
  }
}

function topOf(element: Element | undefined): number {
  return element?.getBoundingClientRect().top ?? Infinity;
}

function isThere({ row, at }: Anchor): boolean {
  return row.isConnected && topOfCharacter(row, at) !== undefined;
}

/** Items stand in order, so the first one that reaches below the edge is found by halving. */
function firstBelow(children: HTMLCollection, edge: number): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bottom = children[middle]?.getBoundingClientRect().bottom ?? Infinity;
    if (bottom > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}
