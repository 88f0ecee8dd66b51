// The history in SQLite. `:memory:` runs the same code.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { timeOfId } from "../ids.js";
import { Checkpoints } from "./checkpoints.js";
import { Places } from "./places.js";
import { Finding } from "./finding.js";
import { Pruning } from "./pruning.js";
import { atomically, rollBack } from "./records.js";
import { SearchIndex, type SearchQuery } from "./search.js";
import {
  HistoryError,
  MULTILINE,
  identitiesOf,
  type HistoryStore,
  type Query,
  type Reference,
  type SendId,
  type StoredMessage,
  type Target,
} from "./store.js";

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

/** What was said, as opposed to what happened. */
const SPEECH: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", MULTILINE, "REDACT"]);
interface Place {
  readonly seq: number;
  readonly time: number;
}

/** The number no buffer has. */
const NONE = 0;
const FIRST = 1;
/** Beyond every seq. */
const END = Number.MAX_SAFE_INTEGER;
/** How many rows one statement inserts where there are as many. */
const ROWS_AT_ONCE = 8;
/** How often in a row nothing must have been said before there is time to tidy up, and to finish with it. */
const RESTS_TO_TIDY = 2;
const RESTS_TO_FINISH = 3;
/** How many names are remembered with their number. */
const MAX_KNOWN = 10_000;
const COLUMNS = `buffer, msgid, time, is_event, source, account, address, is_bot, command, params,
  client_tags, sender, send_id`;
const PLACEHOLDERS = `(${COLUMNS.replaceAll(/\w+/g, "?")})`;
const COLUMN_COUNT = COLUMNS.split(",").length;

interface Waiting {
  readonly message: StoredMessage;
  readonly send: SendId | undefined;
}

export class SqliteHistory implements HistoryStore {
  /** What was appended and is not in the database yet: many rows cost less together. */
  private waiting: Waiting[] = [];
  private isOpen = false;
  /** Why this tick's messages are lost. */
  private failure: HistoryError | undefined;
  /** The numbers of buffers. What is here is in the database, with what conversations need. */
  private readonly bufferIds = new Map<string, number>();
  /** Used again for every row, and every several. */
  private readonly values = new Array<SQLInputValue>(COLUMN_COUNT).fill(null);
  private readonly valuesOfSeveral = new Array<SQLInputValue>(COLUMN_COUNT * ROWS_AT_ONCE).fill(
    null,
  );
  /** How often in a row there was nothing to store when `rest` was called. */
  private rests = RESTS_TO_FINISH;
  private readonly insert: StatementSync;
  private readonly insertSeveral: StatementSync;
  private readonly remember: StatementSync;
  private readonly addBuffer: StatementSync;
  private readonly findBuffer: StatementSync;
  private readonly bySend: StatementSync;
  private readonly byMsgid: StatementSync;
  private readonly atOrAfter: StatementSync;
  private readonly last: StatementSync;
  private readonly conversations: StatementSync;
  private readonly bySeq: StatementSync;
  private readonly bySeqWithName: StatementSync;
  private readonly erase: StatementSync;
  private readonly nameBuffer: StatementSync;
  private readonly latest: Readonly<Record<Query["keep"], StatementSync>>;
  /** How many messages the open transaction has. */
  private written = 0;
  private readonly places: Places;
  private readonly checkpoints: Checkpoints;
  private readonly index: SearchIndex;
  private readonly finding: Finding;
  private readonly pruning: Pruning;
  private isClosed = false;
  /** Settles when nobody searches: one at a time does, or many could keep everybody else waiting. */
  private searching: Promise<unknown> = Promise.resolve();
  private readonly begin: StatementSync;
  private readonly end: StatementSync;

