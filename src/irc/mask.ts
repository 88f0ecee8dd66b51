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
  const pattern = fold(mask, mapping);
  const subject = fold(text, mapping);
  let p = 0;
  let s = 0;
  // Where to go on when what follows the last `*` does not fit: just that `*` takes one more unit. Earlier ones need no
  // second try, for what stood between them and the last fitted as early as it could.
  let afterStar = -1;
  let starTook = 0;
  while (s < subject.length) {
    const wanted = pattern.charAt(p);
    if (wanted === ANY_TEXT) {
      afterStar = ++p;
      starTook = s;
    } else if (wanted === ANY_CHARACTER) {
      p++;
      s += characterLength(subject, s);
    } else if (wanted !== "" && wanted === subject.charAt(s)) {
      p++;
      s++;
    } else if (afterStar >= 0) {
      p = afterStar;
      s = ++starTook;
    } else {
      return false;
    }
  }
  while (pattern.charAt(p) === ANY_TEXT) p++;
  return p === pattern.length;
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
