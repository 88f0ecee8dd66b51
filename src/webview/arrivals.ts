// What is new at the end of a list, and how to say so to people who cannot see it.
import type { MessageRow, RowView } from "../bridge/view.js";
import { t } from "./l10n.js";
import { cleanLine, shortened } from "../bridge/text.js";
import { parseMarkdown, plainText } from "./markdown.js";

/** More than this at once (after a reconnect, say) are counted, not read out. */
const MAX_READ_OUT = 3;

/**
 * Rows of `next` that came after the last one of `previous`. No news is the first filling of an empty list, and what was
 * there already but had not been sent here: then a gap was the last row.
 */
export function arrivals(
  previous: readonly RowView[],
  next: readonly RowView[],
): readonly RowView[] {
  const last = previous.at(-1);
  if (last === undefined) return next.length === 1 ? next : [];
  if (last === next.at(-1) || last.kind === "gap") return [];
  const index = next.findLastIndex(({ id }) => id === last.id);
  // The last row known was taken away: then what is new is what was not there.
  const known = index === -1 ? new Set(previous.map(({ id }) => id)) : undefined;
  return known === undefined ? next.slice(index + 1) : next.filter(({ id }) => !known.has(id));
}

/** What others said among `rows`. */
export function fromOthers(rows: readonly RowView[]): readonly MessageRow[] {
  return rows.filter((row): row is MessageRow => row.kind === "message" && !row.own);
}

/** A sentence for a live region; "" where there is nothing to say. */
export function announcement(rows: readonly MessageRow[]): string {
  if (rows.length > MAX_READ_OUT) return t("{0} new messages", rows.length);
  return rows
    .map(({ nick, text }) => `${cleanLine(nick)}: ${shortened(plainText(parseMarkdown(text)))}`)
    .join("\n");
}
