// By which nicks operators know those who wait.
import { fold } from "../irc/casemapping.js";
import type { Client } from "./client.js";

const MAX_NICKS = 1000;

/** Owns whom each operator was told of last by which nick: those who wait can change theirs. */
export class Announced {
  private readonly byOperator = new WeakMap<Client, Map<string, Client>>();

  told(operator: Client, about: Client): void {
    const byNick = this.byOperator.get(operator) ?? new Map<string, Client>();
    this.byOperator.set(operator, byNick);
    const nick = fold(about.nick, "ascii");
    byNick.delete(nick);
    byNick.set(nick, about);
    const [oldest] = byNick.keys();
    if (byNick.size > MAX_NICKS && oldest !== undefined) byNick.delete(oldest);
  }

  /** Whom the operator knows by the nick. */
  known(operator: Client, nick: string): Client | undefined {
    return this.byOperator.get(operator)?.get(fold(nick, "ascii"));
  }
}
