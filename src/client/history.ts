// Catching up and scrolling back. https://ircv3.net/specs/extensions/chathistory
import { isupportNumber } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import { TAG } from "../irc/tags.js";
import { parseServerTime } from "../irc/time.js";
import type { Batch } from "./batches.js";
import type { Row } from "./entry-identity.js";
import { HistoryQueue, type Answer, type Question } from "./history-queue.js";
import type { Entry } from "./model.js";
import { Playback } from "./playback.js";
import { SessionError } from "./session-error.js";
import { insertHistory } from "./state-history.js";
import { isChannelName } from "./state-messages.js";
import { keepsHistory, type StateDraft } from "./state-draft.js";
import type { Place } from "./timeline-merge.js";

export interface HistoryPort {
  readonly draft: StateDraft;
  /** Returns false when it cannot stand on a line, or there is no connection. */
  readonly send: (command: string, ...params: string[]) => boolean;
  readonly replyTimeoutMs: number;
  /** About when the server last said anything, by its own clock. */
  readonly lastServerTime: () => number | undefined;
  /** The time since which we do not know what was said; undefined: never before. */
  readonly missedSince: () => number | undefined;
  /** Whether a line is the server's word for what we said on this connection. */
  readonly isEcho: (line: Message) => boolean;
  /** Entries have come in or have been confirmed. */
  readonly onInserted: () => void;
  /** When what we said in `buffer` and may have arrived was first sent, by our clock and by its entry's id. */
  readonly unsettledIn: (buffer: string) => ReadonlyMap<string, number>;
}

/** From which of its neighbors a gap is filled. */
export type GapSide = "before" | "after";

const PAGE_LENGTH = 100;
const MAX_TARGET_PAGES = 20;
/** So many short pages count as one. */
const SHORT_PAGES = 10;
/** So many pages in a row may hold nothing but what is here. */
const MAX_KNOWN_PAGES = 20;
/** Clocks of linked servers differ: we ask for a little more than we need, and know again what we have. */
const FUZZ_MS = 1_000;
/** Conversations are few, so we ask for those of a longer time: the last line we heard may have come from a wrong clock. */
const TARGETS_FUZZ_MS = 10 * 60_000;
const RECENT = 20;
/** Of fewer messages than this all may be from the same wrong clock. */
const FEW = 5;
const DAY_MS = 86_400_000;
/** How much older than our connection a line must be to be playback: nothing but the server's own clock, or ours. */
const OWN_CLOCK_FUZZ_MS = 60_000;

export class History {
  readonly playback: Playback;
  private readonly queue: HistoryQueue;
  private isConnected = false;
  /** When this connection began, by the server's clock where it tells. Lines from before are played back by a bouncer. */
  startedAt: number | undefined;
  /** The same, where the server has told it. */
  private serverStartedAt: number | undefined;
  /** How far the server's clock is ahead of ours, as far as we know. */
  private clockAheadMs = 0;
  /** The time of the newest entry of each buffer (folded name) when the last connection ended. */
  private leftAt = new Map<string, number>();
  private readonly loads = new Map<string, Promise<void>>();
  /** What is being caught up with, by folded name. */
  private readonly catchUps = new Map<string, Promise<void>>();

  /** Those that are under way, or were when the connection was lost; by folded name. */
  private readonly secondLooks = new Map<string, SecondLook>();

  constructor(private readonly port: HistoryPort) {
    this.queue = new HistoryQueue({
      send: port.send,
      replyTimeoutMs: port.replyTimeoutMs,
      isSame: (a, b) => port.draft.isSame(a, b),
    });
    this.playback = new Playback({
      draft: port.draft,
      endsAt: () => (this.isAvailable ? undefined : this.startedAt),
      leftSince: (buffer) => this.leftSince(buffer),
      isEcho: port.isEcho,
      onInserted: port.onInserted,
    });
  }

  get isAvailable(): boolean {
    return this.isConnected && keepsHistory(this.port.draft.get().caps);
  }

  /** The server says welcome. */
  welcomed(message: Message): void {
    const time = parseServerTime(message.tags.get(TAG.time));
    this.serverStartedAt = time;
    this.clockAheadMs = time === undefined ? 0 : time - this.port.draft.context.now();
    this.startedAt = time ?? this.port.draft.context.now() - OWN_CLOCK_FUZZ_MS;
  }

