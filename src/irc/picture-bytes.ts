// What a picture is, and what its readers have in common.

export const MAX_PICTURE_BYTES = 64 * 1024;
/** Width and height, in pixels. */
export const MAX_PICTURE_SIZE = 512;

export type PictureType = "image/png" | "image/jpeg";

export interface Picture {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
  /** The picture without anything that is not needed to draw it, such as the place it was taken at. */
  readonly bytes: Uint8Array;
}

/** Why bytes are not a picture that may travel. */
export type PictureProblem =
  "empty" | "too-large" | "wrong-type" | "damaged" | "animated" | "size" | "cmyk";

/** What is read is no picture. */
export class Refusal extends Error {
  constructor(readonly problem: PictureProblem) {
    super(problem);
  }
}

export function require(isRight: boolean, problem: PictureProblem = "damaged"): asserts isRight {
  if (!isRight) throw new Refusal(problem);
}

export function requireSize(width: number, height: number): void {
  require(width > 0 && height > 0);
  require(width <= MAX_PICTURE_SIZE && height <= MAX_PICTURE_SIZE, "size");
}

export function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
