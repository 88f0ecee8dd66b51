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

const INDEXED = 3;
/** How long `tRNS` is, by color type; where all pixels say how transparent they are, there is none. */
const TRANSPARENCY_BYTES: Readonly<Record<number, number>> = { 0: 2, 2: 6 };

/** What the compressed data of a PNG is, and how long it must be when it is decompressed. */
export interface PngPixels {
  readonly compressed: Uint8Array;
  readonly bytes: number;
  /** Bits of a pixel. */
  readonly bits: number;
  /** How many colors its palette has; undefined where the pixels are colors themselves. */
  readonly colors: number | undefined;
  /** Pixels of a row, and rows, of each pass. */
  readonly passes: readonly (readonly [width: number, height: number])[];
}

export function readPng(bytes: Uint8Array): Picture {
  const kept: Uint8Array[] = [bytes.subarray(0, PNG_SIGNATURE.length)];
  let header: Header | undefined;
  let stage = -1;
  let colors = 0;
  let hasPixels = false;
  let previous = "";
  let end = PNG_SIGNATURE.length;
  for (const chunk of pngChunks(bytes)) {
    const { type, data } = chunk;
    end = chunk.end;
    require(!ANIMATION_CHUNKS.has(type), "animated");
    if (type === "IHDR") header ??= pngHeader(data);
    require(header !== undefined);
    const { color, depth } = header;
    const next = DRAWN_CHUNKS.indexOf(type);
    if (next < 0) {
      // What a reader must know and no reader does. https://www.w3.org/TR/png-3/#5Chunk-naming-conventions
      require(/^[a-z]/.test(type));
      previous = type;
      continue;
    }
    // Only the data may be in several chunks, one after the other.
    require(next > stage || (type === "IDAT" && previous === "IDAT"));
    stage = next;
    previous = type;
    if (type === "PLTE") {
      require(data.length % 3 === 0 && data.length > 0 && data.length <= 3 * 256);
      colors = data.length / 3;
      // Other pictures are drawn without one: it could have anything in it.
      if (color !== INDEXED) continue;
      require(colors <= 2 ** depth);
    }
    if (type === "tRNS") {
      const length = TRANSPARENCY_BYTES[color];
      if (length === undefined && color !== INDEXED) continue;
      require(length === undefined ? data.length <= colors : data.length === length);
      require(data.length > 0);
    }
    if (type === "IDAT") {
      require(color !== INDEXED || colors > 0);
      hasPixels = true;
    }
    if (type === "IEND") {
      require(data.length === 0);
      kept.push(chunk.whole);
      break;
    }
    kept.push(chunk.whole);
  }
  require(header !== undefined && hasPixels && previous === "IEND" && end === bytes.length);
  const { width, height } = header;
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

type Header = Readonly<Record<"width" | "height" | "color" | "depth" | "interlace", number>>;

function pngHeader(data: Uint8Array): Header {
  require(data.length === 13);
  const view = viewOf(data);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, color = 0, compression, filter, interlace = 0] = data.subarray(8);
  requireSize(width, height);
  require(PNG_DEPTHS[color]?.includes(depth) === true);
  require(compression === 0 && filter === 0 && interlace <= 1);
  return { width, height, color, depth, interlace };
}

/** Of a PNG that `readPicture` has let through: its data, for someone who can decompress it. */
export function pngPixels(bytes: Uint8Array): PngPixels {
  const chunks = [...pngChunks(bytes)];
  const dataOf = (wanted: string) =>
    chunks.filter(({ type }) => type === wanted).map(({ data }) => data);
  const { width, height, color, depth, interlace } = pngHeader(join(dataOf("IHDR")));
  const palette = join(dataOf("PLTE"));
  const colors = palette.length === 0 ? undefined : palette.length / 3;
  const bits = depth * (PNG_SAMPLES[color] ?? 0);
  const passes = (interlace === 0 ? WHOLE : ADAM7)
    .map(([x, y, dx, dy]) => [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)] as const)
    .filter(([width, height]) => width > 0 && height > 0);
  const length = passes.reduce((sum, [width, height]) => sum + height * rowBytes(width, bits), 0);
  return { compressed: join(dataOf("IDAT")), bytes: length, bits, colors, passes };
}

/** With the byte that says by which filter it is packed. */
function rowBytes(width: number, bits: number): number {
  return 1 + Math.ceil((width * bits) / 8);
}

/**
 * Which colors of the palette the decompressed data uses; undefined where it is no picture: an unknown filter, a color that is
 * not in the palette. Without a palette there are none.
 */
export function usedColors(
  { bits, colors, passes }: PngPixels,
  data: Uint8Array,
): Set<number> | undefined {
  const used = new Set<number>();
  let at = 0;
  for (const [width, height] of passes) {
    const length = rowBytes(width, bits);
    let above = new Uint8Array(length);
    for (let y = 0; y < height; y++, at += length) {
      const packed = data.subarray(at, at + length);
      if ((packed[0] ?? 0) > PAETH) return undefined;
      if (colors === undefined) continue;
      above = unpacked(packed, above);
      for (let x = 0; x < width; x++) {
        const byte = above[1 + ((x * bits) >> 3)] ?? 0;
        used.add((byte >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1));
      }
    }
  }
  return [...used].every((color) => color < (colors ?? 0)) ? used : undefined;
}

const PAETH = 4;

/** A row of at most eight bits a pixel, without its filter. https://www.w3.org/TR/png-3/#9Filters */
function unpacked(packed: Uint8Array, above: Uint8Array): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(packed);
  for (let i = 1; i < row.length; i++) {
    // The first byte is no pixel: left of the first one there is nothing.
    const left = i === 1 ? 0 : (row[i - 1] ?? 0);
    const corner = i === 1 ? 0 : (above[i - 1] ?? 0);
    const up = above[i] ?? 0;
    row[i] = (row[i] ?? 0) + (predictions(left, up, corner)[packed[0] ?? 0] ?? 0);
  }
  return row;
}

function predictions(left: number, up: number, corner: number): readonly number[] {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
  return [0, left, up, (left + up) >> 1, paeth];
}

/** The picture without the colors of its palette that it does not use: anything could be in them. */
export function withColors(bytes: Uint8Array, used: ReadonlySet<number>): Uint8Array {
  const count = Math.max(...used) + 1;
  const kept = [bytes.subarray(0, PNG_SIGNATURE.length)];
  for (const { type, data, whole } of pngChunks(bytes)) {
    const size = { PLTE: 3, tRNS: 1 }[type];
    const clean = size === undefined ? data : data.slice(0, size * count);
    if (size !== undefined)
      for (let color = 0; color < count; color++)
        if (!used.has(color)) clean.fill(0, size * color, size * (color + 1));
    kept.push(size === undefined ? whole : pngChunk(type, clean));
  }
  return join(kept);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(CHUNK_FRAME_BYTES + data.length);
  const view = viewOf(chunk);
  view.setUint32(0, data.length);
  chunk.set(
    Array.from(type, (char) => char.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, -4)));
  return chunk;
}

const WHOLE = [[0, 0, 1, 1]] as const;

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