  /** Owns `database` from now on. */
  constructor(private readonly database: DatabaseSync) {
    const insert = `INSERT INTO messages (${COLUMNS}) VALUES ${PLACEHOLDERS}`;
    this.insert = database.prepare(insert);
    this.insertSeveral = database.prepare(insert + `,${PLACEHOLDERS}`.repeat(ROWS_AT_ONCE - 1));
    this.remember = database.prepare("INSERT OR IGNORE INTO conversations VALUES (?, ?)");
    this.addBuffer = database.prepare("INSERT INTO buffers (name) VALUES (?)");
    this.findBuffer = database.prepare("SELECT id FROM buffers WHERE name = ?");
    this.bySend = database.prepare(
      `SELECT messages.*, buffers.name FROM messages JOIN buffers ON buffers.id = messages.buffer
       WHERE send_id = ? AND sender = ?`,
    );
    this.byMsgid = database.prepare("SELECT seq FROM messages WHERE msgid = ? AND buffer = ?");
    this.atOrAfter = database.prepare(
      "SELECT seq, time FROM messages WHERE seq >= ? ORDER BY seq LIMIT 1",
    );
    this.last = database.prepare("SELECT seq, time FROM messages ORDER BY seq DESC LIMIT 1");
    this.conversations = database.prepare("SELECT buffer FROM conversations WHERE identity = ?");
    this.bySeq = database.prepare("SELECT * FROM messages WHERE seq = ?");
    this.bySeqWithName = database.prepare(
      `SELECT messages.*, buffers.name FROM messages JOIN buffers ON buffers.id = messages.buffer
       WHERE seq = ?`,
    );
    this.erase = database.prepare("DELETE FROM messages WHERE seq = ?");
    this.nameBuffer = database.prepare("UPDATE buffers SET name = ? WHERE name = ?");
    // One statement, for whoever is written to from ever new nicks has as many conversations.
    const latest = `WITH wanted (name) AS (
         SELECT buffer FROM conversations WHERE identity = :identity UNION SELECT value FROM json_each(:names)
       ), unfiled (buffer, seq) AS MATERIALIZED (
         SELECT buffer, max(seq) FROM messages
         WHERE seq > (SELECT seq FROM filed) AND is_event = 0 GROUP BY buffer
       )
       SELECT name AS buffer, time FROM wanted CROSS JOIN buffers USING (name)
       LEFT JOIN unfiled ON unfiled.buffer = buffers.id
       CROSS JOIN messages ON messages.seq = coalesce(unfiled.seq, (
         SELECT said.seq FROM places CROSS JOIN messages AS said ON said.seq = places.seq
         WHERE places.buffer = buffers.id AND is_event = 0 ORDER BY places.seq DESC LIMIT 1
       ))
       WHERE (unfiled.seq IS NOT NULL OR (SELECT max(seq) FROM places WHERE places.buffer = buffers.id) >= :from)
         AND time > :after AND time < :before
       ORDER BY messages.seq`;
    this.latest = {
      oldest: database.prepare(`${latest} LIMIT :limit`),
      newest: database.prepare(`${latest} DESC LIMIT :limit`),
    };
    this.places = new Places(database);
    this.checkpoints = new Checkpoints(database);
    this.index = new SearchIndex(database);
    this.finding = new Finding(database);
    this.pruning = new Pruning(database, this.index);
    this.begin = database.prepare("BEGIN");
    this.end = database.prepare("COMMIT");
  }

  append(message: StoredMessage, send?: SendId): void {
    this.waiting.push({ message, send });
  }

  findSend({ sender, id }: SendId): StoredMessage | undefined {
    this.write();
    const row = this.bySend.get(id, sender) as (Row & { readonly name: string }) | undefined;
    return row === undefined ? undefined : fromRow(row, row.name);
  }

  commit(): void {
    this.settle();
    const { failure, written } = this;
    this.failure = undefined;
    this.written = 0;
    if (failure !== undefined) throw failure;
    this.places.fileIfDue();
    this.checkpoints.committed(written);
  }

  settle(): void {
    this.write();
    if (!this.isOpen) return;
    this.attempt(() => {
      this.end.run();
      this.isOpen = false;
    });
  }

