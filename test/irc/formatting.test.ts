import assert from "node:assert/strict";
import { stripFormatting } from "../../src/irc/formatting.js";

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
