// How someone without a picture or a color of their own looks, on the page and in the tree views alike.
import { cleanLine } from "./text.js";

// Letters, marks, digits and pictures make words, with the joiner and the selector that pictures are built with.
const NO_WORD = /(?:(?!\u200d|\ufe0f)[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}])+/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One or two characters that stand for a name, as a reader counts characters. */
export function initials(name: string): string {
  const words = cleanLine(name)
    .split(NO_WORD)
    .filter((word) => word !== "");
  const letters = words.slice(0, 2).map((word) => firstGrapheme(upper(firstGrapheme(word))));
  return letters.length > 0 ? letters.join("") : firstGrapheme(name.trim()) || "?";
}

/** A color for someone who chose none: always the same for the same key. */
export function colorFromKey(key: string): string {
  const value = hash(key);
  // Hues alone are soon alike: the other bits choose how strong and how light.
  const saturation = 0.45 + 0.1 * ((value >>> 12) % 4);
  const lightness = 0.4 + 0.07 * ((value >>> 20) % 4);
  return hslToHex(value % 360, saturation, lightness);
}

function firstGrapheme(text: string): string {
  for (const { segment } of segmenter.segment(text)) return segment;
  return "";
}

function upper(text: string): string {
  return text.toLocaleUpperCase();
}

/** FNV-1a, 32 bits, with MurmurHash3's finalizer: names that differ in one letter get hues that have nothing in common. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function hslToHex(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number): string => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
