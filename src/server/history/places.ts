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
  private readonly filedSpeech: Ends;
  private readonly filedRows: Ends;
  private readonly unfiledRows: Ends;

  constructor(private readonly database: DatabaseSync) {
    this.since = database.prepare("SELECT seq FROM filed");
    this.sort = database.prepare(
      `INSERT OR IGNORE INTO places SELECT buffer, is_event, seq FROM messages
       WHERE seq > (SELECT seq FROM filed) ORDER BY buffer, is_event, seq`,
    );
    this.setFiled = database.prepare(
      "UPDATE filed SET seq = coalesce((SELECT max(seq) FROM messages), 0)",
    );
    const both = (statement: string): Ends => ({
      oldest: database.prepare(`${statement} LIMIT :limit`),
      newest: database.prepare(`${statement} DESC LIMIT :limit`),
    });
    // Both kinds are in order, and put together without being sorted.
    const filed = (kind: 0 | 1) =>
      `SELECT places.seq AS place, messages.* FROM places CROSS JOIN messages ON messages.seq = places.seq
       WHERE places.buffer = :buffer AND places.is_event = ${kind} AND places.seq > :after AND places.seq < :before
         AND command NOT IN (SELECT value FROM json_each(:without))`;
    this.filedSpeech = both(`${filed(0)} ORDER BY place`);
    this.filedRows = both(`${filed(0)} UNION ALL ${filed(1)} ORDER BY place`);
    this.unfiledRows = both(
      `SELECT * FROM messages
       WHERE buffer = :buffer AND is_event <= :kind AND seq > :after AND seq < :before
         AND command NOT IN (SELECT value FROM json_each(:without))
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
    const { buffer, after, before, withEvents, without, keep, limit } = range;
    const wanted = { buffer, before, without: JSON.stringify(without) };
    const filedRows = withEvents ? this.filedRows : this.filedSpeech;
    const filed = (most: number) => filedRows[keep].all({ ...wanted, after, limit: most });
    const unfiled = (most: number) =>
      this.unfiledRows[keep].all({
        ...wanted,
        kind: withEvents ? 1 : 0,
        after: Math.max(after, seq),
        limit: most,
      });
    const first = keep === "newest" ? unfiled(limit) : filed(limit);
    const missing = limit - first.length;
    if (missing === 0) return first;
    return [...first, ...(keep === "newest" ? filed(missing) : unfiled(missing))];
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
