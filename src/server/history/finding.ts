// Looking for messages among all there are, some at a time, so that no one else has to wait for it.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { SearchQuery } from "./search.js";

/** How many messages are looked at before others are let in again, and about how many bytes of text. */
const MESSAGES_AT_ONCE = 1000;
const BYTES_AT_ONCE = 256 * 1024;
/** How many the index of words gives at once, when it was asked several times: asking it costs as well. */
const MAX_WORDS_AT_ONCE = 8000;
/** How much is looked at in all: what is found until then is the answer. */
const MAX_LOOKED_AT = 100_000;
const MAX_BYTES_LOOKED_AT = 32 * 1024 * 1024;
/** From this length on the last word may be the beginning of one; what begins with one letter is too much to put together. */
const MIN_PREFIX = 2;
// Scripts that do not part their words: an index of words would not find what stands within.
const UNPARTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** Which messages may be it, as `seq`: ascending, or the latest first. */
interface Source {
  readonly oldest: StatementSync;
  readonly newest: StatementSync;
}

/** Exclusive. */
export interface Bounds {
  readonly after: number;
  readonly before: number;
}

/** Reads the tables of messages, places and words. */
export class Finding {
  private readonly byWords: Source;
  private readonly ofBuffer: Source;
  private readonly ofAll: Source;
  private readonly fitting: StatementSync;
  private readonly containing: Readonly<Record<"exactly" | "in any case", StatementSync>>;
  private readonly bufferIds: StatementSync;

  constructor(database: DatabaseSync) {
    const source = (seq: string, table: string, condition: string): Source => {
      const select = `SELECT ${seq} AS seq FROM ${table} WHERE ${condition} AND ${seq} > ? AND ${seq} < ?`;
      return {
        oldest: database.prepare(`${select} ORDER BY ${seq} LIMIT ?`),
        newest: database.prepare(`${select} ORDER BY ${seq} DESC LIMIT ?`),
      };
    };
    this.byWords = source("rowid", "words", "words MATCH ?");
    this.ofBuffer = source("seq", "places", "is_event = 0 AND buffer = ?");
    this.ofAll = source("seq", "messages", "? IS NOT NULL");
    this.bufferIds = database.prepare(
      "SELECT id FROM buffers WHERE name IN (SELECT value FROM json_each(?))",
    );
    this.fitting = database.prepare(
      `SELECT seq, octet_length(params) AS bytes FROM messages
       WHERE seq IN (SELECT value FROM json_each(:seqs)) AND buffer IN (SELECT value FROM json_each(:buffers))
         AND is_event = 0 AND command <> 'REDACT'
         AND (:nick IS NULL OR lower(substr(source, 1, instr(source, '!') - 1)) = lower(:nick))`,
    );
    // instr and not LIKE, whose steps are the product of both lengths: a row of dashes in rows of dashes took seconds.
    const containing = (found: string) =>
      database.prepare(
        `SELECT seq FROM messages WHERE seq IN (SELECT value FROM json_each(?)) AND ${found} > 0`,
      );
    this.containing = {
      exactly: containing("instr(params, ?)"),
      "in any case": containing("instr(lower(params), lower(?))"),
    };
  }

