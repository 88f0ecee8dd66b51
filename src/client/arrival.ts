// What we do after registering: make ourselves at home, and catch up with what was said without us.
import { CAP } from "../irc/caps.js";
import type { ChannelKeeper } from "./channel-keeper.js";
import type { History } from "./history.js";
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
  private readonly syncing = new Set<string>();
  private missedSince: number | undefined;

  constructor(private readonly port: ArrivalPort) {}

  /** Whether a conversation has not been caught up with yet. */
  isSyncing(name: string): boolean {
    return this.syncing.has(this.port.draft.fold(name));
  }

  disconnected(): void {
    this.syncing.clear();
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
    const { draft, send, history, onFault } = this.port;
    const size = draft.buffer(channel)?.members.size ?? 0;
    if (size <= MAX_WHO_MEMBERS) {
      if (draft.get().isupport.has("WHOX")) send("WHO", channel, WHOX_FIELDS);
      else send("WHO", channel);
    }
    // In a channel we come back to, all since we left was missed; in a new one nothing was.
    const since = this.isSyncing(channel) ? this.missedSince : undefined;
    history
      .catchUp(channel, since)
      .catch((error: unknown) => {
        onFault("could not catch up", error);
      })
      .finally(() => {
        this.synced(channel);
      });
  }

  /** Looks for direct messages we missed, of people we know and of others. */
  async catchUpDirects(): Promise<void> {
    const { history, speech } = this.port;
    const since = this.missedSince;
    const known = this.directs();
    this.monitor(known);
    try {
      const active = since === undefined ? [] : await history.directTargets(since);
      const unsent = known.filter((name) => speech.isWaitingFor(name));
      const unread = known.filter((name) => this.isToBeRead(name));
      for (const name of unread) this.askMarker(name);
      for (const name of new Set([...active, ...unread, ...unsent])) {
        await history.catchUp(name, since);
        this.synced(name);
      }
    } finally {
      for (const name of known) this.synced(name);
    }
  }

  /** Whether an earlier session left something unread that this one does not have yet. */
  private isToBeRead(name: string): boolean {
    const buffer = this.port.draft.buffer(name);
    return buffer !== undefined && buffer.unread > 0 && !hasMessages(buffer);
  }

  private synced(name: string): void {
    this.syncing.delete(this.port.draft.fold(name));
    this.port.speech.pump();
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

  /** The newest of a conversation that has just been opened. */
  loadDirect(nick: string): void {
    const { history, onFault } = this.port;
    this.monitor([nick]);
    history.catchUp(nick, undefined).catch((error: unknown) => {
      onFault("could not catch up", error);
    });
  }

  /** What was said before the message somebody began a conversation with. */
  loadBefore(nick: string): void {
    const { history } = this.port;
    this.monitor([nick]);
    // Only a convenience: whoever scrolls back asks again.
    if (history.isAvailable) history.loadOlder(nick).catch(() => undefined);
  }
}
