// Comparing secrets.
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether the two are equal, in a time that tells nothing about where they differ. */
export function secretsEqual(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
