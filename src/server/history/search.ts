// Finding what was said by its words. The index is made when somebody searches: speaking costs nothing for it.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { textOf } from "./text.js";

export interface SearchQuery {
  /** Where to look: folded names of buffers. */
  readonly buffers: readonly string[];
  readonly text: string | undefined;
  /** A nick. */
  readonly from: string | undefined;
  /** Milliseconds since the epoch, inclusive. */
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly limit: number;
}

/** How many messages are indexed before others are let in again. */
const MESSAGES_AT_ONCE = 500;
/** Without words to look up, at most so many of the latest messages are looked through. */
const MAX_SCANNED = 20_000;
// Scripts that do not part their words: an index of words would not find what stands within.
const UNPARTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

const FILED = "JOIN places ON places.seq = messages.seq AND places.buffer = buffers.id";

/** Owns the index of words in the database. */
export class SearchIndex {
  private readonly unindexed: StatementSync;
  private readonly insert: StatementSync;
  private readonly erase: StatementSync;
  private readonly getIndexed: StatementSync;
  private readonly setIndexed: StatementSync;

  constructor(private readonly database: DatabaseSync) {
    this.unindexed = database.prepare(
      `SELECT seq, command, params FROM messages WHERE seq > ? ORDER BY seq LIMIT ${MESSAGES_AT_ONCE}`,
    );
    this.insert = database.prepare("INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)");
    this.erase = database.prepare("DELETE FROM words WHERE rowid = ?");
    this.getIndexed = database.prepare("SELECT seq FROM indexed");
    this.setIndexed = database.prepare("UPDATE indexed SET seq = ?");
  }

  /** Indexes some of what was said since. Returns whether there is more. Called outside of transactions of others only. */
  advance(): boolean {
    const { seq: from } = this.getIndexed.get() as { seq: number };
    const rows = this.unindexed.all(from) as unknown as readonly {
      readonly seq: number;
      readonly command: string;
      readonly params: string;
    }[];
    const last = rows.at(-1);
    if (last === undefined) return false;
    this.database.exec("SAVEPOINT words");
    try {
      for (const { seq, command, params } of rows) {
        const text = textOf(command, JSON.parse(params) as string[]);
        if (text !== undefined) this.insert.run(seq, text);
      }
      this.setIndexed.run(last.seq);
    } catch (error) {
      this.database.exec("ROLLBACK TO words; RELEASE words");
      throw error;
    }
    this.database.exec("RELEASE words");
    return rows.length === MESSAGES_AT_ONCE;
  }

  /** The message is no more. Another may come to have its number. */
  remove(seq: number): void {
    this.erase.run(seq);
    const { seq: indexed } = this.getIndexed.get() as { seq: number };
    if (indexed >= seq) this.setIndexed.run(seq - 1);
  }

  /** Forgets what is not in the history any more. */
  tidy(): void {
    this.database.exec(
      `DELETE FROM words WHERE rowid IN (SELECT rowid FROM words EXCEPT SELECT seq FROM messages);
       UPDATE indexed SET seq = min(seq, coalesce((SELECT max(seq) FROM messages), 0))`,
    );
  }

  /** The numbers of the messages found: the latest, or with `after` the earliest. All have to be filed. */
  find(query: SearchQuery): readonly number[] {
    const { buffers, from, after, before, limit } = query;
    const { join, condition, values } = textCondition(query.text);
    const order = after === undefined ? "DESC" : "ASC";
    const places = buffers.map(() => "?").join(",");
    const rows = this.database
      .prepare(
        `SELECT messages.seq FROM messages JOIN buffers ON buffers.id = messages.buffer ${join}
         WHERE buffers.name IN (${places}) AND is_event = 0 AND command <> 'REDACT' AND ${condition}
           AND time >= ? AND time <= ?
           AND (? IS NULL OR lower(substr(source, 1, instr(source, '!') - 1)) = lower(?))
         ORDER BY messages.seq ${order} LIMIT ?`,
      )
      .all(
        ...buffers,
        ...values,
        after ?? 0,
        before ?? Number.MAX_SAFE_INTEGER,
        from ?? null,
        from ?? null,
        limit,
      );
    return rows.map((row) => Number(row.seq)).sort((a, b) => a - b);
  }
}

interface Condition {
  readonly join: string;
  readonly condition: string;
  readonly values: readonly string[];
}

function textCondition(text: string | undefined): Condition {
  if (text === undefined) return { join: FILED, condition: "1", values: [] };
  const words = text.match(WORDS) ?? [];
  if (words.length > 0 && !UNPARTED.test(text)) {
    // Each word in quotes is a word and nothing else; the last may be the beginning of one.
    const match = `${words.map((word) => `"${word}"`).join(" ")}*`;
    return {
      join: "JOIN words ON words.rowid = messages.seq",
      condition: "words.text MATCH ?",
      values: [match],
    };
  }
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const latest = `messages.seq > (SELECT coalesce(max(seq), 0) FROM messages) - ${MAX_SCANNED}`;
  return { join: "", condition: `${latest} AND params LIKE ? ESCAPE '\\'`, values: [pattern] };
}
