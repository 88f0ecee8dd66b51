// What channels, accounts and those who stay are like, beyond the life of this process.
import type { StatementSync } from "node:sqlite";
import { fold } from "../irc/casemapping.js";
import { Channel, type ChannelFlag, type ListEntry, type ListMode, type Topic } from "./channel.js";
import { errorText } from "./errors.js";
import type { UserMode } from "./client.js";
import type { Records } from "./history/records.js";
import type { Logger } from "./logger.js";

/** A channel as it is stored. */
interface ChannelState {
  readonly createdAt: number;
  readonly topic?: Topic | undefined;
  readonly flags: readonly ChannelFlag[];
  readonly key?: string | undefined;
  readonly limit?: number | undefined;
  readonly lists: Readonly<Record<ListMode, readonly ListEntry[]>>;
  readonly metadata: readonly (readonly [string, string])[];
}

interface ChannelRow {
  readonly name: string;
  readonly founder: string | null;
  /** A ChannelState as JSON. */
  readonly state: string;
}

/** Someone who stays in their channels, as stored. */
export interface Presence {
  readonly nick: string;
  readonly user: string;
  readonly realname: string;
  /** The last address. */
  readonly address: string;
  readonly away?: string | undefined;
  readonly modes: readonly UserMode[];
  /** Names, with the sum of the ranks of their roles. */
  readonly channels: readonly (readonly [name: string, ranks: number])[];
  /** Milliseconds since the epoch. */
  readonly signonTime: number;
  readonly lastActive: number;
  readonly absentSince?: number | undefined;
}

/** Owns the tables of channels, metadata and presences. What cannot be written is logged, and tried again until it can. */
export class Memory {
  private readonly putChannel: StatementSync;
  private readonly getChannel: StatementSync;
  private readonly dropChannel: StatementSync;
  private readonly founded: StatementSync;
  private readonly channels: StatementSync;
  private readonly unfounded: StatementSync;
  private readonly names: StatementSync;
  private readonly channelCount: StatementSync;
  private readonly putMetadata: StatementSync;
  private readonly dropMetadata: StatementSync;
  private readonly allMetadata: StatementSync;
  private readonly putPresence: StatementSync;
  private readonly dropPresence: StatementSync;
  private readonly allPresences: StatementSync;
  /** What is otherwise than it is stored, by what it is, and how that is mended. */
  private readonly unkept = new Map<string, () => void>();

  constructor(
    private readonly records: Records,
    private readonly logger: Logger,
  ) {
    const { database } = records;
    this.putChannel = database.prepare("INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?)");
    this.getChannel = database.prepare("SELECT * FROM channels WHERE folded = ?");
    this.dropChannel = database.prepare("DELETE FROM channels WHERE folded = ?");
    this.founded = database.prepare("SELECT count(*) AS n FROM channels WHERE founder = ?");
    this.channels = database.prepare("SELECT * FROM channels ORDER BY folded LIMIT ?");
    this.unfounded = database.prepare("SELECT * FROM channels WHERE founder IS NULL");
    this.names = database.prepare("SELECT name FROM channels");
    this.channelCount = database.prepare("SELECT count(*) AS n FROM channels");
    this.putMetadata = database.prepare("INSERT OR REPLACE INTO metadata VALUES (?, ?, ?)");
    this.dropMetadata = database.prepare("DELETE FROM metadata WHERE account = ? AND key = ?");
    this.allMetadata = database.prepare("SELECT key, value FROM metadata WHERE account = ?");
    this.putPresence = database.prepare("INSERT OR REPLACE INTO presences VALUES (?, ?)");
    this.dropPresence = database.prepare("DELETE FROM presences WHERE account = ?");
    this.allPresences = database.prepare("SELECT account, state FROM presences ORDER BY account");
  }

  /** Keeps the channel as it is now. */
  keep(channel: Channel): void {
    const { name } = channel;
    this.attempt(
      name,
      new Map([
        [
          keyOfChannel(name),
          () => {
            this.put(channel);
          },
        ],
      ]),
    );
    channel.isKept = true;
  }

  private put(channel: Channel): void {
    const { createdAt, topic, flags, key, limit, lists, metadata } = channel;
    const state: ChannelState = {
      createdAt,
      topic,
      flags: [...flags],
      key,
      limit,
      lists,
      metadata: [...metadata],
    };
    const folded = fold(channel.name, "ascii");
    const founder = channel.founder ?? null;
    this.putChannel.run(folded, channel.name, founder, JSON.stringify(state));
  }

