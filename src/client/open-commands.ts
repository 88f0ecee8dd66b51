// The commands the server may still refuse or answer, and where the person is to be told of it.
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { TAG } from "../irc/tags.js";
import { OF_ANYTHING, OF_MESSAGES, type Refusal } from "./refusals.js";

/** A line to send that is no message. */
export interface Command extends Message {
  /** The conversation in which the person typed it; undefined: no one typed it. */
  readonly typedIn?: string | undefined;
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

/** In lines of the person's own: what is said otherwise is no command. */
const MESSAGES: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", "TAGMSG"]);

function canBeRefusedWith(command: string, numeric: string): boolean {
  return (
    REFUSED_WITH[command]?.has(numeric) ?? (MESSAGES.has(command) || !OF_MESSAGES.has(numeric))
  );
}

/** They name neither whom nor what they refuse, or only a part of it. */
const NAMELESS: ReadonlySet<string> = new Set([
  n.ERR_PASSWDMISMATCH,
  n.ERR_UNKNOWNMODE,
  n.ERR_NOPRIVILEGES,
  n.ERR_NOOPERHOST,
  n.ERR_UMODEUNKNOWNFLAG,
  n.ERR_USERSDONTMATCH,
  n.ERR_HELPNOTFOUND,
]);

/** Each ends with one of these. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  WHO: [n.RPL_ENDOFWHO],
  WHOIS: [n.RPL_ENDOFWHOIS],
  WHOWAS: [n.RPL_ENDOFWHOWAS],
  NAMES: [n.RPL_ENDOFNAMES],
  INVITE: [n.RPL_INVITING],
  TOPIC: [n.RPL_TOPIC, n.RPL_NOTOPIC],
  MODE: [
    n.RPL_UMODEIS,
    n.RPL_CHANNELMODEIS,
    n.RPL_ENDOFBANLIST,
    n.RPL_ENDOFEXCEPTLIST,
    n.RPL_ENDOFINVEXLIST,
  ],
  AWAY: [n.RPL_NOWAWAY, n.RPL_UNAWAY],
  OPER: [n.RPL_YOUREOPER],
  LIST: [n.RPL_LISTEND],
  LUSERS: [n.RPL_GLOBALUSERS],
  VERSION: [n.RPL_VERSION],
  TIME: [n.RPL_TIME],
  INFO: [n.RPL_ENDOFINFO],
  MOTD: [n.RPL_ENDOFMOTD, n.ERR_NOMOTD],
  HELP: [n.RPL_ENDOFHELP],
  LINKS: [n.RPL_ENDOFLINKS],
  STATS: [n.RPL_ENDOFSTATS],
  ADMIN: [n.RPL_ADMINEMAIL],
  USERHOST: [n.RPL_USERHOST],
  ISON: [n.RPL_ISON],
  REHASH: [n.RPL_REHASHING],
};
/** What comes before the end. */
const PARTS: Readonly<Record<string, RegExp>> = {
  WHOIS: /^(?:27[56]|301|31[1-39]|320|33[058]|37[89]|671|760)$/,
  WHOWAS: /^(?:312|314|330|338)$/,
  MODE: /^(?:329|346|348|367)$/,
  TOPIC: /^333$/,
  INVITE: /^301$/,
  LIST: /^32[12]$/,
  LUSERS: /^(?:25[1-5]|265)$/,
  INFO: /^37[13]$/,
  MOTD: /^37[25]$/,
  HELP: /^70[45]$/,
  LINKS: /^364$/,
  STATS: /^2[0-4][0-9]$/,
  ADMIN: /^25[6-8]$/,
};
/** The answers to these name nothing of what was asked. */
const UNNAMED: ReadonlySet<string> = new Set(
  "AWAY OPER LIST LUSERS VERSION TIME INFO MOTD HELP LINKS STATS ADMIN USERHOST ISON REHASH".split(
    " ",
  ),
);
/** Another server may answer these, so that an answered PING says nothing about them. */
const REMOTE = new Set(["WHOIS", "WHOWAS"]);
const CHANGES: ReadonlySet<string> = new Set(["INVITE", "KICK", "KILL", "MODE", "PART", "TOPIC"]);
const MAX_COMMANDS = 200;
const MAX_AGE_MS = 60_000;

/** A command that was sent, and that may still be refused. */
export interface OpenCommand {
  readonly name: string;
  readonly words: readonly string[];
  /** See Command. */
  readonly typedIn: string | undefined;
  /** All that answers it has this label; undefined: its answers have none. */
  readonly label: string | undefined;
  /** Its place among all that was sent. */
  readonly order: number;
  /** Of the questions (PING): how many had been sent before. */
  readonly questions: number;
  readonly sentAt: number;
}

/** What the person typed to change something: a server has no word for what was so before. */
function isChange({ name, typedIn }: OpenCommand): boolean {
  return typedIn !== undefined && CHANGES.has(name);
}

export class OpenCommands {
  private commands: OpenCommand[] = [];

