// Our nick: the one the person wants, and getting it back from whoever holds it, our own ghost perhaps.
import { isupportNumber } from "../irc/isupport.js";
import type { Message } from "../irc/message.js";
import { MIN_NICK_BYTES, NICK_MAX_BYTES, isCutFrom } from "../irc/names.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { NICKNAME_RESERVED, NICKNAME_YOURS } from "../irc/standard-replies.js";
import { utf8Length } from "../irc/utf8.js";
import type { StateDraft } from "./state-draft.js";
import { isChannelName } from "./state-messages.js";
import { replyText } from "./reply-texts.js";
import { NICK_REFUSALS } from "./texts.js";

export interface NickPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
  readonly regainNickMs: number;
  readonly replyTimeoutMs: number;
}

/** A NICK of ours the server has not answered. */
interface Request {
  readonly nick: string;
  /** The person wants it; otherwise it is only tried. */
  readonly isWish: boolean;
  /** Is told why it was refused; undefined: it was not. */
  readonly settle?: (refusal: string | undefined) => void;
}

/** Someone has it: it is free as soon as they go. */
const TAKEN: ReadonlySet<string> = new Set([
  n.ERR_NICKNAMEINUSE,
  n.ERR_NICKCOLLISION,
  n.ERR_UNAVAILRESOURCE,
]);
/** Every other answer that refuses a NICK. Most mean "not now", and which of them do differs from server to server. */
const REFUSED: ReadonlySet<string> = new Set([
  n.ERR_NONICKNAMEGIVEN,
  n.ERR_ERRONEUSNICKNAME,
  n.ERR_BANNICKCHANGE,
  n.ERR_NICKTOOFAST,
  n.ERR_NONICKCHANGE,
  n.ERR_RESTRICTED,
]);
const NICK_NOTES: ReadonlySet<string> = new Set([NICKNAME_RESERVED, NICKNAME_YOURS]);
const NICK_TEXTS: Readonly<Record<string, (nick: string) => string>> = {
  [NICKNAME_RESERVED]: NICK_REFUSALS.reserved,
  [NICKNAME_YOURS]: NICK_REFUSALS.yours,
};
const MAX_FORMER = 50;
const MAX_REQUESTS = 20;
/** After so many refusals that are not about someone who has the nick, it is refused for good. */
const MAX_REFUSALS = 10;
/** The wait between two tries grows up to this many times the first one. */
const MAX_SLOWNESS = 8;

