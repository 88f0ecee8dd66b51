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
  const words = params.filter((param) => !param.includes(" "));
  const isBare = OF_ANYTHING.has(command) && params.length === 2;
  const names = isShort ? words : isBare ? words.slice(-1) : params.slice(1, -1);
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
export const OF_MESSAGES: ReadonlySet<string> = new Set([
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
export const OF_ANYTHING: ReadonlySet<string> = new Set([
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

/** Whether this can still come when our own server has said that it took the message: it is about who is at another one. */
export function canFollowAnswer({ command }: Refusal): boolean {
  return command !== n.ERR_NOSUCHNICK && command !== n.ERR_CANNOTSENDTOCHAN;
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
