// The entries of one buffer: pieces of what was said, in the server's order, with gaps where some may be missing.
import { ContentIndex, isOfSameSecond } from "./content-index.js";
import { idsOf, isGap, isPending, isStored, isUnsent, type Row } from "./entry-identity.js";
import type { Entry, GapEntry, MessageEntry } from "./model.js";
import {
  addLoad,
  excessEvents,
  farthest,
  isOver,
  unreadMentions,
  type Load,
  type TimelineLimits,
} from "./timeline-bounds.js";
import { UnsettledMessages } from "./unsettled-messages.js";
import {
  isApart,
  mergePage,
  withoutLooseEnd,
  type Merged,
  type Place,
  type Placed,
} from "./timeline-merge.js";

/** A page of history. */
export interface Page {
  /** In the server's order. */
  readonly rows: readonly Row[];
  readonly place: Place;
  /** Whether the server has no more beyond it. */
  readonly isLast: boolean;
  /** Whether it may have been cut between lines of the same time. */
  readonly mayBeCut?: boolean;
  /** When what may have arrived was first sent, by the server's clock and by the id of its pending entry. */
  readonly unsettled?: ReadonlyMap<string, number>;
  /** Ids of entries that lines of the same words before this one have been recognized as; grows. */
  readonly recognized?: Set<string>;
}

export interface TimelineOptions {
  readonly limits: TimelineLimits;
  readonly newId: () => string;
  /** Whether what is not here can be loaded from the server. */
  readonly hasHistory: () => boolean;
  /** Ids of messages that were deleted: a history that still has them does not bring them back. */
  readonly redacted: ReadonlySet<string>;
}

/**
 * What `entries` gives is never changed after handOut(): the next change makes a copy. Those still being sent stand at the
 * end.
 */
export class Timeline {
  /** The entry the person looks at; undefined: the end. */
  focus: string | undefined;
  /** The first unread entry. */
  unreadFrom: string | undefined;
  private rows: readonly Entry[];
  private own: Entry[] | undefined;
  private ids: Set<string> | undefined;
  private load: Load | undefined;
  private hasBeginning: boolean;
  /** The id of the gap that will stand before the next line, where lines between may be missing. */
  private pendingGap: string | undefined;
  /**
   * The gap before all else, for as long as what is in it is being asked for unasked: for a moment no one needs to see it, and
   * often there is nothing in it.
   */
  private top: string | undefined;
  /** Gaps with what was said while we were away: to be filled unasked. */
  private readonly missed = new Set<string>();
  /** Messages that were sent without an echo: they have neither the server's id nor its time. */
  private readonly unechoed = new Set<string>();

  constructor(
    entries: readonly Entry[],
    startsAtBeginning: boolean,
    private readonly options: TimelineOptions,
  ) {
    this.rows = entries;
    this.hasBeginning = startsAtBeginning;
  }

  /** As they are now; changed by the next change unless handed out. */
  get entries(): readonly Entry[] {
    return this.rows;
  }

  /** Whether the first entry is the first thing ever said here. */
  get startsAtBeginning(): boolean {
    return this.hasBeginning && !isGap(this.rows.find((entry) => !isUnsent(entry)));
  }

  /** From now on `entries` is someone else's too. */
  handOut(): void {
    this.own = undefined;
  }

  private writable(): Entry[] {
    if (this.own === undefined) this.replace(this.rows.slice());
    return this.own ?? [];
  }

  private replace(rows: Entry[]): void {
    this.own = rows;
    this.rows = rows;
  }

  /** Whether there is, or was until it was deleted, an entry of this id or msgid. */
  knows(id: string): boolean {
    return this.has(id) || this.options.redacted.has(id);
  }

  /** Whether there is an entry of this id or msgid. */
  has(id: string): boolean {
    return this.known().has(id);
  }

  /** Whether there is a message to which the server gave this id. */
  hasMessage(msgid: string): boolean {
    return this.messageOf(msgid) !== undefined;
  }

  private messageOf(msgid: string): MessageEntry | undefined {
    // Most are not here, and need no walk through those that are.
    if (!this.has(msgid)) return undefined;
    const isMeant = (row: Entry) => row.kind === "message" && row.msgid === msgid;
    const found = this.rows.findLast(isMeant);
    return found?.kind === "message" ? found : undefined;
  }

  private known(): Set<string> {
    if (this.ids === undefined) {
      this.ids = new Set();
      for (const entry of this.rows) for (const id of idsOf(entry)) this.ids.add(id);
    }
    return this.ids;
  }

