// The channels there are, and what is stored of them.
import { FoldedMap, fold } from "../irc/casemapping.js";
import { Lookalikes } from "../irc/likeness.js";
import { Channel } from "./channel.js";
import type { Client } from "./client.js";
import type { Records } from "./history/records.js";
import type { HistoryStore } from "./history/store.js";
import { kept } from "./kept.js";
import type { Memory } from "./memory.js";
import { isSameName } from "./nicks.js";
import type { ReadMarkers } from "./read-markers.js";

/** Owns the channels someone is in, by name. */
export class Channels {
  private readonly byName = new FoldedMap<Channel>("ascii");
  /** The names of those that are open or kept. */
  private readonly lookalikes = new Lookalikes<string>();

  constructor(
    private readonly memory: Memory,
    private readonly store: HistoryStore,
    private readonly readMarkers: ReadMarkers,
    private readonly records: Records,
    /** How many are kept for one account. */
    private readonly maxFounded: number,
    private readonly now: () => number,
  ) {
    for (const name of memory.channelNames()) this.lookalikes.add(name, name);
  }

  get size(): number {
    return this.byName.size;
  }

  values(): Iterable<Channel> {
    return this.byName.values();
  }

  /** How many there are, those that are kept and no one is in included. */
  get sizeWithKept(): number {
    return this.byName.size + this.memory.countChannels();
  }

  /** Channels that are kept and no one is in; at most `limit` kept ones are looked at. */
  *kept(limit: number): Generator<Channel, void> {
    for (const channel of this.memory.recallAll(limit))
      if (!this.byName.has(channel.name)) yield channel;
  }

  find(name: string): Channel | undefined {
    return this.byName.get(name);
  }

  /** The channel of this name, also one that is kept and no one is in. */
  recall(name: string): Channel | undefined {
    return this.find(name) ?? this.memory.recall(name);
  }

  /** Another channel the client may know of, whose name cannot be told from this one by looking. */
  lookalike(name: string, client: Client): Channel | undefined {
    const found = this.lookalikes.find(name, (other) => {
      return !isSameName(other, name) && this.recall(other)?.isVisibleTo(client) === true;
    });
    return found === undefined ? undefined : this.recall(found);
  }

  /** The channel of this name, made where there was none; or one that was kept, opened again. */
  open(opened: string | Channel): Channel {
    const name = typeof opened === "string" ? opened : opened.name;
    let channel = typeof opened === "string" ? this.byName.get(name) : opened;
    if (channel !== undefined) this.byName.set(name, channel);
    if (channel === undefined) {
      channel = new Channel(kept(name), this.now());
      this.byName.set(name, channel);
      this.lookalikes.add(name, name);
    }
    return channel;
  }

  /** The person who opens a channel and has an account is its founder: it is kept for them. */
  found(channel: Channel, { account }: Client): void {
    if (account === undefined || this.memory.countFounded(account) >= this.maxFounded) return;
    channel.founder = fold(account, "ascii");
    this.memory.keep(channel);
  }

  /**
   * The client leaves a channel; the last one closes it. Guests cannot prove later that they were in it: what kept others
   * out is gone with them, so the history goes too.
   */
  leave(channel: Channel, client: Client): void {
    channel.remove(client);
    if (channel.size > 0) return;
    this.byName.delete(channel.name);
    this.forgetAbandoned(channel);
  }

  /**
   * After a start, whatever ended the server before: a key, or bans, still keep out whom they kept out of a guests' channel,
   * but no one is left to invite to one.
   */
  forgetAllAbandoned(): void {
    for (const channel of this.memory.recallUnfounded()) {
      const isLeft = !this.byName.has(channel.name);
      if (isLeft && channel.flags.has("i") && channel.key === undefined)
        this.forgetAbandoned(channel);
    }
  }

  private forgetAbandoned(channel: Channel): void {
    if (channel.founder !== undefined) return;
    const { name, isKept, keepsOut } = channel;
    this.lookalikes.delete(name, name);
    if (keepsOut)
      this.memory.forget(name, () => {
        this.store.discard(fold(name, "ascii"));
      });
    else if (isKept) this.memory.forget(name);
  }

  /** Whether neither a channel nor the history of one has this name. */
  isFree(name: string): boolean {
    return this.recall(name) === undefined && !this.store.has(fold(name, "ascii"));
  }

  /**
   * Gives a channel, and all that is stored of it, a name that is free or its own in another spelling.
   *
   * @throws Error when it cannot be stored; then nothing has changed.
   */
  rename(channel: Channel, name: string): void {
    const [before, after] = [fold(channel.name, "ascii"), fold(name, "ascii")];
    if (before !== after)
      this.records.change(() => {
        this.store.renameBuffer(before, after);
        this.readMarkers.rename(before, after, channel.members.keys());
      });
    this.byName.delete(channel.name);
    this.lookalikes.delete(channel.name, channel.name);
    if (channel.isKept) this.memory.forget(channel.name);
    channel.rename(name);
    if (channel.isKept) this.memory.keep(channel);
    this.byName.set(name, channel);
    this.lookalikes.add(name, name);
  }
}
