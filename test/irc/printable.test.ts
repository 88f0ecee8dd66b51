import { strict as assert } from "node:assert";
import fc from "fast-check";
import { escapeUnseen, printable, printableLines } from "../../src/irc/printable.js";

const UNITS =
  "a 1#$([👩🏽ا葛\u0301\u200b\u200c\u200d\u202e\u2066\ufe0f\ufe0e\u20e3\x9b\x1b\n\r\u2028\ud83d".split(
    "",
  );

describe("printable", () => {
  for (const [what, text] of [
    ["plain words", "Grüße, naïve café: 100 % {0} $(x) C#[x](y)"],
    ["other scripts", "日本語 עברית العربية हिन्दी"],
    ["an accent of its own", "e\u0301"],
    ["a family", "👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈"],
    ["pictures and keys", "❤️ ☺︎ 1️⃣ #️⃣"],
    ["the flag of Scotland", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    ["a joiner within a Persian word", "می‌خواهم"],
    ["a joiner within a Hindi word", "क्‍ष"],
    ["a variant of a Han character", "葛\u{e0100}城"],
  ] as const) {
    it(`${what} stay as they are`, () => {
      assert.equal(printable(text), text);
    });
  }

  for (const [what, text, shown] of [
    ["a right-to-left override", "report\u202etxt.exe", "report�txt.exe"],
    ["isolates and marks", "a\u2066b\u2069c\u200ed\u200fe\u061c", "a�b�c�d�e�"],
    ["a zero-width space", "al\u200bice", "al�ice"],
    ["a joiner between Latin letters", "al\u200dic\u200ce", "al�ic�e"],
    ["word joiner, soft hyphen and BOM", "a\u2060b\u00adc\ufeff", "a�b�c�"],
    ["fillers", "\u3164\u115f\uffa0\u2800", "����"],
    ["a selector after a letter", "bob\ufe0f", "bob�"],
    ["tags after a letter", "bob\u{e0041}\u{e007f}", "bob��"],
    ["C0 controls", "\x1b]0;x\x07\x00", "�]0;x��"],
    ["C1 controls", "\x9b31m\x9d0;x\x9c", "�31m�0;x�"],
    ["half a character", "a\ud83d!", "a�!"],
    ["line breaks of all kinds", "a\nb\r\nc\u2028d\u2029e\x85f\vg\fh", "a b c d e f g h"],
  ] as const) {
    it(`${what}: seen, one by one`, () => {
      assert.equal(printable(text), shown);
    });
  }

  it("nothing unseen is left of any text, and a second time changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...UNITS) }), (text) => {
        const once = printable(text);
        assert.doesNotMatch(once, /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        assert.equal(printable(once), once);
      }),
    );
  });

  it("a text of several lines keeps them, and no others", () => {
    assert.equal(printableLines("a\u202e\nb\u2028c\r\nd", "?"), "a?\nb c\nd");
  });
});

describe("escapeUnseen", () => {
  for (const [what, text, shown] of [
    [
      "line breaks of all kinds",
      "a\nb\rc\u2028d\x85e\vf",
      "a\\u000ab\\u000dc\\u2028d\\u0085e\\u000bf",
    ],
    ["controls, overrides and tags", "\x1b[2J\u202ex\u{e0041}", "\\u001b[2J\\u202ex\\udb40\\udc41"],
    ["half a character", "a\ud83d!", "a\\ud83d!"],
    ["tabs", "a\tb", "a b"],
    ["words and pictures", "Grüße می‌خواهم 👩🏽‍🚀", "Grüße می‌خواهم 👩🏽‍🚀"],
  ] as const)
    it(`shows ${what} on one line`, () => {
      assert.equal(escapeUnseen(text), shown);
    });
});
