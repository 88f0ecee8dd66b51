// The one chat of this window: the session, which conversation is on screen, and what is typed but not sent.
import * as vscode from "./vscode.js";
import type { ConversationId } from "../bridge/view.js";
import type { ChatBuffer, ChatState, MessageEntry } from "../client/model.js";
import type { GapSide, Session } from "../client/session.js";
import type { ConnectionStatus } from "../client/status.js";
import { fold } from "../irc/casemapping.js";
import { caseMapping } from "../irc/isupport.js";
import { Disposable } from "./disposable.js";
import type { NetworkMemory } from "./network-memory.js";
import { isWindowFocused, onDidChangeWindowFocus } from "./ui/window.js";

/** Where a session leads, for people and for memory. */
export interface Network {
  /** The same for the same network in another window: its certificate's fingerprint, or its address. */
  readonly key: string;
  /** The address as people write it. */
  readonly label: string;
}

export interface ReceivedMessage {
  readonly conversation: ConversationId;
  readonly entry: MessageEntry;
}

interface ActiveSession {
  readonly session: Session;
  readonly network: Network;
  readonly subscription: vscode.Disposable;
}

/** The conversation on screen. */
interface Shown {
  readonly id: ConversationId;
  /** The first row to show; undefined: all. */
  readonly firstRow: string | undefined;
  /** The row the unread divider stands before. */
  readonly unreadFrom: string | undefined;
  /** The first entry there is of it: by that it is known again under another name. */
  readonly firstEntry: string | undefined;
  /** The last row that was on screen while the window did not have the focus. */
  readonly glimpsed: string | undefined;
}

/** How many rows a conversation opens with, and how many more each look back brings. */
const PAGE_ROWS = 200;
/** How long what is remembered may be unwritten. */
const SAVE_DELAY_MS = 1000;

/** Owns the session. The panel, the views and the status bar show what it knows. */
export class ChatService extends Disposable {
  private active: ActiveSession | undefined;
  private shown: Shown | undefined;
  private drafts = new Map<ConversationId, string>();
  private awaited: string | undefined;
  private saveTimer: NodeJS.Timeout | undefined;
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  private readonly received = this.register(new vscode.EventEmitter<ReceivedMessage>());

  readonly onDidChange = this.changed.event;
  /** Live messages of others. */
  readonly onDidReceiveMessage = this.received.event;

  constructor(private readonly memory: NetworkMemory) {
    super();
    this.register(
      onDidChangeWindowFocus((isFocused) => {
        const { shown } = this;
        if (shown?.glimpsed === undefined) return;
        this.shown = { ...shown, glimpsed: undefined };
        if (isFocused) this.markRead(shown.id, shown.glimpsed);
      }),
    );
  }

  get session(): Session | undefined {
    return this.active?.session;
  }

  get network(): Network | undefined {
    return this.active?.network;
  }

  get state(): ChatState | undefined {
    return this.active?.session.state;
  }

  get status(): ConnectionStatus {
    return this.active?.session.status ?? { phase: "idle" };
  }

  get isOnline(): boolean {
    return this.status.phase === "online";
  }

  /** The id of the conversation on screen. */
  get current(): ConversationId | undefined {
    return this.shown?.id;
  }

  get currentBuffer(): ChatBuffer | undefined {
    return this.shown === undefined ? undefined : this.state?.buffers.get(this.shown.id);
  }

  /** The first row to show of the current conversation; undefined: all. */
  get firstRow(): string | undefined {
    return this.shown?.firstRow;
  }

  /** The row the unread divider stands before. */
  get unreadFrom(): string | undefined {
    return this.shown?.unreadFrom;
  }

  draft(conversation: ConversationId): string {
    return this.drafts.get(conversation) ?? "";
  }

  lastSeen(network: string): ReadonlyMap<ConversationId, number> {
    return this.memory.seen(network);
  }

  /** Makes `session` the one of this window; the one before is left. */
  async adopt(session: Session, network: Network): Promise<void> {
    await this.leave();
    this.drafts = new Map(this.memory.drafts(network.key));
    this.active = {
      session,
      network,
      subscription: vscode.Disposable.from(
        session.onDidChange(() => {
          this.onSessionChange();
        }),
        session.onDidReceiveMessage(({ buffer, entry }) => {
          this.received.fire({ conversation: this.idOf(buffer), entry });
        }),
      ),
    };
    this.onSessionChange();
  }

  /** Ends the session and forgets what it showed. */
  async leave(quitMessage?: string): Promise<void> {
    const active = this.active;
    if (active === undefined) return;
    await this.save();
    this.active = undefined;
    this.shown = undefined;
    this.awaited = undefined;
    this.drafts = new Map();
    active.subscription.dispose();
    this.changed.fire();
    await active.session.close(quitMessage);
  }

