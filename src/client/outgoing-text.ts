// What a person typed, cut into what fits on lines.
import { isupportNumber, type Isupport } from "../irc/isupport.js";
import { MAX_LINE_BYTES } from "../irc/limits.js";
import { message, type Message } from "../irc/message.js";
import { splitToBytes, utf8Length } from "../irc/utf8.js";
import type { MessageEntry } from "./model.js";
import { cutToBatches, linesIn, multilineMessages, type MultilineLimits } from "./multiline.js";

export interface Sender {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
}

/**
 * The longest our name may become before the line has been passed on: a server may change nick, user and host at any time, and
 * would cut what no longer fits.
 */
const NICK_BYTES = 9;
const USER_BYTES = 18;
const HOST_BYTES = 64;
const MOST_NAME_BYTES = 64;
const MIN_TEXT_BYTES = 64;

/** How many bytes of text one line to `target` can carry. */
export function roomOnLine(
  target: string,
  form: MessageEntry["form"],
  sender: Sender,
  isupport: Isupport,
): number {
  const longest = (name: string, fallback: number, now: string | undefined) =>
    Math.max(
      utf8Length(now ?? ""),
      Math.min(isupportNumber(isupport, name, fallback), MOST_NAME_BYTES),
    );
  const source =
    longest("NICKLEN", NICK_BYTES, sender.nick) +
    longest("USERLEN", USER_BYTES, sender.user) +
    longest("HOSTLEN", HOST_BYTES, sender.host);
  const action = form === "action" ? utf8Length("\x01ACTION \x01") : 0;
  const frame = utf8Length(`:!@ PRIVMSG ${target} :\r\n`);
  const line = isupportNumber(isupport, "LINELEN", MAX_LINE_BYTES);
  return Math.max(MIN_TEXT_BYTES, line - source - frame - action);
}

/**
 * `text` as message texts. Where a message may have several lines (`multiline`), so do they; otherwise each is short enough
 * for one line, and blank ones have nothing to say. An action is always one line: CTCP knows no other.
 */
export function outgoingTexts(
  text: string,
  form: MessageEntry["form"],
  room: number,
  multiline: MultilineLimits | undefined,
): string[] {
  if (multiline !== undefined && form !== "action") return cutToBatches(text, room, multiline);
  return linesIn(text)
    .filter((part) => part.trim() !== "")
    .flatMap((part) => splitToBytes(part, room).filter((piece) => piece.trim() !== ""));
}

/** What goes over the wire for one of outgoingTexts(). `reference` is the batch's, should it take one. */
export function wireMessages(
  { target, text, form }: { target: string; text: string; form: MessageEntry["form"] },
  tags: Message["tags"],
  room: number,
  reference: string,
): Message[] {
  const command = form === "notice" ? "NOTICE" : "PRIVMSG";
  if (form === "action")
    return [message(command, [target, `\x01ACTION ${text}\x01`], undefined, tags)];
  const isLine = !text.includes("\n") && utf8Length(text) <= room;
  return isLine
    ? [message(command, [target, text], undefined, tags)]
    : multilineMessages({ command, target, text, tags }, reference, room);
}
