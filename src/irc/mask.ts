// Masks such as `*!*@192.0.2.*`. https://modern.ircdocs.horse/#wildcard-expressions
import { fold, type CaseMapping } from "./casemapping.js";

const ANY_TEXT = "*";
const ANY_CHARACTER = "?";

/**
 * Whether `text` is one of those `mask` stands for: `*` is any text, `?` any one character, everything else itself.
 * Takes at most the product of both lengths in steps, whatever the mask. There is no escape: a backslash is a
 * letter of nicks, and no name can have the characters it would escape.
 */
export function matchesMask(mask: string, text: string, mapping: CaseMapping): boolean {
  return maskMatcher(mask, mapping)(text);
}

/** {@link matchesMask} of one mask, for many texts. */
export function maskMatcher(mask: string, mapping: CaseMapping): (text: string) => boolean {
  const [first = "", ...rest] = fold(mask, mapping).split(ANY_TEXT);
  const last = rest.pop();
  return (text) => {
    const subject = fold(text, mapping);
    let end = endOf(first, subject, 0);
    if (last === undefined) return end === subject.length;
    // Each piece fits as early as it can: what follows has the most left to fit in.
    for (const piece of rest) {
      if (end < 0) return false;
      end = findEnd(piece, subject, end);
    }
    return end >= 0 && endsWith(last, subject, end);
  };
}

/** Where `piece`, which has no `*`, ends in `subject` if it begins at `start`; -1 when it does not fit there. */
function endOf(piece: string, subject: string, start: number): number {
  if (!piece.includes(ANY_CHARACTER))
    return subject.startsWith(piece, start) ? start + piece.length : -1;
  let s = start;
  for (let p = 0; p < piece.length; p++) {
    if (s >= subject.length) return -1;
    if (piece.charAt(p) === ANY_CHARACTER) s += characterLength(subject, s);
    else if (piece.charAt(p) === subject.charAt(s)) s++;
    else return -1;
  }
  return s;
}

/** Where the first `piece` ends that begins at `from` or later; -1 when there is none. */
function findEnd(piece: string, subject: string, from: number): number {
  if (!piece.includes(ANY_CHARACTER)) {
    const start = subject.indexOf(piece, from);
    return start < 0 ? -1 : start + piece.length;
  }
  for (let start = from; start < subject.length; start++) {
    const end = endOf(piece, subject, start);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether `subject` ends with `piece`, which begins at `from` or later. */
function endsWith(piece: string, subject: string, from: number): boolean {
  if (!piece.includes(ANY_CHARACTER))
    return subject.length - piece.length >= from && subject.endsWith(piece);
  for (let start = from; start < subject.length; start++)
    if (endOf(piece, subject, start) === subject.length) return true;
  return false;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) >= 0x10000 ? 2 : 1;
}

/** `mask` with the parts it leaves out: `ann` is `ann!*@*`, `u@h` is `*!u@h`, `n!u` is `n!u@*`. */
export function completeMask(mask: string): string {
  const bang = mask.indexOf("!");
  const at = mask.indexOf("@", bang + 1);
  const nick = bang >= 0 ? mask.slice(0, bang) : at >= 0 ? "" : mask;
  const user = bang < 0 && at < 0 ? "" : mask.slice(bang + 1, at < 0 ? undefined : at);
  const host = at < 0 ? "" : mask.slice(at + 1);
  return `${nick || ANY_TEXT}!${user || ANY_TEXT}@${host || ANY_TEXT}`;
}
