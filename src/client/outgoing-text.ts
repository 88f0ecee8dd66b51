// What a person typed, cut into what fits on lines.
import { isupportNumber, type Isupport } from "../irc/isupport.js";
import { MAX_LINE_BYTES } from "../irc/limits.js";
import { splitToBytes, utf8Length } from "../irc/utf8.js";
import type { MessageEntry } from "./model.js";

export interface Sender {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
}

/** Where the server has not told us yet how it calls us, we count with the longest it may be. */
const MAX_USER_BYTES = 18;
const MAX_HOST_BYTES = 64;
const MIN_TEXT_BYTES = 64;

/** The lines of `text` as message texts, each short enough for one line to `target`. Blank lines have nothing to say. */
export function outgoingTexts(
  text: string,
  target: string,
  form: MessageEntry["form"],
  sender: Sender,
  isupport: Isupport,
): string[] {
  const { nick, user, host } = sender;
  const source =
    utf8Length(nick) +
    (user === undefined ? MAX_USER_BYTES : utf8Length(user)) +
    (host === undefined ? MAX_HOST_BYTES : utf8Length(host));
  const action = form === "action" ? utf8Length("\x01ACTION \x01") : 0;
  const frame = utf8Length(`:!@ PRIVMSG ${target} :\r\n`);
  const line = isupportNumber(isupport, "LINELEN", MAX_LINE_BYTES);
  const room = Math.max(MIN_TEXT_BYTES, line - source - frame - action);
  return text
    .split(/\r\n|\r|\n/)
    .map(withoutSpecials)
    .filter((part) => part.trim() !== "")
    .flatMap((part) => splitToBytes(part, room).filter((piece) => piece.trim() !== ""));
}

/** NUL cannot be sent, and 0x01 would make a command for the other side's program of what a person wrote. */
function withoutSpecials(text: string): string {
  // eslint-disable-next-line no-control-regex -- the two characters meant
  return text.replace(/[\x00\x01]/g, "");
}

/** The text as it goes over the wire. */
export function wireText(text: string, form: MessageEntry["form"]): string {
  return form === "action" ? `\x01ACTION ${text}\x01` : text;
}
