// Asks for the rows that are missing near the screen.
import type { ReactiveControllerHost } from "lit";
import type { ConversationView } from "../bridge/view.js";
import type { ItemRange } from "./item-range.js";
import type { TimelineItem } from "./timeline.js";
import type { PanelRequests } from "./wishes.js";

/** So many items away from the screen a gap is asked for. */
const NEAR = 30;

export type GapSide = "before" | "after";

export class GapLoader {
  private readonly loading = new Set<string>();
  private readonly failed = new Set<string>();

  /** `items` is asked after each answer: what is there then. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly items: () => readonly TimelineItem[],
  ) {}

  hasFailed(gap: string): boolean {
    return this.failed.has(gap);
  }

  /** Another conversation is on screen, or the connection is back: everything may be asked for again. */
  forget(): void {
    this.failed.clear();
    this.host.requestUpdate();
  }

  /** Asks for each gap that is on screen (`visible`) or near it. One that failed waits for the person. */
  loadNear(visible: ItemRange, { id }: ConversationView, requests: PanelRequests): void {
    const items = this.items();
    const start = Math.max(0, visible.start - NEAR);
    for (const [at, item] of items.slice(start, visible.end + NEAR).entries()) {
      if (item.kind !== "gap" || this.failed.has(item.key)) continue;
      // Rows come next to the ones that are read, which do not move.
      const side = start + at <= visible.start ? "after" : "before";
      void this.load(id, item.key, side, requests);
    }
  }

  retry(gap: string, conversation: ConversationView, requests: PanelRequests): void {
    this.failed.delete(gap);
    const side = this.items()[0]?.key === gap ? "after" : "before";
    void this.load(conversation.id, gap, side, requests);
    this.host.requestUpdate();
  }

  private async load(
    conversation: string,
    gap: string,
    side: GapSide,
    requests: PanelRequests,
  ): Promise<void> {
    if (this.loading.has(gap)) return;
    this.loading.add(gap);
    const before = this.neighbors(gap);
    let hasCome = false;
    try {
      await requests.loadGap({ conversation, row: gap, side });
      await this.host.updateComplete;
      // An answer that brought nothing is not asked for again and again.
      hasCome = this.neighbors(gap) !== before;
    } catch {
      // The row says so; the host has said why in its log.
    }
    this.loading.delete(gap);
    if (!hasCome) this.failed.add(gap);
    this.host.requestUpdate();
  }

  /** What stands around a gap, as one word; undefined: it is closed. */
  private neighbors(gap: string): string | undefined {
    const items = this.items();
    const index = items.findIndex(({ key }) => key === gap);
    if (index === -1) return undefined;
    // A day is no row: it comes and goes with the rows around it.
    const rows = [items.slice(0, index).reverse(), items.slice(index + 1)];
    return rows.map((side) => side.find(({ kind }) => kind !== "day")?.key ?? "").join("\n");
  }
}
