// The history in SQLite. `:memory:` runs the same code.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { timeOfId } from "../ids.js";
import { Checkpoints } from "./checkpoints.js";
import { Conversations } from "./conversations.js";
import { Places } from "./places.js";
import { Finding } from "./finding.js";
import { DISCARDED, Pruning } from "./pruning.js";
import { atomically } from "./records.js";
import type { Stamp } from "./stamp.js";
import { SearchIndex, type SearchQuery } from "./search.js";
import {
  HistoryError,
  conversationOf,
  type HistoryStore,
  type Query,
  type Reference,
  type SendId,
  type StoredMessage,
  type Target,
} from "./store.js";
import { Writing } from "./writing.js";

interface Row {
  readonly seq: number;
  readonly msgid: string;
  readonly time: number;
  readonly source: string;
  readonly account: string | null;
  readonly address: string | null;
  readonly is_bot: number;
  readonly command: string;
  readonly params: string;
  readonly client_tags: string;
}

interface Place {
  readonly seq: number;
  readonly time: number;
}

/** The number no buffer has. */
const NONE = 0;
const FIRST = 1;
/** Beyond every seq. */
const END = Number.MAX_SAFE_INTEGER;
/** How often in a row nothing must have been said before there is time to tidy up, and to finish with it. */
const RESTS_TO_TIDY = 2;
const RESTS_TO_FINISH = 3;

/** Owns the database: what is stored is read here, and written by its parts. */
export class SqliteHistory implements HistoryStore {
  /** How often in a row there was nothing to store when `rest` was called. */
  private rests = RESTS_TO_FINISH;
  /** How many messages had been written when it was called last. */
  private restedAt = 0;
  private readonly bySend: StatementSync;
  private readonly byMsgid: StatementSync;
  private readonly atOrAfter: StatementSync;
  private readonly last: StatementSync;
  private readonly conversations: Conversations;
  private readonly bySeq: StatementSync;
  private readonly bySeqWithName: StatementSync;
  private readonly erase: StatementSync;
  private readonly nameBuffer: StatementSync;
  private readonly latest: Readonly<Record<Query["keep"], StatementSync>>;
  private readonly places: Places;
  private readonly writing: Writing;
  private readonly checkpoints: Checkpoints;
  private readonly index: SearchIndex;
  private readonly finding: Finding;
  private readonly pruning: Pruning;
  private isClosed = false;
  /** Settles when no one searches: one at a time does, or many could keep everyone else waiting. */
  private searching: Promise<unknown> = Promise.resolve();

  /** Owns `database` from now on. What `beforeCommit` throws makes the transaction fail. */
  constructor(
    private readonly database: DatabaseSync,
    beforeCommit: () => void = () => undefined,
    stamp?: Stamp,
  ) {
    this.bySend = database.prepare(
      `SELECT messages.*, buffers.name FROM messages JOIN buffers ON buffers.id = messages.buffer
       WHERE send_id = ? AND sender = ?`,
    );
    this.byMsgid = database.prepare("SELECT seq FROM messages WHERE msgid = ? AND buffer = ?");
    this.atOrAfter = database.prepare(
      "SELECT seq, time FROM messages WHERE seq >= ? ORDER BY seq LIMIT 1",
    );
    this.last = database.prepare("SELECT seq, time FROM messages ORDER BY seq DESC LIMIT 1");
    this.bySeq = database.prepare("SELECT * FROM messages WHERE seq = ?");
    this.bySeqWithName = database.prepare(
      `SELECT messages.*, buffers.name FROM messages JOIN buffers ON buffers.id = messages.buffer
       WHERE seq = ?`,
    );
    this.erase = database.prepare("DELETE FROM messages WHERE seq = ?");
    this.nameBuffer = database.prepare("UPDATE buffers SET name = ? WHERE name = ?");
    // One statement, for there may be a thousand of them.
    const latest = `WITH wanted (name) AS (
         SELECT buffer FROM conversations WHERE identity = :identity UNION SELECT value FROM json_each(:names)
       ), unfiled (buffer, seq) AS MATERIALIZED (
         SELECT buffer, max(seq) FROM messages
         WHERE seq > (SELECT seq FROM filed) AND is_event = 0 GROUP BY buffer
       )
       SELECT name AS buffer, time FROM wanted CROSS JOIN buffers USING (name)
       LEFT JOIN unfiled ON unfiled.buffer = buffers.id
       CROSS JOIN messages ON messages.seq = coalesce(unfiled.seq, (
         SELECT max(seq) FROM places WHERE places.buffer = buffers.id AND places.is_event = 0
       ))
       WHERE messages.seq >= :from AND time > :after AND time < :before
       ORDER BY messages.seq`;
    this.latest = {
      oldest: database.prepare(`${latest} LIMIT :limit`),
      newest: database.prepare(`${latest} DESC LIMIT :limit`),
    };
    this.places = new Places(database);
    this.conversations = new Conversations(database, this.places);
    this.writing = new Writing(database, this.places, this.conversations, beforeCommit);
    this.checkpoints = new Checkpoints(database, stamp);
    this.index = new SearchIndex(database);
    this.finding = new Finding(database);
    this.pruning = new Pruning(database, this.index);
  }

