// One line of IRC. https://modern.ircdocs.horse/#message-format
import { NO_TAGS, formatTags, parseTags, type Tags } from "./tags.js";

/** A parsed line. `command` is in upper case or three digits; `source` is as received, without the colon. */
export interface Message {
  readonly tags: Tags;
  readonly source: string | undefined;
  readonly command: string;
  readonly params: readonly string[];
}

const COMMAND = /^(?:[A-Za-z]+|[0-9]{3})$/;
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
 * The message in `line` (without its CR LF), or undefined when it is blank or has no valid command.
 * Limits are the framer's business, not this function's.
 */
export function parseMessage(line: string): Message | undefined {
  let at = 0;
  let tags = NO_TAGS;
  let source: string | undefined;
  const skipSpaces = () => {
    while (line.charCodeAt(at) === 0x20) at++;
  };
  const word = () => {
    const space = line.indexOf(" ", at);
    const start = at;
    at = space < 0 ? line.length : space;
    return line.slice(start, at);
  };

  if (line.startsWith("@")) {
    tags = parseTags(word().slice(1));
    skipSpaces();
  }
  skipSpaces();
  if (line.charAt(at) === ":") {
    source = word().slice(1);
    skipSpaces();
  }
  const command = word();
  if (!COMMAND.test(command)) return undefined;

  const params: string[] = [];
  for (skipSpaces(); at < line.length; skipSpaces()) {
    if (line.charAt(at) === ":") {
      params.push(line.slice(at + 1));
      break;
    }
    params.push(word());
  }
  return { tags, source, command: command.toUpperCase(), params };
}

/**
 * The line of `message`, without CR LF. The last parameter is marked with a colon only where it must be.
 *
 * @throws RangeError when a part cannot stand on the wire: a line break or NUL anywhere, or a parameter before
 *   the last that is empty, has a space or begins with a colon. Such a message is a bug of its maker.
 */
export function formatMessage({ tags, source, command, params }: Message): string {
  let line = tags.size === 0 ? "" : `@${formatTags(tags)} `;
  if (source !== undefined) line += `:${source} `;
  line += command;
  const last = params.length - 1;
  for (let i = 0; i <= last; i++) {
    const param = params[i] ?? "";
    const needsColon = param === "" || param.startsWith(":") || param.includes(" ");
    if (needsColon && i < last)
      throw new RangeError(`${command}: "${param}" must be the last parameter`);
    line += needsColon ? ` :${param}` : ` ${param}`;
  }
  if (LINE_BREAKERS.test(line))
    throw new RangeError(`${command}: a line break or NUL in a parameter`);
  return line;
}

/** `text` made fit for one line: each CR, LF and NUL becomes a space. */
export function toSingleLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- the characters a line cannot carry
  return text.replace(/\r\n|[\r\n\0]/g, " ");
}
