// The one place where the chat's state changes.
//
// A ChatState is immutable, but copying a channel of 5000 members for each of 5000 JOINs would be quadratic. So a draft
// copies a map when it is first written to, changes its own copy for as long as nobody has looked, and hands it out at
// publish(): one copy for each touched map and each published snapshot, not for each line. A chunk of input is one snapshot.
import { FoldedMap, fold, type CaseMapping } from "../irc/casemapping.js";
import { caseMapping } from "../irc/isupport.js";
import { CAP } from "../irc/caps.js";
import type { Row } from "./entry-identity.js";
import type { ChatBuffer, ChatState, Entry, Member, MessageEntry, User } from "./model.js";
import type { RememberedConversation } from "./remembered.js";
import type { SessionLimits } from "./session-options.js";
import { Timeline } from "./timeline.js";

/** What the state needs to know of the world. */
export interface StateContext {
  readonly now: () => number;
  readonly newId: () => string;
  readonly limits: SessionLimits;
  /** For each buffer (folded name), when it was last read (ms). */
  readonly lastSeen: ReadonlyMap<string, number>;
  /** What an earlier session left uncounted in a buffer; given once, to whoever brings its first history. */
  readonly takeRemembered?: (
    buffer: string,
  ) => Pick<RememberedConversation, "unread" | "mentions" | "known"> | undefined;
  /** Nicks (folded) we had earlier: in a history they may be ours. */
  readonly formerNicks?: ReadonlySet<string>;
  /** A message of somebody else came in just now. */
  readonly onMessage?: (buffer: string, entry: MessageEntry) => void;
  /** A conversation goes on under another name. */
  readonly onRenamed?: (name: string, newName: string) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A buffer at work: `members` is ours to change once `ownsMembers` says so, the entries are the timeline's. */
interface WorkBuffer {
  readonly data: Mutable<ChatBuffer>;
  readonly timeline: Timeline;
  ownsMembers: boolean;
  isDirty: boolean;
}

/** Offline users kept before those no row names are forgotten. */
const MAX_OFFLINE_USERS = 1_000;

/** What of ChatState is neither users nor buffers. */
export type ScalarState = Omit<ChatState, "users" | "buffers">;

export class StateDraft {
  private scalars: ScalarState;
  private users: FoldedMap<User>;
  private ownsUsers = false;
  private readonly buffers = new Map<string, WorkBuffer>();
  private offlineUsers = 0;
  private published: ChatState;
  private isChanged = false;
  private hasOtherBuffers = false;
  /** Whether the server keeps a history. Also known while we are away from it. */
  private hasHistory: boolean;

  constructor(
    state: ChatState,
    readonly context: StateContext,
  ) {
    const { users, buffers, ...scalars } = state;
    this.published = state;
    this.scalars = scalars;
    this.users = users;
    this.hasHistory = keepsHistory(state.caps);
    for (const [key, buffer] of buffers) this.buffers.set(key, this.workOn(buffer));
    for (const user of users.values()) if (!user.online) this.offlineUsers++;
  }

  /** The state as it is now, immutable. The same object as before when nothing has changed. */
  publish(): ChatState {
    if (!this.isChanged) return this.published;
    this.forgetOffline();
    let { buffers } = this.published;
    const dirty = [...this.buffers].filter(([, work]) => work.isDirty);
    if (dirty.length > 0 || this.hasOtherBuffers) {
      buffers = this.hasOtherBuffers
        ? new FoldedMap<ChatBuffer>(this.mapping)
        : this.published.buffers.copy();
      for (const [key, work] of this.buffers) {
        const unchanged = work.isDirty ? undefined : this.published.buffers.get(work.data.name);
        if (work.isDirty || this.hasOtherBuffers) buffers.set(key, unchanged ?? handOut(work));
      }
    }
    this.ownsUsers = false;
    this.isChanged = false;
    this.hasOtherBuffers = false;
    this.published = { ...this.scalars, users: this.users, buffers };
    return this.published;
  }

