import assert from "node:assert/strict";
import { parseCapList } from "../../src/irc/caps.js";

const lists: [name: string, list: string, expected: [string, string][]][] = [
  ["nothing", "", []],
  ["names", "batch sasl", [["batch", ""], ["sasl", ""]]],
  ["values", "sasl=PLAIN,EXTERNAL draft/x=a=b", [["sasl", "PLAIN,EXTERNAL"], ["draft/x", "a=b"]]],
  ["an empty value", "sasl=", [["sasl", ""]]],
  ["too many spaces", "  batch   sasl ", [["batch", ""], ["sasl", ""]]],
  ["modifiers of older drafts", "~multi-prefix =sasl=PLAIN -batch - ~=", [["multi-prefix", ""], ["sasl", "PLAIN"], ["batch", ""]]],
  ["names objects have", "__proto__=1", [["__proto__", "1"]]],
]; // prettier-ignore

describe("capability lists", () => {
  for (const [name, list, expected] of lists) {
    it(`are read from ${name}`, () => {
      assert.deepEqual([...parseCapList(list)], expected);
    });
  }
});
