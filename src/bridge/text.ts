// Text from the network, made fit to be shown.
import { withoutControls, withVisibleDirections } from "../irc/controls.js";
import { stripFormatting } from "../irc/formatting.js";

const LINE_ENDS = /\r\n?|[\u2028\u2029]/g;
// No script stacks more marks on a letter; a thousand of them stand over other people's text and take seconds to draw.
const STACKED_MARKS = /(\p{M}{10})\p{M}+/gu;
/** The longest name, topic or address that is shown whole. */
const MAX_LINE_LENGTH = 1000;

/** `text` without formatting codes and control characters; what turns the reading direction becomes visible. */
export function clean(text: string): string {
  return stripFormatting(cleanFormatted(text));
}

/** The same with its formatting codes. */
export function cleanFormatted(text: string): string {
  const lines = withoutControls(text.replace(LINE_ENDS, "\n"));
  return withVisibleDirections(lines).replace(STACKED_MARKS, "$1\ufffd");
}

/** The same for a name, topic or sentence that has one line, cut where it is too long for one. */
export function cleanLine(text: string): string {
  const line = clean(text.slice(0, 4 * MAX_LINE_LENGTH)).replace(/\s+/g, " ");
  return shortened(line.trim());
}

/** `text`, cut where it is too long to be read in one go or out aloud. */
export function shortened(text: string): string {
  if (text.length <= MAX_LINE_LENGTH) return text;
  // A pair cut in half would be no character.
  return `${text.slice(0, MAX_LINE_LENGTH).replace(/[\ud800-\udbff]$/, "")}…`;
}
