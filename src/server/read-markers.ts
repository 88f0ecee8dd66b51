// Up to where people have read. https://ircv3.net/specs/extensions/read-marker
import type { StatementSync } from "node:sqlite";
import { fold } from "../irc/casemapping.js";
import type { Client } from "./client.js";
import type { Records } from "./history/records.js";

const MAX_TARGETS = 1000;

/** Owns the markers: of accounts in the database, of guests for as long as they are here. */
export class ReadMarkers {
  private readonly select: StatementSync;
  private readonly upsert: StatementSync;
  private readonly count: StatementSync;
  private readonly move: StatementSync;
  private readonly guests = new WeakMap<Client, Map<string, number>>();

  constructor(private readonly records: Records) {
    const { database } = records;
    this.select = database.prepare(
      "SELECT time FROM read_markers WHERE account = ? AND target = ?",
    );
    this.upsert = database.prepare(
      `INSERT INTO read_markers VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET time = max(time, excluded.time)`,
    );
    this.count = database.prepare("SELECT count(*) AS n FROM read_markers WHERE account = ?");
    this.move = database.prepare("UPDATE OR REPLACE read_markers SET target = ? WHERE target = ?");
  }

  /** Milliseconds since the epoch. */
  get(client: Client, target: string): number | undefined {
    const name = fold(target, "ascii");
    if (client.account === undefined) return this.guests.get(client)?.get(name);
    const row = this.select.get(fold(client.account, "ascii"), name);
    return (row as { time: number } | undefined)?.time;
  }

  /** Never goes back. Returns false where one person has too many. @throws Error when it cannot be stored. */
  advance(client: Client, target: string, time: number): boolean {
    const known = this.get(client, target);
    if (known !== undefined && known >= time) return true;
    if (known === undefined && this.countOf(client) >= MAX_TARGETS) return false;
    const name = fold(target, "ascii");
    if (client.account === undefined) {
      const own = this.guests.get(client) ?? new Map<string, number>();
      this.guests.set(client, own.set(name, time));
    } else {
      const account = fold(client.account, "ascii");
      this.records.change(() => this.upsert.run(account, name, time));
    }
    return true;
  }

  /** The clock was wrong: what is marked as read up to a later time is so up to this one. To be called within a change of records. */
  bringBack(time: number, clients: Iterable<Client>): void {
    this.records.database
      .prepare("UPDATE read_markers SET time = ? WHERE time > ?")
      .run(time, time);
    for (const client of clients) {
      const own = this.guests.get(client);
      for (const [target, marked] of own ?? []) own?.set(target, Math.min(marked, time));
    }
  }

  /** A channel has another name; `before` and `after` are folded. @throws Error when it cannot be stored. */
  rename(before: string, after: string, members: Iterable<Client>): void {
    this.records.change(() => this.move.run(after, before));
    for (const member of members) {
      const own = this.guests.get(member);
      const time = own?.get(before);
      if (time === undefined) continue;
      own?.delete(before);
      own?.set(after, time);
    }
  }

  private countOf(client: Client): number {
    if (client.account === undefined) return this.guests.get(client)?.size ?? 0;
    return (this.count.get(fold(client.account, "ascii")) as { n: number }).n;
  }
}