  append(message: StoredMessage, send?: SendId): void {
    this.writing.append(message, send);
  }

  findSend({ sender, id }: SendId): StoredMessage | undefined {
    this.writing.write();
    const row = this.bySend.get(id, sender) as (Row & { readonly name: string }) | undefined;
    return row === undefined ? undefined : fromRow(row, row.name);
  }

  commit(): void {
    const written = this.writing.commit();
    this.places.fileIfDue();
    this.checkpoints.committed(written);
  }

  settle(): void {
    this.writing.settle();
  }

  rest(): void {
    const { total, isOpen } = this.writing;
    if (total !== this.restedAt) this.rests = 0;
    this.restedAt = total;
    if (this.rests >= RESTS_TO_FINISH || isOpen) return;
    this.rests++;
    if (this.rests === RESTS_TO_TIDY) {
      this.places.file();
      this.checkpoints.prepare();
    } else if (this.rests === RESTS_TO_FINISH) {
      this.checkpoints.move();
    }
  }

  get latestTime(): number {
    return this.lastRow()?.time ?? 0;
  }

  bringBack(time: number): void {
    const from = this.seqAt(time + 1);
    this.database.prepare("UPDATE messages SET time = ? WHERE seq >= ?").run(time, from);
  }

  find(query: Query): readonly StoredMessage[] {
    this.writing.write();
    const { buffer, after, before } = query;
    const from = after === undefined ? FIRST : this.span(buffer, after)?.next;
    const to = before === undefined ? END : this.span(buffer, before)?.first;
    if (from === undefined || to === undefined) return [];
    return this.between(query, Math.max(from, this.seqSince(query)) - 1, to);
  }

  around(query: Omit<Query, "before" | "after" | "keep">, at: Reference): readonly StoredMessage[] {
    const pivot = this.position(query.buffer, at);
    if (pivot === undefined) return [];
    const first = this.seqSince(query);
    const half = Math.floor(query.limit / 2);
    const before = this.between({ ...query, keep: "newest", limit: half }, first - 1, pivot);
    const limit = query.limit - before.length;
    const from = Math.max(first, pivot) - 1;
    return [...before, ...this.between({ ...query, keep: "oldest", limit }, from, END)];
  }

  get(buffer: string, msgid: string): StoredMessage | undefined {
    this.writing.write();
    const seq = this.seqOf(buffer, msgid);
    const row = seq === undefined ? undefined : (this.bySeq.get(seq) as Row | undefined);
    return row === undefined ? undefined : fromRow(row, buffer);
  }

  remove(buffer: string, msgid: string): void {
    this.writing.write();
    const seq = this.seqOf(buffer, msgid);
    if (seq === undefined) return;
    this.change(() => {
      // That it was removed is told in this tick, or not at all.
      this.writing.open();
      atomically(this.database, () => {
        this.index.remove([seq]);
        this.erase.run(seq);
      });
    });
  }

  has(buffer: string): boolean {
    this.writing.write();
    return this.writing.bufferId(buffer) !== undefined;
  }

  renameBuffer(before: string, after: string): void {
    this.settle();
    this.change(() => {
      this.nameBuffer.run(after, before);
      this.writing.forgetBuffers();
    });
  }

  discard(buffer: string): void {
    this.change(() => {
      const id = this.writing.bufferId(buffer);
      if (id === undefined) return;
      this.nameBuffer.run(`${DISCARDED}${id}`, buffer);
      this.writing.forgetBuffers();
    });
  }

  get hasDiscarded(): boolean {
    return this.pruning.hasDiscarded;
  }

  search(query: SearchQuery): Promise<readonly StoredMessage[]> {
    const found = this.searching.then(() => this.searchNow(query));
    this.searching = found.catch(() => undefined);
    return found;
  }

