// What IRC clients put into text for colour and the like. https://modern.ircdocs.horse/formatting

// Colour and hex colour with their digits; then bold, reset, monospace, reverse, italic, strike, underline.
const FORMATTING =
  // eslint-disable-next-line no-control-regex -- they are the formatting characters
  /\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9a-f]{6}(?:,[0-9a-f]{6})?)?|[\x02\x0f\x11\x16\x1d-\x1f]/gi;

/** `text` without formatting codes. Other control characters stay. */
export function stripFormatting(text: string): string {
  return text.replace(FORMATTING, "");
}