  connected(): void {
    this.isConnected = true;
  }

  disconnected(): void {
    const { draft } = this.port;
    this.isConnected = false;
    this.queue.clear();
    this.playback.disconnected();
    this.leftAt = new Map();
    for (const name of draft.bufferNames()) {
      const newest = draft.buffer(name)?.entries.findLast(isConfirmed);
      if (newest !== undefined) this.leftAt.set(draft.fold(name), newest.time);
    }
  }

  /** Whether a time of an earlier connection lies after the beginning of this one: the server's clock has been put back. */
  isAhead(time: number): boolean {
    return time > (this.serverStartedAt ?? Infinity);
  }

  /** `time`, since which something may have been missed, or one that is early enough by a clock that has been put back. */
  reachedBy(time: number): number {
    return this.isAhead(time) ? (this.serverStartedAt ?? time) - DAY_MS : time;
  }

  /** Up to when a conversation has been read, as far as that says anything about what is said now. */
  readUpTo(buffer: string): number | undefined {
    const { draft } = this.port;
    const time = draft.context.lastSeen.get(draft.fold(buffer));
    return time === undefined || this.isAhead(time) ? undefined : time;
  }

  /** A conversation has another name. */
  renamed(name: string, newName: string): void {
    const { draft } = this.port;
    this.queue.renamed((candidate) => draft.isSame(candidate, name), newName);
    const left = this.leftAt.get(draft.fold(name));
    if (left !== undefined) this.leftAt.set(draft.fold(newName), left);
    const look = this.secondLooks.get(draft.fold(name));
    if (look !== undefined) this.secondLooks.set(draft.fold(newName), look);
  }

  /** A conversation has been closed: one of the same name begins anew. */
  closed(buffer: string): void {
    const { draft } = this.port;
    this.queue.forget((name) => draft.isSame(name, buffer));
    this.catchUps.delete(draft.fold(buffer));
    this.secondLooks.delete(draft.fold(buffer));
  }

  // ---- what comes in

  /** Takes in a batch that has ended: the answer to a question, or what a bouncer plays by itself. */
  takeBatch(batch: Batch): void {
    if (batch.type.endsWith("chathistory-targets")) {
      this.queue
        .takeTargets()
        ?.settle({ messages: batch.messages, fresh: [], isEnd: isEnd(batch) });
      return;
    }
    const asked = batch.params[0] ?? "";
    if (asked === "") return;
    const request = batch.type.endsWith("chathistory") ? this.queue.takeAnswer(asked) : undefined;
    const target = request?.renamedTo ?? asked;
    if (request?.isForgotten === true) {
      request.settle(undefined);
      return;
    }
    let fresh: readonly Row[] = [];
    try {
      fresh = insertHistory(this.port.draft, {
        target,
        messages: batch.messages,
        unreadSince: request === undefined ? this.leftSince(target) : request.unreadSince,
        unreadAfter: request?.unreadAfter,
        place: request?.place ?? { next: "nothing" },
        isLast: isEnd(batch) && showsEnd(request, batch.messages.length),
        mayBeCut: !isEnd(batch),
        unsettled: this.unsettledIn(target),
      });
      this.port.onInserted();
    } finally {
      request?.settle({ messages: batch.messages, fresh, isEnd: isEnd(batch) });
    }
  }

  /** The same as the port's, by the server's clock. */
  private unsettledIn(buffer: string): ReadonlyMap<string, number> {
    const unsettled = [...this.port.unsettledIn(buffer)];
    return new Map(unsettled.map(([id, since]) => [id, since + this.clockAheadMs]));
  }

  /** What is played unasked is unread where it is later than what we had, or had read. */
  private leftSince(target: string): number | undefined {
    const { draft } = this.port;
    const name = draft.fold(target);
    return this.leftAt.get(name) ?? draft.context.lastSeen.get(name) ?? this.port.missedSince();
  }

  /** The server refuses the question that is open, if one is. */
  takeFailure(): boolean {
    return this.queue.takeFailure();
  }

  // ---- catching up