  /** About how much memory the entries take. */
  get bytes(): number {
    return this.weight().bytes;
  }

  private weight(): Load {
    const none: Load = { count: 0, bytes: 0 };
    this.load ??= this.rows.reduce((load, entry) => addLoad(load, entry, 1), none);
    return this.load;
  }

  private remember(entry: Entry): void {
    for (const id of idsOf(entry)) this.known().add(id);
    this.load = addLoad(this.weight(), entry, 1);
  }

  private forget(entry: Entry): void {
    for (const id of idsOf(entry)) this.known().delete(id);
    this.load = addLoad(this.weight(), entry, -1);
    if (isGap(entry)) this.missed.delete(entry.id);
    else this.unechoed.delete(entry.id);
  }

  // ---- what comes in

  /** At the end, but before what is still being sent unless it is that itself. */
  add(entry: Row): void {
    this.prepare();
    if (isStored(entry)) this.endAbsence(entry.time);
    const rows = this.writable();
    rows.splice(isPending(entry) ? rows.length : pendingStart(rows), 0, entry);
    this.remember(entry);
    this.trim();
  }

  /** Before the first change: counted later, what changes meanwhile would be counted twice. */
  private prepare(): void {
    this.known();
    this.weight();
  }

  /** From here on lines may be missing, until the next one or an answer shows otherwise. */
  beginAbsence(): void {
    this.revealTop();
    this.pendingGap ??= this.options.newId();
  }

  /** A line has come: if others may be missing before it, a gap says so. */
  private endAbsence(time: number): void {
    const id = this.pendingGap;
    this.pendingGap = undefined;
    if (id === undefined || !this.options.hasHistory()) return;
    const rows = this.writable();
    if (!rows.some((row) => isGap(row) || isStored(row))) {
      this.top = id;
      return;
    }
    const at = pendingStart(rows);
    const before = rows[at - 1];
    if (isGap(before)) {
      this.missed.add(before.id);
      return;
    }
    this.missed.add(id);
    this.insertGap(rows, at, { kind: "gap", id, time });
  }

  /** Shows the gap before all else, if there is one: what is in it was not to be had. */
  revealTop(): void {
    const { top } = this;
    this.top = undefined;
    if (top === undefined) return;
    this.prepare();
    const rows = this.writable();
    let at = rows.findIndex((row) => isGap(row) || isStored(row));
    const first = rows[at];
    if (isGap(first)) this.missed.add(first.id);
    else {
      this.missed.add(top);
      // What an earlier session did not get sent has its place among what is missing, by its time.
      while (isUnsent(rows[at - 1])) at--;
      this.insertGap(rows, Math.max(at, 0), { kind: "gap", id: top, time: first?.time ?? 0 });
    }
  }

  private insertGap(rows: Entry[], at: number, gap: GapEntry): void {
    rows.splice(at, 0, gap);
    this.remember(gap);
  }

  /** Nothing was missed at the end. Where nothing is here at all, what was said before can be asked for. */
  confirmEnd(): void {
    if (!this.rows.some((row) => isGap(row) || isStored(row))) this.top ??= this.pendingGap;
    this.pendingGap = undefined;
    const { top } = this;
    this.revealTop();
    if (top !== undefined) this.missed.delete(top);
  }

  // ---- gaps

  /** The first gap with what was said while we were away. One that no line has come after yet stands at the end. */
  get firstMissed(): string | undefined {
    return this.top ?? this.rows.find(({ id }) => this.missed.has(id))?.id ?? this.pendingGap;
  }

  /** The gap before all that is here, if there is one. */
  get topGap(): string | undefined {
    if (this.top !== undefined) return this.top;
    const first = this.rows.find((row) => isGap(row) || isStored(row));
    return isGap(first) ? first.id : undefined;
  }

  /** Whether such a gap is among the entries. */
  get hasMissedGap(): boolean {
    return this.top !== undefined || this.missed.size > 0;
  }

  /** Whether there is such a gap now, or will be with the next line. */
  hasGap(id: string): boolean {
    if (id === this.pendingGap || id === this.top) return true;
    return this.rows.some((entry) => isGap(entry) && entry.id === id);
  }

  /** The piece before a gap, up to the gap before that, and the piece after it. */
  around(gap: string): { readonly before: readonly Entry[]; readonly after: readonly Entry[] } {
    const found = this.rows.findIndex((entry) => isGap(entry) && entry.id === gap);
    const end = gap === this.top ? -1 : this.rows.length;
    const at = found < 0 ? end : found;
    const start = this.rows.findLastIndex((entry, i) => i < at && isGap(entry)) + 1;
    const next = this.rows.findIndex((entry, i) => i > at && isGap(entry));
    return {
      before: this.rows.slice(start, Math.max(at, 0)).filter(isStored),
      after: this.rows.slice(at + 1, next < 0 ? undefined : next).filter(isStored),
    };
  }

