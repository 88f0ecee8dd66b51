// Byte-exact lengths and cuts of UTF-8 text: IRC's limits count bytes, people count characters.

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const GRAPHEME_WINDOW = 64;

/** The number of bytes one code point takes in UTF-8. A lone surrogate counts 3, as U+FFFD does. */
function codePointBytes(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** The length of `text` in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    const codePoint = text.codePointAt(i) ?? unit;
    if (codePoint >= 0x10000) {
      bytes += 2;
      i++;
    } else {
      bytes += codePointBytes(codePoint) - 1;
    }
  }
  return bytes;
}

/** The longest prefix of `text` that takes at most `maxBytes` in UTF-8 and cuts no character in two. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const codePoint = text.codePointAt(end) ?? 0;
    bytes += codePointBytes(codePoint);
    if (bytes > maxBytes) return text.slice(0, end);
    end += codePoint < 0x10000 ? 1 : 2;
  }
  return text;
}

/**
 * `text` in pieces of at most `maxBytes` UTF-8 bytes each, cut after a space where one is near enough, else between what
 * a reader sees as characters: an emoji made of several stays whole unless it alone is too long.
 * The pieces joined give `text` again. `maxBytes` must be at least 4, the longest code point.
 */
export function splitToBytes(text: string, maxBytes: number): string[] {
  if (maxBytes < 4) throw new RangeError(`maxBytes is ${maxBytes}; it must be at least 4`);
  const pieces: string[] = [];
  let rest = text;
  while (rest !== "") {
    const piece = rest.slice(0, goodCut(rest, cutToBytes(rest, maxBytes).length));
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}

/** `words` joined by `separator` in lines of at most `maxBytes` UTF-8 bytes each; a word that is longer alone is a line. */
export function joinToBytes(
  words: readonly string[],
  separator: string,
  maxBytes: number,
): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of words) {
    const longer: string = line === undefined ? word : line + separator + word;
    if (line !== undefined && utf8Length(longer) > maxBytes) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line === undefined ? lines : [...lines, line];
}

/** Where to cut `text` so that the piece before is not longer than `longest`, but ends well. */
function goodCut(text: string, longest: number): number {
  if (longest === text.length) return longest;
  const afterSpace = text.lastIndexOf(" ", longest - 1) + 1;
  if (afterSpace > longest / 2) return afterSpace;
  // Only the end of the piece is looked at: no character worth keeping whole is longer.
  const from = Math.max(0, longest - GRAPHEME_WINDOW);
  const near = text.slice(from, longest + GRAPHEME_WINDOW);
  const cut = graphemes.segment(near).containing(longest - from)?.index ?? 0;
  return cut > 0 ? from + cut : longest;
}
