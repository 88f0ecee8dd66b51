import fc from "fast-check";
import type { Message } from "../../src/irc/message.js";

/** Any string: every code unit, lone surrogates and control characters among them, and what IRC gives a meaning. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom(...Array.from(" :@;=\\!#+-,*?\r\n\0\ud800\udc00aZ0é李👍")),
    fc.constantFrom("__proto__", "constructor", "👩‍👩‍👧", "e\u0301"),
  ),
});

const onLine = anyText.map((text) => text.replace(/[\r\n\0]/g, ""));
const word = onLine.map((text) => text.replaceAll(" ", ""));
const middle = word.map((text) => text.replace(/^:+/, "") || "x");
const tagKey = word.map((text) => text.replace(/[;=]/g, "") || "k");
const tagValue = anyText.map((text) => text.replaceAll("\0", ""));

/** Any tags that can be written. */
export const tags = fc.array(fc.tuple(tagKey, tagValue)).map((entries) => new Map(entries));

/** Any message that can be written. */
export const messages: fc.Arbitrary<Message> = fc
  .record({
    tags,
    source: fc.option(word, { nil: undefined }),
    command: fc.stringMatching(/^(?:[A-Z]{1,12}|[0-9]{3})$/),
    middles: fc.array(middle),
    last: fc.array(onLine, { maxLength: 1 }),
  })
  .map(({ tags, source, command, middles, last }) => ({
    tags,
    source,
    command,
    params: [...middles, ...last],
  }));
