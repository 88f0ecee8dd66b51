// Where a growing list stands: at its end, or at the rows someone is reading.
import type { ItemRange } from "./item-range.js";
import type { ScrollMark } from "./store.js";

/** This near to the end counts as there. */
const END_PX = 24;

interface Anchor {
  readonly element: HTMLElement;
  /** Pixels below the upper edge: of its own upper edge, and of its lower one. */
  readonly top: number;
  readonly bottom: number;
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
  /** The rows on screen when the person last scrolled: the first that is still there shows where the place is now. */
  private anchors: readonly Anchor[] = [];
  private readonly observer: ResizeObserver;

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
  }

  dispose(): void {
    this.observer.disconnect();
  }

  /** To be called at each scroll event. Returns whether the person scrolled, and not the keeper. */
  scrolled(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < END_PX;
    // Growing content moves the end away; only a move upwards is someone leaving it.
    if (isNear && this.hasEnd) this.isAtEnd = true;
    else if (scrollTop < this.lastTop - 1) this.isAtEnd = false;
    const isMoved = Math.abs(scrollTop - this.lastTop) > 1;
    this.lastTop = scrollTop;
    this.anchors = this.look();
    return isMoved;
  }

  /** After anything changed: follows the end, or puts the rows that were on screen back where they were. */
  keep(): void {
    // A page that is not laid out (hidden) has no places.
    if (this.scroller.clientHeight === 0) return;
    if (this.isAtEnd) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
    } else {
      // The anchors stay what they were: among rows that have not been drawn yet others would be chosen.
      const anchor = this.anchors.find(({ element }) => element.isConnected);
      if (anchor !== undefined) {
        // By its lower edge: a row that is no longer the first of its group shrinks at the top.
        const moved = this.offsetOf(anchor.element, "bottom") - anchor.bottom;
        if (Math.abs(moved) >= 1) this.scroller.scrollTop += moved;
        this.lastTop = this.scroller.scrollTop;
        this.look();
        return;
      }
    }
    this.lastTop = this.scroller.scrollTop;
    this.anchors = this.look();
  }

  /** The person unfolds something: it grows downwards, and the place is where it is then. */
  stay(): void {
    this.anchors = this.look();
  }

  /** From here on what comes is followed. */
  toEnd(): void {
    this.isAtEnd = true;
    this.keep();
  }

  /** What to remember of the place; undefined at the end. */
  mark(): ScrollMark | undefined {
    const anchor = this.isAtEnd ? undefined : this.anchors[0];
    const row = anchor?.element.dataset.row;
    return anchor && row !== undefined ? { row, offset: Math.round(anchor.top) } : undefined;
  }

  /** Goes to a remembered place; false where its row is no longer there. */
  restore({ row, offset }: ScrollMark): boolean {
    const element = this.items.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"]`);
    if (element === null) return false;
    this.showAt(element, offset);
    return true;
  }

  /** Puts `element` so many pixels below the upper edge, or as near as the end allows. */
  showAt(element: HTMLElement, offset: number): void {
    this.isAtEnd = false;
    this.scroller.scrollTop += this.offsetOf(element, "top") - offset;
    this.scrolled();
  }

  private offsetOf(element: Element, edge: "top" | "bottom"): number {
    return element.getBoundingClientRect()[edge] - this.scroller.getBoundingClientRect().top;
  }

  /** Takes notice of what is on screen. Returns its rows. */
  private look(): readonly Anchor[] {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const { children } = this.items;
    const start = firstBelow(children, top);
    const anchors: Anchor[] = [];
    let end = start;
    for (; end < children.length; end++) {
      const element = children[end];
      if (!(element instanceof HTMLElement)) continue;
      const rect = element.getBoundingClientRect();
      if (rect.top >= bottom) break;
      if (element.dataset.row !== undefined) {
        anchors.push({ element, top: rect.top - top, bottom: rect.bottom - top });
      }
    }
    this.visible = { start, end };
    return anchors;
  }
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