  /** Puts a conversation on screen. Unknown ones are ignored. */
  open(conversation: ConversationId): void {
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined) return;
    const id = this.idOf(conversation);
    this.shown = {
      id,
      firstRow: buffer.entries.at(-PAGE_ROWS)?.id,
      unreadFrom: buffer.unreadFrom,
      firstEntry: buffer.entries[0]?.id,
      glimpsed: this.shown?.id === id ? this.shown.glimpsed : undefined,
    };
    this.changed.fire();
  }

  /** Puts a channel on screen as soon as we are in it. */
  openWhenJoined(channel: string): void {
    this.awaited = channel;
    this.onSessionChange();
  }

  openDirect(nick: string): void {
    this.session?.openDirect(nick);
    this.open(nick);
  }

  /** Leaves a channel, or closes the conversation of a direct message. */
  closeConversation(conversation: ConversationId): void {
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined || buffer.kind === "server") return;
    if (buffer.kind === "channel" && buffer.joined) this.session?.part(buffer.name);
    this.session?.closeBuffer(buffer.name);
    if (this.current === this.idOf(conversation)) this.shown = undefined;
    this.onSessionChange();
  }

  /** The person looks at the current conversation anew: the divider moves to what came since. */
  refreshDivider(): void {
    const { shown } = this;
    const unreadFrom = this.currentBuffer?.unreadFrom;
    if (shown === undefined || unreadFrom === undefined || unreadFrom === shown.unreadFrom) return;
    this.shown = { ...shown, unreadFrom };
    this.changed.fire();
  }

  /** The last row is on screen; it counts as read once the window has the focus. */
  markRead(conversation: ConversationId, row: string): void {
    if (!isWindowFocused()) {
      const { shown } = this;
      if (shown?.id === this.idOf(conversation)) this.shown = { ...shown, glimpsed: row };
      return;
    }
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined || buffer.unread === 0) return;
    this.session?.markRead(buffer.name, row);
    this.saveSoon();
  }

  markAllRead(): void {
    for (const buffer of this.state?.buffers.values() ?? []) {
      const last = buffer.entries.at(-1);
      if (last !== undefined && buffer.unread > 0) this.session?.markRead(buffer.name, last.id);
    }
    this.saveSoon();
  }

  setDraft(conversation: ConversationId, text: string): void {
    if (text === "") this.drafts.delete(conversation);
    else this.drafts.set(conversation, text);
    this.saveSoon();
  }

  /** Shows rows of the current conversation where a gap is, asking the server where it must. @throws SessionError */
  async loadGap(conversation: ConversationId, row: string, side: GapSide): Promise<void> {
    const before = this.state?.buffers.get(conversation);
    if (this.session === undefined || before === undefined) return;
    const first = Math.max(
      0,
      before.entries.findIndex(({ id }) => id === this.firstRow),
    );
    const anchor = before.entries[first]?.id;
    if (before.entries.some(({ kind, id }) => kind === "gap" && id === row))
      await this.session.loadGap(before.name, row, side);
    const after = this.state?.buffers.get(conversation);
    const { shown } = this;
    if (after === undefined || shown?.id !== this.idOf(conversation)) return;
    const anchored = Math.max(
      0,
      after.entries.findIndex(({ id }) => id === anchor),
    );
    const start = Math.max(0, anchored - PAGE_ROWS);
    this.shown = { ...shown, firstRow: after.entries[start]?.id };
    this.changed.fire();
  }

  /** The id of the conversation with a channel or nick, in any spelling. */
  idOf(name: string): ConversationId {
    return this.state === undefined ? name : fold(name, caseMapping(this.state.isupport));
  }

  /** Writes what is remembered. */
  async save(): Promise<void> {
    clearTimeout(this.saveTimer);
    this.saveTimer = undefined;
    if (this.active === undefined) return;
    const { network, session } = this.active;
    await this.memory.setDrafts(network.key, this.drafts);
    await this.memory.setSeen(network.key, session.lastSeen);
  }

  override dispose(): void {
    clearTimeout(this.saveTimer);
    super.dispose();
  }

  private saveSoon(): void {
    this.saveTimer ??= setTimeout(() => void this.save(), SAVE_DELAY_MS);
  }

  private onSessionChange(): void {
    const { state, status } = this;
    if (status.phase === "closed" && status.cause.type === "left") {
      void this.leave();
      return;
    }
    if (state !== undefined) {
      this.followRename(state);
      const next = this.conversationToOpen(state);
      if (next !== undefined) {
        this.open(next);
        return;
      }
    }
    const { shown } = this;
    if (shown !== undefined)
      this.shown = { ...shown, firstEntry: this.currentBuffer?.entries[0]?.id };
    this.changed.fire();
  }

  /** A direct message takes the new nick of its peer as its name; who looks at it goes on looking at it. */
  private followRename(state: ChatState): void {
    const { shown } = this;
    if (shown?.firstEntry === undefined || state.buffers.has(shown.id)) return;
    const { id, firstEntry } = shown;
    const renamed = [...state.buffers].find(
      ([, { kind, entries }]) => kind === "direct" && entries[0]?.id === firstEntry,
    );
    if (renamed === undefined) return;
    const [newId] = renamed;
    this.shown = { ...shown, id: newId };
    this.setDraft(newId, this.draft(id));
    this.setDraft(id, "");
  }

  /** The channel that was asked for, once we are in it; the first one where nothing is on screen. */
  private conversationToOpen(state: ChatState): string | undefined {
    const { awaited } = this;
    if (awaited !== undefined && state.buffers.get(awaited)?.joined === true) {
      this.awaited = undefined;
      return awaited;
    }
    if (this.shown !== undefined && state.buffers.has(this.shown.id)) return undefined;
    this.shown = undefined;
    return [...state.buffers.values()].find(({ kind }) => kind === "channel")?.name;
  }
}
