import assert from "node:assert/strict";
import fc from "fast-check";
import { cutToBytes, joinToBytes, splitToBytes, utf8Length } from "../../src/irc/utf8.js";
import { anyText } from "./arbitraries.js";

const FAMILY = "👩‍👩‍👧"; // 18 bytes, one character to a reader
const isWellFormed = (text: string) => !/\p{Cs}/u.test(text);
const limit = fc.integer({ min: 4, max: 40 });

describe("utf8Length", () => {
  it("is the length a Buffer has", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(utf8Length(text), Buffer.byteLength(text));
      }),
    );
  });
});

describe("cutToBytes", () => {
  const cases: [name: string, text: string, maxBytes: number, expected: string][] = [
    ["text that fits", "abc", 3, "abc"],
    ["ASCII", "abcd", 3, "abc"],
    ["before a character that does not fit", "aé", 2, "a"],
    ["before an emoji that does not fit", "a👍", 4, "a"],
    ["after an emoji that fits", "a👍b", 5, "a👍"],
    ["to nothing", "é", 1, ""],
    ["to nothing at no bytes", "a", 0, ""],
  ];
  for (const [name, text, maxBytes, expected] of cases) {
    it(`cuts ${name}`, () => {
      assert.equal(cutToBytes(text, maxBytes), expected);
    });
  }

  it("gives the longest beginning that fits and cuts no character", () => {
    fc.assert(
      fc.property(anyText, limit, (text, maxBytes) => {
        const cut = cutToBytes(text, maxBytes);
        assert.ok(text.startsWith(cut));
        assert.ok(utf8Length(cut) <= maxBytes);
        const next = String.fromCodePoint(text.codePointAt(cut.length) ?? 0);
        assert.ok(cut === text || utf8Length(cut + next) > maxBytes);
        assert.equal(isWellFormed(cut) || !isWellFormed(text), true);
      }),
    );
  });
});

describe("splitToBytes", () => {
  const cases: [name: string, text: string, maxBytes: number, expected: string[]][] = [
    ["nothing into nothing", "", 10, []],
    ["what fits not at all", "hello", 5, ["hello"]],
    ["after a space", "hello you there", 12, ["hello you ", "there"]],
    ["inside a word when no space is near", "a bcdefghijkl", 8, ["a bcdefg", "hijkl"]],
    ["between characters", "ééééé", 4, ["éé", "éé", "é"]],
    ["beside an emoji made of several", `abcd${FAMILY}e`, 20, ["abcd", `${FAMILY}e`]],
    ["before a letter with its accent apart", "abce\u0301f", 5, ["abc", "e\u0301f"]],
  ];
  for (const [name, text, maxBytes, expected] of cases) {
    it(`cuts ${name}`, () => {
      assert.deepEqual(splitToBytes(text, maxBytes), expected);
    });
  }

  it("cuts what a reader sees as one character only when it alone is too long", () => {
    assert.equal(splitToBytes(FAMILY, 10).join(""), FAMILY);
  });

  it("gives pieces that fit, none empty, and are the text when joined", () => {
    fc.assert(
      fc.property(anyText, limit, (text, maxBytes) => {
        const pieces = splitToBytes(text, maxBytes);
        assert.equal(pieces.join(""), text);
        for (const piece of pieces) {
          assert.ok(piece !== "" && utf8Length(piece) <= maxBytes);
          assert.ok(isWellFormed(piece) || !isWellFormed(text));
        }
      }),
    );
  });

  it("refuses a limit no character fits into", () => {
    assert.throws(() => splitToBytes("a", 3), RangeError);
  });
});

describe("joinToBytes", () => {
  const cases: [name: string, words: string[], maxBytes: number, expected: string[]][] = [
    ["nothing in no line", [], 10, []],
    ["what fits in one line", ["ab", "cd"], 5, ["ab,cd"]],
    ["what does not in several", ["ab", "cd", "ef"], 5, ["ab,cd", "ef"]],
    ["by bytes, not by characters", ["äö", "ü"], 6, ["äö", "ü"]],
    ["a word that is too long alone", ["a", "bcdef", "g"], 3, ["a", "bcdef", "g"]],
  ];
  for (const [name, words, maxBytes, expected] of cases)
    it(`puts ${name}`, () => {
      assert.deepEqual(joinToBytes(words, ",", maxBytes), expected);
    });
});