export class NickKeeper {
  /** The nick the person wants: what the next connection begins with. */
  desired: string;
  /** How long a nick may be here, as far as we know. */
  maxBytes = NICK_MAX_BYTES;
  private isRegistered = false;
  /** What the server has said about the nick that it is about to refuse. */
  private noted: { readonly code: string; readonly nick: string } | undefined;
  private requests: Request[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private slowness = 1;
  private refusals = 0;

  /** `former` gets the nicks (folded) we have had, for what a history calls us. */
  constructor(
    nick: string,
    private readonly former: Set<string>,
    private readonly port: NickPort,
  ) {
    this.desired = nick;
  }

  /**
   * Begins to get the nick back where we had to ask for another one. One that we did not ask for is the server's choice, as
   * with a bouncer that has one nick for all its clients, and no matter for a fight.
   */
  connected(asked: string): void {
    const { draft } = this.port;
    this.isRegistered = true;
    const { nick, isupport } = draft.get();
    this.remember(nick);
    const cut = isCutFrom(asked, nick) ? utf8Length(nick) : NICK_MAX_BYTES;
    this.maxBytes = isupportNumber(isupport, "NICKLEN", cut);
    if (!draft.isSelf(this.desired) && draft.isSelf(asked)) this.regainLater();
  }

  disconnected(): void {
    this.isRegistered = false;
    for (const { settle } of this.requests.splice(0)) settle?.(undefined);
    this.stopRegaining();
  }

  /** Asks for the nick the person wants. Resolves with why it was refused; undefined: it was not, as far as is known. */
  change(nick: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(undefined);
      }, this.port.replyTimeoutMs);
      const settle = (refusal: string | undefined) => {
        clearTimeout(timer);
        resolve(refusal);
      };
      this.expect({ nick, isWish: true, settle });
      this.port.send("NICK", nick);
    });
  }

  /** The person asks for this nick in a line of their own. */
  wished(nick: string): void {
    this.expect({ nick, isWish: true });
  }

  private expect(request: Request): void {
    if (this.requests.length < MAX_REQUESTS) this.requests.push(request);
    else request.settle?.(undefined);
  }

  private remember(nick: string): void {
    if (this.former.size < MAX_FORMER) this.former.add(this.port.draft.fold(nick));
  }

  private get isRegaining(): boolean {
    return this.timer !== undefined;
  }

  private regainLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.regain();
    }, this.port.regainNickMs * this.slowness);
  }

  private regain(): void {
    this.slowness = Math.min(this.slowness * 2, MAX_SLOWNESS);
    // Whatever becomes of this try, another one follows.
    this.regainLater();
    this.expect({ nick: this.desired, isWish: false });
    this.port.send("NICK", this.desired);
  }

  private stopRegaining(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.slowness = 1;
    this.refusals = 0;
  }

  /** Whether `line` refuses a NICK that no one has to hear of. */
  takeRefusal(line: Message): boolean {
    // The numeric that follows says the same.
    if (line.command === "NOTE") return this.takeNote(line);
    const isTaken = TAKEN.has(line.command);
    if (!isTaken && !isRefusal(line) && !this.isTooFast(line)) return false;
    // While we register it is the registration's to answer, or to fail with.
    if (!this.isRegistered) return true;
    const named = this.namesIn(line);
    if (!this.isAboutNick(named)) return false;
    const request = this.takeRequest(named);
    const { settle } = request ?? {};
    settle?.(this.refusalText(line));
    // Whoever waits for the answer tells it.
    if (request?.isWish !== false) return settle !== undefined;
    if (isTaken) return true;
    this.refusals++;
    if (this.refusals < MAX_REFUSALS) return true;
    this.stopRegaining();
    return false;
  }

  private takeNote({ params: [, code = "", nick = ""] }: Message): boolean {
    if (!NICK_NOTES.has(code)) return false;
    this.noted = { code, nick };
    return true;
  }

  private refusalText(line: Message): string {
    const { draft } = this.port;
    const [, refused = ""] = line.params;
    const { noted } = this;
    this.noted = undefined;
    const text = noted && draft.isSame(noted.nick, refused) ? NICK_TEXTS[noted.code] : undefined;
    return text?.(refused) ?? replyText(line);
  }

  /** Channels and people are refused with this as well. */
  private isTooFast({ command, params }: Message): boolean {
    const { draft } = this.port;
    const [, named = ""] = params;
    return (
      command === n.ERR_TARGETTOOFAST && this.requests.some(({ nick }) => draft.isSame(nick, named))
    );
  }

  /** What a refusal names. Some servers leave out our nick, or the text. */
  private namesIn({ command, params }: Message): readonly string[] {
    if (command === n.RPL_TRYAGAIN) return [];
    const start = command === "FAIL" ? 2 : 1;
    const isChannel = (param: string) =>
      isChannelName(this.port.draft, param) && !param.includes(" ");
    return params.filter(
      (param, at) => isChannel(param) || (at >= start && at < params.length - 1),
    );
  }

  /** What is refused with the same numerics may as well be a JOIN, or what we asked for someone else. */
  private isAboutNick(named: readonly string[]): boolean {
    const { draft } = this.port;
    const asked = [this.desired, ...this.requests.map(({ nick }) => nick)];
    if (asked.some((nick) => named.some((name) => this.isNick(name, nick)))) return true;
    // A channel we are in may be what keeps us from another nick.
    return named.every((name) => draft.isSelf(name) || draft.buffer(name)?.joined === true);
  }

  /** Whether a refusal that names `name` names `nick`, as it is or as a server has cut it that takes none so long. */
  private isNick(name: string, nick: string): boolean {
    if (this.port.draft.isSame(name, nick)) return true;
    return isCutFrom(nick, name) && utf8Length(name) >= MIN_NICK_BYTES;
  }

  /** The request that an answer with these names is for: one it names, or the oldest. */
  private takeRequest(named: readonly string[]): Request | undefined {
    const at = this.requests.findIndex(({ nick }) => named.some((name) => this.isNick(name, nick)));
    return this.requests.splice(Math.max(at, 0), 1)[0];
  }

  /** Looks at a message before the state takes it in. */
  handle(line: Message): void {
    const { draft } = this.port;
    const { nick } = parseSource(line.source ?? "");
    const [newNick = ""] = line.params;
    if (line.command === "NICK" && draft.isSelf(nick) && newNick !== "") {
      this.renamed(newNick);
      return;
    }
    const isFreed = line.command === "QUIT" || line.command === "NICK";
    if (isFreed && this.isRegaining && draft.isSame(nick, this.desired)) {
      this.slowness = 1;
      this.regain();
    }
  }

  private renamed(newNick: string): void {
    // A server may cut a nick that is too long for it.
    const { draft } = this.port;
    const folded = draft.fold(newNick);
    const at = this.requests.findIndex(({ nick }) => draft.fold(nick).startsWith(folded));
    const answered = at < 0 ? [] : this.requests.splice(0, at + 1);
    for (const { settle } of answered) settle?.(undefined);
    const request = answered.at(-1);
    // What services or an operator make of us holds for now; what the person chose stays their choice.
    if (request?.isWish === true) this.desired = newNick;
    this.remember(newNick);
    this.stopRegaining();
  }
}

function isRefusal({ command, params: [first, second] }: Message): boolean {
  if (command === "FAIL") return first === "NICK";
  if (command === n.RPL_TRYAGAIN) return second === "NICK";
  return REFUSED.has(command);
}