  /** The channel as it was when it was kept, without members; undefined when it was not. */
  recall(name: string): Channel | undefined {
    const row = this.getChannel.get(fold(name, "ascii")) as ChannelRow | undefined;
    return row === undefined ? undefined : channelOf(row);
  }

  /** The first `limit` kept channels, without members, in the order of their names. */
  *recallAll(limit: number): Generator<Channel, void> {
    for (const row of this.channels.iterate(limit)) yield channelOf(row as unknown as ChannelRow);
  }

  /** The kept channels that no account has founded, without members. */
  recallUnfounded(): readonly Channel[] {
    return this.unfounded.all().map((row) => channelOf(row as unknown as ChannelRow));
  }

  /** The names of all kept channels. */
  channelNames(): readonly string[] {
    return this.names.all().map((row) => (row as unknown as ChannelRow).name);
  }

  /** How many channels are kept. */
  countChannels(): number {
    return (this.channelCount.get() as { n: number }).n;
  }

  /** The channel is kept no more. `also` is done with it: all or nothing. */
  forget(name: string, also: () => void = () => undefined): void {
    const drop = () => {
      this.dropChannel.run(fold(name, "ascii"));
      also();
    };
    this.attempt(name, new Map([[keyOfChannel(name), drop]]));
  }

  /** How many channels the account has founded. */
  countFounded(account: string): number {
    return (this.founded.get(fold(account, "ascii")) as { n: number }).n;
  }

  metadataOf(account: string): readonly (readonly [key: string, value: string])[] {
    const rows = this.allMetadata.all(fold(account, "ascii")) as unknown as readonly {
      readonly key: string;
      readonly value: string;
    }[];
    return rows.map(({ key, value }) => [key, value]);
  }

  /** Keeps a value of an account, or that there is none. */
  keepMetadata(account: string, key: string, value: string | undefined): void {
    const owner = fold(account, "ascii");
    const put = () =>
      value === undefined
        ? this.dropMetadata.run(owner, key)
        : this.putMetadata.run(owner, key, value);
    this.attempt(`the metadata of ${account}`, new Map([[`metadata ${owner} ${key}`, put]]));
  }

  /** Keeps where those of these accounts are, or that they are nowhere: all of it or nothing. */
  keepPresences(presences: ReadonlyMap<string, Presence | undefined>): void {
    const actions = new Map<string, () => void>();
    for (const [account, presence] of presences) {
      const folded = fold(account, "ascii");
      actions.set(`presence ${folded}`, () =>
        presence === undefined
          ? this.dropPresence.run(folded)
          : this.putPresence.run(folded, JSON.stringify(presence)),
      );
    }
    this.attempt("the channels of people who are not connected", actions);
  }

  /** Called about once a second: what could not be kept may be kept now. */
  retry(): void {
    if (this.unkept.size === 0) return;
    this.attempt("earlier changes", new Map(this.unkept));
    if (this.unkept.size === 0)
      this.logger.info("everything that could not be stored is stored now");
  }

  /** Where those are who stay, by folded account. */
  presences(): ReadonlyMap<string, Presence> {
    const rows = this.allPresences.all() as unknown as readonly {
      readonly account: string;
      readonly state: string;
    }[];
    return new Map(rows.map(({ account, state }) => [account, JSON.parse(state) as Presence]));
  }

  /** Does all of it or nothing. `actions` by what they are about: of two about the same the latter counts. */
  private attempt(what: string, actions: ReadonlyMap<string, () => void>): void {
    try {
      this.records.change(() => {
        for (const action of actions.values()) action();
      });
      for (const key of actions.keys()) this.unkept.delete(key);
    } catch (error) {
      if (this.unkept.size === 0)
        this.logger.warn(`could not store ${what}; a restart would lose it: ${errorText(error)}`);
      for (const [key, action] of actions) this.unkept.set(key, action);
    }
  }
}

function channelOf(row: ChannelRow): Channel {
  const state = JSON.parse(row.state) as ChannelState;
  const channel = new Channel(row.name, state.createdAt);
  channel.founder = row.founder ?? undefined;
  channel.isKept = true;
  channel.topic = state.topic;
  channel.key = state.key;
  channel.limit = state.limit;
  channel.flags.clear();
  for (const flag of state.flags) channel.flags.add(flag);
  for (const list of ["b", "e", "I"] as const) channel.lists[list].push(...state.lists[list]);
  for (const [key, value] of state.metadata) channel.metadata.set(key, value);
  return channel;
}

function keyOfChannel(name: string): string {
  return `channel ${fold(name, "ascii")}`;
}
