// Who is here, by nick.
import type { Client, UserMode } from "./client.js";
import { Nicks } from "./nicks.js";

/** Owns the registered clients, connected or not, and how many of them there are of what kind. */
export class Clients {
  private readonly nicks = new Nicks();
  /** The nicks of those who wait for the host's approval: no one finds them, and no one else gets their nicks. */
  private readonly reserved = new Nicks();
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

  /** Whoever has the nick, or one that looks like it; or waits to be let in by it. */
  findAlike(nick: string): Client | undefined {
    return this.nicks.like(nick) ?? this.reserved.like(nick);
  }

  /** The same, of those who wait only. */
  findWaiting(nick: string): Client | undefined {
    return this.reserved.like(nick);
  }

  /** The client waits to be let in by this nick. */
  reserve(client: Client, nick: string): void {
    client.nick = nick;
    client.isWaiting = true;
    this.reserved.set(nick, client);
  }

  /** The client waits no more. */
  release(client: Client): void {
    this.reserved.delete(client.nick, client);
    client.isWaiting = false;
  }

  /** The client is here by a nick, which is free or has been its own before. */
  add(client: Client, nick: string): void {
    client.nick = nick;
    client.isRegistered = true;
    this.nicks.set(nick, client);
    this.most = Math.max(this.most, this.nicks.size);
  }

  rename(client: Client, nick: string): void {
    const nicks = client.isWaiting ? this.reserved : this.nicks;
    nicks.delete(client.nick, client);
    client.nick = nick;
    nicks.set(nick, client);
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
