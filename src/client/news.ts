// What those who use a session are told: that something has changed, how the connection stands, what others said.
import { Emitter, type Disposable } from "./emitter.js";
import type { MessageEntry } from "./model.js";
import type { ConnectionStatus } from "./status.js";
import { inNextTurn } from "./turns.js";

/** A message of someone else that came in just now. */
export interface ReceivedMessage {
  readonly buffer: string;
  readonly entry: MessageEntry;
}

/** A conversation goes on under another name. */
export interface RenamedBuffer {
  readonly name: string;
  readonly newName: string;
}

export class News {
  private readonly changes: Emitter<undefined>;
  private readonly received: Emitter<ReceivedMessage>;
  private readonly renames: Emitter<RenamedBuffer>;
  private readonly failures: Emitter<undefined>;
  private current: ConnectionStatus = { phase: "idle" };
  private isPending = false;

  constructor(onListenerFault: (error: unknown) => void) {
    this.changes = new Emitter(onListenerFault);
    this.received = new Emitter(onListenerFault);
    this.renames = new Emitter(onListenerFault);
    this.failures = new Emitter(onListenerFault);
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** Also a change, of which listeners hear. */
  set status(status: ConnectionStatus) {
    this.current = status;
    this.changed();
  }

  /** Tells listeners, once a tick. */
  changed(): void {
    if (this.isPending) return;
    this.isPending = true;
    inNextTurn(() => {
      this.isPending = false;
      this.changes.fire(undefined);
    });
  }

  message(message: ReceivedMessage): void {
    this.received.fire(message);
  }

  renamed(rename: RenamedBuffer): void {
    this.renames.fire(rename);
  }

  /** Something the person said was not taken. */
  failed(): void {
    this.failures.fire(undefined);
  }

  onDidChange(listener: () => void): Disposable {
    return this.changes.on(listener);
  }

  onDidReceiveMessage(listener: (message: ReceivedMessage) => void): Disposable {
    return this.received.on(listener);
  }

  onDidFailToSend(listener: () => void): Disposable {
    return this.failures.on(listener);
  }

  onDidRenameBuffer(listener: (rename: RenamedBuffer) => void): Disposable {
    return this.renames.on(listener);
  }
}