  get(): Readonly<ScalarState> {
    return this.scalars;
  }

  get mapping(): CaseMapping {
    return this.users.mapping;
  }

  fold(name: string): string {
    return fold(name, this.mapping);
  }

  isSame(a: string, b: string): boolean {
    return this.fold(a) === this.fold(b);
  }

  isSelf(nick: string): boolean {
    return this.isSame(nick, this.scalars.nick);
  }

  set(patch: Partial<ScalarState>): void {
    this.scalars = { ...this.scalars, ...patch };
    this.isChanged = true;
    // A new server, or new capabilities of this one; that a connection has none at its end means nothing.
    if (patch.serverName !== undefined || (patch.caps?.size ?? 0) > 0)
      this.hasHistory = keepsHistory(this.scalars.caps);
    const mapping = caseMapping(this.scalars.isupport);
    if (patch.isupport !== undefined && mapping !== this.mapping) this.refold(mapping);
  }

  /** Names that were the same may now differ and the other way round: every map is keyed anew. */
  private refold(mapping: CaseMapping): void {
    this.users = new FoldedMap(
      mapping,
      [...this.users.values()].map((user) => [user.nick, user] as const),
    );
    this.ownsUsers = true;
    const all = [...this.buffers.values()];
    this.buffers.clear();
    for (const work of all) {
      work.data.members = new FoldedMap(
        mapping,
        [...work.data.members.values()].map((member) => [member.nick, member] as const),
      );
      work.ownsMembers = true;
      work.isDirty = true;
      this.buffers.set(this.fold(work.data.name), work);
    }
    this.hasOtherBuffers = true;
  }

  // ---- users

  user(nick: string): User | undefined {
    return this.users.get(nick);
  }

  allUsers(): MapIterator<User> {
    return this.users.values();
  }

  /** Changes what is known of `nick`, who is added when new. Does nothing when the list is full. */
  updateUser(nick: string, patch: Partial<Omit<User, "nick">>): void {
    const before = this.users.get(nick);
    if (before === undefined && this.users.size >= this.context.limits.maxUsers) return;
    const after: User = { ...(before ?? newUser(nick)), ...patch, nick };
    if (before !== undefined && sameFields(before, after)) return;
    this.writableUsers().set(nick, after);
    if (before?.online === false) this.offlineUsers--;
    if (!after.online) this.offlineUsers++;
  }

  renameUser(nick: string, newNick: string): void {
    const user = this.users.get(nick);
    const users = this.writableUsers();
    users.delete(nick);
    users.set(newNick, { ...(user ?? newUser(newNick)), nick: newNick, online: true });
  }

  private writableUsers(): FoldedMap<User> {
    this.isChanged = true;
    if (!this.ownsUsers) this.users = this.users.copy();
    this.ownsUsers = true;
    return this.users;
  }

  /** Whether a channel we are in has `nick` too. */
  sharesChannel(nick: string): boolean {
    for (const { data } of this.buffers.values())
      if (data.kind === "channel" && data.members.has(nick)) return true;
    return false;
  }

  /** Of the people who left, only those some row or conversation names are kept: others would pile up for ever. */
  private forgetOffline(): void {
    if (this.offlineUsers <= MAX_OFFLINE_USERS) return;
    const named = new Set<string>();
    for (const { data } of this.buffers.values()) {
      if (data.kind === "direct") named.add(this.fold(data.name));
      for (const entry of data.entries)
        for (const nick of nicksOf(entry)) named.add(this.fold(nick));
    }
    const users = this.writableUsers();
    this.offlineUsers = 0;
    for (const [key, user] of [...users]) {
      if (user.online) continue;
      if (named.has(key)) this.offlineUsers++;
      else users.delete(user.nick);
    }
    // All of them may be named; looking again at once would be as much work for nothing.
    this.offlineUsers = Math.min(this.offlineUsers, MAX_OFFLINE_USERS / 2);
  }

  // ---- buffers

  /** A buffer as it is now. Read only, and only until the next change. */
  buffer(name: string): Readonly<ChatBuffer> | undefined {
    return this.buffers.get(this.fold(name))?.data;
  }

