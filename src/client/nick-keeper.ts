// Our nick, and getting it back from the ghost of our own lost connection.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { NICKNAME_RESERVED, NICKNAME_YOURS } from "../irc/standard-replies.js";
import type { StateDraft } from "./state-draft.js";

export interface NickPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
  readonly regainNickMs: number;
}

const REFUSALS: ReadonlySet<string> = new Set([
  n.ERR_NICKNAMEINUSE,
  n.ERR_UNAVAILRESOURCE,
  n.ERR_NICKCOLLISION,
  n.ERR_ERRONEUSNICKNAME,
]);
const NICK_NOTES: ReadonlySet<string> = new Set([NICKNAME_RESERVED, NICKNAME_YOURS]);
const MAX_FORMER = 50;

export class NickKeeper {
  /** The nick the person wants. */
  desired: string;
  private isRegaining = false;
  private isRegistered = false;
  private timer: NodeJS.Timeout | undefined;

  /** `former` gets the nicks (folded) we have had, for what a history calls us. */
  constructor(
    nick: string,
    private readonly former: Set<string>,
    private readonly port: NickPort,
  ) {
    this.desired = nick;
  }

  /** Begins to get the nick back if we had to take another. */
  connected(): void {
    const { draft, regainNickMs } = this.port;
    this.isRegistered = true;
    this.remember(draft.get().nick);
    if (draft.isSelf(this.desired)) return;
    this.timer = setInterval(() => {
      this.regain();
    }, regainNickMs);
  }

  disconnected(): void {
    this.isRegistered = false;
    this.giveUp();
  }

  private giveUp(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.isRegaining = false;
  }

  private remember(nick: string): void {
    if (this.former.size < MAX_FORMER) this.former.add(this.port.draft.fold(nick));
  }

  private regain(): void {
    const { draft, send } = this.port;
    if (this.isRegaining || draft.isSelf(this.desired)) return;
    this.isRegaining = true;
    send("NICK", this.desired);
  }

  /** Whether `message` only says that the nick is still taken, which nobody needs to see. */
  takeRefusal(message: Message): boolean {
    // The numeric that follows says the same.
    if (message.command === "NOTE") return NICK_NOTES.has(message.params[1] ?? "");
    if (!REFUSALS.has(message.command)) return false;
    // While we register it is the registration's to answer, or to fail with.
    if (!this.isRegistered) return true;
    if (!this.isRegaining) return false;
    this.isRegaining = false;
    return true;
  }

  /** Looks at a message before the state takes it in. */
  handle(message: Message): void {
    const { draft } = this.port;
    const { nick } = parseSource(message.source ?? "");
    const [newNick = ""] = message.params;
    if (message.command === "NICK" && draft.isSelf(nick) && newNick !== "") {
      this.desired = newNick;
      this.remember(newNick);
      this.giveUp();
      return;
    }
    const isFreed = message.command === "QUIT" || message.command === "NICK";
    if (isFreed && this.timer !== undefined && draft.isSame(nick, this.desired)) this.regain();
  }
}
