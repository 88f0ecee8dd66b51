// The one place where the chat's state changes.
//
// A ChatState is immutable, but copying a channel of 5000 members for each of 5000 JOINs would be quadratic. So a draft
// copies a map when it is first written to, changes its own copy for as long as no one has looked, and hands it out at
// publish(): one copy for each touched map and each published snapshot, not for each line. A chunk of input is one snapshot.
import { FoldedMap, fold, type CaseMapping } from "../irc/casemapping.js";
import { caseMapping, type Isupport } from "../irc/isupport.js";
import {
  LEAST_BUFFER_BYTES,
  MAX_CASE_MAPPINGS,
  MAX_ENTRY_BYTES,
  MAX_MEMBERSHIPS,
  MAX_REDACTED,
  MAX_REFOLDED_NAMES,
  MAX_USER_BYTES,
  MAX_WORD_LENGTH,
} from "./limits.js";
import { CAP } from "../irc/caps.js";
import type { Row } from "./entry-identity.js";
import type { ChatBuffer, ChatState, Entry, Member, MessageEntry, User } from "./model.js";
import type { RememberedConversation } from "./remembered.js";
import type { SessionLimits } from "./session-options.js";
import { Timeline } from "./timeline.js";
import { isSameUser, newUser, shortProfile, sizeOfUser } from "./user-record.js";

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
  /** A message of someone else came in just now. */
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

/** Of what is let go when all buffers together have become too large: doing it costs a walk through the largest. */
const RELIEVED_PART = 0.9;

/** People who left that are kept beside those there is a conversation with: rows still show them as they were. */
const MAX_DEPARTED_USERS = 1_000;

/** What of ChatState is neither users nor buffers. */
export type ScalarState = Omit<ChatState, "users" | "buffers">;

