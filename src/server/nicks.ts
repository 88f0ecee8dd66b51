// Who has which nick.
import { FoldedMap, fold } from "../irc/casemapping.js";
import { nickLikeness } from "../irc/names.js";
import type { Client } from "./client.js";

/** Owns the nicks of those who are here. Two that look the same are never given to two. */
export class Nicks {
  private readonly byNick = new FoldedMap<Client>("ascii");
  /** By what their nicks look like, those whose nicks are written otherwise: not many, where people write ASCII. */
  private readonly byLikeness = new Map<string, Client>();

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
    const likeness = nickLikeness(nick);
    return this.byNick.get(nick) ?? this.byNick.get(likeness) ?? this.byLikeness.get(likeness);
  }

  set(nick: string, client: Client): void {
    this.byNick.set(nick, client);
    const likeness = nickLikeness(nick);
    if (likeness !== fold(nick, "ascii")) this.byLikeness.set(likeness, client);
  }

  /** The client has the nick no more. Where another one has it already, that one keeps it. */
  delete(nick: string, client: Client): void {
    if (this.byNick.get(nick) === client) this.byNick.delete(nick);
    const likeness = nickLikeness(nick);
    if (this.byLikeness.get(likeness) === client) this.byLikeness.delete(likeness);
  }
}

/** Whether the two are one nick, or one channel's name, in different spellings. */
export function isSameName(a: string, b: string): boolean {
  return fold(a, "ascii") === fold(b, "ascii");
}
