// What counts as unread: one answer for the tree, the tabs of the panel and the status bar.
import type { ChatBuffer, ChatState } from "../client/model.js";
import type { ConversationId } from "../bridge/view.js";
import { directMessagesOpen } from "./config.js";

export interface Unread {
  readonly unread: number;
  /** Those of them that are for us. */
  readonly mentions: number;
}

const NONE: Unread = { unread: 0, mentions: 0 };

/** Messages go through "unread" on their way, but not where someone watches them come. */
export function unreadOf(buffer: ChatBuffer | undefined, isBeingRead: boolean): Unread {
  if (buffer === undefined || isBeingRead) return NONE;
  return { unread: buffer.unread, mentions: buffer.mentions };
}

/** The unread messages of all conversations; direct messages count unless the person wants no badge for them. */
export function unreadTotal(chat: {
  readonly state: ChatState | undefined;
  unread(conversation: ConversationId): Unread;
}): number {
  const countsDirect = directMessagesOpen() !== "never";
  let total = 0;
  for (const [id, { kind }] of chat.state?.buffers ?? []) {
    if (kind === "channel" || (kind === "direct" && countsDirect)) total += chat.unread(id).unread;
  }
  return total;
}
