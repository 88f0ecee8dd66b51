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

  it("gives copies that change independently of each other, however often they are copied", () => {
    const step = fc.record({
      does: fc.constantFrom("set", "delete", "copy", "clear"),
      which: fc.nat(),
      name: fc.integer({ min: 0, max: 40 }).map((n) => `Nick${n}`),
      value: fc.nat(),
    });
    const start = fc.nat({ max: 60 });
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 100 }), (count, steps) => {
        const first = Array.from({ length: count }, (_, n): [string, number] => [`nick${n}`, n]);
        const maps = [{ map: new FoldedMap<number>("ascii", first), model: new Map(first) }];
        for (const { does, which, name, value } of steps) {
          const { map, model } = maps[which % maps.length]!;
          const key = name.toLowerCase();
          if (does === "set") map.set(name, value);
          if (does === "set") model.set(key, value);
          if (does === "delete") assert.equal(map.delete(name), model.delete(key));
          if (does === "copy" && maps.length < 5)
            maps.push({ map: map.copy(), model: new Map(model) });
          if (does === "clear" && value % 5 === 0) {
            map.clear();
            model.clear();
          }
        }
        const sorted = (entries: Iterable<[string, number]>) => [...entries].sort();
        for (const { map, model } of maps) {
          assert.deepEqual(sorted(map), sorted(model));
          assert.deepEqual([...map.keys()].sort(), [...model.keys()].sort());
          assert.deepEqual([...map.values()].sort(), [...model.values()].sort());
          assert.equal(map.size, model.size);
          for (let n = 0; n <= 40; n++) {
            assert.equal(map.get(`NICK${n}`), model.get(`nick${n}`));
            assert.equal(map.has(`NICK${n}`), model.has(`nick${n}`));
          }
        }
      }),
    );
  });

  it("is copied and changed with little work, however large it is", () => {
    let map = new FoldedMap<number>("ascii");
    for (let n = 0; n < 20_000; n++) map.set(`nick${n}`, n);
    // Two hundred million steps if all of it were copied each time: a minute.
    for (let n = 0; n < 10_000; n++) map = map.copy().set(`nick${n}`, -n);
    assert.equal(map.size, 20_000);
    assert.equal(map.get("nick9999"), -9_999);
  });
});
