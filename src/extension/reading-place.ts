// Where the person reads: in the conversation on screen, and where they left the others.
import type { ConversationId } from "../bridge/view.js";
import type { ChatBuffer } from "../client/model.js";
import {
  EARLIER_ROWS,
  LATER_ROWS,
  rowWindow,
  selectRows,
  type Center,
  type RowSelection,
} from "./row-window.js";

export class ReadingPlace {
  /** The row at the top of the screen where a conversation was left; at its end: none. */
  private readonly left = new Map<ConversationId, string>();
  private center: Center | undefined;
  private follows = false;

  /** Whether the end of the conversation is on screen, and what comes is followed. */
  get isAtEnd(): boolean {
    return this.follows;
  }

  /** A conversation comes on screen: where it was left, else at what is unread, else at the end. */
  open(id: ConversationId, buffer: ChatBuffer): void {
    this.follows = false;
    this.center = centerAt(buffer, this.left.get(id) ?? buffer.unreadFrom);
  }

  /** Nothing is on screen. */
  close(): void {
    this.follows = false;
  }

  /** Forgets everything: there is another network now. */
  clear(): void {
    this.left.clear();
    this.center = undefined;
    this.follows = false;
  }

  /** The page says where a conversation stands; undefined: at the end. */
  moved(id: ConversationId, row: string | undefined): void {
    if (row === undefined) this.left.delete(id);
    else this.left.set(id, row);
  }

  /** The same of the conversation on screen. Returns whether that changes what others are shown. */
  movedOnScreen(buffer: ChatBuffer, row: string | undefined): boolean {
    const { follows, center } = this;
    this.follows = row === undefined;
    // Around a row the window stays: else what arrives at the end would take away what is read at its beginning.
    if (row === undefined) this.center = undefined;
    else this.center ??= centerAt(buffer, row);
    return this.follows !== follows || this.center !== center;
  }

  /** Whether the gap is only the edge of what the page holds; then the window is moved over it. */
  crossEdge(buffer: ChatBuffer, gap: string): boolean {
    if (gap !== EARLIER_ROWS && gap !== LATER_ROWS) return false;
    const { start, end } = rowWindow(buffer.entries, this.center);
    const edge = gap === EARLIER_ROWS ? start : end;
    // At an end there is nothing more: the page asked before it knew.
    if (edge === 0 || edge === buffer.entries.length) return true;
    // A gap goes when it is filled, and the place with it.
    const entry = [buffer.entries[edge], buffer.entries[edge - 1]].find((it) => it?.kind !== "gap");
    if (entry !== undefined) this.center = { id: entry.id, time: entry.time };
    return true;
  }

  /** What the page gets of the conversation on screen. */
  rows({ entries }: ChatBuffer): RowSelection {
    return selectRows(entries, rowWindow(entries, this.center));
  }

  renamed(id: ConversationId, newId: ConversationId): void {
    const row = this.left.get(id);
    this.left.delete(id);
    if (row !== undefined) this.left.set(newId, row);
  }
}

function centerAt({ entries }: ChatBuffer, row: string | undefined): Center | undefined {
  const entry = row === undefined ? undefined : entries.find(({ id }) => id === row);
  return entry && { id: entry.id, time: entry.time };
}
