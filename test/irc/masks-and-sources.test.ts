import assert from "node:assert/strict";
import fc from "fast-check";
import { completeMask, matchesMask } from "../../src/irc/mask.js";
import { formatSource, parseSource } from "../../src/irc/source.js";
import { anyText } from "./arbitraries.js";

const masks: [mask: string, text: string, matches: boolean][] = [
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["*", "anything", true],
  ["?", "", false],
  ["?", "👍", true],
  ["??", "👍", false],
  ["a*b*c", "aXbXbXc", true],
  ["a*b*c", "aXcXb", false],
  ["*a", "ba", true],
  ["*aab", "aaab", true],
  ["a**b", "ab", true],
  ["ANN!*@*", "ann!a@h", true],
  ["*.example", "wwwxexample", false],
  ["[ab]", "a", false],
  ["a\\*", "a\\b", true],
];

describe("masks", () => {
  for (const [mask, text, matches] of masks) {
    it(`${JSON.stringify(mask)} ${matches ? "matches" : "does not match"} ${JSON.stringify(text)}`, () => {
      assert.equal(matchesMask(mask, text, "ascii"), matches);
    });
  }

  it("match as a regular expression of the same meaning does", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b", "👍"), maxLength: 8 });
    const mask = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(mask, short, (mask, text) => {
        const pattern = mask.replaceAll("*", ".*").replaceAll("?", ".");
        assert.equal(matchesMask(mask, text, "ascii"), new RegExp(`^${pattern}$`, "su").test(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("that would take a backtracking matcher for ever are answered", () => {
    assert.equal(matchesMask("*a".repeat(100) + "b", "a".repeat(500), "ascii"), false);
  });

  it("fold by the case mapping of the server", () => {
    assert.equal(matchesMask("a[*", "A{b", "rfc1459"), true);
    assert.equal(matchesMask("a[*", "A{b", "ascii"), false);
  });

  const completed: [mask: string, complete: string][] = [
    ["ann", "ann!*@*"],
    ["ann!a", "ann!a@*"],
    ["a@h", "*!a@h"],
    ["ann!a@h", "ann!a@h"],
    ["@h", "*!*@h"],
    ["!@", "*!*@*"],
    ["", "*!*@*"],
  ];
  for (const [mask, complete] of completed) {
    it(`${JSON.stringify(mask)} means ${complete}`, () => {
      assert.equal(completeMask(mask), complete);
    });
  }
});

describe("sources", () => {
  it("are read and written without a loss", () => {
    fc.assert(
      fc.property(anyText, (source) => {
        assert.equal(formatSource(parseSource(source)), source);
      }),
    );
  });
});
