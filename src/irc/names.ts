// Which nicks and channel names are valid. Checked on both ends: the server refuses, the client says so before it asks.
import { likeness } from "./likeness.js";
import { cutToBytes, utf8Length } from "./utf8.js";

/** What NICKLEN, CHANNELLEN and USERLEN of a Parley server say, in bytes. */
export const NICK_MAX_BYTES = 64;
/** Every server takes so long a nick. https://www.rfc-editor.org/rfc/rfc1459#section-1.2 */
export const MIN_NICK_BYTES = 9;
export const CHANNEL_MAX_BYTES = 64;
export const USER_MAX_BYTES = 18;

/** Why a name was refused. */
export type NameProblem = "empty" | "too-long" | "bad-start" | "bad-character" | "reserved";

// Letters, marks and digits of any script, and the special characters of RFC 2812 §2.3.1. Nothing that a mask (* ? ! @),
// a prefix (~ & % +), a channel (# ,), a server (.) or a trailing parameter (:) could be mistaken for.
const NICK = /^[\p{L}\p{Mn}\p{Mc}\p{Nd}\-_[\]\\`^{}|]+$/u;
// No digit first, in any script: three of them are a numeric, and a nick is no number. A mark needs its letter.
const NICK_START = /^[\p{L}_[\]\\`^{}|]/u;
// eslint-disable-next-line no-control-regex -- BEL is what the specification forbids
const CHANNEL = /^#[^\x00-\x20\x7f,:*?!\p{Cc}\p{Cf}\p{Cs}\p{Z}]+$/u;
// Letters that show nothing, such as the Hangul filler. An emoji's variation selector may follow its emoji.
const INVISIBLE = /(?!(?<=\p{Extended_Pictographic})\uFE0F)\p{Default_Ignorable_Code_Point}/u;
// No script needs more marks on one letter; a tower of them covers the lines around it.
const TOWER_OF_MARKS = /\p{M}{5}/u;
const RESERVED_NICK = /^(?:.+serv|server|system|host)$/;

/**
 * `nick` as a person meant it: without the spaces around it, in the one spelling (NFC) that all keyboards' ways to make
 * `ë` share. To be done before {@link nickProblem}, which takes no other spelling.
 */
export function normalizeNick(nick: string): string {
  return nick.trim().normalize("NFC");
}

/** What is wrong with `nick`, or undefined when a Parley server accepts it. */
export function nickProblem(nick: string, maxBytes = NICK_MAX_BYTES): NameProblem | undefined {
  if (nick === "") return "empty";
  if (utf8Length(nick) > maxBytes) return "too-long";
  if (!NICK.test(nick) || !isPlainlyWritten(nick)) return "bad-character";
  if (!NICK_START.test(nick)) return "bad-start";
  return RESERVED_NICK.test(likeness(nick)) ? "reserved" : undefined;
}

/** What is wrong with `name`, or undefined when a Parley server accepts it as a channel's. */
export function channelNameProblem(
  name: string,
  maxBytes = CHANNEL_MAX_BYTES,
): NameProblem | undefined {
  if (name === "" || name === "#") return "empty";
  if (utf8Length(name) > maxBytes) return "too-long";
  if (!name.startsWith("#")) return "bad-start";
  return CHANNEL.test(name) && isPlainlyWritten(name) ? undefined : "bad-character";
}

/** Whether what looks the same is written the same: NFC, nothing invisible, no towers of marks. */
function isPlainlyWritten(name: string): boolean {
  return name === name.normalize("NFC") && !INVISIBLE.test(name) && !TOWER_OF_MARKS.test(name);
}

/** A free-looking nick for someone whose wish was taken: `ann`, `ann2`, `ann3` …; `agent007`, `agent008`. */
export function nextNick(nick: string, maxBytes = NICK_MAX_BYTES): string {
  const [, stem = nick, digits = ""] = /^(.*?)([0-9]{0,9})$/su.exec(nick) ?? [];
  const number = digits === "" ? "2" : String(Number(digits) + 1).padStart(digits.length, "0");
  return cutToBytes(stem, Math.max(maxBytes - number.length, 0)) + number;
}

/** Whether `given` is what a server that takes only shorter nicks has made of `asked`. */
export function isCutFrom(asked: string, given: string): boolean {
  const isShorter = given !== "" && given.length < asked.length;
  return isShorter && asked.toLowerCase().startsWith(given.toLowerCase());
}