  /** What this gap stands for is no longer loaded unasked. */
  giveUp(gap: string): void {
    if (gap === this.top) this.revealTop();
    this.missed.delete(gap);
  }

  /** The server has nothing beyond what precedes this gap: all that follows has come since. */
  closeAfter(gap: string): void {
    const at = this.rows.findIndex(({ id }) => id === gap);
    const later = at < 0 ? [] : this.rows.slice(at).filter(isGap);
    for (const { id } of later) this.close(id);
    this.pendingGap = undefined;
  }

  /** The server has nothing that belongs into this gap. */
  close(gap: string): void {
    if (this.pendingGap === gap) {
      this.pendingGap = undefined;
      if (!this.rows.some(isStored)) this.hasBeginning = true;
      return;
    }
    const rows = this.writable();
    const at = rows.findIndex((entry) => isGap(entry) && entry.id === gap);
    if (at < 0) return;
    if (!rows.slice(0, at).some(isStored)) this.hasBeginning = true;
    for (const entry of rows.splice(at, 1)) this.forget(entry);
  }

  // ---- pages

  /** Takes a page in. What is there already shows where the rest belongs. Returns what was not there. */
  insert(page: Page): readonly Row[] {
    this.prepare();
    if (page.place.next === "end" || page.place.next === "before") this.revealTop();
    const place = this.placeOf(page.place);
    const rows = this.writable();
    const pending = rows.splice(pendingStart(rows));
    const lines = this.unheard(page.rows);
    this.confirmOwn(rows, pending, lines);
    const own = new UnsettledMessages(pending, page.unsettled);
    const found = this.recognize(rows, lines, own, page.recognized);
    const placed =
      page.mayBeCut === true ? withoutLooseEnd(rows, found.placed, place) : found.placed;
    for (const entry of own.settled) this.forget(entry);
    const result = mergePage(rows, placed, place);
    if (place.next === "end") this.linkToEnd(result, placed);
    else if (isApart(place) && !result.isTied) this.partFromPlace(result.merged, placed, place);
    this.adopt(result.merged.concat(pending.filter((entry) => !own.settled.has(entry))));
    if (page.isLast) this.closeBeyond(place);
    this.trim();
    return found.fresh;
  }

  /** A gap that is gone by now, closed by another page, is no place any more. */
  private placeOf(place: Place): Place {
    if (place.next !== "after" && place.next !== "before") return place;
    return this.hasGap(place.gap) ? place : { next: "nothing" };
  }

  /** Without what was deleted, and each once. */
  private unheard(lines: readonly Row[]): readonly Row[] {
    const seen = new Set<string>();
    return lines.filter((line) => {
      const ids = idsOf(line);
      if (ids.some((id) => seen.has(id) || this.options.redacted.has(id))) return false;
      for (const id of ids) seen.add(id);
      return true;
    });
  }

  /** What we were not sure to have sent and is in the history takes the place it has there. */
  private confirmOwn(rows: Entry[], pending: Entry[], lines: readonly Row[]): void {
    const unsent = new Set([...rows.filter(isUnsent), ...pending].map(({ id }) => id));
    for (const line of lines) {
      if (line.kind !== "message" || !line.own || !unsent.delete(line.id)) continue;
      for (const list of [pending, rows]) {
        const at = list.findIndex((entry) => entry.id === line.id && isUnsent(entry));
        if (at < 0) continue;
        for (const entry of list.splice(at, 1)) this.forget(entry);
        break;
      }
    }
  }

