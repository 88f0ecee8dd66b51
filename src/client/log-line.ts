// Lines of IRC as they may stand in a log, which people send to others when they ask for help.
import { parseMessage, type Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";

const HIDDEN = "…";
/** Longer lines are cut: only a hostile server has them. */
const MAX_LOGGED_LENGTH = 10_000;

/** Commands whose parameters are no secrets, apart from what is looked at below. All others may be those of services. */
const SHOWN: ReadonlySet<string> = new Set(
  (
    "ACCOUNT ACK ADMIN AWAY BATCH CAP CHATHISTORY CHGHOST ERROR FAIL INFO INVITE ISON JOIN KICK KILL LINKS LIST LUSERS " +
    "MAP MARKREAD METADATA MODE MONITOR MOTD NAMES NICK NOTE NOTICE PART PING PONG PRIVMSG QUIT REDACT RELEASE RENAME " +
    "SEARCH SETNAME STATS TAGMSG TIME TOPIC USER USERHOST VERSION WALLOPS WARN WHO WHOIS WHOWAS"
  ).split(" "),
);

/** Services and bouncers by the names they have: NickServ, Q@CServe.quakenet.org, *status, BitlBee's root and channel. */
const SERVICE = /^(?:.*serv(?:ices?)?|[qx]|root|\*.+|&bitlbee)(?:@.*)?$/i;
/** What is said to services that have other names, or by mistake to someone else; and what they answer. */
const SECRET_TALK =
  /(?:^[\s/.!]*(?:msg\s+\S+\s+)?(?:(?:ns|cs|as|hs|nickserv|chanserv|authserv)\s+)?(?:s?identify|id|register|login|logout|auth|ghost|recover|regain|release|drop|group|verify|confirm|newpass|resetpass|sendpass|setpass|passwd|oper)\b)|\bpass(?:word|phrase|wd|code)?\b/i;

/** `key=value` in links and the like, and the credentials in an address. */
const SECRET_VALUE =
  /((?:token|token64|pass|passwd|password|passphrase|pwd|secret|key|api[_-]?key|auth|code|sig|signature)(?:=|%3D)|\bbearer )[^\s&;,#]+/gi;
const URL_CREDENTIALS = /:\/\/[^\s/?#@]+@/g;

/** A line, without what may be a secret: passwords and keys, what is said to and by services, tokens in links. */
export function loggedLine(whole: string): string {
  const line = whole.slice(0, MAX_LOGGED_LENGTH);
  const message = parseMessage(line);
  if (message === undefined) return `${HIDDEN} (not a message, ${whole.length} characters)`;
  const { params } = message;
  const from = firstSecret(message);
  const shown = from < params.length ? withoutParams(line, message, params.slice(0, from)) : line;
  return shown.replace(SECRET_VALUE, `$1${HIDDEN}`).replace(URL_CREDENTIALS, `://${HIDDEN}@`);
}

function withoutParams(line: string, message: Message, params: readonly string[]): string {
  const { tags, source, command } = message;
  const start = [
    ...(tags.size > 0 ? [line.slice(0, line.indexOf(" "))] : []),
    ...(source === undefined ? [] : [`:${source}`]),
  ];
  return [...start, command, ...params, HIDDEN].join(" ");
}

/** The index of the first parameter that stays out of the log. */
function firstSecret({ source = "", command, params }: Message): number {
  switch (command) {
    case "PRIVMSG":
    case "NOTICE":
      return isSecretTalk(source, params) ? 1 : params.length;
    case "JOIN":
      // The keys of channels, where it is ours.
      return 1;
    case "MODE":
      return behindKeyMode(params, 1);
    case n.RPL_CHANNELMODEIS:
      return behindKeyMode(params, 2);
    case n.ERR_INVALIDMODEPARAM:
      return 3;
    default:
      return SHOWN.has(command) || /^[0-9]{3}$/.test(command) ? params.length : 0;
  }
}

/** Where the parameters of modes begin, one of which is a channel's key. `at` is the index of the first modes. */
function behindKeyMode(params: readonly string[], at: number): number {
  const index = params.findIndex(
    (param, i) => i >= at && (i === at || /^[+-]/.test(param)) && param.includes("k"),
  );
  return index < 0 ? params.length : index + 1;
}

function isSecretTalk(source: string, [targets = "", ...texts]: readonly string[]): boolean {
  const names = [source, ...targets.split(",")].map((name) => name.replace(/!.*$/s, ""));
  return names.some((name) => SERVICE.test(name)) || texts.some((text) => SECRET_TALK.test(text));
}
