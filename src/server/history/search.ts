// Finding what was said by its words. The index is made when someone searches: speaking costs nothing for it.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { atomically } from "./records.js";
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

/** How many messages are indexed before others are let in again, and about how many bytes of them. */
const MESSAGES_AT_ONCE = 500;
const BYTES_AT_ONCE = 64 * 1024;

interface Row {
  readonly seq: number;
  readonly command: string;
  readonly params: string;
}

/** Owns the index of words in the database. */
export class SearchIndex {
  private readonly unindexed: StatementSync;
  private readonly insert: StatementSync;
  private readonly erase: StatementSync;
  private readonly getIndexed: StatementSync;
  private readonly setIndexed: StatementSync;
  private readonly getLast: StatementSync;

  constructor(private readonly database: DatabaseSync) {
    this.unindexed = database.prepare(
      `SELECT seq, command, params FROM messages WHERE seq > ? ORDER BY seq LIMIT ${MESSAGES_AT_ONCE}`,
    );
    this.insert = database.prepare("INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)");
    this.erase = database.prepare("DELETE FROM words WHERE rowid = ?");
    this.getIndexed = database.prepare("SELECT seq FROM indexed");
    this.setIndexed = database.prepare("UPDATE indexed SET seq = ?");
    this.getLast = database.prepare("SELECT max(seq) AS last FROM messages");
  }

  /** Indexes some of what was said since. Returns whether there was anything. Called outside of transactions of others only. */
  advance(): boolean {
    const { seq: from } = this.getIndexed.get() as { seq: number };
    const rows = this.some(from);
    const last = rows.at(-1);
    if (last === undefined) return false;
    atomically(this.database, () => {
      for (const { seq, command, params } of rows) {
        const text = textOf(command, JSON.parse(params) as string[]);
        if (text !== undefined) this.insert.run(seq, text);
      }
      this.setIndexed.run(last.seq);
    });
    return true;
  }

  /** The messages after `from`, as many as are indexed at once. */
  private some(from: number): readonly Row[] {
    const rows: Row[] = [];
    let bytes = 0;
    for (const row of this.unindexed.iterate(from) as unknown as Iterable<Row>) {
      rows.push(row);
      bytes += row.params.length;
      if (bytes >= BYTES_AT_ONCE) break;
    }
    return rows;
  }

  /** The messages are about to be removed. */
  remove(seqs: readonly number[]): void {
    for (const seq of seqs) this.erase.run(seq);
    // The next message gets the number of the last one, if that is removed.
    const { last } = this.getLast.get() as { last: number | null };
    const { seq: indexed } = this.getIndexed.get() as { seq: number };
    const least = Math.min(...seqs);
    if (last !== null && indexed >= least && seqs.includes(last)) this.setIndexed.run(least - 1);
  }
}