  bufferNames(): string[] {
    return [...this.buffers.values()].map((work) => work.data.name);
  }

  /** The buffer `name`, made when there is none. Undefined when there are too many. */
  openBuffer(name: string, kind: ChatBuffer["kind"]): Readonly<ChatBuffer> | undefined {
    const existing = this.buffer(name);
    if (existing !== undefined) return existing;
    if (this.buffers.size >= this.context.limits.maxBuffers) return undefined;
    const work = this.workOn(emptyBuffer(name, kind, this.mapping));
    work.isDirty = true;
    // What was said here before we came is not known.
    if (kind !== "server") work.timeline.beginAbsence();
    this.buffers.set(this.fold(name), work);
    this.isChanged = true;
    this.hasOtherBuffers = true;
    return work.data;
  }

  removeBuffer(name: string): void {
    if (!this.buffers.delete(this.fold(name))) return;
    this.isChanged = true;
    this.hasOtherBuffers = true;
  }

  /** The conversation with `name` goes on as the one with `newName`; one that is there already takes its entries in. */
  renameBuffer(name: string, newName: string): void {
    const work = this.buffers.get(this.fold(name));
    if (work === undefined) return;
    const existing = this.isSame(name, newName) ? undefined : this.buffers.get(this.fold(newName));
    this.buffers.delete(this.fold(name));
    this.hasOtherBuffers = true;
    if (existing !== undefined) {
      const unread = existing.data.unread + work.data.unread;
      const mentions = existing.data.mentions + work.data.mentions;
      const unreadFrom = work.data.unreadFrom ?? existing.data.unreadFrom;
      this.change(newName, (timeline) => {
        timeline.absorb(work.timeline);
      });
      Object.assign(existing.data, { unread, mentions, unreadFrom });
      touch(existing);
    } else {
      work.data.name = newName;
      touch(work);
      this.buffers.set(this.fold(newName), work);
    }
    this.isChanged = true;
    this.context.onRenamed?.(name, newName);
  }

  patchBuffer(
    name: string,
    patch: Partial<Omit<ChatBuffer, "name" | "kind" | "members" | "entries" | "startsAtBeginning">>,
  ): void {
    const work = this.work(name);
    if (work !== undefined) Object.assign(work.data, patch);
  }

  private work(name: string): WorkBuffer | undefined {
    const work = this.buffers.get(this.fold(name));
    if (work === undefined) return undefined;
    touch(work);
    this.isChanged = true;
    return work;
  }

  // ---- members

  setMember(channel: string, member: Member): void {
    const members = this.writableMembers(channel);
    if (members === undefined) return;
    if (members.size >= this.context.limits.maxMembers && !members.has(member.nick)) return;
    members.set(member.nick, member);
  }

  removeMember(channel: string, nick: string): void {
    this.writableMembers(channel)?.delete(nick);
  }

  clearMembers(channel: string): void {
    const work = this.work(channel);
    if (work === undefined) return;
    work.data.members = new FoldedMap(this.mapping);
    work.ownsMembers = true;
  }

  private writableMembers(channel: string): FoldedMap<Member> | undefined {
    const work = this.work(channel);
    if (work === undefined) return undefined;
    if (!work.ownsMembers) work.data.members = work.data.members.copy();
    work.ownsMembers = true;
    return work.data.members;
  }

  // ---- entries

  /** What is known of a buffer's history. Read only: changes go through this draft. */
  timeline(buffer: string): Omit<Timeline, "add" | "insert" | "change" | "remove"> | undefined {
    return this.buffers.get(this.fold(buffer))?.timeline;
  }

  /** Whether the buffer has an entry of this id or msgid. */
  knows(buffer: string, id: string): boolean {
    return this.buffers.get(this.fold(buffer))?.timeline.knows(id) === true;
  }

  entry(buffer: string, id: string): Entry | undefined {
    return this.buffer(buffer)?.entries.findLast((entry) => entry.id === id);
  }

