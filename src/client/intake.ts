// What of a line is taken in: as much of it as any server in use sends, and nothing that keeps more alive than itself.
import type { Message } from "../irc/message.js";
import { NO_TAGS, TAG, type Tags } from "../irc/tags.js";
import {
  MAX_RECEIVED_PARAMS,
  MAX_SHOWN_TEXT,
  MAX_TAG_VALUE_LENGTH,
  MAX_WORD_LENGTH,
} from "./limits.js";

const READ_TAGS: ReadonlySet<string> = new Set(Object.values(TAG));

/** Commands whose last parameter is what people said, or a list to be read to its end. */
const LONG: ReadonlySet<string> = new Set([
  "PRIVMSG",
  "NOTICE",
  "CAP",
  "303",
  "319",
  "353",
  "730",
  "731",
]);

/** `line` within the limits; undefined when it has a source, a target or another word that is too long to be any. */
export function boundedMessage(line: Message): Message | undefined {
  const { source, command } = line;
  if (source !== undefined && source.length > MAX_WORD_LENGTH) return undefined;
  const last = Math.min(line.params.length, MAX_RECEIVED_PARAMS) - 1;
  const params: string[] = [];
  for (let i = 0; i <= last; i++) {
    const param = line.params[i] ?? "";
    if (i < last && param.length > MAX_WORD_LENGTH) return undefined;
    params.push(i < last || LONG.has(command) ? detached(param) : shortened(param, MAX_SHOWN_TEXT));
  }
  return {
    tags: boundedTags(line.tags),
    source: source === undefined ? undefined : detached(source),
    command: detached(command),
    params,
  };
}

/** The tags we read. What is not read is not kept, and an id too long to be one is none. */
function boundedTags(tags: Tags): Tags {
  if (tags.size === 0) return NO_TAGS;
  const kept = new Map<string, string>();
  for (const key of READ_TAGS) {
    const value = tags.get(key);
    if (value !== undefined && value.length <= MAX_TAG_VALUE_LENGTH) kept.set(key, detached(value));
  }
  return kept;
}

/** `text`, or the beginning of it with an ellipsis where it is longer than `max`. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return detached(text);
  // No half of a surrogate pair.
  return `${detached(text.slice(0, max - 1)).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** From this length on, V8 makes a piece of a string a view of the whole. */
const LEAST_VIEW_LENGTH = 13;

/**
 * `text` as a string of its own. A name that was cut out of a block of 64 KB keeps the block in memory for as long as the name
 * is kept, so what is kept is copied.
 */
export function detached(text: string): string {
  // The sum is put together when the piece is taken of it, and only that is what the piece keeps.
  return text.length < LEAST_VIEW_LENGTH ? text : ` ${text}`.slice(1);
}
