import assert from "node:assert/strict";
import fc from "fast-check";
import { FoldedMap, fold, parseCaseMapping, type CaseMapping } from "../../src/irc/casemapping.js";
import { anyText } from "./arbitraries.js";

const mappings: CaseMapping[] = ["ascii", "rfc1459", "rfc1459-strict"];

const same: [a: string, b: string, ascii: boolean, strict: boolean, rfc1459: boolean][] = [
  ["ann", "ANN", true, true, true],
  ["ann", "anne", false, false, false],
  ["a[b]\\", "a{b}|", false, true, true],
  ["a~", "a^", false, false, true],
  ["É", "é", false, false, false],
  ["K", "\u212a", false, false, false], // the Kelvin sign
  ["@", "`", false, false, false],
  ["#Room", "#rOOM", true, true, true],
];

describe("case mapping", () => {
  for (const [a, b, ascii, strict, rfc1459] of same) {
    it(`knows whether ${a} and ${b} are the same`, () => {
      assert.equal(fold(a, "ascii") === fold(b, "ascii"), ascii, "ascii");
      assert.equal(fold(a, "rfc1459-strict") === fold(b, "rfc1459-strict"), strict, "strict");
      assert.equal(fold(a, "rfc1459") === fold(b, "rfc1459"), rfc1459, "rfc1459");
    });
  }

  it("folds what is folded no further, and changes no length", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...mappings), (name, mapping) => {
        const folded = fold(name, mapping);
        assert.equal(fold(folded, mapping), folded);
        assert.equal(folded.length, name.length);
      }),
    );
  });

  it("is ascii where the server names one nobody knows", () => {
    assert.equal(parseCaseMapping("rfc7613"), "ascii");
    assert.equal(parseCaseMapping("constructor"), "ascii");
    assert.equal(parseCaseMapping("rfc1459"), "rfc1459");
  });
});

describe("FoldedMap", () => {
  it("finds a name under any spelling and keeps one entry for all", () => {
    const map = new FoldedMap<number>("ascii", [["Ann", 1]]);
    map.set("aNN", 2);
    assert.equal(map.size, 1);
    assert.equal(map.get("ANN"), 2);
    assert.deepEqual([...map], [["ann", 2]]);
    assert.equal(map.delete("aNn"), true);
    assert.equal(map.has("ann"), false);
  });

  it("has no names of its own", () => {
    const map = new FoldedMap<number>("ascii");
    for (const name of ["__proto__", "constructor", "toString"]) assert.equal(map.has(name), false);
  });
});
