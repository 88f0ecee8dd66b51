import assert from "node:assert/strict";
import fc from "fast-check";
import { formatMessage, message, parseMessage, toSingleLine } from "../../src/irc/message.js";
import { MAX_LINE_BYTES } from "../../src/irc/limits.js";
import { splitToBytes, utf8Length } from "../../src/irc/utf8.js";
import { anyText, messages } from "./arbitraries.js";

const parsed: [name: string, line: string, command: string | undefined, params: string[]][] = [
  ["a bare command", "PING", "PING", []],
  ["a command in lower case", "privmsg #a hi", "PRIVMSG", ["#a", "hi"]],
  ["a numeric", "005 ann :are supported", "005", ["ann", "are supported"]],
  ["several spaces between parameters", "MODE  #a   +n", "MODE", ["#a", "+n"]],
  ["spaces at the end", "MODE #a +n  ", "MODE", ["#a", "+n"]],
  ["spaces at the beginning", "  PING x", "PING", ["x"]],
  ["an empty last parameter", "TOPIC #a :", "TOPIC", ["#a", ""]],
  ["a colon inside a parameter", "JOIN #a:b", "JOIN", ["#a:b"]],
  ["a last parameter that begins with a colon", "PRIVMSG #a ::-)", "PRIVMSG", ["#a", ":-)"]],
  ["spaces of a last parameter kept", "PRIVMSG #a :  x ", "PRIVMSG", ["#a", "  x "]],
  ["a tab, which is no space", "PRIVMSG #a\tb", "PRIVMSG", ["#a\tb"]],
  ["more than fifteen parameters", "X" + " p".repeat(20), "X", Array<string>(20).fill("p")],
  ["names of every object's properties", "JOIN __proto__", "JOIN", ["__proto__"]],
  ["nothing", "", undefined, []],
  ["spaces alone", "   ", undefined, []],
  ["tags without a command", "@a=b", undefined, []],
  ["a source without a command", ":ann", undefined, []],
  ["a command that is no word", "PRIV-MSG #a", undefined, []],
  ["a number that is no numeric", "12 x", undefined, []],
  ["four digits", "1234 x", undefined, []],
  ["letters of other alphabets", "ПРИВЕТ", undefined, []],
  ["tags that do not come first", " @a=b PING", undefined, []],
  ["a CR inside", "PRIVMSG #a :x\rQUIT", undefined, []],
  ["a LF inside", "PRIVMSG #a :x\nQUIT", undefined, []],
  ["a NUL inside", "PRIVMSG #a :x\0", undefined, []],
];

describe("parseMessage", () => {
  for (const [name, line, command, params] of parsed) {
    it(`reads ${name}`, () => {
      const result = parseMessage(line);
      assert.equal(result?.command, command);
      if (result) assert.deepEqual(result.params, params);
    });
  }

  it("reads tags, source and command in their order", () => {
    const result = parseMessage("@a=1;b  :ann!a@h   JOIN #a");
    assert.deepEqual(
      result,
      message("JOIN", ["#a"], "ann!a@h", new Map([["a", "1"], ["b", ""]])), // prettier-ignore
    );
  });

  it("takes what a message says for text, never for a line of its own", () => {
    const forged = ":bob!b@h JOIN #room";
    assert.deepEqual(parseMessage(`PRIVMSG #room :${forged}`)?.params, ["#room", forged]);
  });

  it("never throws", () => {
    fc.assert(fc.property(anyText, (line) => void parseMessage(line)));
  });

  it("reads back what formatMessage writes", () => {
    fc.assert(
      fc.property(messages, (m) => {
        assert.deepEqual(parseMessage(formatMessage(m)), m);
      }),
    );
  });
});

describe("formatMessage", () => {
  const formatted: [name: string, line: string, params: string[]][] = [
    ["no colon where none is needed", "TOPIC #a hi", ["#a", "hi"]],
    ["a colon before spaces", "TOPIC #a :hi there", ["#a", "hi there"]],
    ["a colon before nothing", "TOPIC #a :", ["#a", ""]],
    ["a colon before a colon", "TOPIC #a ::-)", ["#a", ":-)"]],
    ["no colon before a colon inside", "TOPIC #a a:b", ["#a", "a:b"]],
  ];
  for (const [name, line, params] of formatted) {
    it(`writes ${name}`, () => {
      assert.equal(formatMessage(message("TOPIC", params)), line);
    });
  }

  it("writes a colon before the last parameter where it is asked for", () => {
    assert.equal(formatMessage(message("TOPIC", ["#a", "hi"]), "always"), "TOPIC #a :hi");
    assert.equal(formatMessage(message("TOPIC", ["#a", ":hi"]), "always"), "TOPIC #a ::hi");
    assert.equal(formatMessage(message("LIST"), "always"), "LIST");
  });

  const refused: [name: string, m: Parameters<typeof formatMessage>[0]][] = [
    ["an empty parameter before the last", message("X", ["", "a"])],
    ["a space before the last parameter", message("X", ["a b", "c"])],
    ["a colon before the last parameter", message("X", [":a", "c"])],
    ["a CR in a parameter", message("X", ["a\rb"])],
    ["a LF in a parameter", message("X", ["a\nQUIT"])],
    ["a NUL in a parameter", message("X", ["a\0b"])],
    ["a line break in the source", message("X", [], "ann\r\nQUIT")],
    ["a space in the source", message("X", [], "ann QUIT")],
    ["no command", message("")],
    ["a command of two words", message("X Y")],
    ["a tag's key with a space", message("X", [], undefined, new Map([["a b", ""]]))],
    ["a tag without a key", message("X", [], undefined, new Map([["", "a"]]))],
  ];
  for (const [name, m] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => formatMessage(m), RangeError);
    });
  }

  it("does not quote a refused parameter: it may be a password", () => {
    assert.throws(
      () => formatMessage(message("OPER", ["my secret", "x"])),
      ({ message }: Error) => message.startsWith("OPER:") && !message.includes("secret"),
    );
  });

  it("writes a line that reads the same, or refuses, whatever the parts", () => {
    const anyParts = fc.tuple(anyText, fc.array(anyText), fc.option(anyText, { nil: undefined }));
    fc.assert(
      fc.property(anyParts, ([command, params, source]) => {
        const m = message(command, params, source);
        let line;
        try {
          line = formatMessage(m);
        } catch (error) {
          assert.ok(error instanceof RangeError);
          return;
        }
        assert.deepEqual(parseMessage(line), { ...m, command: command.toUpperCase() });
      }),
    );
  });

  it("keeps long text within a line's bytes when it is split for them", () => {
    const room = MAX_LINE_BYTES - utf8Length("PRIVMSG #room :\r\n");
    fc.assert(
      fc.property(anyText.map(toSingleLine), (text) => {
        const long = text.repeat(200);
        for (const piece of splitToBytes(long, room)) {
          const line = formatMessage(message("PRIVMSG", ["#room", piece]));
          assert.ok(Buffer.byteLength(`${line}\r\n`) <= MAX_LINE_BYTES);
        }
      }),
    );
  });
});

describe("toSingleLine", () => {
  it("makes each line break one space", () => {
    assert.equal(toSingleLine("a\r\nb\nc\rd\0e\n\n\nf"), "a b c d e f");
  });
});
