// Text from the network, made fit to be shown.
import { stripFormatting } from "../irc/formatting.js";

// eslint-disable-next-line no-control-regex -- all but tab and line feed
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const LINE_ENDS = /\r\n?|[\u2028\u2029]/g;
// Embeddings, overrides and isolates can make a line read as what it is not, code above all ("Trojan Source").
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;

/** `text` without formatting codes and control characters; what turns the reading direction becomes visible. */
export function clean(text: string): string {
  return stripFormatting(text.replace(LINE_ENDS, "\n"))
    .replace(CONTROLS, "")
    .replace(DIRECTION, "\ufffd");
}

/** The same for a name, topic or sentence that has one line. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, " ").trim();
}
