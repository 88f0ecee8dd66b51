// Colours people chose, made readable on the theme at hand (WCAG 2.2, "contrast ratio").

export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

const BLACK: Rgb = { r: 0, g: 0, b: 0 };
const WHITE: Rgb = { r: 255, g: 255, b: 255 };
/** Steps of the search; 2^8 are as many as one color channel has. */
const STEPS = 8;

/** A CSS color as themes write them (`#rgb[a]`, `#rrggbb[aa]`, `rgb()`, `rgba()`), laid over `under`. */
export function parseColor(css: string, under: Rgb = BLACK): Rgb | undefined {
  const value = css.trim().toLowerCase();
  const parts = value.startsWith("#") ? hexParts(value.slice(1)) : functionParts(value);
  if (parts === undefined) return undefined;
  const [r, g, b, alpha] = parts;
  return mix(under, { r, g, b }, alpha);
}

export function toHex({ r, g, b }: Rgb): string {
  return "#" + [r, g, b].map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
}

/** From `from` (amount 0) to `to` (amount 1). */
export function mix(from: Rgb, to: Rgb, amount: number): Rgb {
  const between = (a: number, b: number): number => a + (b - a) * amount;
  return { r: between(from.r, to.r), g: between(from.g, to.g), b: between(from.b, to.b) };
}

/** 1 (the same) to 21 (black on white). */
export function contrastRatio(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/**
 * `color`, moved towards white or black no further than it must to have the ratio `minimum` with each of
 * `backgrounds`; black or white where nothing between is enough.
 */
export function readable(color: Rgb, backgrounds: readonly Rgb[], minimum: number): Rgb {
  const worst = (candidate: Rgb): number =>
    Math.min(...backgrounds.map((background) => contrastRatio(candidate, background)));
  if (worst(color) >= minimum) return color;
  const end = worst(WHITE) >= worst(BLACK) ? WHITE : BLACK;
  if (worst(end) < minimum) return end;
  let enough = 1;
  let tooLittle = 0;
  for (let step = 0; step < STEPS; step++) {
    const middle = (enough + tooLittle) / 2;
    if (worst(rounded(mix(color, end, middle))) >= minimum) enough = middle;
    else tooLittle = middle;
  }
  return rounded(mix(color, end, enough));
}

/** Black or white, whichever reads better on `background`. */
export function inkOn(background: Rgb): Rgb {
  return contrastRatio(WHITE, background) >= contrastRatio(BLACK, background) ? WHITE : BLACK;
}

function rounded({ r, g, b }: Rgb): Rgb {
  return { r: Math.round(r), g: Math.round(g), b: Math.round(b) };
}

function luminance({ r, g, b }: Rgb): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

type Parts = readonly [r: number, g: number, b: number, alpha: number];

function hexParts(digits: string): Parts | undefined {
  if (!/^([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)) return undefined;
  const width = digits.length <= 4 ? 1 : 2;
  const part = (index: number): number => {
    const text = digits.slice(index * width, (index + 1) * width);
    return text === "" ? 255 : parseInt(width === 1 ? text + text : text, 16);
  };
  return [part(0), part(1), part(2), part(3) / 255];
}

function functionParts(value: string): Parts | undefined {
  const inside = /^rgba?\(([^)]*)\)$/.exec(value)?.[1];
  if (inside === undefined) return undefined;
  const [r, g, b, alpha = 1] = inside.split(/[\s,/]+/).map(Number);
  if (r === undefined || g === undefined || b === undefined) return undefined;
  return [r, g, b, alpha].every(Number.isFinite) ? [r, g, b, alpha] : undefined;
}
