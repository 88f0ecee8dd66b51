// Whether a message names someone, as a word of its own.
import { fold, type CaseMapping } from "../irc/casemapping.js";
import { blocksOf } from "./fences.js";

/** What can stand in a nick or a word: next to it, a nick is a part of another one. */
const WORD = /[\p{L}\p{M}\p{N}_|^`{}\u00ad\u2010\u2011-]/u;
const MARK = /\p{M}/u;
const APOSTROPHE = /['’‘ʼ`´′＇]/;
/** "Bob's", "bob'll" are said of bob; "don't" is not said of don. */
const ENDINGS = /^['’‘ʼ`´′＇](?:s|d|ll|re|ve)(?![\p{L}\p{M}\p{N}_])/iu;
/** What makes another thing of the nick behind it: "#m", "$m", "&m", "%m", "+m", "=m", "°C". */
const PREFIX = /[#&%+=°\p{Sc}]/u;
/** The same of the nick before it: "m@e", "m(x)", "m=x", "c++", "c#". */
const SUFFIX = /[@(=#+°\p{Sc}]/u;
/** What joins a nick to the word before it, as in "I'm", "foo.m", "x@m", "a*m", "mailto:m", "e.org?m", "a[m]". */
const JOINS_BEFORE = /['’‘ʼ`´′＇.@*:?~[\p{Sm}]/u;
/** What joins it to the word behind it, as in "m.ts", "m*a", "m%a", "m[0]", "m<a". */
const JOINS_BEHIND = /[.*&%~[\]\p{Sm}]/u;
/** "bob:8080", "bob:e.org": what follows is a port or the rest of an address. */
const ADDRESS_REST = /^:(?:[0-9]{1,5}(?![\p{L}\p{M}\p{N}_])|[\w-]{1,63}\.\w)/u;
/** "bob!u@host". */
const HOSTMASK = /^![^\s!@]{1,32}@/;
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
/** Parts words; not the "(" of a call such as `bob()`, which stays behind the name, nor the "<" of `a<b`. */
const SEPARATOR =
  /[,;)"]+|(?<![\p{L}\p{N}_])[<>]+|[<>]+(?![\p{L}\p{N}_])|\((?![\x21-\x7e]|$)|(?<=\()/u;
const CALL = /[A-Za-z0-9_$\]]\((?=[\x21-\x7e])/;
const EMPHASIS =
  /(?<![\p{L}\p{M}\p{N}_])(_{1,3})(?=[^\s_])([^_\n]+)(?<=\S)\1(?![\p{L}\p{M}\p{N}_])/gu;

/**
 * Whether `text` names `nick` as a word of its own, in any spelling the network takes for the same. Code, links, paths,
 * e-mail and other addresses, file names and arithmetic name no one.
 */
export function mentionsNick(text: string, nick: string, mapping: CaseMapping): boolean {
  if (nick === "") return false;
  const needle = fold(nick, mapping);
  if (!fold(text, mapping).includes(needle)) return false;
  const said = withoutCode(text);
  // `_bob_` is a nick as well.
  return isNamed(said, needle, mapping) || isNamed(said.replace(EMPHASIS, " $2 "), needle, mapping);
}

function isNamed(text: string, needle: string, mapping: CaseMapping): boolean {
  for (const [word] of text.matchAll(/\S+/g)) {
    if (!fold(word, mapping).includes(needle)) continue;
    const parts = withoutArguments(withoutUrl(word)).split(SEPARATOR);
    if (parts.some((part) => names(part, needle, mapping))) return true;
  }
  return false;
}

function names(part: string, needle: string, mapping: CaseMapping): boolean {
  const folded = fold(part, mapping);
  const places: number[] = [];
  let rest = "";
  let end = 0;
  for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + 1)) {
    places.push(at);
    rest += part.slice(end, Math.max(at, end));
    end = at + needle.length;
  }
  if (/[\\/]/.test(rest + part.slice(end))) return false;
  return places.some((at) => {
    const behind = at + needle.length;
    const isEmoji = part.charAt(at - 1) === ":" && part.charAt(behind) === ":";
    return !isEmoji && isWordStart(part, at) && isWordEnd(part, behind);
  });
}

/** Not after a letter, nor after what joins it to one. */
function isWordStart(part: string, start: number): boolean {
  const [last = "", joined = ""] = lastCharacters(part.slice(Math.max(0, start - 4), start));
  const first = characterAt(part, start);
  if (isJoined(last, first) || PREFIX.test(last) || last === "]" || last + joined === "::")
    return false;
  // "..." ends a sentence; one point begins the name of a file.
  if (last === "." && joined !== ".") return false;
  return !(JOINS_BEFORE.test(last) && isJoined(joined, first));
}

function isWordEnd(part: string, end: number): boolean {
  const [last = ""] = lastCharacters(part.slice(Math.max(0, end - 4), end));
  const [next, joined] = [characterAt(part, end), characterAt(part, end + 1)];
  const behind = part.slice(end, end + 70);
  if (APOSTROPHE.test(next) && isJoined(joined, last)) return ENDINGS.test(behind);
  if (MARK.test(next) || SUFFIX.test(next) || next === "[" || next + joined === "::") return false;
  if (ADDRESS_REST.test(behind) || HOSTMASK.test(behind)) return false;
  if (JOINS_BEHIND.test(next)) return !isJoined(joined, last);
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
  const endParagraph = () => {
    if (lines.length > 0) paragraphs.push(withoutCodeSpans(lines.join("\n")));
    lines = [];
  };
  for (const block of blocksOf(text.split("\n"))) {
    const isText = block.kind === "line" && !block.isIndentedCode && block.line.trim() !== "";
    if (isText) lines.push(block.line);
    else endParagraph();
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

/** Without what a call such as `f(x,m)` is given. */
function withoutArguments(word: string): string {
  const call = word.search(CALL);
  if (call < 0) return word;
  const end = word.lastIndexOf(")");
  return word.slice(0, call + 2) + (end > call ? word.slice(end) : "");
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