  constructor(
    private readonly isSame: (a: string, b: string) => boolean,
    private readonly now: () => number,
  ) {}

  clear(): void {
    this.commands = [];
  }

  sent({ command, params, tags, typedIn }: Command, order: number, questions: number): void {
    const words = params.flatMap((param) => (param.includes(" ") ? [] : param.split(",")));
    const label = tags.get(TAG.label);
    const sentAt = this.now();
    this.commands.push({ name: command, words, typedIn, label, order, questions, sentAt });
    if (this.commands.length > MAX_COMMANDS) this.commands.shift();
  }

  /**
   * The server has answered this question (PING), and with it all that was sent before. Returns those of it that the person
   * typed and that it had nothing to say to.
   */
  answered(question: number): readonly OpenCommand[] {
    const oldest = this.now() - MAX_AGE_MS;
    const isOpen = ({ name, questions, sentAt }: OpenCommand) =>
      sentAt > oldest && (questions >= question || REMOTE.has(name));
    const silent = this.commands.filter(
      (one) => !isOpen(one) && one.sentAt > oldest && isChange(one) && one.label === undefined,
    );
    this.commands = this.commands.filter(isOpen);
    return silent;
  }

  /** The server has nothing to say to the command of this label. Returns it, where the person typed it. */
  acknowledged(label: string): OpenCommand | undefined {
    const command = this.labeled(label);
    if (command === undefined) return undefined;
    this.remove(command);
    return isChange(command) ? command : undefined;
  }

  /** A conversation has another name: what was asked there is told there. */
  renamed(name: string, newName: string): void {
    this.commands = this.commands.map((command) =>
      command.typedIn !== undefined && this.isSame(command.typedIn, name)
        ? { ...command, typedIn: newName }
        : command,
    );
  }

  /** The command of this label. */
  labeled(label: string): OpenCommand | undefined {
    return this.commands.find((command) => command.label === label);
  }

  /** The command that a line without a label answers, if it is no refusal. One that has its whole answer is over. */
  handle({ command, params }: Message, isOwn: boolean): OpenCommand | undefined {
    if (this.commands.length === 0) return undefined;
    const isAbout = ({ name, words }: OpenCommand) =>
      UNNAMED.has(name) || words.some((word) => params.some((param) => this.isSame(word, param)));
    const isEndOf = ({ name }: OpenCommand) =>
      ENDS[name]?.includes(command) === true || (isOwn && name === command);
    const ended = this.commands.find((one) => isEndOf(one) && isAbout(one));
    if (ended !== undefined) this.remove(ended);
    return ended ?? this.typed((one) => PARTS[one.name]?.test(command) === true && isAbout(one));
  }

  /** The first of what was typed of late for which `isMeant` is true. */
  private typed(isMeant: (command: OpenCommand) => boolean): OpenCommand | undefined {
    const oldest = this.now() - MAX_AGE_MS;
    return this.commands.find(
      (one) =>
        one.typedIn !== undefined && one.label === undefined && one.sentAt > oldest && isMeant(one),
    );
  }

  private remove(command: OpenCommand): void {
    this.commands = this.commands.filter((one) => one !== command);
  }

  /** Whether one of them may be what is refused without a name. */
  canBeMeant({ command }: Refusal): boolean {
    return this.commands.some(
      ({ name, label }) => label === undefined && canBeRefusedWith(name, command),
    );
  }

  /**
   * The one that is refused without a label, rather than the message that was sent at `order` (undefined: there is none). It is
   * over then.
   */
  takes({ command, names }: Refusal, order: number | undefined): OpenCommand | undefined {
    if (order !== undefined && OF_MESSAGES.has(command)) return undefined;
    const isNamedBy = ({ words }: OpenCommand) =>
      names.filter((name) => words.some((word) => this.isSame(word, name))).length;
    const [found] = this.commands
      .filter(({ name: of, label }) => label === undefined && canBeRefusedWith(of, command))
      .toSorted(
        (a, b) =>
          isNamedBy(b) - isNamedBy(a) ||
          // Where the person waits for an answer, they get it rather than one of our own questions.
          Number(b.typedIn !== undefined) - Number(a.typedIn !== undefined),
      );
    if (found === undefined || isNamedBy(found) === 0) return undefined;
    if (order !== undefined && OF_ANYTHING.has(command) && order < found.order) return undefined;
    this.remove(found);
    return found;
  }

  /** The one that is refused by its name, or without any. It is over then. */
  takesNameless({ command, names }: Refusal): OpenCommand | undefined {
    const [named = ""] = names;
    const found =
      this.typed(({ name }) => name === named.toUpperCase()) ??
      (names.length === 0 || NAMELESS.has(command)
        ? this.typed(({ name }) => canBeRefusedWith(name, command))
        : undefined);
    if (found !== undefined) this.remove(found);
    return found;
  }

  /** The first of this name that was typed; standard replies name it. */
  named(name: string): OpenCommand | undefined {
    return this.typed((command) => command.name === name.toUpperCase());
  }
}
