import { strict as assert } from "node:assert";
import { withoutControls, withVisibleDirections } from "../../src/irc/controls.js";

const units = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
/** Bold, color, hex color, reset, monospace, reverse, italic, underline, strike. */
const FORMATTING = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f";

describe("control characters", () => {
  it("are left out, C1 and DEL too, but for tabs, line feeds and formatting codes", () => {
    const all = [...units(0, 0x1f), ...units(0x7f, 0x9f)].join("");
    assert.deepEqual(
      Array.from(withoutControls(all)).toSorted(),
      Array.from(`\t\n${FORMATTING}`).toSorted(),
    );
    assert.equal(withoutControls("Grüße, 日本語 🙂 می‌خواهم"), "Grüße, 日本語 🙂 می‌خواهم");
  });

  it("that turn the reading direction leave a mark, each", () => {
    const turning = [...units(0x202a, 0x202e), ...units(0x2066, 0x2069)];
    assert.equal(
      withVisibleDirections(`a${turning.join("b")}c`),
      `a${turning.map(() => "�").join("b")}c`,
    );
    assert.equal(withVisibleDirections("\u200f\u200e\u200d"), "\u200f\u200e\u200d");
  });
});
