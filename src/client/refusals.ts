// Whether a refusal is about a message: servers without labels name only whom or what they refuse.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";

/** A line that says that something was refused. */
export interface Refusal {
  readonly command: string;
  /** What it names, in its order. */
  readonly names: readonly string[];
  /** Of `FAIL PRIVMSG …`, and of numerics that name a command: that command. */
  readonly refused: string | undefined;
  /** Our nick, the target or the text is missing. */
  readonly isShort?: boolean;
}

/** The refusal in `line`; undefined when it is none. */
export function refusalIn(line: Message): Refusal | undefined {
  const { command, params } = line;
  if (command === "FAIL") {
    const [refused = "", , ...rest] = params;
    return { command, names: rest.slice(0, -1), refused: refused.toUpperCase() };
  }
  if (!n.isErrorNumeric(command) && !OTHER_REFUSALS.has(command)) return undefined;
  // Some servers leave out our nick, or the text.
  const isShort = OF_MESSAGES.has(command) && params.length < 3;
  const names = isShort ? params.filter((param) => !param.includes(" ")) : params.slice(1, -1);
  const [first = ""] = names;
  return { command, names, refused: COMMAND.test(first) ? first : undefined, isShort };
}

const COMMAND = /^(?:PRIVMSG|NOTICE|BATCH)$/;
const OTHER_REFUSALS: ReadonlySet<string> = new Set([
  n.RPL_TRYAGAIN,
  n.RPL_TARGUMODEG,
  n.ERR_WORDFILTERED,
  n.ERR_CANNOTDOCOMMAND,
]);

/** Only messages are refused with these. */
const OF_MESSAGES: ReadonlySet<string> = new Set([
  n.ERR_CANNOTSENDTOCHAN,
  n.ERR_TOOMANYTARGETS,
  n.ERR_NORECIPIENT,
  n.ERR_NOTEXTTOSEND,
  n.ERR_NONONREG,
  n.ERR_NOCTCP,
  n.ERR_CANTSENDTOUSER,
  n.RPL_TARGUMODEG,
  n.ERR_WORDFILTERED,
]);

/** Messages as well as other commands are refused with these: the first that was sent is meant. */
const OF_ANYTHING: ReadonlySet<string> = new Set([
  n.ERR_NOSUCHNICK,
  n.ERR_NOSUCHSERVER,
  n.ERR_NOSUCHCHANNEL,
  n.ERR_TARGETTOOFAST,
  n.ERR_NOTONCHANNEL,
  n.ERR_NEEDREGGEDNICK,
]);

/** Any line can be refused with these, and they need not say which. */
const OF_ANY_LINE: ReadonlySet<string> = new Set([
  n.ERR_INPUTTOOLONG,
  n.ERR_NOTREGISTERED,
  n.ERR_NOPRIVILEGES,
  "487",
]);

/** Whether this can come from another server of the network, after ours has answered. */
export function canBeLate({ command }: Refusal): boolean {
  return OF_MESSAGES.has(command) || command === n.ERR_NOSUCHNICK;
}

