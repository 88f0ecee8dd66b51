// One line of IRC. https://modern.ircdocs.horse/#message-format
import { NO_TAGS, formatTags, parseTags, type Tags } from "./tags.js";

/** A parsed line. `command` is in upper case or three digits; `source` is as received, without the colon. */
export interface Message {
  readonly tags: Tags;
  readonly source: string | undefined;
  readonly command: string;
  readonly params: readonly string[];
}

const SPACE = 0x20;
const COLON = 0x3a;
const AT = 0x40;
const UPPER_COMMAND = /^(?:[A-Z]+|[0-9]{3})$/;
const COMMAND = /^(?:[A-Za-z]+|[0-9]{3})$/;
// The characters a line cannot carry.
const LINE_BREAKERS = /[\r\n\0]/;

/** A message of these parts. */
export function message(
  command: string,
  params: readonly string[] = [],
  source?: string,
  tags: Tags = NO_TAGS,
): Message {
  return { tags, source, command, params };
}

/**
 * The message in `line` (without its CR LF), or undefined when it is blank, has no valid command, or carries a CR, LF
 * or NUL: what cannot be formatted again must not come in. Limits are the framer's business, not this function's.
 */
export function parseMessage(line: string): Message | undefined {
  if (LINE_BREAKERS.test(line)) return undefined;
  let tags = NO_TAGS;
  let source: string | undefined;
  let at = 0;
  if (line.charCodeAt(0) === AT) {
    at = wordEnd(line, 0);
    tags = parseTags(line.slice(1, at));
  }
  at = skipSpaces(line, at);
  if (line.charCodeAt(at) === COLON) {
    const end = wordEnd(line, at);
    source = line.slice(at + 1, end);
    at = skipSpaces(line, end);
  }
  const end = wordEnd(line, at);
  const command = parseCommand(line.slice(at, end));
  return command === undefined
    ? undefined
    : { tags, source, command, params: parseParams(line, end) };
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
}

function wordEnd(line: string, from: number): number {
  const space = line.indexOf(" ", from);
  return space < 0 ? line.length : space;
}

function parseCommand(word: string): string | undefined {
  if (UPPER_COMMAND.test(word)) return word;
  return COMMAND.test(word) ? word.toUpperCase() : undefined;
}

function parseParams(line: string, from: number): string[] {
  const params: string[] = [];
  for (let at = skipSpaces(line, from); at < line.length; at = skipSpaces(line, at)) {
    if (line.charCodeAt(at) === COLON) {
      params.push(line.slice(at + 1));
      break;
    }
    const end = wordEnd(line, at);
    params.push(line.slice(at, end));
    at = end;
  }
  return params;
}

/**
 * The line of `message`, without CR LF. The last parameter is marked with a colon where it must be, or always.
 *
 * @throws RangeError when a part cannot stand on the wire: a CR, LF or NUL anywhere, a command that is none, a space in
 *   the source, or a parameter before the last that is empty, has a space or begins with a colon. Such a message is a
 *   bug of its maker. The error does not quote the part: it may be a password.
 */
export function formatMessage(
  { tags, source, command, params }: Message,
  colon: "always" | "where needed" = "where needed",
): string {
  if (!COMMAND.test(command)) throw new RangeError("a command is letters or three digits");
  let line = tags.size === 0 ? "" : `@${formatTags(tags)} `;
  if (source !== undefined) {
    if (source.includes(" ")) throw new RangeError(`${command}: a space in the source`);
    line += `:${source} `;
  }
  line += command;
  const last = params.length - 1;
  for (let i = 0; i <= last; i++) {
    const param = params[i] ?? "";
    const needsColon = param === "" || param.charCodeAt(0) === COLON || param.includes(" ");
    if (needsColon && i < last)
      throw new RangeError(
        `${command}: parameter ${i + 1} of ${last + 1} is empty, has a space or begins with a colon`,
      );
    const hasColon = needsColon || (i === last && colon === "always");
    line += hasColon ? ` :${param}` : ` ${param}`;
  }
  if (LINE_BREAKERS.test(line)) throw new RangeError(`${command}: a CR, LF or NUL in a part`);
  return line;
}

/** `text` made fit for one line: CR, LF and NUL, however many in a row, become a space. */
export function toSingleLine(text: string): string {
  return text.replace(/[\r\n\0]+/g, " ");
}
