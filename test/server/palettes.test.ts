// What is left of a palette that someone uploads: the colors their picture uses, and no text.
import { strict as assert } from "node:assert";
import { deflateSync } from "node:zlib";
import { checkedPicture } from "../../src/server/pictures.js";
import { chunk, png, uint32 } from "../support/pictures.js";

describe("a PNG with a palette", () => {
  const TEXT = Buffer.from("52.5163 N 13.3777 E <svg onload=alert(1)>".padEnd(768));
  /** Eight bits of one sample for each of 4 × 4 pixels, which follow. */
  const made = (color: number, rows: readonly number[], before: readonly Buffer[], depth = 8) => {
    const header = Buffer.concat([uint32(4), uint32(4), Buffer.from([depth, color, 0, 0, 0])]);
    const data = chunk("IDAT", deflateSync(Buffer.from(rows)));
    const signature = png().subarray(0, 8);
    return Buffer.concat([signature, chunk("IHDR", header), ...before, data, chunk("IEND")]);
  };
  const row = (filter: number, pixel: number) => [filter, pixel, pixel, pixel, pixel];
  const four = (filter: number, pixel: number) =>
    Array(4).fill(row(filter, pixel)).flat() as number[];
  const INDEXED = 3;
  const palette = (colors: number) => chunk("PLTE", TEXT.subarray(0, 3 * colors));

  const refused: readonly (readonly [string, Buffer])[] = [
    ["no palette", made(INDEXED, four(0, 0), [])],
    ["a color that is not in it", made(INDEXED, four(0, 9), [palette(1)])],
    // 1, 2, 3, 4 in each row.
    ["a color that is not in it, behind a filter", made(INDEXED, four(1, 1), [palette(4)])],
    ["a filter there is not", made(INDEXED, four(5, 0), [palette(1)])],
    ["a filter there is not, and no palette", made(0, four(99, 0), [])],
    ["more colors than a pixel can name", made(INDEXED, [0, 0, 0, 0, 0, 0, 0, 0], [palette(3)], 1)],
    [
      "more transparency than colors",
      made(INDEXED, four(0, 0), [palette(1), chunk("tRNS", TEXT.subarray(0, 9))]),
    ],
    [
      "transparency of another color type",
      made(0, four(0, 0), [chunk("tRNS", TEXT.subarray(0, 9))]),
    ],
  ];
  for (const [what, bytes] of refused)
    it(`is refused with ${what}`, () => {
      assert.equal(checkedPicture(bytes), "damaged");
    });

  const cleaned: readonly (readonly [string, Buffer])[] = [
    [
      "of its palette",
      made(INDEXED, four(0, 200), [palette(256), chunk("tRNS", TEXT.subarray(0, 256))]),
    ],
    ["of a palette it does not use", png({ before: [palette(256)] })],
    ["of a palette gray has not", made(0, four(0, 0), [palette(256)])],
    [
      "of transparency that every pixel says",
      png({ before: [chunk("tRNS", TEXT.subarray(0, 99))] }),
    ],
  ];
  for (const [what, bytes] of cleaned)
    it(`loses text in colors ${what}`, () => {
      const picture = checkedPicture(bytes);
      assert.ok(typeof picture !== "string");
      assert.ok(bytes.includes("13.3777") && !Buffer.from(picture.bytes).includes("13.3777"));
      // And is a picture still, which loses nothing more.
      assert.deepEqual(checkedPicture(Buffer.from(picture.bytes)), picture);
    });

  it("keeps the colors it uses, whatever the filters", () => {
    // Sub: 0 1 2 3; Up: the same; Average and Paeth of it.
    const rows = [1, 0, 1, 1, 1, 2, 0, 0, 0, 0, 3, 0, 1, 1, 1, 4, 0, 0, 0, 0];
    const bytes = made(INDEXED, rows, [palette(4)]);
    assert.deepEqual(checkedPicture(bytes), {
      ...(checkedPicture(bytes) as object),
      bytes: new Uint8Array(bytes),
    });
  });
});