  /** Finds each line among the entries: by its id, or where ids are lacking by time, nick and words. */
  private recognize(
    rows: Entry[],
    lines: readonly Row[],
    own: UnsettledMessages,
    recognized: Set<string> | undefined,
  ): { placed: Placed[]; fresh: Row[] } {
    const byId = new Map<string, number>();
    for (const [at, entry] of rows.entries()) for (const id of idsOf(entry)) byId.set(id, at);
    const byIds = new Set<number>();
    const found = lines.map((line) => {
      const id = idsOf(line).findLast((candidate) => byId.has(candidate));
      const index = id === undefined ? undefined : byId.get(id);
      if (index !== undefined) byIds.add(index);
      return index;
    });
    const byContent = new ContentIndex(
      rows,
      lines.filter((_, i) => found[i] === undefined),
      (entry, at) => !byIds.has(at) && recognized?.has(entry.id) !== true,
      this.unechoed,
    );
    const places = lines.map((line, i) => found[i] ?? byContent.take(line));
    const isNew = (i: number) => places[i] === undefined;
    // What is the same word for word goes before what a server may have made of something else.
    const taken = lines.map((line, i) => (isNew(i) ? own.take(line) : line));
    for (const [i, line] of lines.entries())
      if (isNew(i) && taken[i] === line) places[i] = byContent.takeChanged(line);
    const fresh: Row[] = [];
    const placed = lines.map((line, i): Placed => {
      const index = places[i];
      const known = index === undefined ? undefined : rows[index];
      if (known === undefined || isGap(known)) {
        const exact = taken[i] ?? line;
        const row = exact === line ? own.takeChanged(line) : exact;
        fresh.push(row);
        recognized?.add(row.id);
        return { row, index: undefined };
      }
      recognized?.add(known.id);
      return { row: withServerWord(known, line), index };
    });
    return { placed, fresh };
  }

  /** After a page that ends with the newest, nothing is missing at the end; before it, where it reaches nothing known. */
  private linkToEnd({ merged, start, isTied }: Merged, placed: readonly Placed[]): void {
    const isAfterAbsence = this.pendingGap !== undefined;
    this.pendingGap = undefined;
    const [first] = placed;
    if (first === undefined) return;
    const at = isTied ? merged.indexOf(first.row) : start;
    // Lines that were missed, and some before them that the page does not reach back to.
    const isReached = first.index !== undefined || !merged.slice(0, at).some(isStored);
    if (isTied && (!isAfterAbsence || isReached)) return;
    if (isGap(merged[at - 1])) return;
    merged.splice(at, 0, { kind: "gap", id: this.options.newId(), time: first.row.time });
  }

  /** Between a page and the neighbor of its gap there may be more. */
  private partFromPlace(merged: Entry[], placed: readonly Placed[], { next }: Place): void {
    const edge = (next === "after" ? placed[0] : placed.at(-1))?.row;
    if (edge === undefined) return;
    const at = merged.indexOf(edge) + (next === "after" ? 0 : 1);
    merged.splice(at, 0, { kind: "gap", id: this.options.newId(), time: edge.time });
  }

  private closeBeyond(place: Place): void {
    if (place.next === "nothing") return;
    if (place.next === "after") this.closeAfter(place.gap);
    if (place.next === "before") this.close(place.gap);
    if (place.next !== "end") return;
    this.adopt(this.rows.filter((entry) => !isGap(entry)));
    this.pendingGap = undefined;
    this.hasBeginning = true;
  }

  /** These are the entries now. */
  private adopt(rows: Entry[]): void {
    this.replace(rows);
    this.ids = undefined;
    this.load = undefined;
    for (const id of [...this.missed]) if (!this.hasGap(id)) this.missed.delete(id);
    for (const id of [...this.unechoed]) if (!this.known().has(id)) this.unechoed.delete(id);
  }

  /** Takes in what another timeline has: two conversations have turned out to be one. */
  absorb(other: Timeline): void {
    const rows = other.rows.filter((entry) => !isGap(entry));
    const pending = rows.filter(isPending);
    this.insert({
      rows: rows.filter((entry) => !isPending(entry)),
      place: { next: "nothing" },
      isLast: false,
    });
    for (const entry of pending) this.add(entry);
    // Where one of them lacked something, so does the whole.
    if (other.pendingGap !== undefined || rows.length < other.rows.length) this.beginAbsence();
  }

  // ---- single entries

  /** Puts what `change` makes of a message in its place; one that is no longer pending goes before those that are. */
  change(id: string, change: Partial<MessageEntry>): void {
    this.prepare();
    const found = this.rows.findLast((entry) => entry.id === id);
    if (found?.kind !== "message") return;
    const after: MessageEntry = { ...found, ...change };
    const isArriving = isUnsent(found) && !isUnsent(after);
    if (isArriving) this.endAbsence(after.time);
    if (isArriving && change.time === undefined) this.unechoed.add(id);
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    rows.splice(index, 1);
    rows.splice(placeOf(found, after, index, rows), 0, after);
    this.load = addLoad(addLoad(this.weight(), found, -1), after, 1);
    for (const known of idsOf(after)) this.known().add(known);
  }

  /** Puts `entries` in the place of the one of this id. */
  replaceWith(id: string, entries: readonly Row[]): void {
    this.prepare();
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    if (index < 0) return;
    for (const old of rows.splice(index, 1, ...entries)) this.forget(old);
    for (const entry of entries) this.remember(entry);
  }

