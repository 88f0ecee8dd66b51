// Masks for bans and searches, on a server that folds ASCII.
import { completeMask, matchesMask as matches } from "../irc/mask.js";

const MAX_MASK_BYTES = 200;

/** Whether the whole of `value` matches `mask`, whatever the case. */
export function matchesMask(mask: string, value: string): boolean {
  return matches(mask, value, "ascii");
}

/** `mask` as nick!user@host with * for what was left out; undefined when it is too long or cannot stand in a line. */
export function normalizeMask(mask: string): string | undefined {
  if (mask === "" || mask.startsWith(":") || Buffer.byteLength(mask) > MAX_MASK_BYTES)
    return undefined;
  return mask.startsWith("~") ? mask : completeMask(mask);
}
