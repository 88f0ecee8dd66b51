// Who watches which nicks. https://ircv3.net/specs/extensions/monitor
import { FoldedMap } from "../irc/casemapping.js";
import type { Client } from "./client.js";

/** Owns the lists of watched nicks, from both ends. */
export class Monitors {
  private readonly watchers = new FoldedMap<Set<Client>>("ascii");
  private readonly watched = new Map<Client, FoldedMap<string>>();

  /** The nicks the client watches, as it wrote them. */
  *of(client: Client): Iterable<string> {
    yield* this.watched.get(client)?.values() ?? [];
  }

  count(client: Client): number {
    return this.watched.get(client)?.size ?? 0;
  }

  /** How many nicks are watched. */
  get size(): number {
    return this.watchers.size;
  }

  watchersOf(nick: string): Iterable<Client> {
    return this.watchers.get(nick) ?? [];
  }

  isWatching(client: Client, nick: string): boolean {
    return this.watched.get(client)?.has(nick) === true;
  }

  add(client: Client, nick: string): void {
    let own = this.watched.get(client);
    if (own === undefined) this.watched.set(client, (own = new FoldedMap("ascii")));
    own.set(nick, nick);
    let others = this.watchers.get(nick);
    if (others === undefined) this.watchers.set(nick, (others = new Set()));
    others.add(client);
  }

  remove(client: Client, nick: string): void {
    this.watched.get(client)?.delete(nick);
    const others = this.watchers.get(nick);
    others?.delete(client);
    if (others?.size === 0) this.watchers.delete(nick);
  }

  clear(client: Client): void {
    for (const nick of [...this.of(client)]) this.remove(client, nick);
    this.watched.delete(client);
  }
}
