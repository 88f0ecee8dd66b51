import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import {
  MAX_PICTURE_BYTES,
  PICTURE_PROBLEMS,
  readPicture,
  type PictureProblem,
} from "../../src/irc/picture.js";
import {
  SVG,
  ZIP,
  animatedPng,
  chunk,
  exif,
  hugePng,
  jpeg,
  png,
  segment,
  uint32,
} from "../support/pictures.js";

const HTML = Buffer.from("<html><script>alert(1)</script>");
const PLACE = "52.5163 N 13.3777 E";

describe("a picture that travels", () => {
  for (const [what, bytes] of [
    ["PNG", png({ width: 512, height: 512 })],
    ["JPEG", jpeg({ width: 512, height: 40, shade: (x) => (x % 3) * 40 - 60 })],
  ] as const)
    it(`is a ${what}, and stays as it is where there is nothing to leave out`, () => {
      const picture = readPicture(bytes);
      if (typeof picture === "string") assert.fail(picture);
      assert.equal(picture.width, 512);
      assert.deepEqual(Buffer.from(picture.bytes), bytes);
    });

  const text = (keyword: string) => Buffer.from(`${keyword}\0${PLACE}`);
  for (const [what, bytes, clean] of [
    ["a PNG's EXIF", png({ before: [chunk("eXIf", text("MM"))] }), png()],
    ["a PNG's text", png({ before: [chunk("tEXt", text("Comment"))] }), png()],
    [
      "a PNG's XMP behind the data",
      png({ after: [chunk("iTXt", text("XML:com.adobe.xmp"))] }),
      png(),
    ],
    ["a PNG's color profile", png({ before: [chunk("iCCP", text("p"))] }), png()],
    ["a PNG's private chunk", png({ before: [chunk("zzZz", HTML)] }), png()],
    ["a JPEG's EXIF", jpeg({ segments: [exif(PLACE, 6)] }), jpeg()],
    ["a JPEG's comment", jpeg({ segments: [segment(0xfe, HTML)] }), jpeg()],
    ["a JPEG's color profile", jpeg({ segments: [segment(0xe2, text("ICC_PROFILE"))] }), jpeg()],
    [
      "a JPEG's XMP",
      jpeg({ segments: [segment(0xe1, text("http://ns.adobe.com/xap/1.0/"))] }),
      jpeg(),
    ],
  ] as const)
    it(`loses ${what}`, () => {
      assert.ok(bytes.includes(PLACE) || bytes.includes(HTML));
      const picture = readPicture(bytes);
      if (typeof picture === "string") assert.fail(picture);
      assert.deepEqual(Buffer.from(picture.bytes), clean);
    });

  const header = (...rest: readonly number[]) =>
    chunk("IHDR", Buffer.concat([uint32(8), uint32(8), Buffer.from(rest)]));
  const [signature, ihdr] = [png().subarray(0, 8), png().subarray(8, 33)];
  const idat = chunk("IDAT", deflateSync(Buffer.alloc(8 * 33)));
  const end = chunk("IEND");
  const good = jpeg();
  const refused: readonly (readonly [what: string, bytes: Buffer, problem: PictureProblem])[] = [
    ["nothing", Buffer.alloc(0), "empty"],
    ["an SVG", SVG, "wrong-type"],
    ["HTML", HTML, "wrong-type"],
    ["a GIF", Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"), "wrong-type"],
    ["more than 64 KB", png({ data: Buffer.alloc(MAX_PICTURE_BYTES) }), "too-large"],
    ["an animated PNG", animatedPng(), "animated"],
    ["100 megapixels", hugePng(), "size"],
    ["a JPEG of 100 megapixels", jpeg({ width: 10_000, height: 8 }), "size"],
    ["a PNG with a ZIP behind it", Buffer.concat([png(), ZIP]), "damaged"],
    ["a JPEG with a ZIP behind it", Buffer.concat([good, ZIP]), "damaged"],
    ["a PNG with HTML before it", Buffer.concat([HTML, png()]), "wrong-type"],
    ["a PNG within a PNG", Buffer.concat([signature, ihdr, png(), idat, end]), "damaged"],
    ["a PNG without its end", png().subarray(0, -12), "damaged"],
    ["half a PNG", png().subarray(0, 40), "damaged"],
    ["a PNG's signature", png().subarray(0, 8), "damaged"],
    ["a PNG without data", Buffer.concat([signature, ihdr, end]), "damaged"],
    ["a PNG with two headers", Buffer.concat([signature, ihdr, ihdr, idat, end]), "damaged"],
    ["a PNG without a header", Buffer.concat([signature, idat, end]), "damaged"],
    [
      "a PNG whose header is not the first",
      Buffer.concat([signature, chunk("tEXt"), ihdr, idat, end]),
      "damaged",
    ],
    [
      "a PNG whose data is torn apart",
      Buffer.concat([signature, ihdr, idat, chunk("tEXt"), idat, end]),
      "damaged",
    ],
    ["a PNG with a chunk that must be known", png({ before: [chunk("ABCD")] }), "damaged"],
    [
      "a PNG whose end has something in it",
      Buffer.concat([signature, ihdr, idat, chunk("IEND", HTML)]),
      "damaged",
    ],
    ["a PNG of no height", png({ height: 0 }), "damaged"],
    [
      "a PNG of a color type there is not",
      Buffer.concat([signature, header(8, 5, 0, 0, 0), idat, end]),
      "damaged",
    ],
    [
      "a PNG with a wrong check sum",
      Buffer.concat([signature, ihdr.subarray(0, -1), Buffer.from([0]), idat, end]),
      "damaged",
    ],
    ["half a JPEG", good.subarray(0, 60), "damaged"],
    ["a JPEG without its end", good.subarray(0, -2), "damaged"],
    [
      "a JPEG without pixels",
      Buffer.concat([Buffer.from([0xff, 0xd8]), good.subarray(-2)]),
      "damaged",
    ],
    ["a JPEG in a JPEG", jpeg({ segments: [good] }), "damaged"],
    ["a JPEG with text between its tables", jpeg({ segments: [exif(PLACE), HTML] }), "damaged"],
    ["a JPEG with text in a table", jpeg({ segments: [segment(0xdb, HTML)] }), "damaged"],
    ["a JPEG with a segment there is not", jpeg({ segments: [segment(0xf0, HTML)] }), "damaged"],
  ];
  for (const [what, bytes, problem] of refused)
    it(`is not ${what}`, () => {
      assert.equal(readPicture(bytes), problem);
    });

  it("that is a JPEG for printing is refused by the name of its colors", () => {
    const components = [1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0];
    const header = segment(0xc0, Buffer.from([8, 0, 16, 0, 16, 4, ...components]));
    const bytes = jpeg({ segments: [header] });
    assert.equal(readPicture(bytes), "cmyk");
    assert.match(PICTURE_PROBLEMS.cmyk, /CMYK.*RGB/);
  });

  it("has no tables that nothing reads", () => {
    const text = Buffer.from("GPS 52.5163 N 13.3777 E".padEnd(64));
    const tables = [3, 0x13].map((first) =>
      segment(
        0xdb,
        Buffer.concat([Buffer.from([first]), text, first > 15 ? text : Buffer.alloc(0)]),
      ),
    );
    // One that is replaced before a scan reads it, and codes that no scan uses.
    const replaced = segment(0xdb, Buffer.concat([Buffer.from([0]), text]));
    const counts = [64, ...Array<number>(15).fill(0)];
    const codes = segment(0xc4, Buffer.concat([Buffer.from([0x03, ...counts]), text]));
    const picture = readPicture(jpeg({ segments: [...tables, replaced, codes] }));
    assert.ok(typeof picture !== "string");
    assert.ok(!Buffer.from(picture.bytes).includes("13.3777"));
    assert.deepEqual(readPicture(picture.bytes), picture);
  });

  it("is not a JPEG with a table there is not, or without one it needs", () => {
    const table = segment(0xdb, Buffer.concat([Buffer.from([15]), Buffer.alloc(64, 1)]));
    assert.equal(readPicture(jpeg({ segments: [table] })), "damaged");
    const at = good.indexOf(Buffer.from([0xff, 0xdb]));
    const without = Buffer.concat([good.subarray(0, at), good.subarray(at + 69)]);
    assert.equal(readPicture(without), "damaged");
  });

  it("is not a JPEG whose pixels end as a ZIP", () => {
    const hidden = Buffer.concat([good.subarray(0, -2), ZIP, good.subarray(-2)]);
    assert.equal(readPicture(hidden), "damaged");
  });

  it("is read or refused, whatever the bytes", () => {
    const start = fc.constantFrom(
      png(),
      jpeg(),
      png().subarray(0, 8),
      Buffer.from([0xff, 0xd8, 0xff]),
    );
    const change = fc.tuple(fc.nat(200), fc.nat(255));
    fc.assert(
      fc.property(start, fc.array(change), fc.uint8Array(), (bytes, changes, rest) => {
        const hostile = Buffer.concat([bytes, rest]);
        for (const [at, byte] of changes) if (at < hostile.length) hostile[at] = byte;
        const picture = readPicture(hostile);
        if (typeof picture === "string") return;
        // What has been cleaned is clean.
        assert.deepEqual(readPicture(picture.bytes), picture);
      }),
    );
  });
});
