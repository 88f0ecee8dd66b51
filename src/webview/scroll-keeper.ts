// Where a growing list stands: at its end, or at the row somebody is reading.
import type { ScrollMark } from "./store.js";

/** This near to the end counts as there. */
const END_PX = 24;

/** Keeps the place of one scroller whose rows carry `data-row`. */
export class ScrollKeeper {
  /** Whether new rows should be followed. */
  isAtEnd = true;
  /** Whether the last row there is stands in the page: else its lower edge is not the end. */
  hasEnd = true;

  private lastTop = 0;
  private place: { readonly row: HTMLElement; readonly offset: number } | undefined;
  private readonly observer = new ResizeObserver(() => {
    // Rows get their real height when they are drawn, and the window can change its own.
    if (this.isAtEnd) this.toEnd();
  });

  constructor(
    private readonly scroller: HTMLElement,
    private readonly content: HTMLElement,
  ) {
    this.observer.observe(scroller);
    this.observer.observe(content);
  }

  dispose(): void {
    this.observer.disconnect();
  }

  /** To be called at each scroll event. */
  scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < END_PX;
    // Growing content moves the end away; only a move upwards is somebody leaving it.
    if (isNear && this.hasEnd) this.isAtEnd = true;
    else if (scrollTop < this.lastTop || !this.hasEnd) this.isAtEnd = false;
    this.lastTop = scrollTop;
  }

  toEnd(): void {
    this.isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.lastTop = this.scroller.scrollTop;
  }

  /** Before rows change: remembers the row at the upper edge. */
  hold(): void {
    const row = this.isAtEnd ? undefined : this.firstVisible();
    this.place = row && { row, offset: this.offsetOf(row) };
  }

  /** After rows changed: puts that row back where it was, or follows the end. */
  release(): void {
    if (this.isAtEnd) {
      this.toEnd();
      return;
    }
    if (this.place?.row.isConnected !== true) return;
    this.scroller.scrollTop += this.offsetOf(this.place.row) - this.place.offset;
    this.lastTop = this.scroller.scrollTop;
  }

  /** What to remember of the place; undefined at the end. */
  mark(): ScrollMark | undefined {
    const row = this.isAtEnd ? undefined : this.firstVisible();
    const id = row?.dataset.row;
    return row && id !== undefined
      ? { row: id, offset: Math.round(this.offsetOf(row)) }
      : undefined;
  }

  /** Goes to a remembered place; false where its row is no longer there. */
  restore(mark: ScrollMark): boolean {
    const row = this.rows().find(({ dataset }) => dataset.row === mark.row);
    if (row === undefined) return false;
    this.showAt(row, mark.offset);
    return true;
  }

  /** Puts `element` so many pixels below the upper edge, or as near as the end allows. */
  showAt(element: HTMLElement, offset: number): void {
    this.isAtEnd = false;
    this.scroller.scrollTop += this.offsetOf(element) - offset;
    this.scrolled();
  }

  private rows(): HTMLElement[] {
    return [...this.content.querySelectorAll<HTMLElement>("[data-row]")];
  }

  private offsetOf(row: HTMLElement): number {
    return row.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  /** Rows stand in order, so the first one that reaches below the upper edge is found by halving. */
  private firstVisible(): HTMLElement | undefined {
    const rows = this.rows();
    const edge = this.scroller.getBoundingClientRect().top;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle];
      if (row !== undefined && row.getBoundingClientRect().bottom > edge) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  }
}
