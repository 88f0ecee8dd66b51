// Who has which nick.
import { FoldedMap, fold } from "../irc/casemapping.js";
import { Lookalikes } from "../irc/likeness.js";
import type { Client } from "./client.js";

/** Owns the nicks of those who are here. Two that look the same are never given to two. */
export class Nicks {
  private readonly byNick = new FoldedMap<Client>("ascii");
  private readonly lookalikes = new Lookalikes<Client>();

  get size(): number {
    return this.byNick.size;
  }

  values(): Iterable<Client> {
    return this.byNick.values();
  }

  get(nick: string): Client | undefined {
    return this.byNick.get(nick);
  }

  /** Whoever has the nick, or one that cannot be told from it by looking. */
  like(nick: string): Client | undefined {
    return this.byNick.get(nick) ?? this.lookalikes.find(nick);
  }

  set(nick: string, client: Client): void {
    this.byNick.set(nick, client);
    this.lookalikes.add(nick, client);
  }

  /** The client has the nick no more. Where another one has it already, that one keeps it. */
  delete(nick: string, client: Client): void {
    if (this.byNick.get(nick) === client) this.byNick.delete(nick);
    this.lookalikes.delete(nick, client);
  }
}

/** Whether the two are one nick, or one channel's name, in different spellings. */
export function isSameName(a: string, b: string): boolean {
  return fold(a, "ascii") === fold(b, "ascii");
}
