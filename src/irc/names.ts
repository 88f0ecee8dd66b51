// Which nicks and channel names are valid. Checked on both ends: the server refuses, the client says so before it asks.
import { utf8Length } from "./utf8.js";

/** What NICKLEN, CHANNELLEN and USERLEN of a Parley server say, in bytes. */
export const NICK_MAX_BYTES = 64;
export const CHANNEL_MAX_BYTES = 64;
export const USER_MAX_BYTES = 18;

/** Why a name was refused. */
export type NameProblem = "empty" | "too-long" | "bad-start" | "bad-character" | "reserved";

// Letters, marks and digits of any script, and the special characters of RFC 2812 §2.3.1. Nothing invisible, nothing
// that a mask (* ? ! @), a prefix (~ & % +) or a channel (# ,) could be mistaken for.
const NICK = /^[\p{L}\p{M}\p{Nd}\-_[\]\\`^{}|]+$/u;
const NICK_START = /^[\p{L}_[\]\\`^{}|]/u;
// eslint-disable-next-line no-control-regex -- BEL is what the specification forbids
const CHANNEL = /^#[^\x00-\x20\x7f,:*?!\p{Cc}\p{Cf}\p{Z}]+$/u;
const SERVICE_NICKS = /^(?:.+serv|server|system|host)$/i;

/** What is wrong with `nick`, or undefined when a Parley server accepts it. */
export function nickProblem(nick: string, maxBytes = NICK_MAX_BYTES): NameProblem | undefined {
  if (nick === "") return "empty";
  if (utf8Length(nick) > maxBytes) return "too-long";
  if (!NICK.test(nick)) return "bad-character";
  if (!NICK_START.test(nick)) return "bad-start";
  return SERVICE_NICKS.test(nick) ? "reserved" : undefined;
}

/** What is wrong with `name`, or undefined when a Parley server accepts it as a channel's. */
export function channelNameProblem(
  name: string,
  maxBytes = CHANNEL_MAX_BYTES,
): NameProblem | undefined {
  if (name === "" || name === "#") return "empty";
  if (utf8Length(name) > maxBytes) return "too-long";
  if (!name.startsWith("#")) return "bad-start";
  return CHANNEL.test(name) ? undefined : "bad-character";
}

/** A free-looking nick for someone whose wish was taken: `ann`, `ann2`, `ann3` … */
export function nextNick(nick: string, maxBytes = NICK_MAX_BYTES): string {
  const match = /^(.*?)([0-9]*)$/su.exec(nick);
  const number = String(Number(match?.[2] ?? "") + 1 || 2);
  let stem = match?.[1] ?? nick;
  while (utf8Length(stem) + number.length > maxBytes) stem = [...stem].slice(0, -1).join("");
  return stem + (number === "1" ? "2" : number);
}
