import assert from "node:assert/strict";
import fc from "fast-check";
import { COLORS } from "../../src/bridge/avatars.js";
import {
  contrastRatio,
  inkOn,
  parseColor,
  readable,
  toHex,
  type Rgb,
} from "../../src/bridge/contrast.js";
import { Palette, readTheme } from "../../src/webview/theme.js";
import { THEMES, type ThemeName } from "./support/themes.js";

function rgb(css: string): Rgb {
  return parseColor(css)!;
}

function palette(name: ThemeName): Palette {
  const { variables, bodyClass } = THEMES[name];
  return new Palette(
    readTheme((variable) => variables[variable] ?? "", { contains: (word) => word === bodyClass }),
  );
}

function bound(people: Palette): Pick<Palette, "theme" | "textColors"> {
  return { theme: people.theme, textColors: (colors) => people.textColors(colors) };
}

const anyColor = fc
  .integer({ min: 0, max: 0xffffff })
  .map((n) => `#${n.toString(16).padStart(6, "0")}`);

describe("colors", () => {
  it("are read in the forms themes use", () => {
    const table: [string, string | undefined][] = [
      ["#fff", "#ffffff"],
      ["#1F1F1F", "#1f1f1f"],
      ["#ffffff80", "#808080"],
      ["#fff8", "#888888"],
      [" rgb(1, 2, 3) ", "#010203"],
      ["rgba(255, 255, 255, 0.5)", "#808080"],
      ["rgb(255 255 255 / 0.5)", "#808080"],
      ["", undefined],
      ["red", undefined],
      ["#12345", undefined],
      ["rgb(a, b, c)", undefined],
    ];
    for (const [css, expected] of table) {
      const parsed = parseColor(css);
      assert.equal(parsed && toHex(parsed), expected, css);
    }
  });

  it("have the contrast the standard computes", () => {
    assert.equal(contrastRatio(rgb("#000"), rgb("#fff")), 21);
    assert.equal(contrastRatio(rgb("#777"), rgb("#fff")).toFixed(2), "4.48");
    assert.equal(contrastRatio(rgb("#777"), rgb("#777")), 1);
  });

  it("stay as chosen where they can be read", () => {
    assert.equal(toHex(readable(rgb("#d2b48c"), [rgb("#1f1f1f")], 4.5)), "#d2b48c");
  });

  it("move no further than they must", () => {
    const moved = readable(rgb("#0000ff"), [rgb("#1f1f1f")], 4.5);
    assert.ok(contrastRatio(moved, rgb("#1f1f1f")) < 4.7, toHex(moved));
    assert.ok(moved.b > moved.r, "still blue");
  });

  for (const [theme, minimum] of [
    ["light", 4.5],
    ["dark", 4.5],
    ["high-contrast", 7],
  ] as const) {
    it(`of all people can be read on every row of the ${theme} theme`, () => {
      const people = palette(theme);
      const named = fc.constantFrom(...Object.values(COLORS));
      fc.assert(
        fc.property(fc.oneof(named, anyColor), (color) => {
          const { nick } = people.colorsOf({ key: "ann", color });
          for (const background of people.theme.backgrounds) {
            assert.ok(
              contrastRatio(rgb(nick), background) >= minimum,
              `${nick} on ${toHex(background)}`,
            );
          }
        }),
        { examples: Object.values(COLORS).map((color): [string] => [color]) },
      );
    });
  }

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`that somebody gave a text can be read in the ${theme} theme, whatever they are`, () => {
      const { theme: read, textColors } = bound(palette(theme));
      const maybe = fc.option(anyColor, { nil: undefined });
      fc.assert(
        fc.property(maybe, maybe, fc.boolean(), (color, background, reverse) => {
          const shown = textColors({ color, background, reverse });
          const grounds =
            shown.background === undefined ? read.backgrounds : [rgb(shown.background)];
          for (const ground of grounds)
            assert.ok(contrastRatio(rgb(shown.color), ground) >= 4.5, JSON.stringify(shown));
        }),
        // Text of the color of its background, which some use to hide an answer.
        {
          examples: [
            ["#000000", "#000000", false],
            ["#808080", "#808080", true],
            [undefined, undefined, true],
          ],
        },
      );
    });
  }

  it("of initials can be read on their disc", () => {
    fc.assert(
      fc.property(anyColor, (color) => {
        const { disc, ink } = palette("dark").colorsOf({ key: "ann", color });
        assert.ok(contrastRatio(rgb(disc), rgb(ink)) >= 4.5);
        assert.equal(ink, toHex(inkOn(rgb(color))));
      }),
    );
  });

  it("are the same for a nick at all times, and differ between nicks", () => {
    const people = palette("dark");
    const of = (key: string): string => people.colorsOf({ key, color: undefined }).disc;
    assert.equal(of("ann"), palette("dark").colorsOf({ key: "ann", color: undefined }).disc);
    assert.equal(new Set(["ann", "bob", "carla", "dmitri", "eve"].map(of)).size, 5);
  });

  it("of a theme that says nothing are those of its kind", () => {
    const theme = readTheme(() => "", { contains: (name) => name === "vscode-light" });
    assert.deepEqual(theme.backgrounds.map(toHex), ["#ffffff"]);
  });
});
