// Who was here.
import { FoldedMap } from "../irc/casemapping.js";
import type { Client } from "./client.js";

/** Someone as they were when they gave up a nick. */
export interface Departure {
  readonly nick: string;
  readonly user: string;
  readonly host: string;
  readonly realname: string;
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

const MAX_NICKS = 1000;
const MAX_PER_NICK = 10;

/** Remembers the latest departures. */
export class Departures {
  /** The nick left longest ago comes first. */
  private readonly byNick = new FoldedMap<Departure[]>("ascii");

  add({ nick, user, host, realname, address }: Client, time: number): void {
    const earlier = this.byNick.get(nick) ?? [];
    this.byNick.delete(nick);
    const latest = { nick, user, host, realname, address, time };
    this.byNick.set(nick, [latest, ...earlier].slice(0, MAX_PER_NICK));
    if (this.byNick.size <= MAX_NICKS) return;
    for (const [oldest] of this.byNick.values()) {
      if (oldest !== undefined) this.byNick.delete(oldest.nick);
      break;
    }
  }

  /** The latest first. */
  of(nick: string): readonly Departure[] {
    return this.byNick.get(nick) ?? [];
  }
}
