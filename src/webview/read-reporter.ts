// Tells the host what has been on screen.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ConversationId } from "../bridge/view.js";
import { wish } from "./wishes.js";

/** A conversation whose last row is on screen. */
export interface Seen {
  readonly conversation: ConversationId;
  readonly row: string;
}

export class ReadReporter implements ReactiveController {
  private lastRow = "";

  /** `seen` is asked at each report; undefined: the last row is not on screen. */
  constructor(
    private readonly host: ReactiveControllerHost & Element,
    private readonly seen: () => Seen | undefined,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.reportAgain);
    window.addEventListener("focus", this.reportAgain);
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.reportAgain);
    window.removeEventListener("focus", this.reportAgain);
  }

  /** Another conversation is on screen. */
  forget(): void {
    this.lastRow = "";
  }

  /** Says so once for each last row. */
  report(): void {
    const seen = this.seen();
    if (seen === undefined || seen.row === this.lastRow) return;
    if (document.visibilityState !== "visible") return;
    this.lastRow = seen.row;
    wish(this.host, { type: "read", ...seen });
  }

  /** The host may have set an earlier report aside because its window had no focus. */
  private readonly reportAgain = (): void => {
    this.forget();
    this.report();
  };
}
