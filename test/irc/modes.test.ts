import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatModeChanges,
  parseChanmodes,
  parseModeChanges,
  type ModeChange,
} from "../../src/irc/modes.js";
import { anyText } from "./arbitraries.js";

const types = parseChanmodes("beI,k,l,imnst", "ov");
const plus = (mode: string, param?: string): ModeChange => ({ add: true, mode, param });
const minus = (mode: string, param?: string): ModeChange => ({ add: false, mode, param });

const cases: [name: string, params: string[], expected: ModeChange[]][] = [
  ["modes without parameters", ["+nt"], [plus("n"), plus("t")]],
  ["both directions", ["+n-t"], [plus("n"), minus("t")]],
  ["no sign as a plus", ["n"], [plus("n")]],
  ["signs one after the other", ["+-+n"], [plus("n")]],
  ["parameters in order", ["+ov-o", "ann", "bob", "cid"], [plus("o", "ann"), plus("v", "bob"), minus("o", "cid")]],
  ["a limit, which is taken back without one", ["+l-l", "5"], [plus("l", "5"), minus("l")]],
  ["a key, which is taken back with one", ["-k", "x"], [minus("k", "x")]],
  ["a list asked for", ["b"], [plus("b")]],
  ["a missing parameter", ["+o"], [plus("o")]],
  ["a mode nobody knows", ["+Xo", "ann"], [plus("X"), plus("o", "ann")]],
  ["nothing", [""], []],
]; // prettier-ignore

describe("mode changes", () => {
  for (const [name, [modeString = "", ...params], expected] of cases) {
    it(`read ${name}`, () => {
      assert.deepEqual(parseModeChanges(modeString, params, types), expected);
    });
  }

  it("are written with one sign for a run", () => {
    const changes = [plus("o", "ann"), plus("n"), minus("t"), minus("l"), plus("l", "3")];
    assert.deepEqual(formatModeChanges(changes), ["+on-tl+l", "ann", "3"]);
    assert.deepEqual(formatModeChanges([]), []);
  });

  it("are read back as they were written", () => {
    const change = fc
      .tuple(
        fc.boolean(),
        fc.constantFrom(...Array.from("beIklimnstov")),
        fc.string({ minLength: 1 }),
      )
      .map(([add, mode, param]) => {
        const takesParam = "beIkov".includes(mode) || (mode === "l" && add);
        return { add, mode, param: takesParam ? param : undefined };
      });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const [modeString = "", ...params] = formatModeChanges(changes);
        assert.deepEqual(parseModeChanges(modeString, params, types), changes);
      }),
    );
  });

  it("are read from any text without throwing", () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText), anyText, (modes, params, chanmodes) => {
        parseModeChanges(modes, params, parseChanmodes(chanmodes, "ov"));
      }),
    );
  });
});
