// Bytes from a server, as lines of text: UTF-8, and what can still be read of lines that are not.
import { LineFramer } from "../irc/framer.js";
import { isAllText, utf8Text, validUtf8Text } from "./encodings.js";
import { MAX_RECEIVED_LINE_BYTES } from "./limits.js";

/** Only a line about as long as the protocol allows was cut by its length. */
const CUT_LINE_BYTES = 400;
const SPACE = 0x20;
// What windows-1252 has in the place of Latin-1's control characters.
const WINDOWS_1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";

export class LineReader {
  private readonly framer = new LineFramer({
    maxLineBytes: MAX_RECEIVED_LINE_BYTES,
    decode: validUtf8Text,
  });

  /** The lines that `chunk` completes, without their ends. Lines that are blank or too long are left out. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    for (const frame of this.framer.push(chunk)) {
      if (frame.kind === "too-long") continue;
      const line = frame.kind === "line" ? frame.text : decodeDamaged(frame.bytes);
      if (line !== "") lines.push(line);
    }
    return lines;
  }
}

/**
 * The text of a line that is not UTF-8. Each word is read by itself, so that whatever is wrong with a text leaves the tags, the
 * source and the target what they are. A letter cut in two at the end of the line goes. A word that has other letters in UTF-8
 * keeps them; any other is windows-1252, which old networks still carry.
 */
function decodeDamaged(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  const line = bytes.subarray(0, end);
  const whole = line.subarray(0, end - cutBytes(line));
  const words: string[] = [];
  for (let start = 0; start <= whole.length;) {
    const space = whole.indexOf(SPACE, start);
    const wordEnd = space < 0 ? whole.length : space;
    words.push(decodeWord(whole.subarray(start, wordEnd)));
    start = wordEnd + 1;
  }
  return words.join(" ").replace(/[\r\0]/g, "");
}

function decodeWord(word: Uint8Array): string {
  const text = utf8Text(word);
  return hasLetters(text) || isAllText(word, text) ? text : windows1252(word);
}

function windows1252(word: Uint8Array): string {
  let text = "";
  for (const byte of word)
    text +=
      byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252.charAt(byte - 0x80) : String.fromCharCode(byte);
  return text;
}

/** Whether a text read as UTF-8 has more than ASCII that could be read. */
function hasLetters(text: string): boolean {
  return /[^\0-\x7f\ufffd]/.test(text);
}

/** How many bytes at the end of `line` are the beginning of a letter of UTF-8. */
function cutBytes(line: Uint8Array): number {
  const count = incompleteBytes(line);
  if (count !== 1 || line.length >= CUT_LINE_BYTES) return count;
  // In windows-1252 such a byte is a whole letter, and many words end with one: "café", "voilà". It is one where nothing else
  // in the line speaks for UTF-8; an emoji (0xf0) and a curly quote (0xe2) are likelier than what their first byte stands for.
  const [last = 0] = line.subarray(-1);
  const isLetter = last >= 0xdf && last !== 0xe2 && last !== 0xf0;
  return isLetter && !hasLetters(utf8Text(line)) ? 0 : count;
}

function incompleteBytes(line: Uint8Array): number {
  for (let count = 1; count <= 3 && count <= line.length; count++) {
    const byte = line[line.length - count] ?? 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (!isContinuation) return sequenceLength(byte) > count ? count : 0;
  }
  return 0;
}

/** The length of the sequence of UTF-8 that begins with `byte`; 0 when none does. */
function sequenceLength(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 0;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
