// The channels we want to be in, and which of our JOINs have been answered.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { WRONG_KEY } from "./reply-texts.js";
import type { StateDraft } from "./state-draft.js";

export interface ChannelPort {
  readonly draft: StateDraft;
  /** Returns false when it cannot stand on a line, or there is no connection. */
  readonly send: (command: string, ...params: string[]) => boolean;
  readonly replyTimeoutMs: number;
  /** The wait before the JOIN number `tries` (1 is the first repeated one) of a channel. */
  readonly retryDelayMs: (tries: number) => number;
  /** We are in, and know who else is. Also for a channel we were put into. */
  readonly onJoined: (channel: string) => void;
}

/** A JOIN without an answer. */
interface Pending {
  readonly name: string;
  /** How many have been refused before it. */
  readonly tries: number;
  /** It is not one of several in one line. */
  readonly isAlone: boolean;
  readonly settle: (joined: boolean) => void;
}

/** A JOIN that will be repeated. */
interface Retry {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly now: () => void;
}

/** Refusals that say "not now". All others need someone to do something: a key, an invitation, a smaller list. */
const NOT_NOW: ReadonlySet<string> = new Set([
  n.RPL_TRYAGAIN,
  n.ERR_UNAVAILRESOURCE,
  n.ERR_TARGETTOOFAST,
  n.ERR_CHANNELISFULL,
  // Logging in may take its time where services do it.
  n.ERR_NEEDREGGEDNICK,
  n.ERR_THROTTLE,
  n.ERR_TOOMANYJOINS,
  n.ERR_UNAVAILABLE,
]);
/** So often a channel is tried again. */
const MAX_TRIES = 10;

export class ChannelKeeper {
  /** By folded name. */
  private readonly wanted = new Map<string, string>();
  /** By folded name: what let us in before, also into channels we have left since. */
  private readonly keys = new Map<string, string>();
  private readonly pending = new Map<string, Pending>();
  private readonly retries = new Map<string, Retry>();
  /** By folded name: the server wants a key, or another one than we gave. */
  private readonly locked = new Set<string>();
  private isConnected = false;
  /** Folded names of channels the server has put us into while we registered, as bouncers do. */
  private readonly early = new Set<string>();

  /** Folded names of channels we have come into and do not know the members of yet. */
  private readonly entering = new Set<string>();

  constructor(private readonly port: ChannelPort) {}

  /** Channels to be in after every connect. */
  get names(): string[] {
    return [...this.wanted.values()];
  }

  /** Whether we want to be in the channel. */
  wants(name: string): boolean {
    return this.wanted.has(this.port.draft.fold(name));
  }

  /** What lets us into a channel, as far as we know. */
  keyOf(name: string): string | undefined {
    return this.keys.get(this.port.draft.fold(name));
  }

  /** Whether our last JOIN was refused for its key. */
  needsKey(name: string): boolean {
    return this.locked.has(this.port.draft.fold(name));
  }

  /** Without a key, the one that let us in before is taken. */
  want(name: string, key?: string): void {
    const folded = this.port.draft.fold(name);
    if (key !== undefined) this.keys.set(folded, key);
    this.wanted.set(folded, name);
  }

  unwant(name: string): void {
    const folded = this.port.draft.fold(name);
    this.wanted.delete(folded);
    this.stopRetrying(folded);
  }

  /** Registered: from here on someone can hear of what we are in. */
  connected(): void {
    this.isConnected = true;
  }

  /** Joins a wanted channel, if we are not in it. Resolves with whether we are in; in any case, and in bounded time. */
  join(name: string): Promise<boolean> {
    return this.ask(name, 0);
  }

