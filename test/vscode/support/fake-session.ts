import * as vscode from "vscode";
import { initialState } from "../../../src/client/state.js";
import { StateDraft, type StateContext } from "../../../src/client/state-draft.js";
import type { Session } from "../../../src/client/session.js";

const context: StateContext = {
  now: () => 0,
  newId: () => "id",
  limits: {
    maxEntries: 100,
    maxBufferBytes: 8_000_000,
    maxBuffers: 100,
    maxUsers: 100,
    maxMembers: 100,
  },
  lastSeen: new Map(),
};

/** Stands in for a session: the test says what it knows and when it changes. */
export class FakeSession {
  readonly draft = new StateDraft(initialState("ann", context), {
    ...context,
    onRenamed: (name, newName) => {
      this.renames.fire({ name, newName });
    },
  });
  readonly changes = new vscode.EventEmitter<void>();
  readonly renames = new vscode.EventEmitter<{ name: string; newName: string }>();
  readonly onDidChange = this.changes.event;
  readonly onDidRenameBuffer = this.renames.event;
  readonly onDidFailToSend = new vscode.EventEmitter<never>().event;
  readonly onDidReceiveMessage = new vscode.EventEmitter<never>().event;
  status = { phase: "online" };
  readonly remembered = [];
  readonly caughtUpTo = undefined;
  isClosed = false;

  get state() {
    return this.draft.publish();
  }

  /** There is no server to ask for what was said. */
  openDirect(nick: string): void {
    this.draft.openBuffer(nick, "direct");
  }

  /** As if nothing else had been in it, and no one there. */
  discard(name: string): void {
    this.draft.removeBuffer(name);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  asSession(): Session {
    return this as unknown as Session;
  }
}
