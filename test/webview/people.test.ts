import assert from "node:assert/strict";
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { AVATARS } from "../../src/bridge/avatars.js";
import { colorFromKey, initials } from "../../src/bridge/person.js";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

describe("initials", () => {
  const table: [string, string][] = [
    ["ann", "A"],
    ["Ann Lee", "AL"],
    ["ann_lee", "AL"],
    ["ann.lee.jones", "AL"],
    ["[ann]", "A"],
    ["élise", "É"],
    ["Дмитрий Иванов", "ДИ"],
    ["山田", "山"],
    ["محمد", "م"],
    ["👩‍💻dev", "👩‍💻"],
    ["🇫🇷", "🇫🇷"],
    ["ßeta", "S"],
    ["_", "_"],
    ["", "?"],
  ];
  for (const [name, expected] of table) {
    it(`of ${JSON.stringify(name)} are ${expected}`, () => {
      assert.equal(initials(name), expected);
    });
  }

  it("are one or two characters for any name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        const count = [...graphemes.segment(initials(name))].length;
        assert.ok(count >= 1 && count <= 2, initials(name));
      }),
    );
  });
});

describe("the color of somebody who chose none", () => {
  it("is a color for any key", () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        assert.match(colorFromKey(key), /^#[0-9a-f]{6}$/);
      }),
    );
  });

  it("is another one for names that differ in one letter", () => {
    const names = Array.from({ length: 10 }, (_, i) => `user${i}`);
    const sectors = new Set(names.map((name) => sectorOf(colorFromKey(name))));
    assert.ok(sectors.size >= 4, [...sectors].join());
  });
});

/** Which of the six kinds of hue a color has: by which of its parts is the largest, and which the smallest. */
function sectorOf(color: string): string {
  const parts = [color.slice(1, 3), color.slice(3, 5), color.slice(5)];
  const sorted = parts.toSorted();
  return `${parts.indexOf(sorted[0]!)}${parts.indexOf(sorted[2]!)}`;
}

describe("the built-in pictures", () => {
  const folder = new URL("../../media/avatars/", import.meta.url);

  it("are those profiles can name", () => {
    assert.deepEqual(
      readdirSync(folder).sort(),
      AVATARS.map((name) => `${name}.svg`),
    );
  });

  for (const name of AVATARS) {
    it(`are small, round and inert: ${name}`, () => {
      const svg = readFileSync(new URL(`${name}.svg`, folder), "utf8");
      assert.ok(svg.length < 2048);
      assert.match(
        svg,
        /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 64 64" width="64" height="64">/,
      );
      assert.match(svg, /<circle cx="32" cy="32" r="32"/);
      assert.doesNotMatch(svg, /<script|<style|<foreignObject|\son\w+=|href|url\(|@import|<!/i);
    });
  }
});
