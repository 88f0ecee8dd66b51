import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyIsupport,
  caseMapping,
  channelTypes,
  formatIsupportToken,
  isupportNumber,
  prefixModes,
  type Isupport,
} from "../../src/irc/isupport.js";
import { anyText } from "./arbitraries.js";

const NONE: Isupport = new Map();
const after = (...tokens: string[]) => applyIsupport(NONE, tokens);

const tokens: [name: string, token: string, parameter: string, value: string | undefined][] = [
  ["a value", "NICKLEN=30", "NICKLEN", "30"],
  ["no value", "WHOX", "WHOX", ""],
  ["an empty value", "CHANTYPES=", "CHANTYPES", ""],
  ["an equals sign in the value", "A=b=c", "A", "b=c"],
  ["escapes", "NETWORK=My\\x20Own\\x3D\\x5c", "NETWORK", "My Own=\\"],
  ["an escape that is none", "A=\\xzz\\", "A", "\\xzz\\"],
  ["an escaped line break, which stays escaped", "A=b\\x0Ac", "A", "b\\x0Ac"],
  ["a name objects have", "__proto__=1", "__proto__", "1"],
  ["no name", "=1", "", undefined],
];

describe("ISUPPORT", () => {
  for (const [name, token, parameter, value] of tokens) {
    it(`reads ${name}`, () => {
      assert.equal(after(token).get(parameter), value);
    });
  }

  it("takes a parameter back", () => {
    const before = after("WHOX", "NICKLEN=30");
    assert.deepEqual(applyIsupport(before, ["-WHOX", "-NICKLEN=30", "-NEVER"]), NONE);
    assert.equal(before.size, 2, "what was before stays as it is");
  });

  it("reads back the tokens it writes", () => {
    const value = anyText.map((text) => text.replace(/[\r\n\0]/g, ""));
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,20}$/), value, (name, value) => {
        const token = formatIsupportToken(name, value);
        assert.doesNotMatch(token, / /);
        assert.deepEqual(after(token), new Map([[name, value]]));
      }),
    );
  });

  const prefixes: [value: string | undefined, modes: string, prefixes: string][] = [
    [undefined, "ov", "@+"],
    ["(qaohv)~&@%+", "qaohv", "~&@%+"],
    ["", "", ""],
    ["(ov)@", "ov", "@+"],
    ["ov", "ov", "@+"],
    ["()", "ov", "@+"],
  ];
  for (const [value, modes, characters] of prefixes) {
    it(`reads PREFIX ${value ?? "left out"}`, () => {
      const read = prefixModes(value === undefined ? NONE : new Map([["PREFIX", value]]));
      assert.equal(read.map(({ mode }) => mode).join(""), modes);
      assert.equal(read.map(({ prefix }) => prefix).join(""), characters);
    });
  }

  it("has the specified defaults", () => {
    assert.equal(caseMapping(NONE), "rfc1459");
    assert.equal(channelTypes(NONE), "#&");
    assert.equal(channelTypes(after("CHANTYPES=")), "");
  });

  const numbers: [value: string, expected: number][] = [
    ["30", 30],
    ["", 9],
    ["0", 9],
    ["-1", 9],
    ["1e3", 9],
    ["0x10", 9],
    [" 5", 9],
    ["99999999999", 9],
  ];
  for (const [value, expected] of numbers) {
    it(`reads the number ${value === "" ? "left empty" : value} as ${expected}`, () => {
      assert.equal(isupportNumber(after(`NICKLEN=${value}`), "NICKLEN", 9), expected);
    });
  }
});
