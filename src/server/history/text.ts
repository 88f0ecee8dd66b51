// The text of a stored message.
import { MULTILINE } from "./store.js";

/** What someone said, in one piece; undefined for what has no text. */
export function textOf(command: string, params: readonly string[]): string | undefined {
  switch (command) {
    case "PRIVMSG":
    case "NOTICE":
      return params[1];
    case MULTILINE:
      return joinLines(params.slice(2).map(parseLine));
    default:
      return undefined;
  }
}

/** A line of a message of several. */
export interface TextLine {
  readonly text: string;
  /** Goes on where the line before ended. */
  readonly isContinued: boolean;
}

const CONTINUED = "+";
const NEW_LINE = "-";

/** The line as it is stored. */
export function formatLine({ text, isContinued }: TextLine): string {
  return `${isContinued ? CONTINUED : NEW_LINE}${text}`;
}

export function parseLine(stored: string): TextLine {
  return { text: stored.slice(1), isContinued: stored.startsWith(CONTINUED) };
}

function joinLines(lines: readonly TextLine[]): string {
  return lines
    .map(({ text, isContinued }, i) => (i === 0 || isContinued ? text : `\n${text}`))
    .join("");
}
