// What WHOIS and LIST answer.
import { fold, type CaseMapping } from "../irc/casemapping.js";
import type { Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { KNOCK_DELIVERED, NICKNAME_RELEASED, UPLOAD_TOKEN } from "../irc/standard-replies.js";
import { detached, shortened } from "./intake.js";
import { MAX_LISTED, MAX_LISTED_TOPIC, MAX_WHOIS_CHANNELS, MAX_WORD_LENGTH } from "./limits.js";
import { noPerson, replyText } from "./reply-texts.js";
import type { Collector } from "./roundtrip.js";
import { SessionError } from "./session-error.js";
import { RELEASE_ERRORS } from "./texts.js";
import { awayText, displayText } from "./text.js";

/** What WHOIS tells. */
export interface Whois {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly realname: string | undefined;
  readonly server: string | undefined;
  readonly account: string | undefined;
  /** With the prefixes the person has there, as the server writes them. */
  readonly channels: readonly string[];
  readonly away: string | undefined;
  readonly idleSeconds: number | undefined;
  /** When they connected, ms since the epoch. */
  readonly signOnTime: number | undefined;
  readonly isOperator: boolean;
  readonly isBot: boolean;
  readonly isSecure: boolean;
  /** user@host and address, where the server shows it to us. */
  readonly actualAddress: string | undefined;
}

/** One line of LIST. */
export interface ListedChannel {
  readonly name: string;
  readonly members: number;
  readonly topic: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the answer to WHOIS of `nick`. */
export function whoisCollector(nick: string, mapping: CaseMapping): Collector<Whois> {
  const whois: Mutable<Whois> = {
    nick,
    user: undefined,
    host: undefined,
    realname: undefined,
    server: undefined,
    account: undefined,
    channels: [],
    away: undefined,
    idleSeconds: undefined,
    signOnTime: undefined,
    isOperator: false,
    isBot: false,
    isSecure: false,
    actualAddress: undefined,
  };
  return {
    take: (message) => {
      const [, who = ""] = message.params;
      if (fold(who, mapping) !== fold(nick, mapping)) return undefined;
      if (message.command === n.RPL_ENDOFWHOIS) return { value: whois };
      if (message.command === n.ERR_NOSUCHNICK || message.command === n.ERR_NOSUCHSERVER)
        return new SessionError("no-such-nick", noPerson(nick));
      const read = WHOIS_LINES[message.command];
      if (read === undefined) return undefined;
      read(whois, message.params.map(displayText));
      return "more";
    },
  };
}

type ReadLine = (whois: Mutable<Whois>, params: readonly string[]) => void;

const WHOIS_LINES: Readonly<Record<string, ReadLine>> = {
  [n.RPL_WHOISUSER]: (whois, [, nick = whois.nick, user, host, , realname]) => {
    Object.assign(whois, { nick, user, host, realname });
  },
  [n.RPL_WHOISSERVER]: (whois, [, , server]) => {
    whois.server = server;
  },
  [n.RPL_WHOISOPERATOR]: (whois) => {
    whois.isOperator = true;
  },
  [n.RPL_WHOISIDLE]: (whois, [, , idle, signOn]) => {
    whois.idleSeconds = wholeNumber(idle);
    const seconds = wholeNumber(signOn);
    whois.signOnTime = seconds === undefined ? undefined : seconds * 1000;
  },
  [n.RPL_WHOISCHANNELS]: (whois, params) => {
    const room = MAX_WHOIS_CHANNELS - whois.channels.length;
    const more = (params[2] ?? "").split(" ").filter(isListable).slice(0, room).map(detached);
    whois.channels = [...whois.channels, ...more];
  },
  [n.RPL_AWAY]: (whois, [, , text = ""]) => {
    whois.away = awayText(text);
  },
  [n.RPL_WHOISACCOUNT]: (whois, [, , account]) => {
    whois.account = account;
  },
  [n.RPL_WHOISBOT]: (whois) => {
    whois.isBot = true;
  },
  [n.RPL_WHOISSECURE]: isSecure,
  [n.RPL_WHOISSSL]: isSecure,
  [n.RPL_WHOISACTUALLY]: (whois, params) => {
    whois.actualAddress = params.slice(2, -1).join(" ") || params[2];
  },
  [n.RPL_WHOISHOST]: (whois, params) => {
    whois.actualAddress ??= params.at(-1);
  },
  [n.RPL_WHOISCERTFP]: () => undefined,
  [n.RPL_WHOISMODES]: () => undefined,
  [n.RPL_WHOISSPECIAL]: () => undefined,
  [n.RPL_WHOISKEYVALUE]: () => undefined,
};

function isListable(name: string): boolean {
  return name !== "" && name.length <= MAX_WORD_LENGTH;
}

function isSecure(whois: Mutable<Whois>): void {
  whois.isSecure = true;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,12}$/.test(text) ? Number(text) : undefined;
}

/** Whether the server refuses this command of ours, or does not know it. */
function refuses({ command, params }: Message, name: string): boolean {
  if (command === "FAIL") return params[0] === name;
  return command === n.ERR_UNKNOWNCOMMAND && params[1] === name;
}

/** In the server's words. */
function refused({ params }: Message): SessionError {
  return new SessionError("refused", displayText(params.at(-1) ?? ""));
}

/** Reads the answer to RELEASE of a nick, which only a Parley server knows. */
export function releaseCollector(): Collector<undefined> {
  return {
    take: (line) => {
      const { command, params } = line;
      if (command === "NOTE" && params[0] === "RELEASE" && params[1] === NICKNAME_RELEASED)
        return { value: undefined };
      if (command === n.ERR_NOPRIVILEGES) return new SessionError("refused", RELEASE_ERRORS.rights);
      if (command === n.ERR_UNKNOWNCOMMAND && refuses(line, "RELEASE"))
        return new SessionError("refused", RELEASE_ERRORS.unknown);
      return refuses(line, "RELEASE") ? refused(line) : undefined;
    },
  };
}

/** Reads the answer to FILEHOST: the token for one's uploads. */
export function filehostCollector(): Collector<string> {
  return {
    take: (line) => {
      const { command, params } = line;
      if (command === "NOTE" && params[1] === UPLOAD_TOKEN) return { value: params[3] ?? "" };
      return refuses(line, "FILEHOST") ? refused(line) : undefined;
    },
  };
}

/** Reads the answer to KNOCK, while the host has yet to let us in. */
export function knockCollector(): Collector<undefined> {
  return {
    take: (line) => {
      const { command, params } = line;
      if (command === "NOTE" && params[1] === KNOCK_DELIVERED) return { value: undefined };
      return command === "FAIL" && params[0] === "KNOCK" ? refused(line) : undefined;
    },
  };
}

/** Reads the answer to LIST. */
export function listCollector(): Collector<readonly ListedChannel[]> {
  const channels: ListedChannel[] = [];
  return {
    take: (message) => {
      const [, name = "", members, topic = ""] = message.params;
      switch (message.command) {
        case n.RPL_LISTSTART:
          return "more";
        case n.RPL_LIST:
          if (channels.length < MAX_LISTED)
            channels.push({
              name: displayText(name),
              members: wholeNumber(members) ?? 0,
              topic: shortened(displayText(topic), MAX_LISTED_TOPIC),
            });
          return "more";
        case n.RPL_LISTEND:
          return { value: channels };
        case n.RPL_TRYAGAIN:
          return name.toUpperCase() === "LIST"
            ? new SessionError("refused", replyText(message))
            : undefined;
        default:
          return undefined;
      }
    },
  };
}
