// Where the messages of each buffer stand. Messages are stored in the order in which they come, all buffers mixed; to
// sort each of them in at once would touch one page of the index for every conversation going on, which costs more than
// all else about a message. So they are filed many at a time, and looked through until then.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { atomically } from "./records.js";

/** How many messages wait to be filed at most. */
const MAX_UNFILED = 10_000;
/** How many may wait when someone looks for something: looking through them costs less than filing them. */
const MAX_LOOKED_THROUGH = 500;

/** The rows of a buffer with `after < seq < before`. */
export interface Range {
  readonly buffer: number;
  readonly after: number;
  readonly before: number;
  /** Whether joins, topics and the like are wanted beside what was said. */
  readonly withEvents: boolean;
  /** Commands that are not wanted. */
  readonly without: readonly string[];
  /** Which end is kept when there are more than `limit`. */
  readonly keep: "oldest" | "newest";
  readonly limit: number;
}

type Ends = Readonly<Record<Range["keep"], StatementSync>>;

/** Owns the index of buffers. What is filed and removed from the messages leaves it by a trigger. */
export class Places {
  private unfiled: number;
  /** How many waited when they could not be filed. */
  private stuck = 0;
  private readonly since: StatementSync;
  private readonly sort: StatementSync;
  private readonly setFiled: StatementSync;
  private readonly filedRows: Ends;
  private readonly unfiledRows: Ends;

  constructor(private readonly database: DatabaseSync) {
    this.since = database.prepare("SELECT seq FROM filed");
    this.sort = database.prepare(
      `INSERT OR IGNORE INTO places SELECT buffer, seq FROM messages
       WHERE seq > (SELECT seq FROM filed) ORDER BY buffer, seq`,
    );
    this.setFiled = database.prepare(
      "UPDATE filed SET seq = coalesce((SELECT max(seq) FROM messages), 0)",
    );
    const both = (statement: string): Ends => ({
      oldest: database.prepare(`${statement} LIMIT ?`),
      newest: database.prepare(`${statement} DESC LIMIT ?`),
    });
    this.filedRows = both(
      `SELECT messages.* FROM places CROSS JOIN messages ON messages.seq = places.seq
       WHERE places.buffer = ? AND places.seq > ? AND places.seq < ? AND is_event <= ?
         AND command NOT IN (SELECT value FROM json_each(?))
       ORDER BY places.seq`,
    );
    this.unfiledRows = both(
      `SELECT * FROM messages WHERE buffer = ? AND seq > ? AND seq < ? AND is_event <= ?
         AND command NOT IN (SELECT value FROM json_each(?))
       ORDER BY seq`,
    );
    const count = "SELECT count(*) AS n FROM messages WHERE seq > (SELECT seq FROM filed)";
    this.unfiled = (database.prepare(count).get() as { n: number }).n;
  }

  /** So many messages were stored. */
  added(count: number): void {
    this.unfiled += count;
  }

  /** To be called outside of transactions. */
  fileIfDue(): void {
    this.tryToFile(MAX_UNFILED);
  }

  /** Files what waits, as part of the transaction that is open, if one is. @throws when it cannot be written. */
  file(): void {
    if (this.unfiled === 0) return;
    atomically(this.database, () => {
      this.sort.run();
      this.setFiled.run();
    });
    this.unfiled = 0;
    this.stuck = 0;
  }

  /** The rows of `messages` in a range: ascending where the oldest are kept, descending where the newest are. */
  rows(range: Range): readonly unknown[] {
    this.tryToFile(MAX_LOOKED_THROUGH);
    const { seq } = this.since.get() as { seq: number };
    const { after, before, keep, limit } = range;
    const filed = (most: number) => this.part(this.filedRows, range, after, before, most);
    const unfiled = (most: number) =>
      this.part(this.unfiledRows, range, Math.max(after, seq), before, most);
    const first = keep === "newest" ? unfiled(limit) : filed(limit);
    const missing = limit - first.length;
    if (missing === 0) return first;
    return [...first, ...(keep === "newest" ? filed(missing) : unfiled(missing))];
  }

  private part(
    ends: Ends,
    { buffer, withEvents, without, keep }: Range,
    after: number,
    before: number,
    limit: number,
  ): readonly unknown[] {
    const hidden = JSON.stringify(without);
    return ends[keep].all(buffer, after, before, withEvents ? 1 : 0, hidden, limit);
  }

  /** Files where more than `most` wait. A full disk keeps no one from reading: they go on to wait. */
  private tryToFile(most: number): void {
    if (this.unfiled <= this.stuck + most) return;
    try {
      this.file();
    } catch {
      this.stuck = this.unfiled;
    }
  }
}
