import assert from "node:assert/strict";
import fc from "fast-check";
import { LineFramer, type Frame } from "../../src/irc/framer.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const MAX = 24;

function frame(...chunks: (string | Uint8Array)[]): Frame[] {
  const framer = new LineFramer({ maxLineBytes: MAX, decode });
  return chunks.flatMap((chunk) => framer.push(Buffer.from(chunk)));
}

function lines(...texts: string[]): Frame[] {
  return texts.map((text) => ({ kind: "line", text }));
}

const TOO_LONG: Frame = { kind: "too-long" };
function invalid(...bytes: number[]): Frame {
  return { kind: "invalid-utf8", bytes: Uint8Array.from(bytes) };
}

const cases: [name: string, chunks: (string | Uint8Array)[], expected: Frame[]][] = [
  ["CR LF", ["a\r\nb\r\n"], lines("a", "b")],
  ["LF alone", ["a\nb\n"], lines("a", "b")],
  ["both mixed", ["a\r\nb\nc\r\n"], lines("a", "b", "c")],
  ["blank lines", ["\r\n\n\r\r\na\r\n"], lines("a")],
  ["a line in two chunks", ["PRIVMSG #a", " :hi\r\n"], lines("PRIVMSG #a :hi")],
  ["CR and LF in two chunks", ["a\r", "\nb\r\n"], lines("a", "b")],
  ["several lines glued together", ["a\r\nb\r\nc", "\r\nd\r\n"], lines("a", "b", "c", "d")],
  ["a line not ended yet", ["a\r\nb"], lines("a")],
  ["a character cut in two", [Buffer.from("é").subarray(0, 1), Buffer.from("é\n").subarray(1)], lines("é")],
  ["a CR inside a line left out", ["a\rb\r\n"], lines("ab")],
  ["a NUL inside a line left out", ["a\0b\r\n"], lines("ab")],
  ["the longest line", [`${"x".repeat(MAX - 2)}\r\na\n`], lines("x".repeat(MAX - 2), "a")],
  ["a line one byte too long", [`${"x".repeat(MAX - 1)}\r\na\n`], [TOO_LONG, ...lines("a")]],
  ["a line far too long", [`${"x".repeat(MAX * 9)}\r\na\n`], [TOO_LONG, ...lines("a")]],
  ["a line too long for its first chunk", ["x".repeat(MAX * 2), "y\na\n"], [TOO_LONG, ...lines("a")]],
  ["a line too long by its second chunk", ["xx", "x".repeat(MAX), "y\na\n"], [TOO_LONG, ...lines("a")]],
  ["a line too long that never ends", ["x".repeat(MAX), "y", "z"], [TOO_LONG]],
  ["bytes that are not UTF-8", [Buffer.from("a\n\xff\xfe\nb\n", "latin1")], [...lines("a"), invalid(0xff, 0xfe, 0x0a), ...lines("b")]],
  ["a surrogate in UTF-8", [Buffer.from([0xed, 0xa0, 0x80, 0x0a])], [invalid(0xed, 0xa0, 0x80, 0x0a)]],
  ["an overlong form", [Buffer.from([0xc0, 0xaf, 0x0a])], [invalid(0xc0, 0xaf, 0x0a)]],
]; // prettier-ignore

/** The same by the plain way: everything at once, one line after the other. */
function plainly(bytes: Buffer): Frame[] {
  const parts = bytes.toString("latin1").split("\n");
  return parts.flatMap((part, i): Frame[] => {
    if (part.length + 1 > MAX) return [TOO_LONG];
    if (i === parts.length - 1) return [];
    const text = decode(Buffer.from(part, "latin1"));
    if (text === undefined) return [invalid(...Buffer.from(`${part}\n`, "latin1"))];
    const kept = text.replace(/[\r\0]/g, "");
    return kept === "" ? [] : lines(kept);
  });
}

describe("LineFramer", () => {
  for (const [name, chunks, expected] of cases) {
    it(`cuts ${name}`, () => {
      assert.deepEqual(frame(...chunks), expected);
    });
    it(`cuts ${name}, byte by byte`, () => {
      const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
      assert.deepEqual(frame(...Array.from(bytes, (byte) => Buffer.of(byte))), expected);
    });
  }

  it("gives the same lines whatever the chunks", () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x61), fc.nat({ max: 255 }));
    const text = fc.string({ unit: "grapheme" }).map((s) => [...Buffer.from(`${s}\n`)]);
    const stream = fc.array(fc.oneof(fc.array(byte), text), { maxLength: 30 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 200 })), (parts, cuts) => {
        const bytes = Buffer.from(parts.flat());
        const ends = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length));
        ends.sort((a, b) => a - b);
        const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
        assert.deepEqual(frame(...chunks), plainly(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps a copy: a chunk may be reused", () => {
    const framer = new LineFramer({ maxLineBytes: MAX, decode });
    const chunk = Buffer.from("ab");
    framer.push(chunk);
    chunk.fill(0x7a);
    assert.deepEqual(framer.push(Buffer.from("c\n")), lines("abc"));
  });

  it("gives tags their own share of a line's bytes", () => {
    const shares = (line: string) =>
      new LineFramer({ maxLineBytes: 30, maxTagsBytes: 10, decode }).push(Buffer.from(line));
    const tags = "@a=345678 "; // 10 bytes
    const body = "PRIVMSG #a :456789"; // 18 bytes, and CR LF
    assert.deepEqual(shares(`${tags}${body}\r\n`), lines(tags + body));
    assert.deepEqual(shares(`${body}9\r\n`), [TOO_LONG]);
    assert.deepEqual(shares("@a=3456789 PING\r\n"), [TOO_LONG]);
    assert.deepEqual(shares("@a=34567é PING\r\n"), [TOO_LONG]);
    assert.deepEqual(shares("@a=34567890\r\n"), [TOO_LONG]);
  });
});
