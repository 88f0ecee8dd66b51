// How much of a message's text is laid out as typed. What is beyond costs the browser seconds, in everyone's panel.

/** As many lines as a message can have on its way. */
const MAX_LINES = 2000;
/** Between left to right and right to left: each makes a piece of its own of the line. */
const MAX_TURNS = 4000;

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Digits of all scripts run from left to right. */
const DIGIT = /\p{N}/u;
const DIRECTED = /[\p{L}\p{N}\u200e\u200f\u061c]/gu;

export interface LaidOut {
  /** What is shown as typed. */
  readonly text: string;
  /** What comes after it, as one flowing line; "" in all texts of people. */
  readonly rest: string;
  /** Whether the rest is laid out from left to right, whatever its letters. */
  readonly isOneWay: boolean;
}

/** `text` in two: up to where it has more lines, or turns of the reading direction, than can be laid out, and the rest. */
export function layOut(text: string): LaidOut {
  const line = endOfLines(text);
  const turn = endOfTurns(text);
  const end = Math.min(line, turn);
  return {
    text: text.slice(0, end),
    rest: text.slice(end).replaceAll("\n", " "),
    isOneWay: turn < text.length,
  };
}

function endOfLines(text: string): number {
  let at = -1;
  for (let lines = 0; lines < MAX_LINES; lines++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return text.length;
  }
  return at;
}

function endOfTurns(text: string): number {
  if (!RIGHT_TO_LEFT.test(text)) return text.length;
  let turns = 0;
  let wasRight = false;
  for (const { 0: character, index } of text.matchAll(DIRECTED)) {
    const isRight = RIGHT_TO_LEFT.test(character) && !DIGIT.test(character);
    if (isRight !== wasRight && ++turns > MAX_TURNS) return index;
    wasRight = isRight;
  }
  return text.length;
}
