// The history in SQLite. `:memory:` runs the same code.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  HistoryError,
  type HistoryStore,
  type Query,
  type Reference,
  type SendId,
  type StoredMessage,
  type Target,
} from "./store.js";

interface Row {
  readonly seq: number;
  readonly buffer: string;
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
const SPEECH: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE"]);
/** Beyond every seq. */
const END = Number.MAX_SAFE_INTEGER;

export class SqliteHistory implements HistoryStore {
  private isOpen = false;
  private readonly insert: StatementSync;
  private readonly remember: StatementSync;
  private readonly bySend: StatementSync;
  private readonly byMsgid: StatementSync;
  private readonly firstAtOrAfter: StatementSync;
  private readonly firstAfter: StatementSync;
  private readonly oldest: StatementSync;
  private readonly newest: StatementSync;
  private readonly latest: StatementSync;
  private readonly conversations: StatementSync;
  private readonly begin: StatementSync;
  private readonly end: StatementSync;

  /** Owns `database` from now on. */
  constructor(private readonly database: DatabaseSync) {
    const range = `SELECT * FROM messages WHERE buffer = ? AND seq > ? AND seq < ? AND is_event <= ?
      ORDER BY seq`;
    this.insert = database.prepare(
      `INSERT INTO messages (buffer, msgid, time, is_event, source, account, address, is_bot,
         command, params, client_tags, sender, send_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`,
    );
    this.remember = database.prepare("INSERT OR IGNORE INTO conversations VALUES (?, ?)");
    this.bySend = database.prepare("SELECT * FROM messages WHERE send_id = ? AND sender = ?");
    this.byMsgid = database.prepare("SELECT seq FROM messages WHERE msgid = ? AND buffer = ?");
    this.firstAtOrAfter = database.prepare(
      "SELECT seq FROM messages WHERE buffer = ? AND time >= ? ORDER BY time, seq LIMIT 1",
    );
    this.firstAfter = database.prepare(
      "SELECT seq FROM messages WHERE buffer = ? AND time > ? ORDER BY time, seq LIMIT 1",
    );
    this.oldest = database.prepare(`${range} LIMIT ?`);
    this.newest = database.prepare(`${range} DESC LIMIT ?`);
    this.latest = database.prepare(
      `SELECT time FROM messages WHERE buffer = ? AND is_event = 0 ORDER BY seq DESC LIMIT 1`,
    );
    this.conversations = database.prepare("SELECT buffer FROM conversations WHERE identity = ?");
    this.begin = database.prepare("BEGIN");
    this.end = database.prepare("COMMIT");
  }

  append(message: StoredMessage, send?: SendId): void {
    try {
      if (!this.isOpen) this.begin.run();
      this.isOpen = true;
      this.insert.run(...values(message, send));
      const identities = message.buffer.split(" ");
      if (identities.length > 1)
        for (const identity of identities) this.remember.run(identity, message.buffer);
    } catch (error) {
      throw new HistoryError(error);
    }
  }

  findSend({ sender, id }: SendId): StoredMessage | undefined {
    const row = this.bySend.get(id, sender) as Row | undefined;
    return row === undefined ? undefined : fromRow(row);
  }

  commit(): boolean {
    if (!this.isOpen) return true;
    this.isOpen = false;
    try {
      this.end.run();
      return true;
    } catch {
      this.rollBack();
      return false;
    }
  }

  find(query: Query): readonly StoredMessage[] {
    const from = this.lowerBound(query.buffer, query.after);
    const to = this.upperBound(query.buffer, query.before);
    if (from === undefined || to === undefined) return [];
    return this.between(query, from, to);
  }

  around(query: Omit<Query, "before" | "after" | "keep">, at: Reference): readonly StoredMessage[] {
    const pivot = this.position(query.buffer, at);
    if (pivot === undefined) return [];
    const half = Math.floor(query.limit / 2);
    const before = this.between({ ...query, keep: "newest", limit: half }, 0, pivot);
    const limit = query.limit - before.length;
    return [...before, ...this.between({ ...query, keep: "oldest", limit }, pivot - 1, END)];
  }