  /** Asks for what may have been missed, if no one does already. */
  catchUp(buffer: string, missedSince: number | undefined): Promise<void> {
    const name = this.port.draft.fold(buffer);
    const running = this.catchUps.get(name);
    if (running !== undefined) return running;
    const catchUp = this.fillAll(buffer, missedSince).finally(() => {
      if (this.catchUps.get(name) === catchUp) this.catchUps.delete(name);
    });
    this.catchUps.set(name, catchUp);
    return catchUp;
  }

  /** What could not be had stays a gap, and is asked for again the next time. */
  private async fillAll(buffer: string, missedSince: number | undefined): Promise<void> {
    if (!this.isAvailable) return;
    const { draft } = this.port;
    let pages = Math.max(1, Math.ceil(draft.context.limits.maxEntries / this.pageLength));
    if (draft.buffer(buffer) === undefined) {
      const page = await this.askLatest(buffer, this.seenSince(buffer, missedSince));
      await this.goBack(buffer, page, missedSince, pages);
      return;
    }
    const unfinished = this.secondLooks.get(draft.fold(buffer));
    if (unfinished !== undefined) await this.lookAgain(buffer, unfinished, pages);
    for (;;) {
      const gap = draft.timeline(buffer)?.firstMissed;
      if (gap === undefined) return;
      const isTop = draft.timeline(buffer)?.around(gap).before.length === 0;
      const used = isTop
        ? await this.fillTop(buffer, gap, missedSince, pages)
        : await this.fill(buffer, gap, pages);
      if (used === undefined) return;
      pages -= used;
      if (pages > 0 || draft.timeline(buffer)?.firstMissed === undefined) continue;
      // More than is kept: begin anew at the end. What lies between is there by scrolling back.
      draft.change(buffer, (timeline) => {
        timeline.beginAnew();
      });
      await this.askLatest(buffer, -Infinity, true);
      return;
    }
  }

  /** The newest of what was said before all that is here. Returns how many pages that took; undefined: it did not work. */
  private async fillTop(
    buffer: string,
    gap: string,
    missedSince: number | undefined,
    most: number,
  ): Promise<number | undefined> {
    const since = this.seenSince(buffer, missedSince);
    const { draft } = this.port;
    const hasMessages = draft
      .timeline(buffer)
      ?.around(gap)
      .after.some(({ kind }) => kind === "message");
    const page =
      hasMessages === true
        ? await this.askBefore(buffer, gap, { unreadSince: since })
        : await this.askLatest(buffer, since);
    if (page === undefined) {
      draft.change(buffer, (timeline) => {
        timeline.revealTop();
      });
      return undefined;
    }
    const pages = await this.goBack(buffer, page, missedSince, most);
    // What a lost connection has kept from us is asked for again.
    if (this.isConnected) this.giveUp(buffer, gap);
    return pages;
  }

  /** Goes back from the newest page to what was there or read before: what is unread counts. Returns how many pages that took. */
  private async goBack(
    buffer: string,
    newest: Answer | undefined,
    missedSince: number | undefined,
    most: number,
  ): Promise<number> {
    const since = Math.max(this.readUpTo(buffer) ?? -Infinity, missedSince ?? -Infinity);
    let page = newest;
    let pages = 0;
    while (page !== undefined) {
      pages += this.costOf(page);
      const gap = this.port.draft.timeline(buffer)?.topGap;
      const isMissing = since > -Infinity && !page.isEnd && earliestOf(page) > since;
      const isRepeated = page !== newest && page.fresh.length === 0;
      if (gap === undefined || !isMissing || isRepeated || pages >= most) break;
      page = await this.askBefore(buffer, gap, { unreadSince: since, showsEnd: "always" });
    }
    return pages;
  }

  /** Which part of a full page an answer is. Many short ones are not free either. */
  private costOf({ messages }: Answer): number {
    return Math.max(messages.length / this.pageLength, 1 / SHORT_PAGES);
  }

  private seenSince(buffer: string, missedSince: number | undefined): number | undefined {
    return this.readUpTo(buffer) ?? missedSince;
  }

