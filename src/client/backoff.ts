// How long to wait before the next attempt.
import type { SessionTiming } from "./session-options.js";

/**
 * The wait before retry number `retry` (1 is the first): twice as long each time, up to a limit, and each time somewhere
 * between half and all of that, so that a server that comes back is not met by everyone at once. `slowness` makes all of it
 * longer, for servers that want to be asked less often.
 */
export function backoffMs(
  retry: number,
  { backoffBaseMs, backoffMaxMs }: SessionTiming,
  random: () => number,
  slowness = 1,
): number {
  const whole = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(retry - 1, 30)) * slowness;
  return Math.round(whole * (0.5 + random() / 2));
}
