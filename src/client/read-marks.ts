// Up to when each conversation has been read, here and in our other windows. https://ircv3.net/specs/extensions/read-marker
import { CAP } from "../irc/caps.js";
import type { StateDraft } from "./state-draft.js";
import { markRead } from "./state-messages.js";

export interface ReadMarksPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
}

export class ReadMarks {
  /** `seen` is filled further: when each buffer (folded name) was last read, ms since the epoch. */
  constructor(
    private readonly seen: Map<string, number>,
    private readonly port: ReadMarksPort,
  ) {}

  /** By folded name, ms since the epoch. */
  get all(): ReadonlyMap<string, number> {
    return this.seen;
  }

  /** When anything was last read. */
  get latest(): number | undefined {
    return this.seen.size === 0 ? undefined : Math.max(...this.seen.values());
  }

  /** Everything up to this entry has been read here. Returns whether that is news. */
  markRead(buffer: string, entryId: string): boolean {
    const { draft, send } = this.port;
    const time = markRead(draft, buffer, entryId);
    if (time === undefined || time <= (this.seen.get(draft.fold(buffer)) ?? 0)) return false;
    this.remember(buffer, time);
    const command = this.markCommand();
    if (command !== undefined && buffer !== "")
      send(command, buffer, `timestamp=${new Date(time).toISOString()}`);
    return true;
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
    const entries = draft.buffer(buffer)?.entries ?? [];
    const last = entries.findLast((entry) => entry.time <= time);
    if (last !== undefined) markRead(draft, buffer, last.id);
    this.remember(buffer, time);
  }

  /** The person of a direct message has another nick. */
  renamed(nick: string, newNick: string): void {
    const time = this.seen.get(this.port.draft.fold(nick));
    if (time !== undefined) this.remember(newNick, time);
  }

  private remember(buffer: string, time: number): void {
    const folded = this.port.draft.fold(buffer);
    this.seen.set(folded, Math.max(this.seen.get(folded) ?? 0, time));
  }
}