  rest(): void {
    if (this.rests >= RESTS_TO_FINISH || this.isOpen) return;
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

  find(query: Query): readonly StoredMessage[] {
    this.write();
    const { buffer, after, before } = query;
    const from = after === undefined ? FIRST : this.span(buffer, after)?.next;
    const to = before === undefined ? END : this.span(buffer, before)?.first;
    if (from === undefined || to === undefined) return [];
    return this.between(query, from - 1, to);
  }

  around(query: Omit<Query, "before" | "after" | "keep">, at: Reference): readonly StoredMessage[] {
    const pivot = this.position(query.buffer, at);
    if (pivot === undefined) return [];
    const half = Math.floor(query.limit / 2);
    const before = this.between({ ...query, keep: "newest", limit: half }, 0, pivot);
    const limit = query.limit - before.length;
    return [...before, ...this.between({ ...query, keep: "oldest", limit }, pivot - 1, END)];
  }

  get(buffer: string, msgid: string): StoredMessage | undefined {
    this.write();
    const seq = this.seqOf(buffer, msgid);
    const row = seq === undefined ? undefined : (this.bySeq.get(seq) as Row | undefined);
    return row === undefined ? undefined : fromRow(row, buffer);
  }

  remove(buffer: string, msgid: string): void {
    this.write();
    const seq = this.seqOf(buffer, msgid);
    if (seq === undefined) return;
    this.change(() => {
      // That it was removed is told in this tick, or not at all.
      this.open();
      atomically(this.database, () => {
        this.index.remove([seq]);
        this.erase.run(seq);
      });
    });
  }

  has(buffer: string): boolean {
    this.write();
    return this.bufferId(buffer) !== undefined;
  }

  renameBuffer(before: string, after: string): void {
    this.settle();
    this.change(() => {
      this.nameBuffer.run(after, before);
      this.bufferIds.delete(before);
    });
  }

  search(query: SearchQuery): Promise<readonly StoredMessage[]> {
    const found = this.searching.then(() => this.searchNow(query));
    this.searching = found.catch(() => undefined);
    return found;
  }

  private async searchNow(query: SearchQuery): Promise<readonly StoredMessage[]> {
    for (;;) {
      this.write();
      if (!this.change(() => this.index.advance())) break;
      if (!this.isOpen) await this.checkpoints.changed();
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
    this.write();
    return this.span(buffer, at)?.first;
  }

  conversationsOf(identity: string): readonly string[] {
    this.write();
    const rows = this.conversations.all(identity) as unknown as readonly { buffer: string }[];
    return rows.map((row) => row.buffer);
  }

  targets(
    identity: string,
    buffers: readonly string[],
    range: { readonly after: number; readonly before: number },
    keep: Query["keep"],
    limit: number,
  ): readonly Target[] {
    this.write();
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
      if (!this.isOpen) await this.checkpoints.changed();
      await new Promise((resolve) => setImmediate(resolve, step));
      if (this.isClosed) return;
    }
    this.writeAll();
    this.bufferIds.clear();
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
    const buffer = this.bufferId(query.buffer);
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
    this.write();
    return this.last.get() as Place | undefined;
  }

  private seqOf(buffer: string, msgid: string): number | undefined {
    const id = this.bufferId(buffer) ?? NONE;
    return (this.byMsgid.get(msgid, id) as { seq: number } | undefined)?.seq;
  }

  private bufferId(name: string): number | undefined {
    return (
      this.bufferIds.get(name) ?? (this.findBuffer.get(name) as { id: number } | undefined)?.id
    );
  }

  /** The number of a buffer that is written to, which gets one where it has none. */
  private openBuffer(name: string): number {
    const known = this.bufferIds.get(name);
    if (known !== undefined) return known;
    const id = this.bufferId(name) ?? Number(this.addBuffer.run(name).lastInsertRowid);
    const identities = identitiesOf(name);
    for (const identity of identities) this.remember.run(identity, name);
    if (this.bufferIds.size >= MAX_KNOWN) this.bufferIds.clear();
    this.bufferIds.set(name, id);
    return id;
  }

  /** Everything is in the database, and filed. */
  private writeAll(): void {
    this.write();
    this.places.file();
  }

  /** Puts what was appended into the tick's transaction. */
  private write(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.rests = 0;
    // What could not be stored takes the rest of its tick along, as a transaction does.
    if (this.failure !== undefined) return;
    this.attempt(() => {
      this.open();
      for (let at = 0; at < waiting.length;) {
        const isSeveral = waiting.length - at >= ROWS_AT_ONCE;
        const count = isSeveral ? ROWS_AT_ONCE : 1;
        const values = isSeveral ? this.valuesOfSeveral : this.values;
        for (const [row, each] of waiting.slice(at, at + count).entries())
          this.setValues(values, row * COLUMN_COUNT, each);
        (isSeveral ? this.insertSeveral : this.insert).run(...values);
        at += count;
      }
      this.places.added(waiting.length);
      this.written += waiting.length;
    });
  }

  private open(): void {
    if (!this.isOpen) this.begin.run();
    this.isOpen = true;
  }

  /** Puts the values of a row, in the order of COLUMNS, into `values` from `at` on. */
  private setValues(values: SQLInputValue[], at: number, { message, send }: Waiting): void {
    values[at] = this.openBuffer(message.buffer);
    values[at + 1] = message.msgid;
    values[at + 2] = message.time;
    values[at + 3] = SPEECH.has(message.command) ? 0 : 1;
    values[at + 4] = message.source;
    values[at + 5] = message.account ?? null;
    values[at + 6] = message.address ?? null;
    values[at + 7] = message.isBot ? 1 : 0;
    values[at + 8] = message.command;
    values[at + 9] = JSON.stringify(message.params);
    values[at + 10] = message.clientTags;
    values[at + 11] = send?.sender ?? null;
    values[at + 12] = send?.id ?? null;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.failure = new HistoryError(error);
      this.isOpen = false;
      this.bufferIds.clear();
      rollBack(this.database);
    }
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
