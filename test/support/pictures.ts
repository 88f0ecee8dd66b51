// Pictures made for a test, good and hostile.
import { strict as assert } from "node:assert";
import { deflateSync } from "node:zlib";
import { readPicture, type Picture } from "../../src/irc/picture.js";
import { crc32 } from "../../src/irc/png.js";

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What these bytes are the picture of. */
export function picture(bytes: Uint8Array): Picture {
  const read = readPicture(bytes);
  if (typeof read === "string") assert.fail(read);
  return read;
}

export function chunk(type: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  /** Red, green, blue, alpha of every pixel, or of each. */
  readonly color?:
    | readonly [number, number, number, number]
    | ((x: number, y: number) => readonly [number, number, number, number]);
  /** Chunks before the data. */
  readonly before?: readonly Buffer[];
  /** Chunks between the data and the end. */
  readonly after?: readonly Buffer[];
  /** Instead of the pixels, compressed. */
  readonly data?: Buffer;
}

/** A PNG with eight bits for each sample, of one color unless told. */
export function png({
  width = 8,
  height = 8,
  color = [200, 30, 30, 255],
  before = [],
  after = [],
  data,
}: PngOptions = {}): Buffer {
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk("IHDR", Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 6, 0, 0, 0])])),
    ...before,
    chunk("IDAT", data ?? deflateSync(rgba(width, height, color))),
    ...after,
    chunk("IEND"),
  ]);
}

export function rgba(
  width: number,
  height: number,
  color: NonNullable<PngOptions["color"]>,
): Buffer {
  const rows: Buffer[] = [];
  const at = typeof color === "function" ? color : () => color;
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(1 + 4 * width);
    for (let x = 0; x < width; x++) row.set(at(x, y), 1 + 4 * x);
    rows.push(row);
  }
  return Buffer.concat(rows);
}

/** Two frames. https://www.w3.org/TR/png-3/#apng-chunks */
export function animatedPng(): Buffer {
  const pixels = deflateSync(rgba(8, 8, [30, 30, 200, 255]));
  const frame = (count: number) => {
    const rest = Buffer.from([0, 1, 0, 10, 0, 0]);
    const parts = [uint32(count), uint32(8), uint32(8), uint32(0), uint32(0), rest];
    return chunk("fcTL", Buffer.concat(parts));
  };
  return png({
    before: [chunk("acTL", Buffer.concat([uint32(2), uint32(0)])), frame(0)],
    after: [frame(1), chunk("fdAT", Buffer.concat([uint32(2), pixels]))],
  });
}

/** As large as it says it is when it is drawn, and small as a file. */
export function hugePng(side = 10_000): Buffer {
  return png({ width: side, height: side, data: deflateSync(Buffer.alloc(side)) });
}

export interface JpegOptions {
  readonly width?: number;
  readonly height?: number;
  /** How light each block of 8 × 8 pixels is, from -128 to 127. */
  readonly shade?: (column: number, row: number) => number;
  /** Segments behind the start. */
  readonly segments?: readonly Buffer[];
}

export function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + data.length, 2);
  return Buffer.concat([head, data]);
}

/** A gray baseline JPEG in blocks of one shade each. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, F.1.2 */
export function jpeg({
  width = 16,
  height = 16,
  shade = () => 0,
  segments = [],
}: JpegOptions = {}): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height, 0);
  size.writeUInt16BE(width, 2);
  const categories = Array.from({ length: 9 }, (_, i) => i);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    // A shade is the mean of its block: with a step of 8 it stands there as it is.
    segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(8)])),
    segment(0xc0, Buffer.concat([Buffer.from([8]), size, Buffer.from([1, 1, 0x11, 0])])),
    segment(0xc4, Buffer.from([0x00, 0, 0, 0, 9, ...Array<number>(12).fill(0), ...categories])),
    segment(0xc4, Buffer.from([0x10, 1, ...Array<number>(15).fill(0), 0])),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    shades(Math.ceil(width / 8), Math.ceil(height / 8), shade),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function shades(columns: number, rows: number, shade: NonNullable<JpegOptions["shade"]>): Buffer {
  let bits = "";
  let previous = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const difference = shade(column, row) - previous;
      previous += difference;
      const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
      const value = difference < 0 ? difference + 2 ** category - 1 : difference;
      bits += category.toString(2).padStart(4, "0");
      if (category > 0) bits += value.toString(2).padStart(category, "0");
      // The block has no more than that.
      bits += "0";
    }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = parseInt(bits.slice(at, at + 8), 2);
    bytes.push(byte, ...(byte === 0xff ? [0] : []));
  }
  return Buffer.from(bytes);
}

/** Where it was taken, as text that is easily found, and which side is up. https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf */
export function exif(place: string, orientation = 1): Buffer {
  const entries = 2;
  const text = Buffer.from(`${place}\0`);
  const head = Buffer.alloc(8 + 2 + 12 * entries + 4);
  head.write("MM\0*", 0, "latin1");
  head.writeUInt32BE(8, 4);
  head.writeUInt16BE(entries, 8);
  entry(head, 10, 0x0112, 3, 1, orientation << 16);
  entry(head, 22, 0x010e, 2, text.length, head.length);
  return segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0", "latin1"), head, text]));
}

function entry(into: Buffer, at: number, tag: number, type: number, count: number, value: number) {
  into.writeUInt16BE(tag, at);
  into.writeUInt16BE(type, at + 2);
  into.writeUInt32BE(count, at + 4);
  into.writeUInt32BE(value >>> 0, at + 8);
}

export const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
);

/** The end of a ZIP file without entries. */
export const ZIP = Buffer.concat([Buffer.from("PK\x05\x06", "latin1"), Buffer.alloc(18)]);
