// The one chat of this window: the session, which conversation is on screen, and what is typed but not sent.
import * as vscode from "./vscode.js";
import type { ConversationId } from "../bridge/view.js";
import type { ChatBuffer, ChatState, MessageEntry } from "../client/model.js";
import { hasMessages } from "../client/remembered.js";
import type { ServerAddress } from "../client/address.js";
import type { GapSide, Session } from "../client/session.js";
import type { ConnectionStatus } from "../client/status.js";
import { fold } from "../irc/casemapping.js";
import { caseMapping } from "../irc/isupport.js";
import { Disposable } from "./disposable.js";
import type { Beginning, NetworkMemory } from "./network-memory.js";
import { ReadingPlace } from "./reading-place.js";
import type { RowSelection } from "./row-window.js";
import { isWindowFocused, onDidChangeWindowFocus } from "./ui/window.js";
import { unreadOf, type Unread } from "./unread.js";

/** Where a session leads, for people and for memory. */
export interface Network {
  /** The same for the same network in another window: its certificate's fingerprint, or its address. */
  readonly key: string;
  /** The address as people write it. */
  readonly label: string;
  /** A channel to show as soon as we are in it. */
  readonly opens?: string | undefined;
}

/** What the window is about to do, while it has no session to ask how it goes. */
export type Preparation =
  | { readonly type: "hosting" }
  /** After the window was reloaded. */
  | { readonly type: "hosting-again" }
  | { readonly type: "joining"; readonly label: string };

/** A session on its way, which is not the window's chat yet. */
export interface Attempt {
  readonly session: Session;
  readonly network: Network;
  readonly address: ServerAddress;
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
  /** The row the unread divider stands before. */
  readonly unreadFrom: string | undefined;
  /** The last row that was on screen while the window did not have the focus. */
  readonly glimpsed: string | undefined;
}

/** How long what is remembered may be unwritten: after a crash, what came since then is found in the history. */
const SAVE_DELAY_MS = 1000;

/** Owns the session. The panel, the views and the status bar show what it knows. */
export class ChatService extends Disposable {
  private active: ActiveSession | undefined;
  /** The first is told: to host includes to join. */
  private readonly preparations: Preparation[] = [];
  private latestAttempt: Attempt | undefined;
  private sessions = 0;
  private shown: Shown | undefined;
  private readonly place = new ReadingPlace();
  private drafts = new Map<ConversationId, string>();
  private awaited: string | undefined;
  private saveTimer: NodeJS.Timeout | undefined;
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  private readonly received = this.register(new vscode.EventEmitter<ReceivedMessage>());

  private readonly said = this.register(new vscode.EventEmitter<void>());
  private readonly failed = this.register(new vscode.EventEmitter<void>());

  readonly onDidChange = this.changed.event;
  /** The person has said something. */
  readonly onDidSay = this.said.event;
  /** Something the person said was not taken. */
  readonly onDidFailToSend = this.failed.event;
  /** Live messages of others. */
  readonly onDidReceiveMessage = this.received.event;

  constructor(private readonly memory: NetworkMemory) {
    super();
    this.register(
      onDidChangeWindowFocus((isFocused) => {
        const { shown } = this;
        if (shown === undefined) return;
        this.shown = { ...shown, glimpsed: undefined };
        if (isFocused && shown.glimpsed !== undefined) this.markRead(shown.id, shown.glimpsed);
        // What is being read does not count as unread.
        this.changed.fire();
      }),
    );
  }

  get session(): Session | undefined {
    return this.active?.session;
  }

