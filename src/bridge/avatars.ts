// The built-in pictures and colors a profile can have.

/** Pictures in `media/avatars/<name>.svg`. */
export const AVATARS = [
  "anchor",
  "balloon",
  "bear",
  "bee",
  "bolt",
  "cactus",
  "cat",
  "cloud",
  "compass",
  "crab",
  "cup",
  "dog",
  "fish",
  "flower",
  "fox",
  "ghost",
  "key",
  "leaf",
  "moon",
  "mountain",
  "mushroom",
  "owl",
  "panda",
  "penguin",
  "planet",
  "rabbit",
  "robot",
  "rocket",
  "sun",
  "whale",
] as const;

export type AvatarName = (typeof AVATARS)[number];

/** The ten named colors of a profile with their values; any `#rrggbb` is allowed beside them. */
export const COLORS = {
  gray: "#808080",
  rosybrown: "#bc8f8f",
  red: "#ff0000",
  sienna: "#a0522d",
  tan: "#d2b48c",
  darkcyan: "#008b8b",
  blue: "#0000ff",
  plum: "#dda0dd",
  purple: "#800080",
  slateblue: "#6a5acd",
} as const;

export type ColorName = keyof typeof COLORS;

/** `metadata` values of the key `avatar` that name a built-in picture: `parley:fox`. */
const AVATAR_SCHEME = "parley:";

/** The metadata value for a built-in picture. */
export function avatarValue(name: AvatarName): string {
  return AVATAR_SCHEME + name;
}

/** The built-in picture a metadata value names, or undefined: then initials are drawn. Never a remote address. */
export function avatarName(value: string | undefined): AvatarName | undefined {
  if (value?.startsWith(AVATAR_SCHEME) !== true) return undefined;
  const name = value.slice(AVATAR_SCHEME.length);
  return AVATARS.find((avatar) => avatar === name);
}

/** The `#rrggbb` a metadata value of the key `color` stands for, or undefined when it is no color. */
export function colorValue(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase();
  return Object.hasOwn(COLORS, value) ? COLORS[value as ColorName] : undefined;
}
