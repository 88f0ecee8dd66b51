// Who is here, by nick.
import type { Client, UserMode } from "./client.js";
import { Nicks } from "./nicks.js";

/** Owns the registered clients, connected or not, and how many of them there are of what kind. */
export class Clients {
  private readonly nicks = new Nicks();
  private readonly invisible = new Set<Client>();
  private readonly operators = new Set<Client>();
  private most = 0;

  get size(): number {
    return this.nicks.size;
  }

  get invisibleCount(): number {
    return this.invisible.size;
  }

  get operatorCount(): number {
    return this.operators.size;
  }

  /** The most there were at once. */
  get peak(): number {
    return this.most;
  }

  values(): Iterable<Client> {
    return this.nicks.values();
  }

  find(nick: string): Client | undefined {
    return this.nicks.get(nick);
  }

  /** Whoever has the nick, or one that looks like it. */
  findAlike(nick: string): Client | undefined {
    return this.nicks.like(nick);
  }

  /** The client is here by a nick, which is free or has been its own before. */
  add(client: Client, nick: string): void {
    client.nick = nick;
    client.isRegistered = true;
    this.nicks.set(nick, client);
    this.most = Math.max(this.most, this.nicks.size);
  }

  rename(client: Client, nick: string): void {
    this.nicks.delete(client.nick, client);
    client.nick = nick;
    this.nicks.set(nick, client);
  }

  setMode(client: Client, mode: UserMode, isOn: boolean): void {
    client.setMode(mode, isOn);
    const { invisible: i, operators: o } = this;
    const counted = { i, o, w: undefined, B: undefined }[mode];
    if (isOn) counted?.add(client);
    else counted?.delete(client);
  }

  /** The client is here no more. Where another has its nick already, that one keeps it. */
  remove(client: Client): void {
    this.nicks.delete(client.nick, client);
    this.invisible.delete(client);
    this.operators.delete(client);
    client.isRegistered = false;
  }
}
