import assert from "node:assert/strict";
import fc from "fast-check";
import {
  escapeTagValue,
  formatTags,
  isClientOnlyTag,
  parseTags,
  unescapeTagValue,
} from "../../src/irc/tags.js";
import { anyText, tags } from "./arbitraries.js";

const cases: [name: string, data: string, tags: Record<string, string>][] = [
  ["nothing", "", {}],
  ["a tag without a value", "a", { a: "" }],
  ["a tag with an empty value", "a=", { a: "" }],
  ["several tags", "a=1;+b=2;c/d=3", { a: "1", "+b": "2", "c/d": "3" }],
  ["an equals sign in a value", "a=b=c", { a: "b=c" }],
  ["a tag given twice: the last counts", "a=1;b=2;a=3", { a: "3", b: "2" }],
  ["empty tags between semicolons", ";;a=1;", { a: "1" }],
  ["a value without a key", "=1;a", { a: "" }],
  ["keys that follow no rule", "ä!=1;a@b=2", { "ä!": "1", "a@b": "2" }],
  ["keys in different case as different", "A=1;a=2", { A: "1", a: "2" }],
  ["every escape", "a=\\:\\s\\\\\\r\\n", { a: "; \\\r\n" }],
  ["an unknown escape", "a=\\b\\=", { a: "b=" }],
  ["a backslash at the end", "a=b\\", { a: "b" }],
  ["an escaped backslash before a letter", "a=\\\\n", { a: "\\n" }],
  [
    "a key that objects have",
    "__proto__=1;constructor=2",
    { ["__proto__"]: "1", constructor: "2" },
  ],
];

describe("tags", () => {
  for (const [name, data, expected] of cases) {
    it(`are read from ${name}`, () => {
      assert.deepEqual([...parseTags(data)].sort(), Object.entries(expected).sort());
    });
  }

  it("are written in their order, without an equals sign where the value is empty", () => {
    const tags = new Map([["time", "t"], ["+b", ""], ["a", "x y;z"]]); // prettier-ignore
    assert.equal(formatTags(tags), "time=t;+b;a=x\\sy\\:z");
  });

  it("are read back as they were written", () => {
    fc.assert(
      fc.property(tags, (tags) => {
        assert.deepEqual(parseTags(formatTags(tags)), tags);
      }),
    );
  });

  it("have values that survive escaping, and no byte in them that would end the tag", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const escaped = escapeTagValue(value);
        assert.doesNotMatch(escaped, /[; \r\n\0]/);
        assert.equal(unescapeTagValue(escaped), value.replaceAll("\0", ""));
      }),
    );
  });

  it("are taken from any text without throwing", () => {
    fc.assert(fc.property(anyText, (data) => void parseTags(data)));
  });

  it("are client-only when they begin with a plus", () => {
    assert.equal(isClientOnlyTag("+typing"), true);
    assert.equal(isClientOnlyTag("time"), false);
  });
});
