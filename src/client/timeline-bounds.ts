// Which entries a full timeline lets go.
import { isGap, isUnsent, sizeOf } from "./entry-identity.js";
import type { Entry } from "./model.js";

export interface TimelineLimits {
  /** Events go before messages do: they never push out what was said. */
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Whether even the newest entry may go, where it alone is too large. */
  readonly mayLetGoNewest?: boolean;
}

/** What the entries come to. Gaps count for nothing. */
export interface Load {
  readonly count: number;
  readonly bytes: number;
}

/** Unread mentions that stay however far away they are. */
const MAX_KEPT_MENTIONS = 100;
/** They may take so much of the memory: a hundred of usual length take far less. */
const MENTION_PARTS = 2;
/** By which part of the limits a timeline may be over them: letting go costs a walk through all of it. */
const SLACK = 0.05;
/** The newest part of the messages, which always stays. */
const TAIL_PARTS = 4;

/** Over the limits by so much that it is worth going through all entries. */
export function isOver(load: Load, { maxEntries, maxBytes }: TimelineLimits): boolean {
  const most = maxEntries + Math.floor(maxEntries * SLACK);
  return load.count > most || load.bytes > maxBytes * (1 + SLACK);
}

export function addLoad(load: Load, entry: Entry, sign: 1 | -1): Load {
  if (isGap(entry)) return load;
  return { count: load.count + sign, bytes: load.bytes + sign * sizeOf(entry) };
}

/** What the person looks at and has not read. Where an entry is not there, the end counts. */
export interface Attention {
  readonly focus: string | undefined;
  readonly unreadFrom: string | undefined;
}

/** The places of the oldest events, as many as there are entries too many. */
export function excessEvents(
  entries: readonly Entry[],
  load: Load,
  { maxEntries, maxBytes }: TimelineLimits,
): ReadonlySet<number> {
  const excess = new Set<number>();
  let count = load.count - maxEntries;
  let bytes = load.bytes - maxBytes;
  for (let at = 0; at < entries.length && (count > 0 || bytes > 0); at++) {
    const entry = entries[at];
    if (entry?.kind !== "event") continue;
    excess.add(at);
    count--;
    bytes -= sizeOf(entry);
  }
  return excess;
}

/**
 * The places of what is farthest from where the person looks, as many as there are too many. What was not sent stays, and so
 * do unread mentions and the newest part.
 */
export function farthest(
  entries: readonly Entry[],
  load: Load,
  { maxEntries, maxBytes, mayLetGoNewest = false }: TimelineLimits,
  { focus, unreadFrom }: Attention,
): ReadonlySet<number> {
  const gone = new Set<number>();
  let count = load.count - maxEntries;
  let bytes = load.bytes - maxBytes;
  if (count <= 0 && bytes <= 0) return gone;
  const kept = unreadMentions(entries, unreadFrom, maxBytes / MENTION_PARTS);
  const looksAt = focus === undefined ? -1 : entries.findLastIndex(({ id }) => id === focus);
  const center = looksAt < 0 ? entries.length : looksAt;
  let oldest = 0;
  let newest = tailStart(entries, maxEntries, maxBytes, mayLetGoNewest) - 1;
  while ((count > 0 || bytes > 0) && oldest <= newest) {
    const at = center - oldest >= newest - center ? oldest++ : newest--;
    const entry = entries[at];
    if (entry === undefined || isGap(entry) || isUnsent(entry) || kept.has(at)) continue;
    gone.add(at);
    count--;
    bytes -= sizeOf(entry);
  }
  return gone;
}

/** The places of unread mentions, the newest of them. */
export function unreadMentions(
  entries: readonly Entry[],
  unreadFrom: string | undefined,
  maxBytes: number,
): ReadonlySet<number> {
  const kept = new Set<number>();
  let bytes = maxBytes;
  if (unreadFrom === undefined) return kept;
  for (let at = entries.length - 1; at >= 0 && kept.size < MAX_KEPT_MENTIONS; at--) {
    const entry = entries[at];
    if (entry?.kind === "message" && entry.mention && sizeOf(entry) <= bytes) {
      kept.add(at);
      bytes -= sizeOf(entry);
    }
    if (entry?.id === unreadFrom) break;
  }
  return kept;
}

/** Where the newest part begins. One entry always belongs to it, however large, unless it `mayBeEmpty`. */
function tailStart(
  entries: readonly Entry[],
  maxEntries: number,
  maxBytes: number,
  mayBeEmpty: boolean,
): number {
  let count = Math.max(1, Math.ceil(maxEntries / TAIL_PARTS));
  let bytes = maxBytes / TAIL_PARTS;
  let start = entries.length;
  while (start > 0 && count > 0) {
    const entry = entries[start - 1];
    if (entry === undefined) break;
    bytes -= sizeOf(entry);
    if (bytes < 0 && (mayBeEmpty || start < entries.length)) break;
    count--;
    start--;
  }
  return start;
}