export class StateDraft {
  private scalars: ScalarState;
  private users: FoldedMap<User>;
  private ownsUsers = false;
  private readonly buffers = new Map<string, WorkBuffer>();
  /** Folded nicks of the users who are offline, in the order in which they left. */
  private readonly departed = new Set<string>();
  /** What the users, the memberships and the entries of all buffers come to. */
  private userBytes = 0;
  private memberships = 0;
  private entryBytes = 0;
  /** More than the limit only where what there is may not go. */
  private mostEntryBytes = MAX_ENTRY_BYTES;
  /** Ids of deleted messages, the last of them. */
  private readonly redacted = new Set<string>();
  /** How often names have been keyed anew on this connection. */
  private refolds = 0;
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
    for (const [key, buffer] of buffers) {
      const work = this.workOn(buffer);
      this.buffers.set(key, work);
      this.memberships += buffer.members.size;
      this.entryBytes += work.timeline.bytes;
    }
    for (const [key, user] of users) {
      this.userBytes += sizeOfUser(user);
      if (!user.online) this.departed.add(key);
    }
  }

  /** The state as it is now, immutable. The same object as before when nothing has changed. */
  publish(): ChatState {
    if (!this.isChanged) return this.published;
    this.forgetDeparted();
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
  }

  /**
   * What the server says it supports. Once it has changed its case mapping often enough, or there are too many names to key
   * anew, the one there is stays.
   */
  setIsupport(isupport: Isupport): void {
    const mapping = caseMapping(isupport);
    const isOther = mapping !== this.mapping;
    const isTooMuch = this.users.size + this.memberships > MAX_REFOLDED_NAMES;
    const isRefused = isOther && (isTooMuch || this.refolds >= MAX_CASE_MAPPINGS);
    this.set({
      isupport: isRefused ? new Map([...isupport, ["CASEMAPPING", this.mapping]]) : isupport,
    });
    if (!isOther || isRefused) return;
    this.refolds++;
    this.refold(mapping);
  }

  /** Another server may answer this time. Only the case mapping stays, until it tells its own: names keep their keys. */
  forgetIsupport(): void {
    this.refolds = 0;
    this.set({ isupport: new Map([["CASEMAPPING", this.mapping]]) });
  }

  /** Names that were the same may now differ and the other way round: every map is keyed anew. */
  private refold(mapping: CaseMapping): void {
    this.users = new FoldedMap(
      mapping,
      [...this.users.values()].map((user) => [user.nick, user] as const),
    );
    this.ownsUsers = true;
    this.memberships = 0;
    this.entryBytes = 0;
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
    for (const { data, timeline } of this.buffers.values()) {
      this.memberships += data.members.size;
      this.entryBytes += timeline.bytes;
    }
    this.userBytes = 0;
    this.departed.clear();
    for (const [key, user] of this.users) {
      this.userBytes += sizeOfUser(user);
      if (!user.online) this.departed.add(key);
    }
    this.hasOtherBuffers = true;
  }

  // ---- users

  user(nick: string): User | undefined {
    return this.users.get(nick);
  }

  /** Changes what is known of `nick`, who is added when new. Does nothing when there is no room for it. */
  updateUser(nick: string, patch: Partial<Omit<User, "nick">>): void {
    const before = this.users.get(nick);
    if (before === undefined && this.users.size >= this.context.limits.maxUsers) return;
    const after: User = { ...(before ?? newUser(nick)), ...shortProfile(patch), nick };
    if (before !== undefined && isSameUser(before, after)) return;
    const more = sizeOfUser(after) - (before === undefined ? 0 : sizeOfUser(before));
    const hasRoom = more <= 0 || this.userBytes + more <= MAX_USER_BYTES || this.isSelf(nick);
    if (hasRoom && nick.length <= MAX_WORD_LENGTH) this.putUser(before, after);
  }

  renameUser(nick: string, newNick: string): void {
    const user = this.users.get(nick);
    this.dropUser(user);
    this.putUser(this.users.get(newNick), {
      ...(user ?? newUser(newNick)),
      nick: newNick,
      online: true,
    });
  }

  private putUser(before: User | undefined, after: User): void {
    this.writableUsers().set(after.nick, after);
    this.userBytes += sizeOfUser(after) - (before === undefined ? 0 : sizeOfUser(before));
    if (after.online) this.departed.delete(this.fold(after.nick));
    else this.departed.add(this.fold(after.nick));
  }

  private dropUser(user: User | undefined): void {
    if (user === undefined || !this.writableUsers().delete(user.nick)) return;
    this.userBytes -= sizeOfUser(user);
    this.departed.delete(this.fold(user.nick));
  }

  /** No one but us is known to be online any more. Of more people than are kept, those known longest stay. */
  departAll(): void {
    const all = [...this.users.values()];
    this.users = new FoldedMap(this.mapping);
    this.ownsUsers = true;
    this.userBytes = 0;
    this.departed.clear();
    this.isChanged = true;
    let room = MAX_DEPARTED_USERS;
    for (const user of all) {
      if (this.isSelf(user.nick)) this.putUser(undefined, user);
      else if (this.buffer(user.nick)?.kind === "direct" || room-- > 0)
        this.putUser(undefined, { ...user, online: false });
    }
  }

  private writableUsers(): FoldedMap<User> {
    this.isChanged = true;
    if (!this.ownsUsers) this.users = this.users.copy();
    this.ownsUsers = true;
    return this.users;
  }

  /** Those of `nicks` who are in no channel we are in. */
  withoutChannel(nicks: readonly string[]): Iterable<string> {
    const left = new Map(nicks.map((nick) => [this.fold(nick), nick]));
    for (const { data } of this.buffers.values()) {
      // The shorter list is walked: someone may be in hundreds of large channels.
      if (data.members.size < left.size) for (const key of data.members.keys()) left.delete(key);
      else for (const key of left.keys()) if (data.members.has(key)) left.delete(key);
    }
    return left.values();
  }

  /** Of the people who left, those who left first are forgotten: they would pile up for ever. */
  private forgetDeparted(): void {
    let excess = this.departed.size - MAX_DEPARTED_USERS;
    if (excess <= 0) return;
    for (const key of this.departed) {
      if (this.buffers.get(key)?.data.kind === "direct") continue;
      this.dropUser(this.users.get(key));
      if (--excess <= 0) return;
    }
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
    const isFull = this.buffers.size >= this.context.limits.maxBuffers;
    if (isFull || name.length > MAX_WORD_LENGTH) return undefined;
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
    const work = this.buffers.get(this.fold(name));
    if (work === undefined) return;
    this.buffers.delete(this.fold(name));
    this.memberships -= work.data.members.size;
    this.entryBytes -= work.timeline.bytes;
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
      this.entryBytes -= work.timeline.bytes;
      const unread = existing.data.unread + work.data.unread;
      const mentions = existing.data.mentions + work.data.mentions;
      const firsts = [work.data.unreadFrom, existing.data.unreadFrom];
      this.change(newName, (timeline) => {
        timeline.absorb(work.timeline);
      });
      // The timeline may have let go one of them.
      const ids = [...firsts, existing.data.unreadFrom].filter((id) => id !== undefined);
      const unreadFrom = existing.timeline.entries.find(({ id }) => ids.includes(id))?.id;
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
    // The nick as it is written there: one string for all channels.
    const nick = this.users.get(member.nick)?.nick;
    if (members === undefined || nick === undefined) return;
    const isNew = !members.has(nick);
    const isFull =
      members.size >= this.context.limits.maxMembers || this.memberships >= MAX_MEMBERSHIPS;
    if (isNew && isFull) return;
    members.set(nick, { ...member, nick });
    if (isNew) this.memberships++;
  }

  removeMember(channel: string, nick: string): void {
    if (this.writableMembers(channel)?.delete(nick) === true) this.memberships--;
  }

  clearMembers(channel: string): void {
    const work = this.work(channel);
    if (work === undefined) return;
    this.memberships -= work.data.members.size;
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

  /** The buffer with the message of this msgid, looked for in `first` before all others. */
  bufferOf(msgid: string, first: string): string | undefined {
    const isHere = ({ timeline }: WorkBuffer) => timeline.hasMessage(msgid);
    const usual = this.buffers.get(this.fold(first));
    if (usual !== undefined && isHere(usual)) return usual.data.name;
    for (const work of this.buffers.values()) if (isHere(work)) return work.data.name;
    return undefined;
  }

  entry(buffer: string, id: string): Entry | undefined {
    return this.buffer(buffer)?.entries.findLast((entry) => entry.id === id);
  }

  /** Adds `entry` at the end, but before what we are still sending: the server's order is everyone's order. */
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

  /** A message was deleted, and goes. Returns it, where it is here. */
  redact(buffer: string, msgid: string): MessageEntry | undefined {
    const [oldest] = this.redacted;
    if (this.redacted.size >= MAX_REDACTED && oldest !== undefined) this.redacted.delete(oldest);
    this.redacted.add(msgid);
    return this.change(buffer, (timeline) => timeline.redact(msgid));
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
    const before = timeline.bytes;
    const result = change(timeline);
    this.entryBytes += timeline.bytes - before;
    show(work);
    if (this.entryBytes > this.mostEntryBytes) this.relieve();
    return result;
  }

  /** The largest buffers let go until all together are well within the limit. */
  private relieve(): void {
    const goal = MAX_ENTRY_BYTES * RELIEVED_PART;
    const large = [...this.buffers.values()]
      .filter(({ timeline }) => timeline.bytes > LEAST_BUFFER_BYTES)
      .sort((a, b) => b.timeline.bytes - a.timeline.bytes);
    for (const work of large) {
      if (this.entryBytes <= goal) break;
      const { timeline, data } = work;
      const before = timeline.bytes;
      timeline.unreadFrom = data.unreadFrom;
      timeline.shrink(Math.max(before / 2, LEAST_BUFFER_BYTES));
      this.entryBytes += timeline.bytes - before;
      show(work);
      touch(work);
    }
    this.mostEntryBytes = Math.max(MAX_ENTRY_BYTES, this.entryBytes / RELIEVED_PART);
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
      redacted: this.redacted,
    });
    return { data: { ...buffer }, timeline, ownsMembers: false, isDirty: false };
  }
}

/** Whether a server of these capabilities can be asked what was said. */
export function keepsHistory(caps: ReadonlySet<string>): boolean {
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

/** What the timeline has is what the buffer shows. */
function show({ timeline, data }: WorkBuffer): void {
  data.entries = timeline.entries;
  data.startsAtBeginning = timeline.startsAtBeginning;
  data.unreadFrom = timeline.unreadFrom;
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