/** Refuses a message that it does not name. */
export function isNameless({ command, names, refused, isShort = false }: Refusal): boolean {
  if (refused !== undefined)
    return refused === "*"
      ? names.length === 0
      : COMMAND.test(refused) && (command === "FAIL" || names.length < 2);
  if (command === n.ERR_NORECIPIENT || command === n.ERR_NOTEXTTOSEND) return true;
  // The one name may be ours.
  if (OF_MESSAGES.has(command)) return names.length < 2 && isShort && !/^[#&]/.test(names[0] ?? "");
  return OF_ANY_LINE.has(command) && names.length === 0;
}

/** What these commands can be refused with; others can be with anything that is not OF_MESSAGES. */
const REFUSED_WITH: Readonly<Record<string, ReadonlySet<string>>> = {
  INVITE: new Set("401 403 437 439 442 443 482 518 520".split(" ")),
  KICK: new Set("401 403 437 441 442 476 482 484 485".split(" ")),
  KILL: new Set("401 481 483".split(" ")),
  LIST: new Set(["402", "403"]),
  MODE: new Set("401 403 437 441 442 467 468 472 473 474 477 478 482 501 502 525 696".split(" ")),
  NAMES: new Set(["402", "403"]),
  NICK: new Set("431 432 433 435 436 437 438 439 447 484".split(" ")),
  PART: new Set(["403", "442"]),
  TOPIC: new Set("403 437 442 477 482".split(" ")),
  WHO: new Set("402 416 442 522".split(" ")),
  WHOIS: new Set("401 402 406 431".split(" ")),
};

function canBeRefusedWith(command: string, numeric: string): boolean {
  return REFUSED_WITH[command]?.has(numeric) ?? !OF_MESSAGES.has(numeric);
}

/** A command that is not a message, and whose refusal might be taken for one's. */
interface Command {
  readonly name: string;
  readonly words: readonly string[];
  /** Its place among all that was sent. */
  readonly order: number;
  /** Of the questions (PING): how many had been sent before. */
  readonly questions: number;
  readonly sentAt: number;
}

/** Each ends with this numeric. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  WHO: [n.RPL_ENDOFWHO],
  WHOIS: [n.RPL_ENDOFWHOIS],
  WHOWAS: [n.RPL_ENDOFWHOWAS],
  NAMES: [n.RPL_ENDOFNAMES],
  INVITE: [n.RPL_INVITING],
  TOPIC: [n.RPL_TOPIC, n.RPL_NOTOPIC],
  MODE: [n.RPL_CHANNELMODEIS, n.RPL_ENDOFBANLIST, n.RPL_ENDOFEXCEPTLIST, n.RPL_ENDOFINVEXLIST],
};
/** Another server may answer these, so that an answered PING says nothing about them. */
const REMOTE = new Set(["WHOIS", "WHOWAS"]);
const MAX_COMMANDS = 200;
const MAX_AGE_MS = 60_000;

/** The commands that may still be refused. */
export class OpenCommands {
  private commands: Command[] = [];

  constructor(
    private readonly isSame: (a: string, b: string) => boolean,
    private readonly now: () => number,
  ) {}

  clear(): void {
    this.commands = [];
  }

  sent({ command, params }: Message, order: number, questions: number): void {
    const words = params.flatMap((param) => (param.includes(" ") ? [] : param.split(",")));
    this.commands.push({ name: command, words, order, questions, sentAt: this.now() });
    if (this.commands.length > MAX_COMMANDS) this.commands.shift();
  }

  /** The server has answered this question (PING), and with it all that was sent before. */
  answered(question: number): void {
    const oldest = this.now() - MAX_AGE_MS;
    this.commands = this.commands.filter(
      ({ name, questions, sentAt }) =>
        sentAt > oldest && (questions >= question || REMOTE.has(name)),
    );
  }

  /** Looks for the success of one of them. */
  handle({ command, params }: Message, isOwn: boolean): void {
    if (this.commands.length === 0) return;
    const at = this.commands.findIndex(({ name, words }) => {
      const isEnd = ENDS[name]?.includes(command) === true || (isOwn && name === command);
      return isEnd && words.some((word) => params.some((param) => this.isSame(word, param)));
    });
    if (at >= 0) this.commands.splice(at, 1);
  }

  /** Whether one of them may be what is refused without a name. */
  canBeMeant({ command }: Refusal): boolean {
    return this.commands.some(({ name }) => canBeRefusedWith(name, command));
  }

  /**
   * Whether one of them is what is refused, rather than the message that was sent at `order` (undefined: there is none). That
   * one is over then.
   */
  takes({ command, names }: Refusal, order: number | undefined): boolean {
    if (order !== undefined && OF_MESSAGES.has(command)) return false;
    const at = this.commands.findIndex(
      ({ name: of, words }) =>
        canBeRefusedWith(of, command) &&
        words.some((word) => names.some((name) => this.isSame(word, name))),
    );
    const found = this.commands[at];
    if (found === undefined) return false;
    if (order !== undefined && OF_ANYTHING.has(command) && order < found.order) return false;
    this.commands.splice(at, 1);
    return true;
  }
}

/** Whether a refusal that names `name` names `target`: as it is, or with user and host. */
export function namesTarget(
  name: string,
  target: string,
  isSame: (a: string, b: string) => boolean,
): boolean {
  if (isSame(name, target) || isSame(parseSource(name).nick, target)) return true;
  // `NickServ@services.example`: the nick, or the server, may be what is missing.
  const at = target.indexOf("@");
  return at > 0 && (isSame(name, target.slice(0, at)) || isSame(name, target.slice(at + 1)));
}
