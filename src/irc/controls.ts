// What no message needs: control characters, and those that turn the reading direction. What is hidden in other ways, and
// belongs to some scripts and emoji, is printable.ts's.

// eslint-disable-next-line no-control-regex -- all but tab, line feed and the codes of formatting.ts
const CONTROLS = /[\x00\x01\x05-\x08\x0b-\x0e\x10\x12-\x15\x17-\x1c\x7f-\x9f]/g;

/** Embeddings, overrides and isolates can make a line read as what it is not, code above all ("Trojan Source"). */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/** `text` without control characters, but for tabs, line feeds and formatting codes. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, "");
}

/** `text` with a mark in the place of each character that turns the reading direction of those around it. */
export function withVisibleDirections(text: string): string {
  return text.replace(DIRECTIONS, "\ufffd");
}
