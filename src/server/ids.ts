// Ids no one else makes.
import { randomBytes } from "node:crypto";

/** Tells them from those of earlier versions, which began with a hexadecimal digit. */
const MARK = "t";
/** Milliseconds since the epoch in base 36: enough beyond the year 5000. */
const TIME_DIGITS = 9;
const TIMED = new RegExp(`^${MARK}([0-9a-z]{${TIME_DIGITS}})[0-9a-f]{6}[0-9a-z]{2,}$`);

/**
 * A source of ids that are short, unique across restarts, free of what tags would have to escape, and tell when they were
 * made by `now`.
 */
export function createIdSource(now: () => number): () => string {
  const process = randomBytes(3).toString("hex");
  let count = 0;
  let time = NaN;
  let prefix = "";
  return () => {
    const current = now();
    if (current !== time) {
      time = current;
      prefix = `${MARK}${time.toString(36).padStart(TIME_DIGITS, "0")}${process}`;
    }
    return prefix + (count++).toString(36).padStart(2, "0");
  };
}

/** When an id was made, in milliseconds since the epoch; undefined for one of another kind. */
export function timeOfId(id: string): number | undefined {
  const digits = TIMED.exec(id)?.[1];
  return digits === undefined ? undefined : parseInt(digits, 36);
}
