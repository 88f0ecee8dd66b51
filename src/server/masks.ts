// Masks for bans and searches, on a server that folds ASCII.
import { completeMask, maskMatcher as matcherOf, matchesMask as matches } from "../irc/mask.js";

/** So that it stands whole in RPL_BANLIST, between the longest names there may be. */
const MAX_MASK_BYTES = 180;

/** EXTBAN: `~m:mask` takes the voice of whom the mask matches. */
export const MUTE = "~m:";

/** EXTBAN and ACCOUNTEXTBAN: `~a:account` matches whoever is logged in to that account. */
const ACCOUNT = /^~(?:a|account):(?=.)/;

/** Whether the whole of `value` matches `mask`, whatever the case. */
export function matchesMask(mask: string, value: string): boolean {
  return matches(mask, value, "ascii");
}

/** {@link matchesMask} of one mask, for many values. */
export function maskMatcher(mask: string): (value: string) => boolean {
  return matcherOf(mask, "ascii");
}

/** The account that the mask stands for; undefined when it is one of nick!user@host. */
export function accountOf(mask: string): string | undefined {
  return mask.startsWith("~") && ACCOUNT.test(mask) ? mask.slice(mask.indexOf(":") + 1) : undefined;
}

/**
 * `mask` with * for what was left out of nick!user@host, also behind the sign of an extended ban; undefined when it is too
 * long, could not be listed or removed (a space, a colon in front), or is an extended ban of no kind there is.
 */
export function normalizeMask(mask: string): string | undefined {
  if (/^:|\s/.test(mask) || Buffer.byteLength(mask) > MAX_MASK_BYTES) return undefined;
  if (!mask.startsWith(MUTE)) return completed(mask);
  const muted = completed(mask.slice(MUTE.length));
  return muted === undefined ? undefined : `${MUTE}${muted}`;
}

function completed(mask: string): string | undefined {
  if (accountOf(mask) !== undefined) return mask;
  // No nick begins with the sign of an extended ban, but the names of most users do: `~ann@192.0.2.1`.
  const isOfNoKind = mask.startsWith("~") && !/^~[^:]*@/.test(mask);
  return mask === "" || isOfNoKind ? undefined : completeMask(mask);
}
