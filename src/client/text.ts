// What people see of a message's text. Everything here comes from strangers.
import { fold, type CaseMapping } from "../irc/casemapping.js";
import { withoutControls } from "../irc/controls.js";
import { stripFormatting } from "../irc/formatting.js";

/** `text` without formatting codes and other control characters. Line feeds stay: only a message of several lines has any. */
export function displayText(text: string): string {
  return withoutControls(stripFormatting(text));
}

/** `text` with its formatting codes but without other control characters; undefined where that is the same as displayText(). */
export function formattedText(text: string): string | undefined {
  const kept = withoutControls(text);
  return kept === displayText(text) ? undefined : kept;
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

/** What belongs to a word or a nick: next to it, a nick is a part of something else. */
const WORD = /[\p{L}\p{M}\p{N}_|-]/u;
/** "Bob's", "bob'll" are said of bob; "don't" is not said of don. */
const ENDINGS = /^['’](?:s|d|ll|re|ve)(?![\p{L}\p{M}\p{N}_])/iu;

/**
 * Whether `text` names `nick` as a word of its own, in any spelling the network takes for the same. Code, links, paths,
 * e-mail addresses and file names name no one.
 */
export function mentionsNick(text: string, nick: string, mapping: CaseMapping): boolean {
  if (nick === "") return false;
  const needle = fold(nick, mapping);
  const haystack = fold(text, mapping);
  if (!haystack.includes(needle)) return false;
  for (const [word] of withoutCode(haystack).matchAll(/\S+/g)) {
    const parts = word.includes(needle) ? withoutUrl(word).split(/[,;()<>"]+/) : [];
    if (parts.some((part) => names(part, needle))) return true;
  }
  return false;
}

function names(part: string, needle: string): boolean {
  if (/[\\/]/.test(part.replaceAll(needle, ""))) return false;
  for (let at = part.indexOf(needle); at >= 0; at = part.indexOf(needle, at + 1)) {
    if (isWordStart(part.slice(0, at)) && isWordEnd(part.slice(at + needle.length))) return true;
  }
  return false;
}

/** Not after a letter, nor after what joins it to one ("I'm", "foo.m", "x@m"); "#m" and "$m" name other things. */
function isWordStart(before: string): boolean {
  const [last = "", joined = ""] = lastCharacters(before);
  if (WORD.test(last) || last === "#" || last === "$") return false;
  return !(/['’.@]/.test(last) && WORD.test(joined));
}

function isWordEnd(after: string): boolean {
  if (/^['’]/.test(after) && WORD.test(characterAt(after, 1))) return ENDINGS.test(after);
  if (after.startsWith("@")) return false;
  if (after.startsWith(".")) return !WORD.test(characterAt(after, 1));
  return !WORD.test(characterAt(after, 0));
}

/** `text` without Markdown's code: between runs of backticks of the same length, and after a fence that never closes. */
function withoutCode(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ at: run.index, mark: run[0] }));
  const closing = closingRuns(runs);
  let kept = "";
  let end = 0;
  for (const [i, { at, mark }] of runs.entries()) {
    if (at < end) continue;
    const close = closing[i];
    if (close === undefined && (mark.length < 3 || !/(^|\n) *$/.test(text.slice(0, at).slice(-4))))
      continue;
    kept += `${text.slice(end, at)} `;
    end = close === undefined ? text.length : close.at + mark.length;
  }
  return kept + text.slice(end);
}

interface BacktickRun {
  readonly at: number;
  readonly mark: string;
}

/** For each run the next one of the same length. */
function closingRuns(runs: readonly BacktickRun[]): (BacktickRun | undefined)[] {
  const next = new Map<string, BacktickRun>();
  const closing = runs.toReversed().map((run) => {
    const found = next.get(run.mark);
    next.set(run.mark, run);
    return found;
  });
  return closing.reverse();
}

function withoutUrl(word: string): string {
  const at = word.indexOf("://");
  return at < 0 ? word : word.slice(0, at).replace(/[a-z0-9+.-]{1,20}$/i, "");
}

function characterAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

/** The last character and the one before it. */
function lastCharacters(text: string): string[] {
  return Array.from(text.slice(-4)).reverse().slice(0, 2);
}

/** An away message to show; "" where there is none. `*` says only that. https://ircv3.net/specs/extensions/pre-away */
export function awayText(text: string): string {
  return text === "*" ? "" : displayText(text);
}
