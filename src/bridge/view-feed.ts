// Brings the page from view to view at the pace at which it draws.
import { diffView } from "./diff.js";
import type { ToWebview } from "./protocol.js";
import type { ViewState } from "./view.js";

/**
 * Sends one snapshot, then updates. The next update waits until the page has drawn the one before; all that changes
 * meanwhile is merged into it. A page that draws slowly skips what no one would have seen and never falls behind.
 */
export class ViewFeed {
  /** What the page has been sent; undefined while there is no page that listens. */
  private sent: ViewState | undefined;
  private isDrawing = false;
  private isStale = false;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly nextView: () => ViewState,
    private readonly send: (message: ToWebview) => void,
  ) {}

  /** Whether a page listens. */
  get isLive(): boolean {
    return this.sent !== undefined;
  }

  /** The page listens, perhaps a new one: it gets everything. */
  start(): void {
    const view = this.nextView();
    this.sent = view;
    this.isDrawing = true;
    this.isStale = false;
    this.send({ type: "snapshot", view });
    this.settle();
  }

  /** The page is gone; the next one says so itself. */
  stop(): void {
    this.sent = undefined;
    this.isDrawing = false;
    this.isStale = false;
    this.settle();
  }

  /** The view has changed. Changes of one turn of the event loop go together. */
  changed(): void {
    if (!this.isLive || this.isStale) return;
    this.isStale = true;
    if (!this.isDrawing) void Promise.resolve().then(this.update);
  }

  /** The page has drawn what it was sent last. */
  drawn(): void {
    this.isDrawing = false;
    this.update();
  }

  /** Resolves when the page has been sent everything up to now, or is gone. */
  flushed(): Promise<void> {
    if (!this.isStale) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private readonly update = (): void => {
    if (this.sent === undefined || this.isDrawing || !this.isStale) return;
    this.isStale = false;
    const view = this.nextView();
    const updates = diffView(this.sent, view);
    this.sent = view;
    if (updates.length > 0) {
      this.isDrawing = true;
      this.send({ type: "updates", updates });
    }
    this.settle();
  };

  private settle(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
