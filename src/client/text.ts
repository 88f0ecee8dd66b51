// What people see of a message's text. Everything here comes from strangers.
import { fold, type CaseMapping } from "../irc/casemapping.js";
import { stripFormatting } from "../irc/formatting.js";

// eslint-disable-next-line no-control-regex -- what no text needs but tab and line feed
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** `text` without formatting codes and other control characters. Line feeds stay: only a message of several lines has any. */
export function displayText(text: string): string {
  return stripFormatting(text).replace(CONTROLS, "");
}

/** A CTCP message's command and text, or undefined when `text` is an ordinary one. https://modern.ircdocs.horse/ctcp.html */
export function parseCtcp(text: string): { command: string; text: string } | undefined {
  if (!text.startsWith("\x01")) return undefined;
  const body = text.endsWith("\x01") && text.length > 1 ? text.slice(1, -1) : text.slice(1);
  const space = body.indexOf(" ");
  return space < 0
    ? { command: body.toUpperCase(), text: "" }
    : { command: body.slice(0, space).toUpperCase(), text: body.slice(space + 1) };
}

const WORD = /[\p{L}\p{M}\p{N}_-]/u;

/** Whether `text` names `nick` as a word of its own, in any spelling the network takes for the same. */
export function mentionsNick(text: string, nick: string, mapping: CaseMapping): boolean {
  if (nick === "") return false;
  const haystack = fold(text, mapping);
  const needle = fold(nick, mapping);
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    if (
      !WORD.test(characterBefore(haystack, at)) &&
      !WORD.test(characterAt(haystack, at + needle.length))
    )
      return true;
  }
  return false;
}

function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

function characterBefore(text: string, at: number): string {
  // The second half of a pair stands for the whole character.
  const isPair = at >= 2 && /[\uDC00-\uDFFF]/.test(text.charAt(at - 1));
  return characterAt(text, at - (isPair ? 2 : 1));
}