  /** Fills a gap from its older side, with at most so many pages. */
  private async fill(buffer: string, gap: string, most: number): Promise<number | undefined> {
    const { draft } = this.port;
    const before = draft.timeline(buffer)?.around(gap).before ?? [];
    const missed = { unreadSince: -Infinity };
    const urgent = { ...missed, isUrgent: true };
    let page = await this.askAfter(buffer, gap, missed);
    const isById = page?.selector?.startsWith("msgid=") === true;
    let pages = 0;
    let hasNews = false;
    while (page !== undefined) {
      pages += this.costOf(page);
      hasNews ||= page.fresh.length > 0;
      if (draft.timeline(buffer)?.hasGap(gap) !== true) break;
      if (pages >= most) return pages;
      const next: Answer | "last" | undefined = await this.askNext(page, buffer, gap, urgent);
      if (next === "last") break;
      page = next;
    }
    if (page === undefined) return undefined;
    this.giveUp(buffer, gap);
    const isDoubtful = this.mayMiss(before, isById, hasNews);
    return pages + (await this.lookAgain(buffer, { before, isDoubtful }, most - pages));
  }

  /** The page that follows one which came after a gap's older side; "last": there is none, or none that can be asked for. */
  private async askNext(
    page: Answer,
    buffer: string,
    gap: string,
    options: AskOptions,
  ): Promise<Answer | "last" | undefined> {
    const next = page.isEnd ? undefined : this.selectorAfter(page);
    // A server that says the same again has no more to say.
    if (next === undefined || next.selector === page.selector) return "last";
    const place = { next: "after", gap } as const;
    if (next.skipsRestOf !== undefined) {
      await this.askFarEnd(next.skipsRestOf, buffer, place, options);
      // What follows the gap is of this time as well: there is no more to be had between.
      const after = this.port.draft.timeline(buffer)?.around(gap).after ?? [];
      if (after.some(({ time }) => time === next.skipsRestOf)) {
        if (page.messages.length < this.pageLength) this.close(buffer, gap);
        return "last";
      }
    }
    // An id that the server has just told is one that it knows.
    return this.ask(buffer, "AFTER", next.selector, place, { ...options, showsEnd: "always" });
  }

  /** What clocks that are wrong have kept from us. Returns how many pages that took. */
  private async lookAgain(buffer: string, look: SecondLook, most: number): Promise<number> {
    const { before, isDoubtful } = look;
    this.secondLooks.set(this.port.draft.fold(buffer), look);
    let pages = isDoubtful ? await this.lookByTime(buffer, before, most) : 0;
    if (this.msgidsOf(before).length === 0) {
      // Without ids only times can be asked for. Whatever its time is, the newest there is comes last.
      const options = { unreadAfter: before[0]?.id, isUrgent: true, showsEnd: "never" } as const;
      await this.ask(buffer, "LATEST", "*", { next: "end" }, options);
      pages++;
    }
    if (this.isConnected) this.secondLooks.delete(this.port.draft.fold(buffer));
    return pages;
  }

  /**
   * A server that sorts by time has nothing after the id of a message from a clock that is ahead: what has come by ids may not
   * be all. All of few messages may be from such a clock.
   */
  private mayMiss(before: readonly Entry[], isById: boolean, hasNews: boolean): boolean {
    const isSure = hasNews || this.msgidsOf(before).length >= FEW;
    return isById && (!isSure || this.hasStrangeTimes(before));
  }

  /** What was missed after `before`, by times alone. Returns how many pages that took. */
  private async lookByTime(
    buffer: string,
    before: readonly Entry[],
    most: number,
  ): Promise<number> {
    const options = { unreadSince: -Infinity, isUrgent: true };
    let selector = timestamp(this.knownUpTo(before));
    let pages = 0;
    while (pages < most) {
      const page = await this.ask(buffer, "AFTER", selector, { next: "nothing" }, options);
      pages += page === undefined ? 1 : this.costOf(page);
      const next = page?.isEnd === false ? this.selectorAfter(page)?.selector : undefined;
      if (next === undefined || next === selector) return pages;
      selector = next;
    }
    return pages;
  }

  /** The lines at the far end of a time of which the page at `place` has the near ones. Those between cannot be asked for. */
  private askFarEnd(
    time: number,
    buffer: string,
    place: Extract<Place, { gap: string }>,
    options: AskOptions,
  ): Promise<Answer | undefined> {
    const [subcommand, bound] = place.next === "after" ? ["BEFORE", time + 1] : ["AFTER", time - 1];
    const apart: Place = { ...place, isApart: true };
    const quiet = { ...options, showsEnd: "never" } as const;
    return this.ask(buffer, subcommand, timestamp(bound), apart, quiet);
  }

