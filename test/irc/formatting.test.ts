import assert from "node:assert/strict";
import fc from "fast-check";
import { readFormatting, stripFormatting } from "../../src/irc/formatting.js";

const cases: [name: string, text: string, plain: string][] = [
  ["bold, italic, underline, reset", "\x02a\x02 \x1db\x1d \x1fc\x0f", "a b c"],
  ["strike, monospace, reverse", "\x1ea \x11b \x16c", "a b c"],
  ["a colour with its digits", "\x034,12red\x03 and \x0304more", "red and more"],
  ["a digit that belongs to the text", "\x03041 \x03,5", "1 ,5"],
  ["hex colour", "\x04ff0000,00FF00red\x04 dead", "red dead"],
  ["nothing else", "tab\t bell\x07 line\n", "tab\t bell\x07 line\n"],
];

describe("formatting codes", () => {
  for (const [name, text, plain] of cases)
    it(`are taken out: ${name}`, () => {
      assert.equal(stripFormatting(text), plain);
    });
});

describe("formatted text", () => {
  it("is the plain text with where each style begins", () => {
    const { text, runs } = readFormatting("a\x02b\x1dc\x0fd\n\x034,12e\nf");
    assert.equal(text, "abcd\ne\nf");
    assert.deepEqual(
      runs.map(({ start, style }) => [
        start,
        style.bold,
        style.italic,
        style.color,
        style.background,
      ]),
      [
        [1, true, false, undefined, undefined],
        [2, true, true, undefined, undefined],
        [3, false, false, undefined, undefined],
        [5, false, false, "#ff0000", "#0000fc"],
        [6, false, false, undefined, undefined],
      ],
    );
  });

  it("has for any text the plain text, and runs in order", () => {
    const codes = fc.constantFrom(
      "\x02",
      "\x034",
      "\x0304,5",
      "\x04ff0000",
      "\x0f",
      "\x16",
      "\x1d",
      "\n",
      "1",
      ",",
      "a",
    );
    fc.assert(
      fc.property(fc.array(codes), (pieces) => {
        const { text, runs } = readFormatting(pieces.join(""));
        assert.equal(text, stripFormatting(pieces.join("")));
        const starts = runs.map(({ start }) => start);
        assert.deepEqual(
          starts,
          [...new Set(starts)].toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
