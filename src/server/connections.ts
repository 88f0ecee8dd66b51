// The connections there are.
import type { Client } from "./client.js";
import type { Connection } from "./connection.js";

/** Owns the open connections with their clients, and those that are closed and not yet gone from the network. */
export class Connections implements Iterable<[Connection, Client]> {
  private readonly open = new Map<Connection, Client>();
  private readonly ending = new Set<Connection>();

  get size(): number {
    return this.open.size;
  }

  [Symbol.iterator](): MapIterator<[Connection, Client]> {
    return this.open[Symbol.iterator]();
  }

  clientOf(connection: Connection): Client | undefined {
    return this.open.get(connection);
  }

  add(connection: Connection, client: Client): void {
    this.open.set(connection, client);
  }

  /** The connection is closed. Returns whose it was, the first time. */
  closed(connection: Connection): Client | undefined {
    const client = this.open.get(connection);
    if (client === undefined) return undefined;
    this.open.delete(connection);
    this.ending.add(connection);
    return client;
  }

  /** Looks at the time-outs. */
  sweep(now: number): void {
    for (const connection of this.open.keys()) connection.sweep(now);
    for (const connection of this.ending) {
      connection.sweep(now);
      if (connection.isGone) this.ending.delete(connection);
    }
  }

  /** Waits for the peers to read their last lines, for as long as that may take. */
  async untilGone(graceMs: number): Promise<void> {
    const grace = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      timer.unref();
    });
    await Promise.race([
      grace,
      Promise.all([...this.ending].map((connection) => connection.whenGone())),
    ]);
    for (const connection of this.ending) connection.lost("closed");
  }
}
