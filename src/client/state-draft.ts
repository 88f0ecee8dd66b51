// The one place where the chat's state changes.
//
// A ChatState is immutable, but copying a channel of 5000 members for each of 5000 JOINs would be quadratic. So a draft
// copies a map when it is first written to, changes its own copy for as long as nobody has looked, and hands it out at
// publish(): one copy for each touched map and each published snapshot, not for each line. A chunk of input is one snapshot.
import { FoldedMap, fold, type CaseMapping } from "../irc/casemapping.js";
import { caseMapping } from "../irc/isupport.js";
import type { ChatBuffer, ChatState, Entry, Member, MessageEntry, User } from "./model.js";
import type { SessionLimits } from "./session-options.js";

/** What the state needs to know of the world. */
export interface StateContext {
  readonly now: () => number;
  readonly newId: () => string;
  readonly limits: SessionLimits;
  /** For each buffer (folded name), when it was last read (ms). */
  readonly lastSeen: ReadonlyMap<string, number>;
  /** Nicks (folded) we had earlier: in a history they may be ours. */
  readonly formerNicks?: ReadonlySet<string>;
  /** A message of somebody else came in just now. */
  readonly onMessage?: (buffer: string, entry: MessageEntry) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A buffer at work: `members` and `entries` are ours to change once `owns…` says so. */
interface WorkBuffer {
  readonly data: Mutable<Omit<ChatBuffer, "entries" | "members">> & {
    entries: Entry[];
    members: FoldedMap<Member>;
  };
  ownsEntries: boolean;
  ownsMembers: boolean;
  isDirty: boolean;
  /** How many entries may stand here: more than usual once the person has scrolled back. */
  maxEntries: number;
  /** The ids and msgids in `entries`; made when first asked for. */
  known: Set<string> | undefined;
}

/** Offline users kept before those no row names are forgotten. */
const MAX_OFFLINE_USERS = 1_000;

/** How many times the usual number of entries a buffer may have after scrolling back. */
const MAX_SCROLLBACK_FACTOR = 5;

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

