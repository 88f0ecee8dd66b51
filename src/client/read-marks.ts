// Up to where each conversation has been read, here, in earlier sessions and in our other windows.
// https://ircv3.net/specs/extensions/read-marker
import { CAP } from "../irc/caps.js";
import { MAX_READ_MARKS } from "./limits.js";
import type { ChatBuffer, Entry } from "./model.js";
import { newestPosition, type RememberedConversation } from "./remembered.js";
import type { StateDraft } from "./state-draft.js";
import { clearUnread, markRead } from "./unread.js";

export interface ReadMarksPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
}

/** What an earlier session says of a conversation, as far as it is still needed. */
type Count = Pick<RememberedConversation, "unread" | "mentions" | "known">;

export class ReadMarks {
  /** By name: what was unread at the end of the earlier session, until the first history tells what came since. */
  private readonly earlier = new Map<string, Count>();

  constructor(
    remembered: readonly RememberedConversation[],
    /** Filled here: when each buffer (folded name) was last read, ms since the epoch. */
    private readonly times: Map<string, number>,
    private readonly port: ReadMarksPort,
  ) {
    for (const { name, unread, mentions, known, readAt } of remembered) {
      this.earlier.set(name, { unread, mentions, known });
      if (readAt !== undefined) this.remember(name, readAt);
    }
  }

  /** When the newest line came that an earlier session knew, or any line was last read. */
  get latest(): number | undefined {
    const known = [...this.earlier.values()].flatMap((count) => count.known?.time ?? []);
    const times = [...this.times.values(), ...known];
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** What an earlier session counted in a buffer. Given once: who asks goes on counting from there. */
  take(buffer: string): Count | undefined {
    const name = this.nameOf(buffer);
    const count = name === undefined ? undefined : this.earlier.get(name);
    if (name !== undefined) this.earlier.delete(name);
    return count;
  }

  /**
   * What the next session should know of a buffer. As long as its history `isAwaited`, that is what the session before left:
   * what has come in meanwhile will be counted with the rest of what came since.
   */
  count(buffer: ChatBuffer, isAwaited: boolean): Count & Pick<RememberedConversation, "readAt"> {
    const name = this.nameOf(buffer.name);
    const earlier = name === undefined ? undefined : this.earlier.get(name);
    const readAt = this.times.get(this.port.draft.fold(buffer.name));
    if (earlier !== undefined && isAwaited) return { ...earlier, readAt };
    const { unread, mentions } = buffer;
    return { unread, mentions, known: newestPosition(buffer.entries) ?? earlier?.known, readAt };
  }

  private nameOf(buffer: string): string | undefined {
    if (this.earlier.has(buffer)) return buffer;
    const { draft } = this.port;
    return [...this.earlier.keys()].find((name) => draft.isSame(name, buffer));
  }

  /** Everything up to this entry has been read here. Tells our other windows, if that is news to them. */
  markRead(buffer: string, entryId: string): void {
    const { draft, send } = this.port;
    const time = markRead(draft, buffer, entryId);
    if (time === undefined) return;
    this.take(buffer);
    // Whether it is read the entry's place has told; a time is all that can be told to others, and never goes back.
    if (!this.remember(buffer, time)) return;
    const command = this.markCommand();
    if (command !== undefined && buffer !== "")
      send(command, buffer, `timestamp=${new Date(time).toISOString()}`);
  }

  /** Everything in the buffer has been read, also what is not here and cannot be fetched. */
  markAllRead(buffer: string): void {
    const { draft } = this.port;
    const last = draft.buffer(buffer)?.entries.at(-1);
    if (last !== undefined) this.markRead(buffer, last.id);
    this.take(buffer);
    clearUnread(draft, buffer);
  }

  /** What tells this server up to where a conversation has been read. */
  private markCommand(): string | undefined {
    const { caps } = this.port.draft.get();
    if (caps.has(CAP.readMarker)) return "MARKREAD";
    return caps.has(CAP.sojuRead) ? "READ" : undefined;
  }

  /** Another client of ours has read a conversation up to a time. */
  readElsewhere(buffer: string, time: number): void {
    const { draft } = this.port;
    // What was told before is no news: after a clock has gone back it would be taken for more than was read.
    if (!this.remember(buffer, time)) return;
    const earlier = this.take(buffer);
    if (earlier !== undefined) {
      const known = { msgid: undefined, time };
      this.earlier.set(buffer, { unread: 0, mentions: 0, known });
      if (earlier.known === undefined || earlier.known.time <= time) clearUnread(draft, buffer);
    }
    const last = lastReadBy(draft.buffer(buffer)?.entries ?? [], time);
    if (last !== undefined) markRead(draft, buffer, last.id);
  }

  /** A conversation has another name; one that had that name already takes it in. */
  renamed(name: string, newName: string): void {
    const folded = this.port.draft.fold(name);
    const time = this.times.get(folded);
    if (time !== undefined && !this.port.draft.isSame(name, newName)) {
      this.times.delete(folded);
      this.remember(newName, time);
    }
    const earlier = this.take(name);
    const other = this.take(newName);
    if (earlier === undefined && other === undefined) return;
    this.earlier.set(newName, {
      unread: (earlier?.unread ?? 0) + (other?.unread ?? 0),
      mentions: (earlier?.mentions ?? 0) + (other?.mentions ?? 0),
      known: laterOf(earlier?.known, other?.known),
    });
  }

  /** Returns whether that is later than all before. */
  private remember(buffer: string, time: number): boolean {
    const folded = this.port.draft.fold(buffer);
    const before = this.times.get(folded);
    if (time <= (before ?? -Infinity)) return false;
    const isFull = before === undefined && this.times.size >= MAX_READ_MARKS;
    if (isFull && this.port.draft.buffer(buffer) === undefined) return false;
    this.times.set(folded, time);
    return true;
  }
}

/** What came up to then has been counted. */
function laterOf(a: Count["known"], b: Count["known"]): Count["known"] {
  return (a?.time ?? -Infinity) > (b?.time ?? -Infinity) ? a : b;
}

/** The last entry that whoever has read up to `time` has read: the one of that time, or the one before the first later one. */
function lastReadBy(entries: readonly Entry[], time: number): Entry | undefined {
  const exact = entries.findLast((entry) => entry.time === time);
  if (exact !== undefined) return exact;
  const later = entries.findIndex((entry) => entry.time > time);
  return later < 0 ? entries.at(-1) : entries[later - 1];
}