  /** The numbers of the messages found: the latest, or with `after` the earliest. All have to be filed and indexed. */
  async find(query: SearchQuery, bounds: Bounds): Promise<readonly number[]> {
    const { text, from, limit, after } = query;
    const buffers = this.idsOf(query.buffers);
    if (buffers.length === 0) return [];
    const words = text === undefined ? undefined : wordsOf(text);
    const part = words === undefined ? text : undefined;
    const wanted = { buffers: JSON.stringify(buffers), nick: from ?? null };
    const found: number[] = [];
    let bytes = 0;
    for (const some of this.candidates(words, buffers, bounds, after !== undefined)) {
      const sizes = sizesOf(this.fitting.all({ ...wanted, seqs: JSON.stringify(some) }));
      const fitting = some.filter((seq) => sizes.has(seq));
      for (const { seqs, size } of part === undefined
        ? [{ seqs: fitting, size: 0 }]
        : inParts(fitting, sizes)) {
        found.push(...(part === undefined ? seqs : this.thoseWith(part, seqs)));
        bytes += size;
        if (found.length >= limit || bytes >= MAX_BYTES_LOOKED_AT) return theFirst(found, limit);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return theFirst(found, limit);
  }

  /** Those of `seqs` whose text has `part` in it. */
  private thoseWith(part: string, seqs: readonly number[]): readonly number[] {
    const hasCase = part.toLowerCase() !== part.toUpperCase();
    const statement = this.containing[hasCase ? "in any case" : "exactly"];
    const found = new Set(seqsOf(statement.all(JSON.stringify(seqs), part)));
    return seqs.filter((seq) => found.has(seq));
  }

  /** Messages that may be it, some at a time. */
  private *candidates(
    words: string | undefined,
    buffers: readonly number[],
    { after, before }: Bounds,
    isForwards: boolean,
  ): Iterable<readonly number[]> {
    const [source, key] = this.sourceFor(words, buffers);
    const statement = isForwards ? source.oldest : source.newest;
    const most = words === undefined ? MESSAGES_AT_ONCE : MAX_WORDS_AT_ONCE;
    for (let looked = 0; looked < MAX_LOOKED_AT;) {
      const page = seqsOf(
        statement.all(key, after, before, Math.min(most, MESSAGES_AT_ONCE + looked)),
      );
      const last = page.at(-1);
      if (last === undefined) return;
      for (let at = 0; at < page.length; at += MESSAGES_AT_ONCE)
        yield page.slice(at, at + MESSAGES_AT_ONCE);
      if (isForwards) after = last;
      else before = last;
      looked += page.length;
    }
  }

  private sourceFor(
    words: string | undefined,
    buffers: readonly number[],
  ): readonly [Source, SQLInputValue] {
    const [only] = buffers;
    if (words !== undefined) return [this.byWords, words];
    return buffers.length === 1 && only !== undefined ? [this.ofBuffer, only] : [this.ofAll, 0];
  }

  private idsOf(names: readonly string[]): readonly number[] {
    return this.bufferIds.all(JSON.stringify(names)).map(({ id }) => Number(id));
  }
}

type Sizes = ReadonlyMap<number, number>;

function sizesOf(rows: readonly object[]): Sizes {
  const sized = rows as readonly { readonly seq: number; readonly bytes: number }[];
  return new Map(sized.map(({ seq, bytes }) => [seq, bytes]));
}

/** At least one part, each with its size, about BYTES_AT_ONCE; what is longer is a part of its own. */
function* inParts(
  all: readonly number[],
  sizes: Sizes,
): Iterable<{ readonly seqs: readonly number[]; readonly size: number }> {
  let seqs: number[] = [];
  let size = 0;
  for (const seq of all) {
    if (size >= BYTES_AT_ONCE) {
      yield { seqs, size };
      seqs = [];
      size = 0;
    }
    seqs.push(seq);
    size += sizes.get(seq) ?? 0;
  }
  yield { seqs, size };
}

/** Ascending. */
function theFirst(found: readonly number[], limit: number): readonly number[] {
  return found.slice(0, limit).sort((a, b) => a - b);
}

function seqsOf(rows: readonly object[]): readonly number[] {
  return (rows as readonly { readonly seq: number }[]).map(({ seq }) => seq);
}

/** What FTS5 is asked for; undefined where words do not help. */
function wordsOf(text: string): string | undefined {
  const words = text.match(WORDS) ?? [];
  const last = words.at(-1);
  if (last === undefined || UNPARTED.test(text)) return undefined;
  // Each word in quotes is a word and nothing else.
  const quoted = words.map((word) => `"${word}"`).join(" ");
  return last.length < MIN_PREFIX ? quoted : `${quoted}*`;
}
