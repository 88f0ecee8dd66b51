// From a file that someone chose to the picture that others see: decoded, cropped, made small, and written anew. What else
// stood in the file, such as the place it was taken at, does not come along.
import { readPicture, type Picture } from "../irc/picture.js";
import { sideOf, type Crop } from "./crop.js";
import { MAX_FILE_BYTES, readImageFile, type FileProblem } from "./image-file.js";

/** As large as anyone sees it, on the sharpest screen. */
const SIDES = [256, 192, 128, 96, 64];
const QUALITIES = [0.92, 0.8, 0.65];
/** While it is being cropped an image need not be sharper than this. */
const MAX_WORKING_SIDE = 2048;

/** An image that is ready to be cropped, or what is wrong with the file. */
export async function openImage(file: Blob): Promise<ImageBitmap | FileProblem> {
  if (file.size > MAX_FILE_BYTES) return "too-large";
  const bytes = new Uint8Array(await file.arrayBuffer());
  const header = readImageFile(bytes);
  if (typeof header === "string") return header;
  try {
    // What the file is was read from its bytes; its name may say something else. The right way up, as its EXIF says.
    const blob = new Blob([bytes], { type: header.type });
    return await smaller(await createImageBitmap(blob, { imageOrientation: "from-image" }));
  } catch (error) {
    if (error instanceof DOMException) return "damaged";
    throw error;
  }
}

async function smaller(image: ImageBitmap): Promise<ImageBitmap> {
  const factor = MAX_WORKING_SIDE / Math.max(image.width, image.height);
  if (factor >= 1) return image;
  const resized = await createImageBitmap(image, {
    resizeWidth: Math.max(1, Math.round(image.width * factor)),
    resizeHeight: Math.max(1, Math.round(image.height * factor)),
    resizeQuality: "high",
  });
  image.close();
  return resized;
}

/** Draws the square that `crop` says, as large as the canvas is. */
export function drawCrop(canvas: HTMLCanvasElement, image: ImageBitmap, crop: Crop): void {
  const side = sideOf(image, crop.zoom);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { width, height } = canvas;
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, width, height);
  context.drawImage(image, crop.x - side / 2, crop.y - side / 2, side, side, 0, 0, width, height);
}

/** The picture others see, small enough to be sent; undefined where that cannot be done. */
export async function makePicture(image: ImageBitmap, crop: Crop): Promise<Picture | undefined> {
  for (const side of SIDES) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    drawCrop(canvas, image, crop);
    // Only PNG has transparent pixels, and photographs are far smaller as JPEG.
    const ways: readonly [string, number?][] = isTransparent(canvas)
      ? [["image/png"]]
      : QUALITIES.map((quality) => ["image/jpeg", quality]);
    for (const [type, quality] of ways) {
      const blob = await new Promise<Blob | null>((resolve) => {
        canvas.toBlob(resolve, type, quality);
      });
      if (blob === null) continue;
      const picture = readPicture(new Uint8Array(await blob.arrayBuffer()));
      if (typeof picture !== "string") return picture;
    }
  }
  return undefined;
}

function isTransparent(canvas: HTMLCanvasElement): boolean {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d")?.getImageData(0, 0, width, height) ?? { data: [] };
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}