  position(buffer: string, at: Reference): number | undefined {
    return at.kind === "msgid" ? this.seqOf(buffer, at.msgid) : this.seqAt(buffer, at.time);
  }

  conversationsOf(identity: string): readonly string[] {
    const rows = this.conversations.all(identity) as unknown as readonly { buffer: string }[];
    return rows.map((row) => row.buffer);
  }

  targets(
    identity: string,
    buffers: readonly string[],
    range: { readonly after: number; readonly before: number },
    limit: number,
  ): readonly Target[] {
    const targets: Target[] = [];
    for (const buffer of [...buffers, ...this.conversationsOf(identity)]) {
      const row = this.latest.get(buffer) as { time: number } | undefined;
      if (row !== undefined && row.time > range.after && row.time < range.before)
        targets.push({ buffer, time: row.time });
    }
    return targets.sort((a, b) => a.time - b.time).slice(0, limit);
  }

  prune(olderThan: number, maxPerBuffer: number): void {
    this.commit();
    this.database.prepare("DELETE FROM messages WHERE time < ?").run(olderThan);
    if (maxPerBuffer > 0)
      this.database
        .prepare(
          `DELETE FROM messages WHERE seq IN (SELECT seq FROM (
             SELECT seq, row_number() OVER (PARTITION BY buffer ORDER BY seq DESC) AS n FROM messages
           ) WHERE n > ?)`,
        )
        .run(maxPerBuffer);
  }

  close(): void {
    this.commit();
    this.database.close();
  }

  private between(
    query: Pick<Query, "buffer" | "keep" | "limit" | "withEvents">,
    from: number,
    to: number,
  ): StoredMessage[] {
    const isNewest = query.keep === "newest";
    const rows = (isNewest ? this.newest : this.oldest).all(
      query.buffer,
      from,
      to,
      query.withEvents ? 1 : 0,
      query.limit,
    ) as unknown as readonly Row[];
    const messages = rows.map(fromRow);
    return isNewest ? messages.reverse() : messages;
  }

  /** The seq just before the first message wanted. */
  private lowerBound(buffer: string, after: Reference | undefined): number | undefined {
    if (after === undefined) return 0;
    if (after.kind === "msgid") return this.seqOf(buffer, after.msgid);
    const row = this.firstAfter.get(buffer, after.time) as { seq: number } | undefined;
    return row === undefined ? END : row.seq - 1;
  }

  /** The seq just after the last message wanted. */
  private upperBound(buffer: string, before: Reference | undefined): number | undefined {
    if (before === undefined) return END;
    if (before.kind === "msgid") return this.seqOf(buffer, before.msgid);
    return this.seqAt(buffer, before.time);
  }

  private seqAt(buffer: string, time: number): number {
    const row = this.firstAtOrAfter.get(buffer, time) as { seq: number } | undefined;
    return row?.seq ?? END;
  }

  private seqOf(buffer: string, msgid: string): number | undefined {
    return (this.byMsgid.get(msgid, buffer) as { seq: number } | undefined)?.seq;
  }

  private rollBack(): void {
    // A COMMIT that failed for want of room leaves the transaction open.
    try {
      this.database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself.
    }
  }
}

function values(message: StoredMessage, send: SendId | undefined): SQLInputValue[] {
  return [
    message.buffer,
    message.msgid,
    message.time,
    SPEECH.has(message.command) ? 0 : 1,
    message.source,
    message.account ?? null,
    message.address ?? null,
    message.isBot ? 1 : 0,
    message.command,
    JSON.stringify(message.params),
    message.clientTags,
    send?.sender ?? null,
    send?.id ?? null,
  ];
}

function fromRow(row: Row): StoredMessage {
  return {
    buffer: row.buffer,
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
