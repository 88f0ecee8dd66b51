import type { ChatState } from "../client/model.js";
import { directMessagesOpen } from "./config.js";

/** The unread messages of all conversations; direct messages count unless the person wants no badge for them. */
export function unreadTotal(state: ChatState | undefined): number {
  const countsDirect = directMessagesOpen() !== "never";
  let total = 0;
  for (const { kind, unread } of state?.buffers.values() ?? []) {
    if (kind === "channel" || (kind === "direct" && countsDirect)) total += unread;
  }
  return total;
}
