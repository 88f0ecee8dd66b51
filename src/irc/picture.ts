// Pictures of people as they travel: what a PNG or JPEG may contain, and what is left of it. Pure data, nothing is decoded.

import { JPEG_SIGNATURE, readJpeg } from "./jpeg.js";
import {
  MAX_PICTURE_BYTES,
  MAX_PICTURE_SIZE,
  Refusal,
  startsWith,
  type Picture,
  type PictureProblem,
} from "./picture-bytes.js";
import { PNG_SIGNATURE, readPng } from "./png.js";

export {
  MAX_PICTURE_BYTES,
  MAX_PICTURE_SIZE,
  type Picture,
  type PictureProblem,
  type PictureType,
} from "./picture-bytes.js";

/** Where a server that takes pictures gives one: a token of the viewer's session, and what the picture is called. */
export const PICTURE_PATH = /^\/avatars\/([\w-]{22})\/([0-9a-f]{32})$/;

/** The path of a picture in a value of `avatar`. The server it names does not matter to us: only our own is asked. */
export function picturePath(avatar: string | undefined): string | undefined {
  const path = /^https?:\/\/[^/\s]+(\/.*)$/.exec(avatar ?? "")?.[1];
  return path !== undefined && PICTURE_PATH.test(path) ? path : undefined;
}

/** What that picture is called. */
export function pictureId(avatar: string | undefined): string | undefined {
  return PICTURE_PATH.exec(picturePath(avatar) ?? "")?.[2];
}

/** Where it takes one's own. No IRC command begins with "PU", and no web page can send PUT there without being asked. */
export const UPLOAD_PATH = "/avatar";

/** What is wrong and what is allowed, for people. */
export const PICTURE_PROBLEMS: Readonly<Record<PictureProblem, string>> = {
  empty: "The picture is empty: send a PNG or JPEG file",
  "too-large": `The picture is too large: at most ${MAX_PICTURE_BYTES / 1024} KB are allowed`,
  "wrong-type": "This is not a PNG or JPEG picture; no other types are allowed",
  damaged: "The picture is damaged, or contains something that is not part of it",
  animated: "The picture is animated: send one that is not",
  cmyk: "The picture has CMYK colors, which are for printing: save it with RGB colors",
  size: `The picture has too many pixels: at most ${MAX_PICTURE_SIZE} × ${MAX_PICTURE_SIZE} are allowed`,
};

/** Reads untrusted bytes: the whole of them is a picture of one frame and nothing else, or it is refused. */
export function readPicture(bytes: Uint8Array): Picture | PictureProblem {
  if (bytes.length === 0) return "empty";
  if (bytes.length > MAX_PICTURE_BYTES) return "too-large";
  try {
    const picture = startsWith(bytes, PNG_SIGNATURE)
      ? readPng(bytes)
      : startsWith(bytes, JPEG_SIGNATURE)
        ? readJpeg(bytes)
        : undefined;
    if (picture === undefined) return "wrong-type";
    return isArchive(picture.bytes) ? "damaged" : picture;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    // Something is cut off: a read behind the end.
    if (error instanceof RangeError) return "damaged";
    throw error;
  }
}

/** The end of a ZIP file, which readers of ZIP files look for from behind. Pixels have it as good as never. */
const ZIP_END = [0x50, 0x4b, 0x05, 0x06];

function isArchive(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x50); at >= 0; at = bytes.indexOf(0x50, at + 1))
    if (startsWith(bytes.subarray(at), ZIP_END)) return true;
  return false;
}