  private close(buffer: string, gap: string): void {
    this.port.draft.change(buffer, (timeline) => {
      timeline.close(gap);
    });
  }

  private giveUp(buffer: string, gap: string): void {
    this.port.draft.change(buffer, (timeline) => {
      timeline.giveUp(gap);
    });
  }

  /** What the page after this one is asked for by, and the time of which there may be more lines than a page has. */
  private selectorAfter({ messages, selector }: Answer): NextPage | undefined {
    const last = messages.at(-1);
    const msgid = last?.tags.get(TAG.msgid);
    if (this.isMsgid(msgid)) return { selector: `msgid=${msgid}` };
    const times = messages.flatMap(({ tags }) => parseServerTime(tags.get(TAG.time)) ?? []);
    const time = times.at(-1);
    if (time === undefined) return undefined;
    // The last of them may be of a clock that is ahead, and others of the same time may stand beyond the end of the page,
    // unless it has no other time at all.
    const earliest = Math.min(...times.slice(-this.overlap));
    const asked = parseServerTime(selector?.replace(/^timestamp=/, "")) ?? -Infinity;
    const next = [earliest - 1, time - 1].find((candidate) => candidate > asked);
    if (next !== undefined) return { selector: timestamp(next) };
    return { selector: timestamp(time), skipsRestOf: time };
  }

  private isMsgid(msgid: string | undefined): msgid is string {
    const types = this.port.draft.get().isupport.get("MSGREFTYPES");
    const isAllowed = types === undefined || types.split(",").includes("msgid");
    return isAllowed && msgid !== undefined && msgid !== "";
  }

  // ---- scrolling

  /** Loads a page of what a gap stands for, next to one of its neighbors. @throws SessionError */
  loadGap(buffer: string, gap: string, side: GapSide): Promise<void> {
    const { draft } = this.port;
    if (draft.timeline(buffer)?.hasGap(gap) !== true) return Promise.resolve();
    if (!this.isConnected)
      return Promise.reject(new SessionError("not-connected", "Not connected."));
    const key = JSON.stringify([draft.fold(buffer), gap, side]);
    const running = this.loads.get(key);
    if (running !== undefined) return running;
    const load = this.loadSide(buffer, gap, side).finally(() => this.loads.delete(key));
    this.loads.set(key, load);
    return load;
  }

  private async loadSide(buffer: string, gap: string, side: GapSide): Promise<void> {
    const { draft } = this.port;
    const neighbors = draft.timeline(buffer)?.around(gap);
    const edge = side === "after" ? neighbors?.after[0] : neighbors?.before.at(-1);
    // Who loads a page looks at it: it must not be what is let go to make room for it.
    if (edge !== undefined) draft.setFocus(buffer, edge.id);
    const options = { isUrgent: true };
    const page =
      side === "after"
        ? await this.askBefore(buffer, gap, options)
        : await this.loadAfter(buffer, gap, options);
    const isThere = draft.timeline(buffer)?.hasGap(gap) === true;
    if (page === undefined && isThere)
      throw new SessionError("refused", "The messages could not be loaded.");
  }

  /** The first page that brings something: what is asked for by time begins with what is here already. */
  private async loadAfter(
    buffer: string,
    gap: string,
    options: AskOptions,
  ): Promise<Answer | undefined> {
    let page = await this.askAfter(buffer, gap, options);
    for (let pages = 1; page !== undefined && pages < MAX_KNOWN_PAGES; pages++) {
      if (page.fresh.length > 0 || this.port.draft.timeline(buffer)?.hasGap(gap) !== true) break;
      const next: Answer | "last" | undefined = await this.askNext(page, buffer, gap, options);
      if (next === "last") break;
      page = next;
    }
    return page;
  }

  // ---- questions

  private askLatest(
    buffer: string,
    unreadSince: number | undefined,
    isUrgent = false,
  ): Promise<Answer | undefined> {
    return this.ask(buffer, "LATEST", "*", { next: "end" }, { unreadSince, isUrgent });
  }