  private async searchNow(query: SearchQuery): Promise<readonly StoredMessage[]> {
    for (;;) {
      this.writing.write();
      if (!this.change(() => this.index.advance())) break;
      if (!this.writing.isOpen) await this.checkpoints.changed();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.change(() => {
      this.writeAll();
    });
    const { after, before } = query;
    const found = await this.finding.find(query, {
      after: after === undefined ? 0 : this.seqAt(after) - 1,
      before: before === undefined ? END : this.seqAt(before + 1),
    });
    return found.flatMap((seq) => {
      const row = this.bySeqWithName.get(seq) as (Row & { readonly name: string }) | undefined;
      return row === undefined ? [] : [fromRow(row, row.name)];
    });
  }

  position(buffer: string, at: Reference): number | undefined {
    this.writing.write();
    return this.span(buffer, at)?.first;
  }

  conversationsOf(identity: string): readonly string[] {
    this.writing.write();
    return this.conversations.of(identity);
  }

  conversationWith(identity: string, peer: string, nick: string): string {
    this.writing.write();
    const conversation = conversationOf(identity, peer);
    if (this.conversations.has(identity, conversation)) return conversation;
    return this.conversations.withGuest(identity, nick) ?? conversation;
  }

  targets(
    identity: string,
    buffers: readonly string[],
    range: { readonly after: number; readonly before: number },
    keep: Query["keep"],
    limit: number,
  ): readonly Target[] {
    this.writing.write();
    const { after, before } = range;
    const from = this.seqAt(after + 1);
    const names = JSON.stringify(buffers);
    const rows = this.latest[keep].all({ identity, names, from, after, before, limit });
    const targets = rows as unknown as Target[];
    return keep === "newest" ? targets.reverse() : targets;
  }

  async prune(olderThan: number, maxPerBuffer: number): Promise<void> {
    this.writeAll();
    for (const step of this.pruning.steps(this.seqAt(olderThan), maxPerBuffer)) {
      if (!this.writing.isOpen) await this.checkpoints.changed();
      await new Promise((resolve) => setImmediate(resolve, step));
      if (this.isClosed) return;
    }
    this.writeAll();
    this.writing.forgetBuffers();
    this.pruning.forgetEmpty();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      this.commit();
    } finally {
      this.database.close();
    }
  }

  /** Changes what is stored already, at once or with the rest of the tick. */
  private change<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new HistoryError(error);
    }
  }

  private between(
    query: Pick<Query, "buffer" | "keep" | "limit" | "withEvents" | "without">,
    from: number,
    to: number,
  ): StoredMessage[] {
    const { keep, limit, withEvents, without = [] } = query;
    const buffer = this.writing.bufferId(query.buffer);
    if (buffer === undefined || limit === 0) return [];
    const rows = this.places.rows({
      buffer,
      after: from,
      before: to,
      withEvents,
      without,
      keep,
      limit,
    });
    const messages = (rows as readonly Row[]).map((row) => fromRow(row, query.buffer));
    return keep === "newest" ? messages.reverse() : messages;
  }

  /** The first message a query may give. */
  private seqSince({ since = 0 }: Pick<Query, "since">): number {
    return since === 0 ? FIRST : this.seqAt(since);
  }

  /** Where a reference is: what was said before ends at `first` (exclusive), what was said after begins at `next`. */
  private span(buffer: string, at: Reference): { first: number; next: number } | undefined {
    if (at.kind === "time") return { first: this.seqAt(at.time), next: this.seqAt(at.time + 1) };
    const seq = this.seqOf(buffer, at.msgid);
    if (seq !== undefined) return { first: seq, next: seq + 1 };
    // It was removed. Others may have been said in the same millisecond, before or after it.
    const time = timeOfId(at.msgid);
    return time === undefined ? undefined : { first: this.seqAt(time + 1), next: this.seqAt(time) };
  }

  /** The seq of the first message, of whatever buffer, at `time` or later. Found by halving: times never go back. */
  private seqAt(time: number): number {
    let low = 0;
    let high = this.lastRow()?.seq ?? 0;
    let found = END;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.atOrAfter.get(middle) as Place | undefined;
      if (row === undefined || row.time >= time) {
        if (row !== undefined) found = row.seq;
        high = middle - 1;
      } else {
        low = row.seq + 1;
      }
    }
    return found;
  }

  private lastRow(): Place | undefined {
    this.writing.write();
    return this.last.get() as Place | undefined;
  }

  private seqOf(buffer: string, msgid: string): number | undefined {
    const id = this.writing.bufferId(buffer) ?? NONE;
    return (this.byMsgid.get(msgid, id) as { seq: number } | undefined)?.seq;
  }

  /** Everything is in the database, and filed. */
  private writeAll(): void {
    this.writing.write();
    this.places.file();
  }
}

function fromRow(row: Row, buffer: string): StoredMessage {
  return {
    buffer,
    msgid: row.msgid,
    time: row.time,
    source: row.source,
    account: row.account ?? undefined,
    address: row.address ?? undefined,
    isBot: row.is_bot !== 0,
    command: row.command,
    params: JSON.parse(row.params) as string[],
    clientTags: row.client_tags,
  };
}