  /** Adds `entry` at the end, but before what we are still sending: the server's order is everybody's order. */
  addEntry(buffer: string, entry: Row): void {
    this.change(buffer, (timeline) => {
      timeline.add(entry);
    });
  }

  /** Changes a message where it stands; one that is no longer pending goes before those that are. */
  changeMessage(buffer: string, id: string, change: Partial<MessageEntry>): void {
    this.change(buffer, (timeline) => {
      timeline.change(id, change);
    });
  }

  /** Puts `entries`, which are new but perhaps for the first, in the place of one. */
  replaceEntry(buffer: string, id: string, entries: readonly Row[]): void {
    this.change(buffer, (timeline) => {
      timeline.replaceWith(id, entries);
    });
  }

  removeEntry(buffer: string, id: string): void {
    this.change(buffer, (timeline) => timeline.remove(id));
  }

  /** Changes a buffer's timeline, if there is such a buffer. */
  change<T>(buffer: string, change: (timeline: Timeline) => T): T | undefined {
    const work = this.work(buffer);
    if (work === undefined) return undefined;
    const { timeline, data } = work;
    timeline.unreadFrom = data.unreadFrom;
    const result = change(timeline);
    data.entries = timeline.entries;
    data.startsAtBeginning = timeline.startsAtBeginning;
    data.unreadFrom = timeline.unreadFrom;
    return result;
  }

  /** From here on lines of a conversation may be missed. */
  beginAbsence(buffer: string): void {
    if (this.buffer(buffer)?.kind === "server") return;
    this.change(buffer, (timeline) => {
      timeline.beginAbsence();
    });
  }

  /** Where the person looks. Changes nothing that is shown. */
  setFocus(buffer: string, entryId: string | undefined): void {
    const timeline = this.buffers.get(this.fold(buffer))?.timeline;
    if (timeline !== undefined) timeline.focus = entryId;
  }

  private workOn(buffer: ChatBuffer): WorkBuffer {
    const { limits, newId } = this.context;
    const timeline = new Timeline(buffer.entries, buffer.startsAtBeginning, {
      limits: { maxEntries: limits.maxEntries, maxBytes: limits.maxBufferBytes },
      newId,
      hasHistory: () => this.hasHistory && buffer.kind !== "server",
    });
    return { data: { ...buffer }, timeline, ownsMembers: false, isDirty: false };
  }
}

function keepsHistory(caps: ReadonlySet<string>): boolean {
  return caps.has(CAP.chathistory) && caps.has(CAP.batch);
}

function emptyBuffer(name: string, kind: ChatBuffer["kind"], mapping: CaseMapping): ChatBuffer {
  return {
    name,
    kind,
    joined: false,
    topic: "",
    topicSetBy: undefined,
    members: new FoldedMap(mapping),
    entries: [],
    startsAtBeginning: false,
    unread: 0,
    mentions: 0,
    unreadFrom: undefined,
  };
}

function newUser(nick: string): User {
  return {
    nick,
    user: undefined,
    host: undefined,
    account: undefined,
    realname: undefined,
    away: undefined,
    isOperator: false,
    isBot: false,
    online: true,
    metadata: new Map(),
  };
}

function sameFields(a: User, b: User): boolean {
  return (Object.keys(b) as (keyof User)[]).every((key) => a[key] === b[key]);
}

function touch(work: WorkBuffer): void {
  work.isDirty = true;
}

/** The buffer as a value; from here on its parts are no longer ours to change. */
function handOut(work: WorkBuffer): ChatBuffer {
  work.timeline.handOut();
  work.ownsMembers = false;
  work.isDirty = false;
  return { ...work.data };
}

function nicksOf(entry: Entry): string[] {
  if (entry.kind === "gap") return [];
  if (entry.kind === "message") return [entry.nick];
  const { event } = entry;
  if (!("nick" in event)) return [];
  if (event.type === "nick") return [event.nick, event.newNick];
  return event.type === "kick" ? [event.nick, event.by] : [event.nick];
}
