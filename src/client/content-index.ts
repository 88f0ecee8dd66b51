// Knows entries again by what they say, for histories whose ids tell nothing.
import { isChangedText } from "./changed-text.js";
import { contentKey, isGap, isStored, type Row } from "./entry-identity.js";
import type { Entry } from "./model.js";

/** A message that was taken as sent without the server's word for it has our own time, which is this near to the server's. */
export const UNECHOED_MS = 5 * 60_000;

const SECOND_MS = 1000;

/** Whether the time that `line` tells may be that of `known` in whole seconds. */
export function isOfSameSecond(line: Row, known: Row): boolean {
  return line.time === inWhole(SECOND_MS, known.time);
}

function inWhole(grainMs: number, time: number): number {
  return Math.floor(time / grainMs) * grainMs;
}

/** Entries by their content, for lines whose ids tell nothing. Each entry is one line's only. */
export class ContentIndex {
  /** By content, the places of the entries with an id of the server's and of those without, in order. */
  private readonly places = new Map<string, { named: number[]; nameless: number[] }>();
  private readonly echoless: number[] = [];
  /** Some servers keep whole seconds in their history, and tell of milliseconds live. */
  private readonly grainMs: number = 1;

  constructor(
    private readonly rows: readonly Entry[],
    lines: readonly Row[],
    isFree: (entry: Entry, at: number) => boolean,
    unechoed: ReadonlySet<string>,
  ) {
    if (lines.every((line) => isOfSameSecond(line, line))) this.grainMs = SECOND_MS;
    const times = new Set(lines.map((line) => this.timeOf(line)));
    for (const [at, entry] of rows.entries()) {
      if (isGap(entry) || !isStored(entry) || !isFree(entry, at)) continue;
      if (unechoed.has(entry.id)) this.echoless.push(at);
      const time = this.timeOf(entry);
      if (!times.has(time)) continue;
      const key = contentKey(entry, time);
      const places = this.places.get(key) ?? { named: [], nameless: [] };
      this.places.set(key, places);
      (hasMsgid(entry) ? places.named : places.nameless).push(at);
    }
  }

  /** The place of the entry that is this line; each is given once. */
  take(line: Row): number | undefined {
    const isText = (text: string) => line.kind === "message" && text === line.text;
    return this.takeEcholess(this.takePlace(line) ?? this.placeOfOwn(line, isText));
  }

  /** The same of a message of ours whose text the server has changed: no echo has told us. */
  takeChanged(line: Row): number | undefined {
    const isText = (text: string) => line.kind === "message" && isChangedText(text, line.text);
    return this.takeEcholess(this.placeOfOwn(line, isText));
  }

  private timeOf({ time }: Row): number {
    return inWhole(this.grainMs, time);
  }

  private placeOfOwn(line: Row, isText: (text: string) => boolean): number | undefined {
    return this.echoless.find((at) => isSameOwn(this.rows[at], line, isText));
  }

  private takeEcholess(place: number | undefined): number | undefined {
    const own = place === undefined ? -1 : this.echoless.indexOf(place);
    if (own >= 0) this.echoless.splice(own, 1);
    return place;
  }

  /** Two messages with different ids are two, whatever they say. */
  private takePlace(line: Row): number | undefined {
    const key = contentKey(line, this.timeOf(line));
    const { named, nameless } = this.places.get(key) ?? { named: [], nameless: [] };
    const isNamedFirst = (named[0] ?? Infinity) < (nameless[0] ?? Infinity);
    return isNamedFirst && !hasMsgid(line) ? named.shift() : nameless.shift();
  }
}

function hasMsgid(entry: Entry): boolean {
  return entry.kind === "message" && entry.msgid !== undefined;
}

function isSameOwn(
  entry: Entry | undefined,
  line: Row,
  isText: (text: string) => boolean,
): boolean {
  if (entry?.kind !== "message" || line.kind !== "message" || !line.own) return false;
  if (entry.msgid !== undefined && line.msgid !== undefined) return false;
  return (
    isText(entry.text) &&
    entry.form === line.form &&
    Math.abs(entry.time - line.time) <= UNECHOED_MS
  );
}
