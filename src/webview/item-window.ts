// The items of a conversation, and which of them are in the page.
import {
  amountOf,
  BARRIER,
  itemsAround,
  lastItems,
  rangeFor,
  sameItems,
  type ItemRange,
} from "./item-range.js";
import { rowIdOf, weightOf, type TimelineItem } from "./timeline.js";

export class ItemWindow {
  items: readonly TimelineItem[] = [];
  /** The part to draw. */
  range: ItemRange = { start: 0, end: 0 };
  private weights: readonly number[] = [];
  /** The part that is in the page. */
  private drawn: ItemRange = { start: 0, end: 0 };

  /** `isBarrier` tells the gaps that are being loaded. */
  constructor(private readonly isBarrier: (item: TimelineItem) => boolean) {}

  /** Those to draw. */
  get shown(): readonly TimelineItem[] {
    return this.items.slice(this.range.start, this.range.end);
  }

  /** Whether the very last item is to be drawn. */
  get hasEnd(): boolean {
    return this.range.end === this.items.length && this.items.at(-1)?.kind !== "gap";
  }

  /** Another conversation: where it was left (`row`), else what is unread, else the end. */
  start(items: readonly TimelineItem[], row: string | undefined): void {
    this.items = items;
    this.weigh();
    const left = row === undefined ? -1 : items.findIndex((item) => rowIdOf(item) === row);
    const index = left === -1 ? items.findIndex(({ kind }) => kind === "unread") : left;
    const last = lastItems(this.weights);
    this.range = index === -1 || index >= last.start ? last : itemsAround(index, this.weights);
  }

  /** Other items of the same conversation: the same part of them, or their end where it is followed. */
  replace(items: readonly TimelineItem[], onScreen: ItemRange, isAtEnd: boolean): void {
    const { items: before, range } = this;
    const screen = amountOf(this.visible(onScreen), this.weights);
    this.items = items;
    this.weigh();
    const same = isAtEnd ? undefined : sameItems(range, before, items);
    this.range = same ?? lastItems(this.weights, screen);
  }

  /** The page has drawn what was to be drawn. Returns whether that is another part than before. */
  markDrawn(): boolean {
    const isOther = this.drawn !== this.range;
    this.drawn = this.range;
    return isOther;
  }

  /** Which items are on screen. `onScreen` counts from the first drawn one, here and below. */
  visible({ start, end }: ItemRange): ItemRange {
    return { start: this.drawn.start + start, end: this.drawn.start + end };
  }

  /** Moves on with the screen. Returns whether other items are to be drawn. */
  follow(onScreen: ItemRange): boolean {
    // A gap that could not be loaded, or not now, is passed.
    this.weigh();
    return this.draw(rangeFor(this.visible(onScreen), this.range, this.weights));
  }

  /** Draws the item at `index`. Returns whether other items are to be drawn. */
  reach(index: number): boolean {
    const { start, end } = this.range;
    return (index < start || index >= end) && this.draw(itemsAround(index, this.weights));
  }

  reachEnd(onScreen: ItemRange): void {
    this.draw(lastItems(this.weights, amountOf(this.visible(onScreen), this.weights)));
  }

  private draw(range: ItemRange): boolean {
    const isNew = range !== this.range;
    this.range = range;
    return isNew;
  }

  private weigh(): void {
    this.weights = this.items.map((item) => (this.isBarrier(item) ? BARRIER : weightOf(item)));
  }
}
