// Byte-exact lengths and cuts of UTF-8 text: IRC's limits count bytes, people count characters.

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
  for (const character of text) {
    bytes += codePointBytes(character.codePointAt(0) ?? 0);
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/**
 * `text` in pieces of at most `maxBytes` UTF-8 bytes each, cut after a space where one is near enough.
 * The pieces joined give `text` again. `maxBytes` must be at least 4, the longest character.
 */
export function splitToBytes(text: string, maxBytes: number): string[] {
  if (maxBytes < 4) throw new RangeError(`maxBytes is ${maxBytes}; it must be at least 4`);
  const pieces: string[] = [];
  let rest = text;
  while (rest !== "") {
    let piece = cutToBytes(rest, maxBytes);
    if (piece.length < rest.length) {
      const space = piece.lastIndexOf(" ");
      if (space >= piece.length / 2) piece = piece.slice(0, space + 1);
    }
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}