  /** Counts the sessions: what is only true of one has this in its name on the page. */
  get sessionNumber(): number {
    return this.sessions;
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

  /** What is on the way; undefined: nothing, or a session that knows it better. */
  get preparation(): Preparation | undefined {
    const { phase } = this.status;
    return phase === "idle" || phase === "closed" ? this.preparations[0] : undefined;
  }

  /** The join under way, if any. */
  get attempt(): Attempt | undefined {
    return this.latestAttempt;
  }

  /** The join under way, where no other chat is in its place. */
  get shownAttempt(): Attempt | undefined {
    return this.preparation?.type === "joining" ? this.latestAttempt : undefined;
  }

  /** Tells how a join gets on, until the result is disposed. */
  follow(attempt: Attempt): vscode.Disposable {
    const subscription = attempt.session.onDidChange(() => {
      this.changed.fire();
    });
    this.latestAttempt = attempt;
    return new vscode.Disposable(() => {
      subscription.dispose();
      if (this.latestAttempt === attempt) this.latestAttempt = undefined;
      this.changed.fire();
    });
  }

  /** What people know the server by: the network's name where it tells one, otherwise the address they joined. */
  get serverName(): string {
    const name = this.state?.networkName ?? "";
    return name === "" ? (this.network?.label ?? "") : name;
  }

  /** Does what leads to a session. Until it is over, the window says that it is on the way. */
  async prepare<T>(preparation: Preparation, run: () => Promise<T>): Promise<T> {
    this.preparations.push(preparation);
    this.changed.fire();
    try {
      return await run();
    } finally {
      this.preparations.splice(this.preparations.indexOf(preparation), 1);
      this.changed.fire();
    }
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

  /** The row the unread divider stands before. */
  get unreadFrom(): string | undefined {
    return this.shown?.unreadFrom;
  }

  /** Of the current conversation's rows those that the page holds: a window around what is on screen. */
  rows(current: ChatBuffer): RowSelection {
    return this.place.rows(current);
  }

  /** What is unread in a conversation, for the badge of each place that shows one. */
  unread(conversation: ConversationId): Unread {
    const id = this.idOf(conversation);
    return unreadOf(this.state?.buffers.get(id), this.isBeingRead(id));
  }

  private isBeingRead(id: ConversationId): boolean {
    return this.current === id && this.place.isAtEnd && isWindowFocused();
  }

  draft(conversation: ConversationId): string {
    return this.drafts.get(conversation) ?? "";
  }

  /** What a session with this network begins with. */
  async beginning(network: string): Promise<Beginning> {
    const { active } = this;
    if (active?.network.key !== network) return this.memory.beginning(network);
    const { remembered, caughtUpTo, state } = active.session;
    return { remembered, caughtUpTo, isAudited: state.isAudited };
  }

  /** Makes `session` the one of this window; the one before is left. */
  async adopt(session: Session, network: Network): Promise<void> {
    const left = this.detach();
    this.drafts = new Map(this.memory.drafts(network.key));
    this.awaited = network.opens;
    this.sessions++;
    this.active = {
      session,
      network,
      subscription: vscode.Disposable.from(
        session.onDidChange(() => {
          this.onSessionChange();
        }),
        session.onDidRenameBuffer(({ name, newName }) => {
          this.followRename(name, newName);
        }),
        session.onDidFailToSend(() => {
          this.failed.fire();
        }),
        session.onDidReceiveMessage(({ buffer, entry }) => {
          this.received.fire({ conversation: this.idOf(buffer), entry });
        }),
      ),
    };
    this.onSessionChange();
    await left?.();
  }

  /** Ends the session and forgets what it showed. */
  async leave(quitMessage?: string): Promise<void> {
    const left = this.detach();
    if (left === undefined) return;
    this.changed.fire();
    await left(quitMessage);
  }

  /** From here on there is no session. What the result ends is the one there was: another may take its place meanwhile. */
  private detach(): ((quitMessage?: string) => Promise<void>) | undefined {
    const { active } = this;
    if (active === undefined) return undefined;
    const saved = this.save();
    this.active = undefined;
    this.shown = undefined;
    this.place.clear();
    this.awaited = undefined;
    this.drafts = new Map();
    active.subscription.dispose();
    return async (quitMessage) => {
      await Promise.all([saved, active.session.close(quitMessage)]);
    };
  }

  /** Puts a conversation on screen. Unknown ones are ignored. */
  open(conversation: ConversationId): void {
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined) return;
    const id = this.idOf(conversation);
    if (!hasMessages(buffer)) this.openEmpty(buffer);
    const isSame = id === this.shown?.id;
    if (!isSame) this.place.open(id, buffer);
    this.shown = {
      id,
      unreadFrom: buffer.unreadFrom,
      glimpsed: isSame ? this.shown?.glimpsed : undefined,
    };
    // At once: what a window writes as it closes is not always kept.
    if (!isSame) void this.save();
    this.changed.fire();
  }

  /** Of an earlier visit only the name and the count are here. */
  private openEmpty({ name, kind, unread }: ChatBuffer): void {
    if (kind === "direct") this.session?.openDirect(name);
    // What was said cannot be shown any more: whoever has come to read it has seen all there is.
    const isLost = this.isOnline && this.state?.caps.has("draft/chathistory") !== true;
    if (unread > 0 && isLost) this.session?.markAllRead(name);
  }

  /** Puts a channel on screen as soon as we are in it. */
  openWhenJoined(channel: string): void {
    this.awaited = channel;
    this.onSessionChange();
  }

  /** Puts a conversation on screen: a channel as soon as we are in it. */
  openWhenThere(name: string): void {
    if (this.state?.buffers.get(name)?.kind === "direct") this.open(name);
    else this.openWhenJoined(name);
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

  /** Says something in a conversation, and shows it there: whoever sends wants to see it. */
  say(conversation: ConversationId, text: string): void {
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined) return;
    this.session?.say(buffer.name, text);
    this.setPlace(conversation, undefined);
    this.said.fire();
  }

  markAllRead(): void {
    for (const { name, unread } of this.state?.buffers.values() ?? [])
      if (unread > 0) this.session?.markAllRead(name);
    this.saveSoon();
  }

  /** Takes a message that was not sent off the screen. A conversation in which something is typed stays. */
  discard(conversation: ConversationId, row: string): void {
    const { session } = this;
    const buffer = this.state?.buffers.get(conversation);
    if (session === undefined || buffer === undefined) return;
    session.discard(buffer.name, row);
    const isGone = !session.state.buffers.has(buffer.name);
    if (isGone && this.draft(conversation) !== "") session.openDirect(buffer.name);
  }

  setDraft(conversation: ConversationId, text: string): void {
    if (text === "") this.drafts.delete(conversation);
    else this.drafts.set(conversation, text);
    this.saveSoon();
  }

  /** The page says which row is at the top of the screen; undefined: the end is on screen. */
  setPlace(conversation: ConversationId, row: string | undefined): void {
    const id = this.idOf(conversation);
    const buffer = this.state?.buffers.get(id);
    if (buffer === undefined) return;
    this.place.moved(id, row);
    this.session?.setFocus(buffer.name, row);
    if (id !== this.current) return;
    if (this.place.movedOnScreen(buffer, row)) this.changed.fire();
  }

  /** The page is out of sight: nothing is being read. */
  lookAway(): void {
    this.place.close();
    this.changed.fire();
  }

  /** Shows rows where the page has a gap, asking the server where it must. @throws SessionError */
  async loadGap(conversation: ConversationId, gap: string, side: GapSide): Promise<void> {
    const buffer = this.state?.buffers.get(conversation);
    if (buffer === undefined) return;
    const isCurrent = this.idOf(conversation) === this.current;
    if (isCurrent && this.place.crossEdge(buffer, gap)) this.changed.fire();
    else await this.session?.loadGap(buffer.name, gap, side);
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
    const { remembered, caughtUpTo } = session;
    await this.memory.save(network.key, {
      conversations: new Map(remembered.map((it) => [this.idOf(it.name), it])),
      drafts: this.drafts,
      caughtUpTo,
      isAudited: session.state.isAudited,
      shown: this.current,
    });
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
    this.saveSoon();
    const next = state && this.conversationToOpen(state);
    if (next === undefined) this.changed.fire();
    else this.open(next);
  }

  /** What is typed goes on with the conversation, and whoever looks at it goes on looking at it. */
  private followRename(name: string, newName: string): void {
    const [before, after] = [this.idOf(name), this.idOf(newName)];
    if (before === after) return;
    const texts = [this.draft(after), this.draft(before)].filter((text) => text !== "");
    this.setDraft(before, "");
    this.setDraft(after, texts.join("\n"));
    this.place.renamed(before, after);
    if (this.shown?.id === before) this.shown = { ...this.shown, id: after };
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
    const last = this.active && this.memory.shown(this.active.network.key);
    if (last !== undefined && state.buffers.has(last)) return last;
    const channels = [...state.buffers.values()].filter(({ kind }) => kind === "channel");
    return (channels.find(({ joined }) => joined) ?? channels[0])?.name;
  }
}
