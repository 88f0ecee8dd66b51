// Removing what need not be kept, some at a time, so that no one has to wait for it.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { atomically } from "./records.js";
import type { SearchIndex } from "./search.js";

/** What the name of a buffer begins with that no one can ask for any more: neither a channel's nor a conversation's does. */
export const DISCARDED = "discarded:";

/** How many messages are removed before others are let in again. */
const MESSAGES_AT_ONCE = 50;
/** How many conversations are looked at before that. */
const BUFFERS_AT_ONCE = 250;

/** Takes messages out of the tables of messages and words. All have to be filed. */
export class Pruning {
  private readonly before: StatementSync;
  private readonly buffers: StatementSync;
  private readonly anyDiscarded: StatementSync;
  private readonly discarded: StatementSync;
  private readonly beyond: StatementSync;
  private readonly upTo: StatementSync;
  private readonly erase: StatementSync;

  constructor(
    private readonly database: DatabaseSync,
    private readonly index: SearchIndex,
  ) {
    const some = `ORDER BY seq LIMIT ${MESSAGES_AT_ONCE}`;
    this.before = database.prepare(`SELECT seq FROM messages WHERE seq < ? ${some}`);
    this.buffers = database.prepare("SELECT id FROM buffers");
    // A range, which the index of names gives.
    const discarded = `SELECT id FROM buffers WHERE name >= '${DISCARDED}' AND name < '${DISCARDED}~'`;
    this.anyDiscarded = database.prepare(`${discarded} LIMIT 1`);
    this.discarded = database.prepare(
      `SELECT seq FROM places WHERE buffer IN (${discarded}) ${some}`,
    );
    // Both kinds are in order, and put together without being sorted.
    const inBuffer = (kind: 0 | 1) =>
      `SELECT seq FROM places WHERE buffer = :buffer AND is_event = ${kind} AND seq <= :last`;
    const both = `${inBuffer(0)} UNION ALL ${inBuffer(1)}`;
    this.beyond = database.prepare(`${both} ORDER BY seq DESC LIMIT 1 OFFSET :kept`);
    this.upTo = database.prepare(`${both} ${some}`);
    this.erase = database.prepare(
      "DELETE FROM messages WHERE seq IN (SELECT value FROM json_each(?))",
    );
  }

  get hasDiscarded(): boolean {
    return this.anyDiscarded.get() !== undefined;
  }

  /** Removes what was discarded, what is before `seq`, and of each buffer what is beyond `maxPerBuffer` (0: no bound), a step at a time. */
  *steps(seq: number, maxPerBuffer: number): Generator<void> {
    while (this.remove(this.discarded.all())) yield;
    while (this.remove(this.before.all(seq))) yield;
    if (maxPerBuffer === 0) return;
    for (const [index, { id = null }] of this.buffers.all().entries()) {
      if (index % BUFFERS_AT_ONCE === 0) yield;
      const beyond = { buffer: id, last: Number.MAX_SAFE_INTEGER, kept: maxPerBuffer };
      const last = this.beyond.get(beyond);
      if (last === undefined) continue;
      while (this.remove(this.upTo.all({ buffer: id, last: last.seq ?? null }))) yield;
    }
  }

  /** Forgets conversations of which nothing is left. */
  forgetEmpty(): void {
    this.database.exec(
      `DELETE FROM buffers WHERE NOT EXISTS (SELECT 1 FROM places WHERE buffer = buffers.id);
       DELETE FROM conversations WHERE buffer NOT IN (SELECT name FROM buffers)`,
    );
  }

  /** Returns whether there was anything to remove. */
  private remove(rows: readonly object[]): boolean {
    const seqs = (rows as readonly { readonly seq: number }[]).map(({ seq }) => seq);
    if (seqs.length === 0) return false;
    atomically(this.database, () => {
      this.index.remove(seqs);
      this.erase.run(JSON.stringify(seqs));
    });
    return true;
  }
}
