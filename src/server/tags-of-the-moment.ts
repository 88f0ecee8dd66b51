// Tags that say nothing anyone could want to read later.
import { TAG, type Tags } from "../irc/tags.js";

/** A random id, such as a UUID. */
const ID = "[0-9a-fA-F-]{1,36}";
/** An address, and what came of it. */
const RESULT = "[0-9A-Fa-f.:]{2,45}=[a-z-]{1,11}";

/**
 * Who is typing, or reaches the server, is of no interest later, and would fill the pages of the history with itself. Where
 * a value is any other text, it is something that was said.
 */
const OF_THE_MOMENT: Readonly<Record<string, RegExp>> = {
  [TAG.typing]: /^(?:active|paused|done)$/,
  [TAG.id]: new RegExp(`^${ID}$`),
  [TAG.testBack]: new RegExp(`^${ID}$`),
  [TAG.testBackResult]: new RegExp(`^${ID}(?: ${RESULT})*$`),
};

export function isOfTheMoment(key: string, value: string): boolean {
  return Object.hasOwn(OF_THE_MOMENT, key) && OF_THE_MOMENT[key]?.test(value) === true;
}

/** Whether the tags say nothing else. */
export function areOfTheMoment(tags: Tags): boolean {
  return [...tags].every(([key, value]) => isOfTheMoment(key, value));
}
