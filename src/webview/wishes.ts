// How elements ask for things: events that bubble to the page, which alone holds the messenger.
import type { PanelCommand, Requests, ToHost } from "../bridge/protocol.js";
import type { Saved } from "./store.js";

/** What an element needs an answer to. */
export type PanelRequests = {
  readonly [N in keyof Requests]: (params: Requests[N]["params"]) => Promise<Requests[N]["result"]>;
};

export interface PanelEvents {
  /** Something for the host. */
  "panel-wish": CustomEvent<ToHost>;
  /** Something to keep in VS Code's state: from the last value to the next. */
  "panel-save": CustomEvent<(saved: Saved) => Saved>;
  /** Text for the composer. */
  "panel-restore-text": CustomEvent<string>;
  /** A picture of someone's, given to `take` once it is here, until `signal` says that it is not waited for any more. */
  "panel-picture": CustomEvent<{
    readonly id: string;
    readonly take: (data: string) => void;
    readonly signal: AbortSignal;
  }>;
  /** Opens the dialog to choose a picture of one's own. */
  "panel-choose-picture": CustomEvent<undefined>;
  /** The keyboard goes back to the composer. */
  "panel-focus-composer": CustomEvent<undefined>;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merging is what makes addEventListener typed
  interface HTMLElementEventMap extends PanelEvents {}
}

type Detail<N extends keyof PanelEvents> = PanelEvents[N]["detail"];

export function emit<N extends keyof PanelEvents>(from: Element, name: N, detail: Detail<N>): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

export function wish(from: Element, message: ToHost): void {
  emit(from, "panel-wish", message);
}

/** A click handler that runs a command of the palette. */
export function runs(command: PanelCommand): (event: Event) => void {
  return (event) => {
    wish(event.currentTarget as Element, { type: "runCommand", command });
  };
}
