// Ids nobody else makes.
import { randomBytes } from "node:crypto";

/** A source of ids that are short, unique across restarts, and free of what tags would have to escape. */
export function createIdSource(): () => string {
  const prefix = randomBytes(6).toString("hex");
  let count = 0;
  return () => `${prefix}${(count++).toString(36).padStart(4, "0")}`;
}