  /** The lines just before the entry that follows a gap. */
  private async askBefore(
    buffer: string,
    gap: string,
    options: AskOptions,
  ): Promise<Answer | undefined> {
    const { draft } = this.port;
    const after = draft.timeline(buffer)?.around(gap).after ?? [];
    const [first] = after;
    if (first === undefined) return this.askLatest(buffer, options.unreadSince, options.isUrgent);
    const place: Place = { next: "before", gap };
    const msgid = after.map(msgidOf).find((id) => this.isMsgid(id));
    const byId =
      msgid === undefined
        ? undefined
        : await this.ask(buffer, "BEFORE", `msgid=${msgid}`, place, options);
    if (byId !== undefined && (byId.messages.length > 0 || options.showsEnd === "always"))
      return byId;
    // An id the server does not know any more has nothing before it; a time always has.
    const page = await this.ask(buffer, "BEFORE", timestamp(first.time + 1), place, options);
    if (page === undefined || page.fresh.length > 0 || page.isEnd) return page;
    const isKnown = page.messages.some(({ tags }) => tags.get(TAG.msgid) === msgid);
    if (byId !== undefined && isKnown) {
      // The server does know the id, and had nothing before it.
      this.close(buffer, gap);
      return page;
    }
    const isOfOneTime = page.messages.every(
      ({ tags }) => parseServerTime(tags.get(TAG.time)) === first.time,
    );
    if (isOfOneTime && page.messages.length > 1) {
      // These are its last lines, and perhaps not all of them.
      const start = await this.askFarEnd(first.time, buffer, place, options);
      const others = draft.timeline(buffer)?.around(gap).before;
      if (start === undefined || start.fresh.length > 0) return start;
      if (others?.at(-1)?.time === first.time) return start;
    }
    return this.ask(buffer, "BEFORE", timestamp(first.time), place, options);
  }

  /** The lines just after the entry that precedes a gap. */
  private async askAfter(
    buffer: string,
    gap: string,
    options: AskOptions,
  ): Promise<Answer | undefined> {
    const before = this.port.draft.timeline(buffer)?.around(gap).before ?? [];
    if (before.length === 0) return this.askLatest(buffer, options.unreadSince, options.isUrgent);
    const place: Place = { next: "after", gap };
    const msgids = this.msgidsOf(before);
    // Ids know nothing of clocks. A few messages back: a server that knows the id has those that we have after it. Where
    // someone scrolls, earlier messages of the same second may have been unloaded: by time they would come again.
    const back = options.isUrgent === true ? 2 : Math.max(2, this.overlap);
    const known = msgids.at(-back) ?? msgids[0];
    if (known !== undefined) {
      const page = await this.ask(buffer, "AFTER", `msgid=${known}`, place, options);
      if (page !== undefined && page.messages.length > 0) return page;
    }
    // By time: after a restart a server may not know the id any more, and would have nothing "after" it.
    return this.ask(buffer, "AFTER", timestamp(this.knownUpTo(before)), place, options);
  }

  private msgidsOf(entries: readonly Entry[]): string[] {
    return entries.map(msgidOf).filter((id) => this.isMsgid(id));
  }

  /** A time up to which nothing can have been missed after these entries. */
  private knownUpTo(entries: readonly Entry[]): number {
    const heard = this.port.lastServerTime() ?? Infinity;
    return Math.min(this.reachedBy(reliableTime(entries)), heard) - FUZZ_MS;
  }

  /** Whether the last few messages came in another order than that of their times, or from the future. */
  private hasStrangeTimes(entries: readonly Entry[]): boolean {
    let latest = -Infinity;
    for (const { kind, time } of entries.slice(-RECENT)) {
      if (kind !== "message") continue;
      if (time < latest - FUZZ_MS || this.isAhead(time)) return true;
      latest = Math.max(latest, time);
    }
    return false;
  }

  /** How many messages that we have a page begins with, at most. */
  private get overlap(): number {
    return Math.min(RECENT, Math.ceil(this.pageLength / 2));
  }

