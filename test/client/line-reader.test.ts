import { strict as assert } from "node:assert";
import fc from "fast-check";
import { MAX_RECEIVED_LINE_BYTES } from "../../src/client/limits.js";
import { LineReader } from "../../src/client/line-reader.js";
import { joined, startScripted } from "./scripted-peer.js";

/** The bytes of a line in which `<e9>` stands for a byte. */
function bytesOf(text: string): Buffer {
  const parts = text.split(/<((?:[0-9a-f]{2} ?)+)>/);
  return Buffer.concat([
    ...parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.from(part.replaceAll(" ", ""), "hex"))),
    Buffer.from("\r\n"),
  ]); // prettier-ignore
}

const cut: [what: string, line: string, expected: string][] = [
  ["a letter of two bytes", ":zoë!u@h PRIVMSG #café :grün<c3>", ":zoë!u@h PRIVMSG #café :grün"],
  ["a letter of three", "@+x=ü :zoë!u@h PRIVMSG #café :5 <e2 82>", "@+x=ü :zoë!u@h PRIVMSG #café :5 "],
  ["its first byte alone", ":zoë!u@h PRIVMSG #café :日本<e8>", ":zoë!u@h PRIVMSG #café :日本"],
  ["an emoji", ":bob!u@h PRIVMSG #a :hi <f0 9f 99>", ":bob!u@h PRIVMSG #a :hi "],
  ["an emoji after its first byte", ":bob!u@h PRIVMSG #a :hi <f0>", ":bob!u@h PRIVMSG #a :hi "],
  ["a curly quote", ":bob!u@h PRIVMSG #a :it<e2>", ":bob!u@h PRIVMSG #a :it"],
  ["the only letter of a short text", ":bob!u@h PRIVMSG #a :gr<c3>", ":bob!u@h PRIVMSG #a :gr"],
  ["a topic", ":irc.test 332 ann #café :Straße nach Sü<c3>", ":irc.test 332 ann #café :Straße nach Sü"],
  ["a text without a colon", ":zoë!u@h TOPIC #café grü<c3>", ":zoë!u@h TOPIC #café grü"],
  ["a text of nothing else", ":zoë!u@h PRIVMSG #a :<e6 97>", ":zoë!u@h PRIVMSG #a :"],
]; // prettier-ignore

const old: [what: string, line: string, expected: string][] = [
  ["words", ":bob!u@h PRIVMSG #a :gr<fc df>e aus K<f6>ln", ":bob!u@h PRIVMSG #a :grüße aus Köln"],
  ["a word that ends with a letter", ":bob!u@h PRIVMSG #a :un caf<e9>", ":bob!u@h PRIVMSG #a :un café"],
  ["a lone letter", ":bob!u@h PRIVMSG #a :voil<e0> <e0>", ":bob!u@h PRIVMSG #a :voilà à"],
  ["quotes and the euro", ":bob!u@h PRIVMSG #a :<93>5 <80><94> <81>", ":bob!u@h PRIVMSG #a :“5 €” \ufffd"],
  ["a nick, beside text in UTF-8", ":Zo<eb>!u@h PRIVMSG #café :grün", ":Zoë!u@h PRIVMSG #café :grün"],
  ["a text, beside a nick and a target in UTF-8", ":zoë!u@h PRIVMSG #café :na<ef>ve Stra<df>e", ":zoë!u@h PRIVMSG #café :naïve Straße"],
  ["one word of a text in UTF-8", ":bob!u@h PRIVMSG #a :grün na<ef>ve grün", ":bob!u@h PRIVMSG #a :grün naïve grün"],
]; // prettier-ignore

function read(bytes: Uint8Array): string[] {
  return new LineReader().push(bytes);
}

describe("a line that is cut inside a letter", () => {
  for (const [what, line, expected] of cut)
    it(`loses that letter and nothing else: ${what}`, () => {
      assert.deepEqual(read(bytesOf(line)), [expected]);
    });

  it("loses it when only the line's length speaks for a cut", () => {
    const text = `:bob!u@h PRIVMSG #a :${"x".repeat(480)}`;
    assert.deepEqual(read(bytesOf(`${text}<e9>`)), [text]);
  });

  it("loses only a part of it wherever any text is cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", " ", "é", "ß", "日", "🙂", "\u{10ffff}") }),
        fc.nat(),
        (text, seed) => {
          const bytes = Buffer.from(`:zoë!u@h PRIVMSG #café :${text}`);
          const head = Buffer.from(":zoë!u@h PRIVMSG #café :").length;
          const end = head + (seed % (bytes.length - head + 1));
          const [line = ""] = read(Buffer.concat([bytes.subarray(0, end), Buffer.from("\n")]));
          assert.ok(bytes.toString().startsWith(line), line);
          assert.ok(Buffer.from(line).length > end - 4);
        },
      ),
    );
  });

  it("leaves its neighbors in the same chunk alone", () => {
    const chunk = [":zoë!u@h PRIVMSG #a :vorher ü", ":zoë!u@h PRIVMSG #a :ü<c3>", ":zoë!u@h PRIVMSG #a :danach ü"]; // prettier-ignore
    const lines = read(Buffer.concat(chunk.map(bytesOf)));
    assert.deepEqual(lines.map((line) => line.split(" :")[1]), ["vorher ü", "ü", "danach ü"]); // prettier-ignore
  });

  it("makes nobody up, and changes no topic, channel or nick", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.send(":Zoë!u@h JOIN #room");
    peer.sendRaw(bytesOf(":Zoë!u@h PRIVMSG #room :grün<c3>"));
    peer.sendRaw(bytesOf(":Zoë!u@h TOPIC #room :Grüße<f0 9f 99>"));
    peer.sendRaw(bytesOf(":Zoë!u@h PRIVMSG ann :gr<c3>"));
    await session.until((s) => s.state.buffers.has("Zoë"));
    assert.deepEqual(session.said("#room"), ["<Zoë> grün"]);
    assert.equal(session.buffer("#room").topic, "Grüße");
    assert.deepEqual([...session.state.users.values()].map((user) => user.nick).toSorted(), ["Zoë", "ann", "bob"]); // prettier-ignore
  });
});

describe("a line of an old network", () => {
  for (const [what, line, expected] of old)
    it(`is read as windows-1252: ${what}`, () => {
      assert.deepEqual(read(bytesOf(line)), [expected]);
    });

  it("takes linear time, whatever is in it", () => {
    const words = Buffer.from("\xff ".repeat(MAX_RECEIVED_LINE_BYTES / 2 - 1), "latin1");
    const [line = ""] = read(Buffer.concat([words, Buffer.from("\n")]));
    assert.equal(line, "ÿ ".repeat(words.length / 2));
  });
});
