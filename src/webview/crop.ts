// Which square of an image is taken. Pure: the dialog draws it, and the picture is made of it.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Crop {
  /** The middle, in pixels of the image. */
  readonly x: number;
  readonly y: number;
  /** 1: the largest square there is. */
  readonly zoom: number;
}

export const MAX_ZOOM = 8;
/** Of a smaller square one would see the pixels. */
const MIN_SIDE = 32;

/** The largest square in the middle. */
export function wholeCrop({ width, height }: Size): Crop {
  return { x: width / 2, y: height / 2, zoom: 1 };
}

export function sideOf({ width, height }: Size, zoom: number): number {
  return Math.min(width, height) / zoom;
}

/** How far one can zoom into it. */
export function maxZoom({ width, height }: Size): number {
  return Math.max(1, Math.min(MAX_ZOOM, Math.min(width, height) / MIN_SIDE));
}

/** Moves the square by so many times its own side; it never leaves the image. */
export function moved(size: Size, crop: Crop, right: number, down: number): Crop {
  const side = sideOf(size, crop.zoom);
  return within(size, { ...crop, x: crop.x + right * side, y: crop.y + down * side });
}

/** Zooms around the middle of the square. */
export function zoomed(size: Size, crop: Crop, zoom: number): Crop {
  return within(size, { ...crop, zoom: clamp(zoom, 1, maxZoom(size)) });
}

function within(size: Size, crop: Crop): Crop {
  const half = sideOf(size, crop.zoom) / 2;
  return {
    ...crop,
    x: clamp(crop.x, half, size.width - half),
    y: clamp(crop.y, half, size.height - half),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
