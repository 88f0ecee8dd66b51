// Whether a message names someone, as a word of its own.
import { fold, type CaseMapping } from "../irc/casemapping.js";
import { blocksOf } from "./fences.js";

/** What belongs to a word or a nick: next to it, a nick is a part of something else. */
const WORD = /[\p{L}\p{M}\p{N}_|-]/u;
const MARK = /\p{M}/u;
const APOSTROPHE = /['’‘ʼ`´′＇]/;
/** "Bob's", "bob'll" are said of bob; "don't" is not said of don. */
const ENDINGS = /^['’‘ʼ`´′＇](?:s|d|ll|re|ve)(?![\p{L}\p{M}\p{N}_])/iu;
/** What joins a nick to the word before it, as in "I'm", "foo.m", "x@m", "a*m", "mailto:m" and "e.org?m". */
const JOINING = /['’‘ʼ`´′＇.@*:?]/;
/** Scripts that put no space between words, or none after a name. */
const SPACELESS = [
  /\p{scx=Han}/u,
  /\p{scx=Hiragana}/u,
  /\p{scx=Katakana}/u,
  /\p{scx=Hangul}/u,
  /\p{scx=Thai}/u,
  /\p{scx=Lao}/u,
  /\p{scx=Khmer}/u,
  /\p{scx=Myanmar}/u,
  /\p{scx=Tibetan}/u,
];
/** Parts words; not the "(" of a call such as `bob()`, which stays behind the name. */
const SEPARATOR = /[,;)<>"]+|\((?![\x21-\x7e]|$)|(?<=\()/;
const EMPHASIS =
  /(?<![\p{L}\p{M}\p{N}_])(_{1,3})(?=[^\s_])([^_\n]+)(?<=\S)\1(?![\p{L}\p{M}\p{N}_])/gu;
const LIST_MARKER = /^ {0,3}(?:[-*+]|[0-9]{1,9}[.)])[ \t]/;
const CODE_INDENT = /^(?: {4}| {0,3}\t)/;

/**
 * Whether `text` names `nick` as a word of its own, in any spelling the network takes for the same. Code, links, paths,
 * e-mail addresses and file names name no one.
 */
export function mentionsNick(text: string, nick: string, mapping: CaseMapping): boolean {
  if (nick === "") return false;
  const needle = fold(nick, mapping);
  if (!fold(text, mapping).includes(needle)) return false;
  const said = fold(withoutCode(text), mapping);
  // `_bob_` is a nick as well.
  return isNamed(said, needle) || isNamed(said.replace(EMPHASIS, " $2 "), needle);
}

function isNamed(text: string, needle: string): boolean {
  for (const [word] of text.matchAll(/\S+/g)) {
    const parts = word.includes(needle) ? withoutUrl(word).split(SEPARATOR) : [];
    if (parts.some((part) => names(part, needle))) return true;
  }
  return false;
}

function names(part: string, needle: string): boolean {
  if (/[\\/]/.test(part.replaceAll(needle, ""))) return false;
  for (let at = part.indexOf(needle); at >= 0; at = part.indexOf(needle, at + 1)) {
    if (isWordStart(part, at, needle) && isWordEnd(part, at + needle.length, needle)) return true;
  }
  return false;
}

/** Not after a letter, nor after what joins it to one; "#m" and "$m" name other things. */
function isWordStart(part: string, start: number, needle: string): boolean {
  const [last = "", joined = ""] = lastCharacters(part.slice(Math.max(0, start - 4), start));
  const first = characterAt(needle, 0);
  if (isJoined(last, first) || /[#$=]/.test(last) || last + joined === "::") return false;
  return !(JOINING.test(last) && isJoined(joined, first));
}

function isWordEnd(part: string, end: number, needle: string): boolean {
  const [last = ""] = lastCharacters(needle);
  const [next, joined] = [characterAt(part, end), characterAt(part, end + 1)];
  if (APOSTROPHE.test(next) && isJoined(joined, last))
    return ENDINGS.test(part.slice(end, end + 6));
  if (MARK.test(next) || /[@(=]/.test(next) || next + joined === "::") return false;
  if (next === "." || next === "*") return !isJoined(joined, last);
  return !isJoined(next, last);
}

/** Whether `neighbor` belongs to the word `edge` is in. Where words are not parted by spaces, scripts part them. */
function isJoined(neighbor: string, edge: string): boolean {
  if (!WORD.test(neighbor)) return false;
  const isSpaceless = SPACELESS.some((script) => script.test(neighbor) || script.test(edge));
  return !isSpaceless || SPACELESS.some((script) => script.test(neighbor) && script.test(edge));
}

/** `text` without Markdown's code: fenced, indented, and between backticks within a paragraph. */
function withoutCode(text: string): string {
  const paragraphs: string[] = [];
  let lines: string[] = [];
  let isListed = false;
  const endParagraph = () => {
    if (lines.length > 0) paragraphs.push(withoutCodeSpans(lines.join("\n")));
    lines = [];
  };
  for (const block of blocksOf(text.split("\n"))) {
    if (block.kind === "fence" || block.line.trim() === "") {
      endParagraph();
      continue;
    }
    const { line } = block;
    // In a list, what is indented is text of an item.
    if (lines.length === 0 && CODE_INDENT.test(line) && !isListed) continue;
    isListed = LIST_MARKER.test(line) || (isListed && /^[ \t]/.test(line));
    lines.push(line);
  }
  endParagraph();
  return paragraphs.join("\n\n");
}

/** A paragraph without what stands between runs of backticks of the same length. */
function withoutCodeSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ at: run.index, mark: run[0] }));
  const closing = closingRuns(runs);
  let kept = "";
  let end = 0;
  for (const [i, { at, mark }] of runs.entries()) {
    const close = closing[i];
    if (at < end || close === undefined) continue;
    kept += `${text.slice(end, at)} `;
    end = close.at + mark.length;
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
