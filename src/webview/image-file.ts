// What a file that someone chose says it is: its type and size, read before anything of it is decoded.

export const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Decoded, a pixel takes four bytes. */
export const MAX_MEGAPIXELS = 50;

export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

export interface ImageFile {
  readonly type: ImageType;
  readonly width: number;
  readonly height: number;
}

export type FileProblem =
  "empty" | "too-large" | "svg" | "heic" | "wrong-type" | "damaged" | "too-many-pixels";

/** Reads the beginning of a file, or all of it. */
export function readImageFile(bytes: Uint8Array): ImageFile | FileProblem {
  if (bytes.length === 0) return "empty";
  if (bytes.length > MAX_FILE_BYTES) return "too-large";
  try {
    const file = readHeader(bytes);
    if (typeof file === "string") return file;
    if (file.width === 0 || file.height === 0) return "damaged";
    return file.width * file.height > MAX_MEGAPIXELS * 1_000_000 ? "too-many-pixels" : file;
  } catch (error) {
    // The header is cut off.
    if (error instanceof RangeError) return "damaged";
    throw error;
  }
}

function readHeader(bytes: Uint8Array): ImageFile | FileProblem {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number) =>
    String.fromCharCode(...bytes.subarray(at, at + length));
  if (text(0, 8) === "\x89PNG\r\n\x1a\n")
    return { type: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
  if (text(0, 3) === "\xff\xd8\xff") return jpegSize(view);
  if (/^GIF8[79]a$/.test(text(0, 6))) return gifSize(view);
  if (text(0, 4) === "RIFF" && text(8, 4) === "WEBP") return webpSize(view, text(12, 4));
  if (text(4, 4) === "ftyp" && /^(?:hei|hev|mif1|msf1)/.test(text(8, 4))) return "heic";
  const beginning = new TextDecoder().decode(bytes.subarray(0, 1024));
  return /<svg[\s>]/i.test(beginning) ? "svg" : "wrong-type";
}

/** The largest of all sizes it names: which one a decoder goes by is not ours to guess. */
function jpegSize(view: DataView): ImageFile | FileProblem {
  let [width, height] = [0, 0];
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    // Filling in front of a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isSize = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isSize) {
      height = Math.max(height, view.getUint16(at + 5));
      width = Math.max(width, view.getUint16(at + 7));
    }
    // The pixels follow.
    if (marker === 0xda) break;
    at += 2 + view.getUint16(at + 2);
  }
  return { type: "image/jpeg", width, height };
}

/** The first frame may be larger than the whole is said to be. */
function gifSize(view: DataView): ImageFile {
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  const flags = view.getUint8(10);
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  // Extensions, in blocks.
  while (view.getUint8(at) === 0x21) {
    at += 2;
    for (let length = view.getUint8(at); length > 0; length = view.getUint8(at)) at += 1 + length;
    at++;
  }
  if (view.getUint8(at) === 0x2c) {
    width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
    height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
  }
  return { type: "image/gif", width, height };
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webpSize(view: DataView, kind: string): ImageFile | FileProblem {
  const type = "image/webp";
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (kind) {
    case "VP8X":
      return { type, width: 1 + uint24(24), height: 1 + uint24(27) };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    case "VP8 ":
      return {
        type,
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return "damaged";
  }
}
