// What we do after registering: make ourselves at home, and catch up with what was said without us.
import { CAP } from "../irc/caps.js";
import type { ChannelKeeper } from "./channel-keeper.js";
import type { History } from "./history.js";
import { MAX_ASKED_GAPS } from "./limits.js";
import { hasMessages } from "./remembered.js";
import type { Speech } from "./speech.js";
import type { StateDraft } from "./state-draft.js";
import { WHOX_FIELDS } from "./state-membership.js";

export interface ArrivalPort {
  readonly draft: StateDraft;
  readonly history: History;
  readonly channels: ChannelKeeper;
  readonly speech: Speech;
  readonly send: (command: string, ...params: string[]) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/** Asking who is away costs a line for each member; in larger channels away-notify tells soon enough. */
const MAX_WHO_MEMBERS = 500;

export class Arrival {
  /** Folded names whose missed messages are still being asked for: what we say there has to wait. */
  private syncing = new Set<string>();
  /** Gaps that were asked for on this connection as they came: once is enough. */
  private readonly asked = new Set<string>();
  /** Folded names of the people whose conversation the person has opened, perhaps while offline. */
  private readonly opened = new Set<string>();
  private missedSince: number | undefined;
  /** By folded name: it is caught up with once, however often we are put into it meanwhile. */
  private readonly catching = new Map<string, Promise<void>>();

  constructor(private readonly port: ArrivalPort) {}

  /** Whether a conversation has not been caught up with yet. */
  isSyncing(name: string): boolean {
    return this.syncing.has(this.port.draft.fold(name));
  }

  disconnected(): void {
    // Another one, so that what still runs for this connection does nothing for the next.
    this.syncing = new Set();
    this.asked.clear();
  }

  /** A conversation has another name. */
  renamed(name: string, newName: string): void {
    const { draft } = this.port;
    for (const names of [this.syncing, this.opened])
      if (names.delete(draft.fold(name))) names.add(draft.fold(newName));
  }

  /** A conversation has been closed: one of the same name begins anew. */
  closed(name: string): void {
    const folded = this.port.draft.fold(name);
    this.catching.delete(folded);
    this.opened.delete(folded);
    this.port.history.closed(name);
  }

  /** Joins the channels we want to be in. Resolves when each has answered; catching up goes on after that. */
  async joinAll(missedSince: number | undefined): Promise<void> {
    const { draft, channels } = this.port;
    this.missedSince = missedSince;
    for (const name of [...channels.names, ...this.directs()]) this.syncing.add(draft.fold(name));
    await Promise.all(
      channels.names.map(async (name) => {
        // What follows a successful join is afterJoin's; a refused one has nothing to wait for.
        if (!(await channels.join(name))) this.synced(name);
      }),
    );
  }

  private directs(): string[] {
    const { draft } = this.port;
    return draft.bufferNames().filter((name) => draft.buffer(name)?.kind === "direct");
  }

  /** We are in `channel` and know its members: now for what was said, and who is away. */
  afterJoin(channel: string): void {
    const { draft, send } = this.port;
    const size = draft.buffer(channel)?.members.size ?? 0;
    if (size <= MAX_WHO_MEMBERS) {
      if (draft.get().isupport.has("WHOX")) send("WHO", channel, WHOX_FIELDS);
      else send("WHO", channel);
    }
    // In a channel we come back to, all since we left was missed; in a new one nothing was.
    const since = this.isSyncing(channel) ? this.missedSince : undefined;
    void this.catchUp(channel, since).finally(() => {
      this.synced(channel);
    });
  }

