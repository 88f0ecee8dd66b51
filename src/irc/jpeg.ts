// JPEG. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
import { join, require, requireSize, startsWith, viewOf, type Picture } from "./picture-bytes.js";

export const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];
const MARKER = 0xff;
const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const DHT = 0xc4;
const RST0 = 0xd0;
const RST7 = 0xd7;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

/** Says how the colors are stored, without which some pictures are drawn in wrong ones. */
const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65];
const ADOBE_BYTES = 12;

export function readJpeg(bytes: Uint8Array): Picture {
  const view = viewOf(bytes);
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let size: { readonly width: number; readonly height: number } | undefined;
  let hasPixels = false;
  let at = 2;
  for (;;) {
    require(bytes[at] === MARKER);
    const marker = view.getUint8(at + 1);
    if (marker === EOI) break;
    const end = at + 2 + view.getUint16(at + 2);
    require(end <= bytes.length && end >= at + 4);
    const data = bytes.subarray(at + 4, end);
    let next = end;
    if (marker === SOF_BASELINE || marker === SOF_EXTENDED || marker === SOF_PROGRESSIVE) {
      require(size === undefined);
      size = jpegHeader(data);
    } else if (marker === SOS) {
      require(size !== undefined && data.length === 4 + 2 * (data[0] ?? 0));
      next = endOfScan(bytes, end);
      hasPixels ||= next > end;
    } else requireTables(marker, data);
    if (isDrawn(marker, data)) kept.push(bytes.subarray(at, next));
    at = next;
  }
  require(size !== undefined && hasPixels && at + 2 === bytes.length);
  kept.push(bytes.subarray(at));
  return { type: "image/jpeg", ...size, bytes: join(kept) };
}

function isDrawn(marker: number, data: Uint8Array): boolean {
  if (marker === APP14) return data.length === ADOBE_BYTES && startsWith(data, ADOBE);
  return marker !== COM && (marker < APP0 || marker > APP15);
}

function jpegHeader(data: Uint8Array): { readonly width: number; readonly height: number } {
  const view = viewOf(data);
  const [precision, height, width] = [view.getUint8(0), view.getUint16(1), view.getUint16(3)];
  const components = view.getUint8(5);
  requireSize(width, height);
  require(precision === 8 && (components === 1 || components === 3));
  require(data.length === 6 + 3 * components);
  return { width, height };
}

/** Tables have exactly the length their content says: there is no room for anything else in them. */
function requireTables(marker: number, data: Uint8Array): void {
  if (marker === DRI) require(data.length === 2);
  else if (marker === DQT) requireRows(data, (first) => 1 + 64 * ((first >> 4) + 1), 1);
  else if (marker === DHT)
    requireRows(
      data,
      (_, at) => 17 + data.subarray(at + 1, at + 17).reduce((a, b) => a + b, 0),
      17,
    );
  else require(marker === COM || (marker >= APP0 && marker <= APP15));
}

function requireRows(
  data: Uint8Array,
  lengthOf: (first: number, at: number) => number,
  least: number,
): void {
  require(data.length >= least);
  let at = 0;
  while (at < data.length) at += lengthOf(data[at] ?? 0, at);
  require(at === data.length);
}

/** Where the pixels that begin at `start` end: at the next marker that is not one of theirs. */
function endOfScan(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    at = bytes.indexOf(MARKER, at);
    require(at >= 0 && at + 1 < bytes.length);
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && (next < RST0 || next > RST7)) return at;
    at += 2;
  }
}
