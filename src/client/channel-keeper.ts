// The channels we want to be in, and which of our JOINs have been answered.
import type { Message } from "../irc/message.js";
import { RPL_ENDOFNAMES } from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import type { StateDraft } from "./state-draft.js";

export interface ChannelPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
  readonly replyTimeoutMs: number;
  /** We are in, and know who else is. Also for a channel we were put into. */
  readonly onJoined: (channel: string) => void;
}

interface Wanted {
  readonly name: string;
  readonly key: string | undefined;
}

interface Pending {
  readonly settle: (joined: boolean) => void;
}

export class ChannelKeeper {
  private readonly wanted = new Map<string, Wanted>();
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly port: ChannelPort) {}

  /** Channels to be in after every connect. */
  get names(): string[] {
    return [...this.wanted.values()].map((channel) => channel.name);
  }

  want(name: string, key?: string): void {
    this.wanted.set(this.port.draft.fold(name), { name, key });
  }

  unwant(name: string): void {
    this.wanted.delete(this.port.draft.fold(name));
  }

  /** Joins a wanted channel. Resolves with whether we are in; in any case, and in bounded time. */
  join(name: string): Promise<boolean> {
    const folded = this.port.draft.fold(name);
    this.pending.get(folded)?.settle(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.pending.get(folded)?.settle(false);
      }, this.port.replyTimeoutMs);
      this.pending.set(folded, {
        settle: (joined) => {
          clearTimeout(timer);
          this.pending.delete(folded);
          resolve(joined);
        },
      });
      const key = this.wanted.get(folded)?.key;
      this.port.send("JOIN", name, ...(key === undefined ? [] : [key]));
    });
  }

  disconnected(): void {
    for (const pending of [...this.pending.values()]) pending.settle(false);
  }

  /** Looks at a message after the state has taken it in. */
  handle(message: Message): void {
    const { draft } = this.port;
    const isOwn = draft.isSelf(parseSource(message.source ?? "").nick);
    const [first = "", second = ""] = message.params;
    if (message.command === "JOIN" && isOwn) this.entered(first);
    else if (message.command === "PART" && isOwn) this.unwant(first);
    else if (message.command === "KICK" && draft.isSelf(second)) this.unwant(first);
    else if (message.command === RPL_ENDOFNAMES) this.settled(second);
    else if (/^[45]/.test(message.command)) this.refused(second);
    else if (message.command === "FAIL" && first === "JOIN")
      for (const param of message.params.slice(2, -1)) this.refused(param);
  }

  private entered(name: string): void {
    const known = this.wanted.get(this.port.draft.fold(name));
    // The server's spelling is the right one.
    this.want(name, known?.key);
  }

  private settled(name: string): void {
    const { draft } = this.port;
    const pending = this.pending.get(draft.fold(name));
    const isIn = draft.buffer(name)?.joined === true;
    pending?.settle(isIn);
    if (isIn) this.port.onJoined(name);
  }

  private refused(name: string): void {
    const { draft } = this.port;
    const pending = this.pending.get(draft.fold(name));
    if (pending === undefined) return;
    pending.settle(false);
    // A channel we never were in was a mistake; one we were in may let us in again the next time.
    if (draft.buffer(name) === undefined) this.unwant(name);
  }
}
