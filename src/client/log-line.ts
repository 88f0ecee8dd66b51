// Lines of IRC as they may stand in a log, which people send to others when they ask for help.
import { parseMessage, type Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { TAG } from "../irc/tags.js";
import { utf8Length } from "../irc/utf8.js";

const HIDDEN = "…";
/** A size is told in steps of so many bytes: exactly, it would tell how long a password is. */
const SIZE_STEP = 64;
/** Longer lines are cut: only a hostile server has them. */
const MAX_LOGGED_LENGTH = 10_000;

/**
 * How many parameters of a command stand in the log: those that say what it is and for whom. Nothing that people write does,
 * since a password can stand anywhere in it, and be meant for a service of any name.
 */
const SHOWN: Readonly<Record<string, number>> = {
  ...commands(1, "ACCOUNT KILL JOIN MONITOR NAMES NICK NOTICE PART PRIVMSG RELEASE STATS"),
  ...commands(1, "TAGMSG TOPIC WHO WHOIS WHOWAS"),
  ...commands(2, "CHGHOST INVITE KICK MARKREAD PING PONG REDACT RENAME"),
  ...commands(3, "BATCH METADATA"),
  ...commands(5, "CHATHISTORY"),
  ...commands(
    0,
    "ADMIN AUTHENTICATE AWAY ERROR FILEHOST INFO ISON KNOCK LINKS LIST LUSERS MAP MOTD OPER PASS QUIT",
  ),
  ...commands(0, "REGISTER REHASH SEARCH SETNAME TIME USER USERHOST VERIFY VERSION WALLOPS"),
};

/** The same of numerics. Of all others it is whom they are for and what they are about, but not a text that ends them. */
const SHOWN_OF_NUMERICS: Readonly<Record<string, number>> = {
  [n.RPL_UMODEIS]: 2,
  [n.RPL_ENDOFNAMES]: 2,
  [n.RPL_CHANNELMODEIS]: 3,
  [n.RPL_CREATIONTIME]: 3,
  [n.RPL_NAMREPLY]: 3,
  [n.RPL_LOGGEDIN]: 3,
  [n.RPL_KEYVALUE]: 3,
  [n.ERR_INVALIDMODEPARAM]: 3,
  [n.RPL_TOPICWHOTIME]: 4,
  [n.RPL_MYINFO]: 5,
  [n.RPL_WHOREPLY]: 7,
};

/** Tags whose values are no one's words. */
const SHOWN_TAGS: ReadonlySet<string> = new Set([TAG.batch, TAG.label, TAG.msgid, TAG.time]);

/** Modes whose parameters are nicks, masks and the like, and those without any. All others may be a channel's key. */
const OPEN_MODES = /^[ovhbeIimnpst+-]+$/;
const OPEN_PARAMETERS = /[ovhbeI]/g;

function commands(shown: number, names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, shown]));
}

/** A line without anything that people or servers write freely: what it is, from whom and for whom, and about how long. */
export function loggedLine(whole: string): string {
  const message = parseMessage(whole.slice(0, MAX_LOGGED_LENGTH));
  if (message === undefined) return `${HIDDEN} (not a message, ${whole.length} characters)`;
  const { source, command, params } = message;
  const words = shownWords(message);
  const hidden = params.slice(words.length);
  return [
    ...shownTags(message),
    ...(source === undefined ? [] : [`:${source}`]),
    command,
    ...words,
    ...(hidden.length === 0 ? [] : [`${HIDDEN} (${aboutSize(hidden)})`]),
  ].join(" ");
}

function aboutSize(params: readonly string[]): string {
  return `up to ${Math.ceil((utf8Length(params.join(" ")) + 1) / SIZE_STEP) * SIZE_STEP} bytes`;
}

function shownTags({ tags }: Message): string[] {
  const shown = Array.from(tags, ([key, value]) =>
    SHOWN_TAGS.has(key) && /^[!-~]+$/.test(value) ? `${key}=${value}` : key,
  );
  return shown.length === 0 ? [] : [`@${shown.join(";")}`];
}

/** The parameters that are shown. Several words in one are a text, whatever stands there as a rule. */
function shownWords(message: Message): readonly string[] {
  const { command, params } = message;
  // Names of capabilities.
  if (command === "CAP") return params.map((param) => (param.includes(" ") ? `:${param}` : param));
  const shown = params.slice(0, shownCount(message));
  const text = shown.findIndex((param) => /\s/.test(param) || param === "");
  return text < 0 ? shown : shown.slice(0, text);
}

function shownCount({ command, params }: Message): number {
  const [first = "", second = "", third = ""] = params;
  switch (command) {
    case "FAIL":
    case "WARN":
    case "NOTE":
      if (!isKnown(first) || !/^[A-Z_]+$/.test(second)) return 0;
      return /^[#&]/.test(third) ? 3 : 2;
    case "MODE":
      return OPEN_MODES.test(second) ? 2 + (second.match(OPEN_PARAMETERS)?.length ?? 0) : 2;
    case n.RPL_ISUPPORT:
      return params.length - 1;
    default:
  }
  if (!/^[0-9]/.test(command)) return SHOWN[command] ?? 0;
  // What the server takes for a command may be the beginning of any line.
  if (n.ABOUT_COMMANDS.has(command) && !isKnown(second)) return 1;
  return SHOWN_OF_NUMERICS[command] ?? Math.max(1, Math.min(2, params.length - 1));
}

function isKnown(command: string): boolean {
  return ["*", "CAP", "MODE"].includes(command) || Object.hasOwn(SHOWN, command.toUpperCase());
}