  remove(id: string): Entry | undefined {
    this.prepare();
    const rows = this.writable();
    const index = rows.findLastIndex((entry) => entry.id === id);
    if (index < 0) return undefined;
    if (this.unreadFrom === id) this.unreadFrom = rows[index + 1]?.id;
    const [old] = rows.splice(index, 1);
    if (old !== undefined) this.forget(old);
    if (isGap(rows[index - 1]) && isGap(rows[index])) this.joinGaps(rows, index);
    return old;
  }

  /** Two gaps with nothing between them are one. */
  private joinGaps(rows: Entry[], second: number): void {
    const [gone] = rows.splice(second, 1);
    const kept = rows[second - 1];
    if (gone === undefined || kept === undefined) return;
    if (this.missed.has(gone.id)) this.missed.add(kept.id);
    this.forget(gone);
  }

  /** The message of this msgid was deleted. Returns it, where it is here. */
  redact(msgid: string): MessageEntry | undefined {
    const entry = this.messageOf(msgid);
    if (entry === undefined) return undefined;
    this.remove(entry.id);
    return entry;
  }

  /** Leaves only what is still to be sent, after a gap where the rest can be loaded again. */
  clear(): void {
    const rows: Entry[] = this.rows.filter(isUnsent);
    const time = this.rows.at(-1)?.time ?? 0;
    this.hasBeginning = false;
    this.pendingGap = undefined;
    this.top = undefined;
    if (this.options.hasHistory()) rows.unshift({ kind: "gap", id: this.options.newId(), time });
    this.adopt(rows);
  }

  /** More was missed than is kept: lets go all but what was not sent, and unread mentions. */
  beginAnew(): void {
    this.prepare();
    const kept = unreadMentions(this.rows, this.unreadFrom, this.options.limits.maxBytes / 2);
    const places = new Set<number>();
    for (const [at, entry] of this.rows.entries())
      if (!isGap(entry) && !isUnsent(entry) && !kept.has(at)) places.add(at);
    this.drop(places, this.options.hasHistory());
    this.missed.clear();
  }

  // ---- bounds

  private trim(): void {
    if (isOver(this.weight(), this.options.limits)) this.letGo(this.options.limits);
  }

  /** Lets go what is beyond so many bytes, however new it is: all buffers together have become too large. */
  shrink(maxBytes: number): void {
    this.prepare();
    this.letGo({ ...this.options.limits, maxBytes, mayLetGoNewest: true });
  }

  private letGo(limits: TimelineLimits): void {
    // Comings and goings first: they leave no gap, for nothing that was said is missing.
    this.drop(excessEvents(this.rows, this.weight(), limits), false);
    const hasHistory = this.options.hasHistory();
    const focus = hasHistory ? this.focus : undefined;
    const attention = { focus, unreadFrom: this.unreadFrom };
    this.drop(farthest(this.rows, this.weight(), limits, attention), hasHistory);
  }

  private drop(places: ReadonlySet<number>, leavesGaps: boolean): void {
    if (places.size === 0) return;
    const kept: Entry[] = [];
    let hasLostUnread = false;
    for (const [at, entry] of this.rows.entries()) {
      if (places.has(at)) {
        hasLostUnread ||= entry.id === this.unreadFrom;
        this.forget(entry);
        if (!leavesGaps || isGap(kept.at(-1))) continue;
        this.insertGap(kept, kept.length, {
          kind: "gap",
          id: this.options.newId(),
          time: entry.time,
        });
        continue;
      }
      const before = kept.at(-1);
      if (isGap(entry) && isGap(before)) {
        kept.push(entry);
        this.joinGaps(kept, kept.length - 1);
        continue;
      }
      if (hasLostUnread && !isGap(entry)) {
        this.unreadFrom = entry.id;
        hasLostUnread = false;
      }
      kept.push(entry);
    }
    if (!leavesGaps && places.has(0)) this.hasBeginning = false;
    this.replace(kept);
  }
}

/** What is known, with what the server adds to it. It keeps its id. */
function withServerWord(known: Row, line: Row): Row {
  if (known.kind !== "message" || line.kind !== "message" || known.msgid !== undefined)
    return known;
  // A server may have changed the text.
  if (line.text !== known.text) return { ...line, id: known.id };
  const time = isOfSameSecond(line, known) ? known.time : line.time;
  if (line.msgid === undefined && known.time === time) return known;
  return { ...known, msgid: line.msgid, time };
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
  while (start > 0 && isPending(entries[start - 1])) start--;
  return start;
}
