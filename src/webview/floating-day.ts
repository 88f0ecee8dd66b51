// The day that floats above the list while a person scrolls.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { timeOf, type TimelineItem } from "./timeline.js";

const SHOWN_MS = 1500;

export class FloatingDay implements ReactiveController {
  /** A time on that day; undefined while none is shown. */
  time: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.timer);
  }

  /** Shows the day of the first of these items, the ones from the top of the screen on, for a while. */
  show(items: readonly TimelineItem[]): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.hide, SHOWN_MS);
    const shown = items.find((item) => timeOf(item) !== undefined);
    // A day line at the top says it already.
    this.set(shown === undefined || items[0]?.kind === "day" ? undefined : timeOf(shown));
  }

  readonly hide = (): void => {
    this.set(undefined);
  };

  private set(time: number | undefined): void {
    if (time === this.time) return;
    this.time = time;
    this.host.requestUpdate();
  }
}
