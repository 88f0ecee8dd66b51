// Logged-in clients that stay in their channels while they are not connected, also after a restart.
import type { Client } from "./client.js";
import type { Memory, Presence } from "./memory.js";
import { isSameName } from "./nicks.js";
import type { Sessions } from "./sessions.js";

/** Owns those who stay, one for each account, and what is stored of who would. */
export class AlwaysOn {
  /** Those who are not connected, by account. */
  private readonly byAccount = new Map<string, Client>();
  /** The accounts of which something has changed since it was stored. */
  private changed = new Set<string>();
  private isClosed = false;

  constructor(
    private readonly memory: Memory,
    private readonly sessions: Sessions,
    private isOn: boolean,
  ) {}

  get size(): number {
    return this.byAccount.size;
  }

  get clients(): Iterable<Client> {
    return this.byAccount.values();
  }

  has(client: Client): boolean {
    return client.account !== undefined && this.byAccount.get(client.account) === client;
  }

  /** Who stays for the account. */
  of(account: string | undefined): Client | undefined {
    return account === undefined ? undefined : this.byAccount.get(account);
  }

  /**
   * Whether the client, whose connection has ended, stays. Of several connections of one account the last does, or the one
   * that has the account's own nick.
   */
  mayStay({ account, nick, mustLeave }: Client): boolean {
    if (!this.isOn || account === undefined || mustLeave || this.byAccount.has(account))
      return false;
    const [other] = this.sessions.of(account);
    return other === undefined || isSameName(account, nick);
  }

  stays(client: Client): void {
    if (client.account === undefined) return;
    this.byAccount.set(client.account, client);
    this.hasChanged(client.account);
  }

  /** The client is gone, or another connection of its account has taken its place. */
  left(client: Client): void {
    if (!this.has(client) || client.account === undefined) return;
    this.byAccount.delete(client.account);
    this.hasChanged(client.account);
  }

  /** Something has changed about the client that is here for the account. */
  hasChanged(account: string | undefined): void {
    if (account === undefined || !this.isOn || this.isClosed) return;
    // Mostly it is stored before anyone hears of it; when no one does, soon after.
    if (this.changed.size === 0)
      setImmediate(() => {
        this.store();
      });
    this.changed.add(account);
  }

  /** Who stayed when an earlier process ended, by folded account. Forgotten where no one stays any more. */
  remembered(): ReadonlyMap<string, Presence> {
    const presences = this.memory.presences();
    if (this.isOn) return presences;
    this.forget(presences.keys());
    return new Map();
  }

  /** From now on people stay, or do not. Returns those who have to go. */
  turn(isOn: boolean, accounts: Iterable<string>): readonly Client[] {
    if (this.isOn === isOn) return [];
    this.isOn = isOn;
    for (const account of accounts) this.hasChanged(account);
    if (isOn) return [];
    this.changed.clear();
    this.forget(this.memory.presences().keys());
    return [...this.byAccount.values()];
  }

  /** Stores what has changed. */
  store(): void {
    if (this.changed.size === 0 || this.isClosed) return;
    const { changed } = this;
    this.changed = new Set();
    this.memory.keepPresences(
      new Map([...changed].map((account) => [account, this.presenceOf(account)])),
    );
  }

  /** Stores what has changed; who goes from now on is remembered. */
  close(): void {
    this.store();
    this.isClosed = true;
  }

  private forget(accounts: Iterable<string>): void {
    this.memory.keepPresences(new Map([...accounts].map((account) => [account, undefined])));
  }

  private presenceOf(account: string): Presence | undefined {
    const sessions = [...this.sessions.of(account)].filter(({ isRegistered }) => isRegistered);
    const client =
      this.byAccount.get(account) ??
      sessions.find(({ nick }) => isSameName(account, nick)) ??
      sessions[0];
    return client === undefined ? undefined : presenceOf(client);
  }
}

function presenceOf(client: Client): Presence {
  const { nick, user, realname, address, away, modes, signonTime, lastActive, absentSince } =
    client;
  return {
    nick,
    user,
    realname,
    address,
    away,
    // Who is an operator proves it again.
    modes: [...modes].filter((mode) => mode !== "o"),
    channels: [...client.channels].map((channel) => [channel.name, channel.ranksOf(client)]),
    signonTime,
    lastActive,
    absentSince,
  };
}