  private ask(name: string, tries: number, isAlone = false): Promise<boolean> {
    const folded = this.port.draft.fold(name);
    this.stopRetrying(folded);
    this.locked.delete(folded);
    if (this.port.draft.buffer(name)?.joined === true) {
      if (this.early.delete(folded)) this.port.onJoined(name);
      return Promise.resolve(true);
    }
    const earlier = this.pending.get(folded);
    // Whoever waits for the JOIN of several waits on for this one.
    if (!isAlone) earlier?.settle(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.pending.get(folded)?.settle(false);
      }, this.port.replyTimeoutMs);
      this.pending.set(folded, {
        name,
        tries,
        isAlone,
        settle: (joined) => {
          clearTimeout(timer);
          earlier?.settle(joined);
          this.pending.delete(folded);
          resolve(joined);
        },
      });
      const key = this.keys.get(folded);
      if (!this.port.send("JOIN", name, ...(key === undefined ? [] : [key])))
        this.pending.get(folded)?.settle(false);
    });
  }

  private stopRetrying(folded: string): void {
    clearTimeout(this.retries.get(folded)?.timer);
    this.retries.delete(folded);
  }

  disconnected(): void {
    this.isConnected = false;
    this.early.clear();
    this.entering.clear();
    for (const pending of [...this.pending.values()]) pending.settle(false);
    for (const folded of [...this.retries.keys()]) this.stopRetrying(folded);
  }

  /** Looks at a message after the state has taken it in. */
  handle(message: Message): void {
    const { draft } = this.port;
    const isOwn = draft.isSelf(parseSource(message.source ?? "").nick);
    const [first = "", second = ""] = message.params;
    if (message.command === "JOIN" && isOwn) this.entered(first);
    else if (message.command === "PART" && isOwn) this.unwant(first);
    else if (message.command === "KICK" && draft.isSelf(second)) this.unwant(first);
    else if (message.command === n.RPL_ENDOFNAMES) this.settled(second);
    // An account may be all that was missing.
    else if (message.command === n.RPL_LOGGEDIN)
      for (const retry of [...this.retries.values()]) retry.now();
  }

  private entered(name: string): void {
    const folded = this.port.draft.fold(name);
    this.stopRetrying(folded);
    // There may be too many for it.
    if (this.port.draft.buffer(name)?.joined !== true) return;
    this.entering.add(folded);
    // The server's spelling is the right one.
    this.want(name);
  }

  private settled(name: string): void {
    const { draft } = this.port;
    const pending = this.pending.get(draft.fold(name));
    const isIn = draft.buffer(name)?.joined === true;
    pending?.settle(isIn);
    // A list of members that was asked for later is no news.
    if (!this.entering.delete(draft.fold(name)) || !isIn) return;
    if (this.isConnected) this.port.onJoined(name);
    else this.early.add(draft.fold(name));
  }

  /**
   * Takes in a refusal of a JOIN of ours. Returns whether someone should see it: not while the same channel is tried again
   * for the same reason; undefined for any other message.
   */
  takeRefusal(line: Message): boolean | undefined {
    if (this.takeTooMany(line)) return false;
    const refused = this.refusedBy(line);
    for (const pending of refused) {
      if (line.command === n.ERR_BADCHANNELKEY) this.locked.add(this.port.draft.fold(pending.name));
      this.refused(pending, NOT_NOW.has(line.command));
    }
    if (refused.length === 0) return undefined;
    const isRepeated = refused.every(({ tries }) => tries > 0 && tries < MAX_TRIES);
    return !(isRepeated && NOT_NOW.has(line.command));
  }

  /** Takes in that a JOIN had too many channels: those of it without an answer are asked for one after the other. */
  private takeTooMany({ command, params }: Message): boolean {
    if (command !== n.ERR_TOOMANYTARGETS) return false;
    const { draft } = this.port;
    const names = params.slice(0, 2).flatMap((param) => param.split(","));
    const open = [...this.pending.values()].filter(({ isAlone }) => !isAlone);
    // It may name those that were too many, all of them, or only the first.
    const first = open.findIndex(({ name }) => names.some((one) => draft.isSame(one, name)));
    const isOfSeveral = open.length > 1 || names.length > 2;
    if (first < 0 || !isOfSeveral) return false;
    void this.askOneByOne(open.slice(first));
    return true;
  }

  private async askOneByOne(refused: readonly Pending[]): Promise<void> {
    for (const { name, tries } of refused) if (this.wants(name)) await this.ask(name, tries, true);
  }

  /**
   * A refused key, told apart from a missing one: then the server's line has one more parameter. The key is forgotten, so that it
   * is not given again.
   */
  withRefusedKey(line: Message): Message {
    const [me = "", channel = "", ...rest] = line.params;
    if (line.command !== n.ERR_BADCHANNELKEY) return line;
    const isWrong = this.keys.delete(this.port.draft.fold(channel));
    return isWrong ? { ...line, params: [me, channel, WRONG_KEY, ...rest] } : line;
  }

  private refusedBy({ command, params }: Message): readonly Pending[] {
    const [first = "", second = ""] = params;
    const isFail = command === "FAIL" && first.toUpperCase() === "JOIN";
    if (!isFail && !n.isErrorNumeric(command) && command !== n.RPL_TRYAGAIN) return [];
    // Some servers leave out our nick.
    const names = isFail ? params.slice(2, -1) : params.slice(0, 2);
    const named = names.flatMap((name) => this.pending.get(this.port.draft.fold(name)) ?? []);
    const isOfCommand = isFail ? params.length < 4 : second.toUpperCase() === "JOIN";
    // The command alone is named: servers answer in order.
    return named.length === 0 && isOfCommand ? [...this.pending.values()].slice(0, 1) : named;
  }

  private refused({ name, tries, settle }: Pending, isTemporary: boolean): void {
    const { draft } = this.port;
    settle(false);
    if (isTemporary && tries < MAX_TRIES) this.retryLater(name, tries + 1);
    // A channel we never were in was a mistake; one we were in may let us in again the next time.
    else if (draft.buffer(name) === undefined) this.unwant(name);
  }

  private retryLater(name: string, tries: number): void {
    const now = () => {
      void this.ask(name, tries);
    };
    const timer = setTimeout(now, this.port.retryDelayMs(tries));
    this.retries.set(this.port.draft.fold(name), { timer, now });
  }
}