  /** Looks for direct messages we missed, of people we know and of others. Returns whether all of them are known now. */
  async catchUpDirects(): Promise<boolean> {
    const { draft, history, speech } = this.port;
    const { syncing, missedSince: since } = this;
    const isOver = () => syncing !== this.syncing;
    this.monitor(this.directs());
    const active =
      since === undefined ? new Map<string, number>() : await history.directTargets(since);
    if (isOver()) return false;
    for (const name of this.directs()) if (this.isToBeRead(name)) this.askMarker(name);
    for (const [name, time] of active ?? []) {
      // What was read to its end and then closed stays closed.
      if (draft.buffer(name) !== undefined || !this.isRead(name, time))
        await this.catchUp(name, since);
      if (isOver()) return false;
      this.synced(name);
    }
    // One after the other by their names of that moment: people change nicks meanwhile.
    const next = () => this.directs().find((name) => this.isSyncing(name));
    for (let name = next(); name !== undefined; name = next()) {
      // Where the server does not tell with whom something was said, everyone is asked for.
      const isDue = active === undefined || draft.timeline(name)?.hasMissedGap === true;
      if (isDue || this.isToBeRead(name) || speech.isWaitingFor(name))
        await this.catchUp(name, since);
      // Whoever is here under another nick now is listed by that one.
      else if (since !== undefined && draft.user(name)?.online === true)
        draft.change(name, (timeline) => {
          timeline.confirmEnd();
        });
      if (isOver()) return false;
      this.synced(name);
    }
    return active !== undefined;
  }

  private isRead(name: string, time: number): boolean {
    return (this.port.history.readUpTo(name) ?? -Infinity) >= time;
  }

  /** One conversation that cannot be caught up with keeps no other from it. */
  private catchUp(name: string, since: number | undefined): Promise<void> {
    const folded = this.port.draft.fold(name);
    const running = this.catching.get(folded);
    if (running !== undefined) return running;
    const catching = this.tryToCatchUp(name, since).finally(() => {
      if (this.catching.get(folded) === catching) this.catching.delete(folded);
    });
    this.catching.set(folded, catching);
    return catching;
  }

  private async tryToCatchUp(name: string, since: number | undefined): Promise<void> {
    try {
      await this.port.history.catchUp(name, since);
    } catch (error) {
      this.port.onFault("could not catch up", error);
    }
  }

  /** Whether a conversation of an earlier session, whose messages are not here yet, is unread or on screen. */
  private isToBeRead(name: string): boolean {
    const { draft } = this.port;
    const buffer = draft.buffer(name);
    if (buffer === undefined || hasMessages(buffer)) return false;
    return buffer.unread > 0 || this.opened.has(draft.fold(name));
  }

  private synced(name: string): void {
    this.syncing.delete(this.port.draft.fold(name));
    this.port.speech.pump();
  }

  /** What may be missing in a conversation we have caught up with already: whoever it is with was away in between. */
  fillGap(name: string): void {
    const gap = this.port.draft.timeline(name)?.firstMissed;
    if (gap === undefined || this.isSyncing(name) || this.asked.has(gap)) return;
    if (this.asked.size >= MAX_ASKED_GAPS) return;
    this.asked.add(gap);
    void this.catchUp(name, undefined);
  }

  /** Lets the server tell us when these people come and go. https://ircv3.net/specs/extensions/monitor */
  monitor(nicks: readonly string[]): void {
    const limit = this.port.draft.get().isupport.get("MONITOR");
    if (limit === undefined) return;
    for (const nick of nicks.slice(0, Number(limit) || nicks.length))
      this.port.send("MONITOR", "+", nick);
  }

  /** Asks up to where our other windows have read; for a channel the server tells that by itself. */
  private askMarker(name: string): void {
    const { draft, send } = this.port;
    if (draft.get().caps.has(CAP.readMarker)) send("MARKREAD", name);
  }

  /** The person has opened this conversation: its messages are loaded now, or with the next connection. */
  openDirect(nick: string, isConnected: boolean): void {
    this.opened.add(this.port.draft.fold(nick));
    if (isConnected) this.loadDirect(nick);
  }

  /** The newest of a conversation that has just been opened, or what was said before the message that began it. */
  loadDirect(nick: string): void {
    this.monitor([nick]);
    void this.catchUp(nick, undefined);
  }
}