  constructor(
    state: ChatState,
    readonly context: StateContext,
  ) {
    const { users, buffers, ...scalars } = state;
    this.published = state;
    this.scalars = scalars;
    this.users = users;
    for (const [key, buffer] of buffers)
      this.buffers.set(key, workOn(buffer, context.limits.maxEntries));
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
    const work = workOn(emptyBuffer(name, kind, this.mapping), this.context.limits.maxEntries);
    work.isDirty = true;
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
      this.insertEntries(newName, work.data.entries);
      Object.assign(existing.data, { unread, mentions, unreadFrom });
      touch(existing);
    } else {
      work.data.name = newName;
      touch(work);
      this.buffers.set(this.fold(newName), work);
    }
    this.isChanged = true;
  }

  patchBuffer(
    name: string,
    patch: Partial<Omit<ChatBuffer, "name" | "kind" | "members" | "entries">>,
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

  /** Whether the buffer has an entry of this id or msgid. */
  knows(buffer: string, id: string): boolean {
    const work = this.buffers.get(this.fold(buffer));
    return work !== undefined && knownIds(work).has(id);
  }

  entry(buffer: string, id: string): Entry | undefined {
    return this.buffer(buffer)?.entries.findLast((entry) => entry.id === id);
  }

  /** Adds `entry` at the end, but before what we are still sending: the server's order is everybody's order. */
  addEntry(buffer: string, entry: Entry): void {
    const work = this.work(buffer);
    if (work === undefined) return;
    const entries = writableEntries(work);
    const isPending = entry.kind === "message" && entry.status === "pending";
    entries.splice(isPending ? entries.length : pendingStart(entries), 0, entry);
    remember(work, entry);
    this.trim(work);
  }

  /** Whether older entries would still be kept. */
  hasRoom(buffer: string): boolean {
    const work = this.buffers.get(this.fold(buffer));
    return (work?.maxEntries ?? 0) < this.context.limits.maxEntries * MAX_SCROLLBACK_FACTOR;
  }

  /** Puts `added`, all of it older than what is there, before it, and lets the buffer grow. Returns those that were new. */
  prependEntries(buffer: string, added: readonly Entry[]): readonly Entry[] {
    const work = this.work(buffer);
    if (work === undefined) return [];
    const fresh = added.filter((entry) => !isKnown(work, entry));
    const most = this.context.limits.maxEntries * MAX_SCROLLBACK_FACTOR;
    work.maxEntries = Math.min(work.maxEntries + fresh.length, most);
    for (const entry of fresh) remember(work, entry);
    work.data.entries = fresh.concat(work.data.entries);
    work.ownsEntries = true;
    this.trim(work);
    return fresh;
  }

  /**
   * Merges `added`, a piece of history in order, into the buffer, leaving out what is there already. What is there shows
   * where the rest belongs; between such places time decides. Returns those that were new.
   */
  insertEntries(buffer: string, added: readonly Entry[]): readonly Entry[] {
    const work = this.work(buffer);
    if (work === undefined) return [];
    const all = writableEntries(work);
    const pending = all.splice(pendingStart(all));
    const merged: Entry[] = [];
    const fresh: Entry[] = [];
    let segment: Entry[] = [];
    let start = 0;
    for (const entry of added) {
      if (!isKnown(work, entry)) {
        remember(work, entry);
        fresh.push(entry);
        segment.push(entry);
        continue;
      }
      const place = all.findIndex((other) => isSameEntry(other, entry));
      if (place < start) continue;
      for (const placed of mergeByTime(all.slice(start, place), segment)) merged.push(placed);
      segment = [];
      start = place;
    }
    for (const placed of mergeByTime(all.slice(start), segment)) merged.push(placed);
    work.data.entries = merged.concat(pending);
    this.trim(work);
    return fresh;
  }

  /** Puts what `change` makes of an entry in its place; one that is no longer pending goes before those that are. */
  changeMessage(buffer: string, id: string, change: Partial<MessageEntry>): void {
    const work = this.work(buffer);
    if (work === undefined) return;
    const entries = writableEntries(work);
    const index = entries.findLastIndex((entry) => entry.id === id);
    const before = entries[index];
    if (before?.kind !== "message") return;
    const after: MessageEntry = { ...before, ...change };
    entries.splice(index, 1);
    entries.splice(placeOf(before, after, index, entries), 0, after);
    remember(work, after);
  }

  removeEntry(buffer: string, id: string): void {
    const work = this.work(buffer);
    if (work === undefined) return;
    const entries = writableEntries(work);
    const index = entries.findLastIndex((entry) => entry.id === id);
    if (index >= 0) for (const old of entries.splice(index, 1)) forget(work, old);
  }

  /** Forgets the entries but those still to be sent: there is a gap after them that nobody should overlook. */
  dropEntries(buffer: string): void {
    const work = this.work(buffer);
    if (work === undefined) return;
    work.data.entries = work.data.entries.filter(
      (entry) => entry.kind === "message" && entry.status !== "sent",
    );
    work.ownsEntries = true;
    work.known = undefined;
    Object.assign(work.data, { unreadFrom: undefined, hasOlder: true });
  }

  private trim(work: WorkBuffer): void {
    const excess = work.data.entries.length - work.maxEntries;
    if (excess <= 0) return;
    const entries = writableEntries(work);
    for (let dropped = 0, at = 0; dropped < excess && at < entries.length;) {
      const entry = entries[at];
      // What has not been sent yet is the person's own and never dropped.
      if (entry?.kind === "message" && entry.status !== "sent") {
        at++;
        continue;
      }
      const run = at === 0 ? sentRun(entries, excess - dropped) : 1;
      for (const old of entries.splice(at, run)) forget(work, old);
      dropped += run;
    }
  }
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
    hasOlder: false,
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

function workOn(buffer: ChatBuffer, maxEntries: number): WorkBuffer {
  return {
    // The array is copied before it is first written to: see ownsEntries.
    data: { ...buffer, entries: buffer.entries as Entry[] },
    ownsEntries: false,
    ownsMembers: false,
    isDirty: false,
    maxEntries: Math.max(maxEntries, buffer.entries.length),
    known: undefined,
  };
}

function touch(work: WorkBuffer): void {
  work.isDirty = true;
}

/** The buffer as a value; from here on its parts are no longer ours to change. */
function handOut(work: WorkBuffer): ChatBuffer {
  work.ownsEntries = false;
  work.ownsMembers = false;
  work.isDirty = false;
  return { ...work.data };
}

function writableEntries(work: WorkBuffer): Entry[] {
  if (!work.ownsEntries) work.data.entries = work.data.entries.slice();
  work.ownsEntries = true;
  return work.data.entries;
}

function knownIds(work: WorkBuffer): Set<string> {
  if (work.known === undefined) {
    work.known = new Set();
    for (const entry of work.data.entries) remember(work, entry);
  }
  return work.known;
}

function remember(work: WorkBuffer, entry: Entry): void {
  const known = knownIds(work);
  known.add(entry.id);
  if (entry.kind === "message" && entry.msgid !== undefined) known.add(entry.msgid);
}

function isKnown(work: WorkBuffer, entry: Entry): boolean {
  const known = knownIds(work);
  if (known.has(entry.id)) return true;
  return entry.kind === "message" && entry.msgid !== undefined && known.has(entry.msgid);
}

/** Whether both stand for the same line of the server. */
function isSameEntry(a: Entry, b: Entry): boolean {
  if (a.id === b.id) return true;
  const [idOfA, idOfB] = [a, b].map((entry) => (entry.kind === "message" ? entry.msgid : entry.id));
  return idOfA !== undefined && idOfA === idOfB;
}

function forget(work: WorkBuffer, entry: Entry): void {
  work.known?.delete(entry.id);
  if (entry.kind === "message" && entry.msgid !== undefined) work.known?.delete(entry.msgid);
}

/** How many of the first `max` entries can go in one piece. */
function sentRun(entries: readonly Entry[], max: number): number {
  let run = 0;
  while (run < max) {
    const entry = entries[run];
    if (entry === undefined || (entry.kind === "message" && entry.status !== "sent")) break;
    run++;
  }
  return run;
}

/** Where a changed entry goes among the others: pending ones stay together at the end. */
function placeOf(
  before: MessageEntry,
  after: MessageEntry,
  index: number,
  others: readonly Entry[],
): number {
  if (before.status === after.status) return index;
  if (after.status === "pending") return others.length;
  const place = pendingStart(others);
  return before.status === "pending" ? Math.min(index, place) : place;
}

/** Where the entries that are still being sent begin; they stand at the end. */
function pendingStart(entries: readonly Entry[]): number {
  let start = entries.length;
  while (start > 0) {
    const entry = entries[start - 1];
    if (entry?.kind !== "message" || entry.status !== "pending") break;
    start--;
  }
  return start;
}

/** Both lists in one, by time; of the same time, what was there comes first. */
function mergeByTime(entries: readonly Entry[], added: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  // The order within `entries` is the order of arrival and stays, though clocks may disagree with it.
  let latest = -Infinity;
  const sorted = added.toSorted((a, b) => a.time - b.time);
  let next = 0;
  for (const entry of entries) {
    latest = Math.max(latest, entry.time);
    for (
      let fresh = sorted[next];
      fresh !== undefined && fresh.time < latest;
      fresh = sorted[++next]
    )
      merged.push(fresh);
    merged.push(entry);
  }
  return merged.concat(sorted.slice(next));
}

function nicksOf(entry: Entry): string[] {
  if (entry.kind === "message") return [entry.nick];
  const { event } = entry;
  if (!("nick" in event)) return [];
  if (event.type === "nick") return [event.nick, event.newNick];
  return event.type === "kick" ? [event.nick, event.by] : [event.nick];
}
