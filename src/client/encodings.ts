// Bytes and text, by what Node.js and browsers share.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const REPLACEMENT = "\ufffd";
const REPLACEMENT_BYTES = [0xef, 0xbf, 0xbd] as const;

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of bytes; what is not UTF-8 is U+FFFD in it. A byte order mark is kept. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The text of bytes that are UTF-8; undefined for others. */
export function validUtf8Text(bytes: Uint8Array): string | undefined {
  // A decoder that throws costs 50 times as much for bytes that are not UTF-8, and a server can send many of them.
  const text = utf8Text(bytes);
  return isAllText(bytes, text) ? text : undefined;
}

/** Whether nothing of `bytes` was replaced in their text. */
export function isAllText(bytes: Uint8Array, text: string): boolean {
  const replaced = count(text, REPLACEMENT);
  return replaced === 0 || replaced === countWritten(bytes);
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** How many U+FFFD were written as such. */
function countWritten(bytes: Uint8Array): number {
  const [first, second, third] = REPLACEMENT_BYTES;
  let found = 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (bytes[at + 1] === second && bytes[at + 2] === third) found++;
  return found;
}

/** `text` in UTF-8, as base64. */
export function toBase64(text: string): string {
  return btoa(Array.from(utf8Bytes(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** The same without padding, in characters that stand in a URL as they are. */
export function toBase64Url(text: string): string {
  return toBase64(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text of either base64, up to its padding. Characters that do not belong in it are left out, and so is an incomplete byte. */
export function fromBase64(encoded: string): string {
  const digits = encoded
    .replace(/=.*$/s, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/[^A-Za-z0-9+/]/g, "");
  // A single digit after the last four is no byte.
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits;
  return utf8Text(Uint8Array.from(atob(whole), (char) => char.charCodeAt(0)));
}

/** The bytes of pairs of hexadecimal digits. */
export function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
