// A channel and its members.
import { fold } from "../irc/casemapping.js";
import { formatSource } from "../irc/source.js";
import type { Client } from "./client.js";
import type { NumericLine, Outgoing } from "./delivery.js";
import { MUTE, accountOf, matchesMask } from "./masks.js";
import { Roster } from "./roster.js";

/** Roles, highest first, with their mode, prefix and rank. */
export const ROLES = [
  { mode: "q", prefix: "~", rank: 16 },
  { mode: "a", prefix: "&", rank: 8 },
  { mode: "o", prefix: "@", rank: 4 },
  { mode: "h", prefix: "%", rank: 2 },
  { mode: "v", prefix: "+", rank: 1 },
] as const;

export const RANK = { owner: 16, admin: 8, operator: 4, halfop: 2, voice: 1, none: 0 } as const;

/** `i` invite only, `m` moderated, `n` members only, `s` secret, `t` topic by operators, `C` no CTCP. */
export type ChannelFlag = "i" | "m" | "n" | "s" | "t" | "C";
/** `b` bans, `e` exceptions, `I` invitations. */
export type ListMode = "b" | "e" | "I";

export interface ListEntry {
  readonly mask: string;
  readonly setBy: string;
  /** Seconds since the epoch. */
  readonly setAt: number;
}

export interface Topic {
  readonly text: string;
  readonly setBy: string;
  /** Seconds since the epoch. */
  readonly setAt: number;
}

/** Owns its members with their roles, topic, modes and lists. Both ends of a membership change here only. */
export class Channel {
  /** The account that opened it, folded: the channel is kept for it when no one is there. */
  founder: string | undefined;
  /** Whether something of it is stored. */
  isKept = false;
  key: string | undefined;
  limit: number | undefined;
  topic: Topic | undefined;
  readonly flags = new Set<ChannelFlag>(["n", "t"]);
  readonly lists: Readonly<Record<ListMode, ListEntry[]>> = { b: [], e: [], I: [] };
  readonly metadata = new Map<string, string>();
  private readonly roles = new Map<Client, number>();
  private readonly roster = new Roster(this);

  constructor(
    public name: string,
    /** Milliseconds since the epoch. */
    readonly createdAt: number,
  ) {}

  get size(): number {
    return this.roles.size;
  }

  /** The members with the sum of the ranks of their roles. */
  get members(): ReadonlyMap<Client, number> {
    return this.roles;
  }

  has(client: Client): boolean {
    return this.roles.has(client);
  }

  isFoundedBy({ account }: Client): boolean {
    return account !== undefined && this.founder === fold(account, "ascii");
  }

  /** The sum of the ranks of the client's roles; 0 for a member without any and for others. */
  ranksOf(client: Client): number {
    return this.roles.get(client) ?? 0;
  }

  /** Whether the client has this role or a higher one. */
  isAtLeast(client: Client, rank: number): boolean {
    return this.ranksOf(client) >= rank;
  }

  add(client: Client, ranks: number): void {
    this.roles.set(client, ranks);
    client.entered(this);
    this.roster.added(client);
  }

  remove(client: Client): void {
    this.roles.delete(client);
    client.left(this);
    this.roster.forget();
  }

  setRole(client: Client, rank: number, isOn: boolean): void {
    const ranks = this.ranksOf(client);
    this.roles.set(client, isOn ? ranks | rank : ranks & ~rank);
    this.roster.forget();
    client.hasNewPlace();
  }

  /** The prefix characters of a member: all of them, or the highest. */
  prefixes(client: Client, all: boolean): string {
    const ranks = this.ranksOf(client);
    let prefixes = "";
    for (const { prefix, rank } of ROLES) {
      if ((ranks & rank) === 0) continue;
      if (!all) return prefix;
      prefixes += prefix;
    }
    return prefixes;
  }

  /** Queues `message` to the members, without `except`. */
  broadcast(message: Outgoing, except?: Client): void {
    for (const client of this.roles.keys()) if (client !== except) client.deliver(message);
  }

  /** Whether `client` is banned and no exception lets it be. */
  isBanned(client: Client): boolean {
    return this.matchesList("b", client) && !this.matchesList("e", client);
  }

  /** Whether `client` is banned from speaking here, though not from being here. */
  isMuted(client: Client): boolean {
    const matches = (list: ListMode) =>
      this.lists[list].some(
        ({ mask }) => isMute(mask) && matchesBan(mask.slice(MUTE.length), client),
      );
    return matches("b") && !matches("e") && !this.matchesList("e", client);
  }

  matchesList(list: ListMode, client: Client): boolean {
    return this.lists[list].some(({ mask }) => matchesBan(mask, client));
  }

  /** `next` takes the place of `previous`, with its roles: the same person by another connection. */
  replace(previous: Client, next: Client): void {
    const ranks = this.ranksOf(previous);
    this.remove(previous);
    this.add(next, ranks);
  }

  /** Whether more is needed to come in than to want to. */
  get isClosed(): boolean {
    return this.flags.has("i") || this.key !== undefined;
  }

  /** Whether there is anyone it is meant to keep out: what is said in it is not for whoever comes by its name later. */
  get keepsOut(): boolean {
    return this.isClosed || this.flags.has("s") || this.lists.b.some(({ mask }) => !isMute(mask));
  }

  /** Whether someone outside may know that the channel is there. */
  isVisibleTo(client: Client): boolean {
    return !this.flags.has("s") || this.has(client) || client.isOperator;
  }

  /** Called by the server, which knows the channel by its name. */
  rename(name: string): void {
    this.name = name;
    this.roster.forget();
    for (const client of this.roles.keys()) client.hasNewPlace();
  }

  /** A member is called otherwise than before. */
  hasNewName(): void {
    this.roster.forget();
  }

  /** The members as NAMES shows them to `client`: RPL_NAMREPLY of the server `source`. */
  names(client: Client, source: string): readonly NumericLine[] {
    return this.roster.lines(client, source);
  }
}

function isMute(mask: string): boolean {
  return mask.startsWith(MUTE);
}

function matchesBan(mask: string, client: Client): boolean {
  const account = accountOf(mask);
  if (account !== undefined)
    return client.account !== undefined && matchesMask(account, client.account);
  const { nick, user, address: host } = client;
  const real = formatSource({ nick, user, host });
  return matchesMask(mask, client.source) || matchesMask(mask, real);
}
