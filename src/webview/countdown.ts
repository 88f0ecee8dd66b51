// Seconds until something happens, for an element that shows them.
import type { ReactiveController, ReactiveControllerHost } from "lit";

const SECOND_MS = 1000;

/** Draws its host anew each second while there is a time to wait for. */
export class Countdown implements ReactiveController {
  /** 0 once it is due. */
  secondsLeft = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** `dueAt` is in ms since the epoch; undefined: nothing is waited for. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly dueAt: () => number | undefined,
  ) {
    host.addController(this);
  }

  hostUpdate(): void {
    const dueAt = this.dueAt();
    if (dueAt === undefined) {
      this.stop();
      return;
    }
    this.secondsLeft = Math.max(0, Math.ceil((dueAt - Date.now()) / SECOND_MS));
    this.timer ??= setInterval(() => {
      this.host.requestUpdate();
    }, SECOND_MS);
  }

  hostDisconnected(): void {
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