  /** The people with whom something was said since `since`, with the time of the last of it. Undefined: not to be had. */
  async directTargets(since: number): Promise<ReadonlyMap<string, number> | undefined> {
    if (!this.isAvailable) return undefined;
    const { draft } = this.port;
    const until = timestamp(Math.max(draft.context.now(), since) + DAY_MS);
    const targets = new Map<string, number>();
    let from = since - TARGETS_FUZZ_MS;
    // From the oldest on: that all servers can.
    for (let pages = 0; pages < MAX_TARGET_PAGES; pages++) {
      const page = await this.queue.ask({
        params: ["TARGETS", timestamp(from), until, String(this.pageLength)],
        target: undefined,
      });
      if (page === undefined) return pages === 0 ? undefined : targets;
      let last = from;
      for (const { params } of page.messages) {
        const [, name = "", text = ""] = params;
        const time = parseServerTime(text) ?? last;
        last = Math.max(last, time);
        if (name === "" || isChannelName(draft, name)) continue;
        // The latest are wanted most; more than can be shown are of no use.
        const [oldest = name] = targets.keys();
        if (targets.size >= draft.context.limits.maxBuffers) targets.delete(oldest);
        targets.set(name, time);
      }
      if (page.isEnd || (last <= from + 1 && page.messages.length < this.pageLength)) break;
      // Others of the same time may stand beyond the end of the page.
      const next = Math.max(last - 1, from);
      from = next === from ? last : next;
    }
    return targets;
  }

  private get pageLength(): number {
    const { isupport } = this.port.draft.get();
    // "If 0, the client SHOULD assume that there is no maximum number of messages."
    const most = isupportNumber(isupport, "CHATHISTORY", PAGE_LENGTH);
    return most < 1 ? PAGE_LENGTH : Math.min(PAGE_LENGTH, most);
  }

  private async ask(
    target: string,
    subcommand: string,
    selector: string,
    place: Place,
    { unreadSince, unreadAfter, isUrgent, showsEnd }: AskOptions,
  ): Promise<Answer | undefined> {
    if (!this.isAvailable) return undefined;
    // Filled by another page meanwhile, or its conversation was closed.
    const isGone = "gap" in place && this.port.draft.timeline(target)?.hasGap(place.gap) !== true;
    if (isGone) return undefined;
    return this.queue.ask({
      params: [subcommand, target, selector, String(this.pageLength)],
      target,
      selector,
      place,
      unreadSince,
      unreadAfter,
      // Nothing "after" an id can also mean that the server no longer knows that id.
      showsEnd: showsEnd ?? (selector.startsWith("msgid=") ? "unless empty" : "always"),
      isUrgent,
    });
  }
}

/** What is looked for once more when a gap has been filled. */
interface SecondLook {
  /** What stood before the gap. */
  readonly before: readonly Entry[];
  readonly isDoubtful: boolean;
}

interface NextPage {
  readonly selector: string;
  readonly skipsRestOf?: number;
}

interface AskOptions {
  /** Messages later than this are unread; undefined: none. */
  readonly unreadSince?: number | undefined;
  /** Messages after this entry are unread. */
  readonly unreadAfter?: string | undefined;
  /** Someone waits for it: before what we ask for unasked. */
  readonly isUrgent?: boolean | undefined;
  readonly showsEnd?: Question["showsEnd"];
}

/** Servers cut their answers by limits of their own: a short one alone does not say that there is no more. */
function isEnd(batch: Batch): boolean {
  return batch.isEnd || batch.messages.length === 0;
}

function earliestOf({ messages }: Answer): number {
  return Math.min(...messages.map(({ tags }) => parseServerTime(tags.get(TAG.time)) ?? Infinity));
}

function showsEnd(question: Question | undefined, length: number): boolean {
  return question?.showsEnd === "always" || (question?.showsEnd === "unless empty" && length > 0);
}

function timestamp(time: number): string {
  // Years beyond 9999 have no place in the format, and no message.
  return `timestamp=${new Date(Math.min(Math.max(time, 0), 253_402_300_799_999)).toISOString()}`;
}

function isConfirmed(entry: Entry): boolean {
  return entry.kind === "message" && entry.status === "sent";
}

function msgidOf(entry: Entry): string | undefined {
  return entry.kind === "message" ? entry.msgid : undefined;
}

/** The earliest time of the last few entries: the very last may come from a clock that is ahead. */
function reliableTime(entries: readonly Entry[]): number {
  return Math.min(...entries.slice(-RECENT).map(({ time }) => time));
}
