// Whether one text is what a server has made of another: censored, cut, trimmed or written otherwise.

/** What filters put in the place of a word. */
const MASK = /[*#<>[\](){}█▇■•●×✱]|^[-_.]+$|censored|redacted|filtered/iu;
const ELLIPSIS = /(?:…|\.\.\.)$/u;
/** Of a text that was cut this part is left at least, or so much. */
const LEAST_PART = 0.5;
const LONG_TEXT = 200;
/** Longer ones are looked for word for word alone: comparing them costs as much as they are long. */
const MAX_LENGTH = 2_000;

export function isChangedText(ours: string, theirs: string): boolean {
  if (Math.max(ours.length, theirs.length) > MAX_LENGTH) return false;
  const [before, after] = [wordsOf(ours), wordsOf(theirs)];
  if (after.length === 0) return false;
  if (isCut(before.join(" "), after.join(" "))) return true;
  if (before.length !== after.length) return isMaskedOnce(before, after);
  return after.every((word, i) => word === before[i] || MASK.test(word));
}

function wordsOf(text: string): string[] {
  return text
    .normalize()
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
}

function isCut(before: string, after: string): boolean {
  const kept = after.replace(ELLIPSIS, "").trimEnd();
  return before.startsWith(kept) && kept.length >= Math.min(before.length * LEAST_PART, LONG_TEXT);
}

/** Whether several words have become one mask, or none. */
function isMaskedOnce(before: readonly string[], after: readonly string[]): boolean {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const masks = after.slice(start, after.length - end);
  // Words that are simply missing must be few.
  const isEnough = masks.length > 0 || start + end >= before.length * LEAST_PART;
  return isEnough && masks.every((word) => MASK.test(word));
}
