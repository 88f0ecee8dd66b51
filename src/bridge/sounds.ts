/** What makes a sound; each is a file of `media/sounds`. */
export const SOUNDS = ["connect", "disconnect", "messageIn", "messageOut", "error"] as const;

export type Sound = (typeof SOUNDS)[number];

export function isSound(value: unknown): value is Sound {
  return SOUNDS.some((sound) => sound === value);
}
