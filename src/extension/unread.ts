// What counts as unread: one answer for the tree, the tabs of the panel and the status bar.
import type { ChatBuffer, ChatState } from "../client/model.js";
import type { ConversationId } from "../bridge/view.js";
import { directMessagesOpen } from "./config.js";
import { l10n } from "./ui/l10n.js";

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
}): Unread {
  const countsDirect = directMessagesOpen() !== "never";
  let total = NONE;
  for (const [id, { kind }] of chat.state?.buffers ?? []) {
    if (kind === "server" || (kind === "direct" && !countsDirect)) continue;
    const { unread, mentions } = chat.unread(id);
    total = { unread: total.unread + unread, mentions: total.mentions + mentions };
  }
  return total;
}

/** The same of one conversation. Of a direct message all is for us, so that only what is not needs a second number. */
export function conversationUnreadText(kind: ChatBuffer["kind"], count: Unread): string {
  const isAllForUs = kind === "direct" && count.mentions === count.unread;
  return unreadText({ ...count, mentions: isAllForUs ? 0 : count.mentions });
}

/** Where there is room for one number it counts what is for us, as on the panel's tabs; other news is a dot. */
export function unreadSign({ mentions }: Unread): string {
  return mentions === 0 ? "Parley •" : String(mentions);
}

/** Both numbers in words, the same wherever one of them is shown. */
export function unreadText({ unread, mentions }: Unread): string {
  return mentions === 0
    ? l10n.t("{0} unread", unread)
    : l10n.t("{0} unread, {1} for you", unread, mentions);
}
