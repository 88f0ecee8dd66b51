import assert from "node:assert/strict";
import confusables from "unhomoglyph/data.json" with { type: "json" };
import { Lookalikes, likeness } from "../../src/irc/likeness.js";

describe("names", () => {
  const alike: [a: string, b: string, same: boolean][] = [
    ["Анна", "анна", true],
    ["ZOË", "zoë", true],
    ["zoё", "zoë", true], // the first ends with a Cyrillic letter
    ["ann", "аnn", true], // the second begins with a Cyrillic letter
    ["BOT", "ВОТ", true], // the second is Cyrillic
    ["ann", "ａｎｎ", true],
    ["Alice", "ꓮlice", true], // Lisu
    ["Alice", "Ꭺlice", true], // Cherokee
    ["Alice", "Alicɛ", false],
    ["Alice", "Aӏice", true], // the second has a Cyrillic palochka
    ["#general", "#gеnеral", true], // the second has Cyrillic letters
    ["mary", "rnаry", true], // the second has a Cyrillic letter
    ["ann", "anne", false],
    ["zoe", "zoë", false],
    ["李雷", "李蕾", false],
  ];
  for (const [a, b, same] of alike) {
    it(`${a} and ${b} ${same ? "look" : "do not look"} the same`, () => {
      assert.equal(likeness(a) === likeness(b), same);
    });
  }

  it("with any letter that Unicode calls confusable look the same", () => {
    const letters = Object.entries(confusables).filter(([, plain]) => /^[a-z]$/i.test(plain));
    const missed = letters.filter(([like, plain]) => {
      return likeness(`x${like}y`) !== likeness(`x${plain}y`);
    });
    assert.ok(letters.length > 1000);
    assert.deepEqual(missed, []);
  });
});

describe("lookalikes", () => {
  it("are found whichever of the two is written oddly", () => {
    for (const [first, second] of [
      ["alice", "аlice"],
      ["аlice", "alice"],
      ["аlice", "alicе"],
    ] as const) {
      const lookalikes = new Lookalikes<string>();
      lookalikes.add(first, first);
      assert.equal(lookalikes.find(second), first);
    }
  });

  it("in ASCII are told apart", () => {
    const lookalikes = new Lookalikes<string>();
    lookalikes.add("bill", "bill");
    assert.equal(lookalikes.find("bi11"), undefined);
    lookalikes.add("bіll", "bіll");
    assert.equal(lookalikes.find("bi11"), "bіll");
  });

  it("are found when others of the name have gone", () => {
    const lookalikes = new Lookalikes<number>();
    lookalikes.add("аnn", 1);
    lookalikes.add("ann", 2);
    lookalikes.delete("аnn", 1);
    assert.equal(lookalikes.find("ann"), undefined);
    assert.equal(lookalikes.find("аnn"), 2);
    lookalikes.delete("ann", 2);
    assert.equal(lookalikes.find("аnn"), undefined);
  });
});
