// The client's own means of reading and writing bytes, beside those of Node.js.
import { strict as assert } from "node:assert";
import { isUtf8 } from "node:buffer";
import { domainToUnicode } from "node:url";
import { isIP } from "node:net";
import fc from "fast-check";
import {
  fromBase64,
  hexBytes,
  toBase64,
  toBase64Url,
  utf8Text,
  validUtf8Text,
} from "../../src/client/encodings.js";
import { canonicalHost, hostText, isIpAddress } from "../../src/client/host.js";

/** Pieces that UTF-8 is made of, and mistakes in it. */
const piece = fc.constantFrom(
  ...["61", "c3bc", "f09f9982", "efbfbd", "efbbbf", "ef", "bf", "bd", "efbf", "c0", "eda080"],
  ...["f4908080", "ff", "80", "0a"],
);
const bytes = fc.oneof(
  fc.array(piece).map((pieces) => new Uint8Array(Buffer.from(pieces.join(""), "hex"))),
  fc.uint8Array(),
);

describe("bytes and text", () => {
  it("are UTF-8 or not as Node.js sees it, a byte order mark and written U+FFFD included", () => {
    fc.assert(
      fc.property(bytes, (some) => {
        const text = Buffer.from(some).toString();
        assert.equal(utf8Text(some), text);
        assert.equal(validUtf8Text(some), isUtf8(some) ? text : undefined);
      }),
    );
  });

  it("become base64 and back", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "~", "?", ">", "\0", "ü", "ж", "日", "🙂") }),
        (text) => {
          assert.equal(toBase64(text), Buffer.from(text).toString("base64"));
          assert.equal(toBase64Url(text), Buffer.from(text).toString("base64url"));
          assert.equal(fromBase64(toBase64Url(text)), text);
        },
      ),
    );
  });

  it("are read out of base64 that was damaged on its way", () => {
    const damaged = fc.string({
      unit: fc.constantFrom("A", "Q", "g", "z", "9", "-", "_", "+", "/", "=", " ", "%"),
    });
    fc.assert(
      fc.property(damaged, (text) => {
        assert.equal(fromBase64(text), Buffer.from(text, "base64url").toString());
      }),
    );
  });

  it("are read out of hexadecimal digits", () => {
    assert.deepEqual([...hexBytes("00fFc3Bc")], [0x00, 0xff, 0xc3, 0xbc]);
    assert.deepEqual([...hexBytes("")], []);
  });
});

describe("the names of computers", () => {
  const part = fc.constantFrom(
    ...[
      "a",
      "B",
      "xn--",
      "-",
      ".",
      "ü",
      "ß",
      "ж",
      "日",
      "本",
      "ｘ",
      "\u0301",
      "é",
      "א",
      "。",
      "😀",
    ],
    ...["xn--mnchen-3ya", "xn--p1ai", "xn--wgv71a", "xn--0", "xn--a-", "xn--99999999", "1", "_"],
  );
  const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));

  it("are shown in the letters that Node.js reads in them", () => {
    fc.assert(
      fc.property(name, (text) => {
        const host = canonicalHost(text);
        if (host === undefined || /^[0-9.]+$/.test(host) || host.length > 40) return;
        assert.equal(hostText(host).split(" (")[0], domainToUnicode(host));
      }),
      { numRuns: 1000 },
    );
  });

  for (const address of [
    ...["127.0.0.1", "255.255.255.255", "256.1.1.1", "1.2.3", "01.2.3.4", "1.2.3.4.", "0x7f.1"],
    ...["::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4"],
    ...["fe80::1%eth0", "1:2:3:4:5:6:7", ":::", "1::2::3", "12345::", "::1.2.3", "::g", "[::1]"],
    ...["::1]/", "", "localhost", "::01.2.3.4", "1:2:3:4:5:6:7:8:9"],
  ])
    it(`${JSON.stringify(address)} is an IP address or not, as Node.js has it`, () => {
      assert.equal(isIpAddress(address), isIP(address) !== 0);
    });
});
