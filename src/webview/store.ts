// The page's state as data: the host's view, and the little the page itself remembers. Pure; main.ts owns the values.
import { applyUpdate } from "../bridge/diff.js";
import type { ToWebview } from "../bridge/protocol.js";
import type { ConversationId, ViewState } from "../bridge/view.js";

/** The view after a message. Updates before the first snapshot mean nothing: there is nothing to update. */
export function reduceView(view: ViewState | undefined, message: ToWebview): ViewState | undefined {
  switch (message.type) {
    case "snapshot":
      return message.view;
    case "updates":
      return view && message.updates.reduce(applyUpdate, view);
    case "choosePicture":
    case "focusComposer":
    case "playSound":
      return view;
  }
}

/** Where a list was left: the character `at` of the text of `row` is `offset` pixels below the upper edge. */
export interface ScrollMark {
  readonly row: string;
  readonly at: number;
  readonly offset: number;
}

/** What survives the page in VS Code's `setState`. The truth is not here: it comes by snapshot. */
export interface Saved {
  /** What stands in the composer. */
  readonly draft: { readonly conversation: ConversationId; readonly text: string } | undefined;
  /** No entry: at the end. */
  readonly scroll: Readonly<Record<ConversationId, ScrollMark>>;
  /** Whether the list of users is open; undefined: as the width suggests. */
  readonly usersOpen: boolean | undefined;
  /** What was typed for the host, who has yet to let us in. */
  readonly line?: string;
}

const NOTHING_SAVED: Saved = { draft: undefined, scroll: {}, usersOpen: undefined };
const MAX_SCROLL_MARKS = 50;

/** What an earlier page saved. Another version may have written it: what does not fit is left out. */
export function readSaved(value: unknown): Saved {
  if (!isRecord(value)) return NOTHING_SAVED;
  const { draft, scroll, usersOpen, line } = value;
  return {
    draft: isDraft(draft) ? { conversation: draft.conversation, text: draft.text } : undefined,
    scroll: isRecord(scroll)
      ? Object.fromEntries(Object.entries(scroll).filter(isScrollEntry).slice(-MAX_SCROLL_MARKS))
      : {},
    usersOpen: typeof usersOpen === "boolean" ? usersOpen : undefined,
    ...(typeof line === "string" && { line }),
  };
}

/** With the place of one conversation's list; undefined: at the end. */
export function rememberScroll(
  saved: Saved,
  conversation: ConversationId,
  mark: ScrollMark | undefined,
): Saved {
  const others = Object.entries(saved.scroll).filter(([id]) => id !== conversation);
  const entries = mark === undefined ? others : [...others, [conversation, mark] as const];
  return { ...saved, scroll: Object.fromEntries(entries.slice(-MAX_SCROLL_MARKS)) };
}

/**
 * The text a conversation's composer starts with. What this page saved is newer than what the host has: it was
 * saved at each key, and told to the host only after a pause.
 */
export function startingDraft(
  saved: Saved,
  conversation: { readonly id: ConversationId; readonly draft: string },
): string {
  return saved.draft?.conversation === conversation.id ? saved.draft.text : conversation.draft;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDraft(value: unknown): value is { conversation: string; text: string } {
  return (
    isRecord(value) && typeof value.conversation === "string" && typeof value.text === "string"
  );
}

function isScrollEntry(entry: [string, unknown]): entry is [string, ScrollMark] {
  const [, mark] = entry;
  return (
    isRecord(mark) &&
    typeof mark.row === "string" &&
    typeof mark.at === "number" &&
    typeof mark.offset === "number"
  );
}
