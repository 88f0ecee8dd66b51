// PNG. https://www.w3.org/TR/png-3/
import { join, require, requireSize, viewOf, type Picture } from "./picture-bytes.js";

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Length, type and check sum around the data of a chunk. */
const CHUNK_FRAME_BYTES = 12;
/** Kept, in the order they must have. All others are about the picture, not of it, and are left out. */
const DRAWN_CHUNKS = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
const ANIMATION_CHUNKS = new Set(["acTL", "fcTL", "fdAT"]);

/** Samples of a pixel, by color type. */
const PNG_SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Allowed bits of a sample, by color type. https://www.w3.org/TR/png-3/#table111 */
const PNG_DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** What the compressed data of a PNG is, and how long it must be when it is decompressed. */
export interface PngPixels {
  readonly compressed: Uint8Array;
  readonly bytes: number;
}

export function readPng(bytes: Uint8Array): Picture {
  const kept: Uint8Array[] = [bytes.subarray(0, PNG_SIGNATURE.length)];
  let stage = -1;
  let at = PNG_SIGNATURE.length;
  let [width, height] = [0, 0];
  let isPrevious = "";
  for (const chunk of pngChunks(bytes)) {
    const { type, data } = chunk;
    at = chunk.end;
    require(!ANIMATION_CHUNKS.has(type), "animated");
    require(isPrevious !== "" || type === "IHDR");
    const next = DRAWN_CHUNKS.indexOf(type);
    if (next < 0) {
      // What a reader must know and no reader does. https://www.w3.org/TR/png-3/#5Chunk-naming-conventions
      require(/^[a-z]/.test(type));
      isPrevious = type;
      continue;
    }
    // Only the data may be in several chunks, one after the other.
    require(next > stage || (type === "IDAT" && isPrevious === "IDAT"));
    stage = next;
    isPrevious = type;
    if (type === "IHDR") ({ width, height } = pngHeader(data));
    if (type === "PLTE")
      require(data.length % 3 === 0 && data.length > 0 && data.length <= 3 * 256);
    if (type === "tRNS") require(data.length > 0 && data.length <= 256);
    if (type === "IEND") {
      require(data.length === 0);
      kept.push(chunk.whole);
      break;
    }
    kept.push(chunk.whole);
  }
  require(isPrevious === "IEND" && at === bytes.length);
  require(kept.some((part) => ascii(part, 4) === "IDAT"));
  return { type: "image/png", width, height, bytes: join(kept) };
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  readonly whole: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

function* pngChunks(bytes: Uint8Array): Generator<Chunk> {
  const view = viewOf(bytes);
  for (let at = PNG_SIGNATURE.length; at < bytes.length;) {
    const length = view.getUint32(at);
    const end = at + CHUNK_FRAME_BYTES + length;
    require(end <= bytes.length);
    const whole = bytes.subarray(at, end);
    const type = ascii(whole, 4);
    require(/^[A-Za-z]{4}$/.test(type));
    require(crc32(whole.subarray(4, -4)) === view.getUint32(end - 4));
    yield { type, data: whole.subarray(8, -4), whole, end };
    at = end;
  }
}

function pngHeader(data: Uint8Array): { readonly width: number; readonly height: number } {
  require(data.length === 13);
  const view = viewOf(data);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, color = 0, compression, filter, interlace = 0] = data.subarray(8);
  requireSize(width, height);
  require(PNG_DEPTHS[color]?.includes(depth) === true);
  require(compression === 0 && filter === 0 && interlace <= 1);
  return { width, height };
}

/** Of a PNG that `readPicture` has let through: its data, for someone who can decompress it. */
export function pngPixels(bytes: Uint8Array): PngPixels {
  const data: Uint8Array[] = [];
  let header: Uint8Array = new Uint8Array(13);
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === "IHDR") header = chunk.data;
    if (chunk.type === "IDAT") data.push(chunk.data);
  }
  const view = viewOf(header);
  const [depth = 0, color = 0, , , interlace = 0] = header.subarray(8);
  const bits = depth * (PNG_SAMPLES[color] ?? 0);
  const rows = (width: number, height: number) =>
    width === 0 ? 0 : height * (1 + Math.ceil((width * bits) / 8));
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const size =
    interlace === 0
      ? rows(width, height)
      : ADAM7.reduce(
          (sum, [x, y, dx, dy]) =>
            sum +
            rows(
              Math.max(0, Math.ceil((width - x) / dx)),
              Math.max(0, Math.ceil((height - y) / dy)),
            ),
          0,
        );
  return { compressed: join(data), bytes: size };
}

/** Where each pass begins and how far its pixels are apart. https://www.w3.org/TR/png-3/#8Interlace */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** https://www.w3.org/TR/png-3/#D-CRCAppendix */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
