// Which conversations of two each identity is part of. There is a bound: whoever is written to from ever new nicks would
// have ever more of them, and everything that looks through them would take ever longer.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseSource } from "../../irc/source.js";
import type { Places } from "./places.js";
import { identityOf, peerOf } from "./store.js";

const MAX_CONVERSATIONS = 1000;
/** How many are left where there are too many, and how many are forgotten at once at most. */
const KEPT = 900;
const MAX_FORGOTTEN = 500;
/** How many of the latest messages of a conversation show whether someone takes part in it. */
const LOOKED_AT = 20;

interface Known {
  readonly name: string;
  readonly id: number | null;
}

/** Owns the table of conversations. */
export class Conversations {
  private readonly insert: StatementSync;
  private readonly count: StatementSync;
  private readonly all: StatementSync;
  private readonly one: StatementSync;
  private readonly inRange: StatementSync;
  private readonly byAge: StatementSync;
  private readonly latest: StatementSync;
  private readonly erase: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly places: Places,
  ) {
    this.insert = database.prepare("INSERT OR IGNORE INTO conversations VALUES (?, ?)");
    this.count = database.prepare("SELECT count(*) AS n FROM conversations WHERE identity = ?");
    this.all = database.prepare("SELECT buffer FROM conversations WHERE identity = ?");
    this.one = database.prepare("SELECT 1 FROM conversations WHERE identity = ? AND buffer = ?");
    this.inRange = database.prepare(
      "SELECT buffer FROM conversations WHERE identity = ? AND buffer >= ? AND buffer < ? LIMIT 1",
    );
    // In one that has no place yet something is about to be said.
    this.byAge = database.prepare(
      `SELECT buffer AS name, buffers.id FROM conversations LEFT JOIN buffers ON buffers.name = buffer
       WHERE identity = ?
       ORDER BY (SELECT max(seq) FROM places WHERE places.buffer = buffers.id AND is_event = 0) ASC NULLS LAST`,
    );
    this.latest = database.prepare(
      `SELECT source, account FROM places CROSS JOIN messages ON messages.seq = places.seq
       WHERE places.buffer = ? AND places.is_event = 0 ORDER BY places.seq DESC LIMIT ${LOOKED_AT}`,
    );
    this.erase = database.prepare("DELETE FROM conversations WHERE identity = ? AND buffer = ?");
  }

  of(identity: string): readonly string[] {
    const rows = this.all.all(identity) as unknown as readonly { readonly buffer: string }[];
    return rows.map(({ buffer }) => buffer);
  }

  has(identity: string, buffer: string): boolean {
    return this.one.get(identity, buffer) !== undefined;
  }

  /** One of `identity` with a guest of this folded nick, wherever that guest was. */
  withGuest(identity: string, nick: string): string | undefined {
    // A conversation's name is both identities in order, and a guest's is the nick and the address.
    for (const start of [`${nick}@`, `${identity} ${nick}@`]) {
      const end = `${start.slice(0, -1)}A`;
      const row = this.inRange.get(identity, start, end) as { readonly buffer: string } | undefined;
      if (row !== undefined) return row.buffer;
    }
    return undefined;
  }

  /** `buffer` is one of `identity`. Returns those that are forgotten, which their next message brings back. */
  remember(identity: string, buffer: string): readonly string[] {
    if (this.insert.run(identity, buffer).changes === 0) return [];
    const { n } = this.count.get(identity) as { readonly n: number };
    return n > MAX_CONVERSATIONS ? this.forgetSome(identity) : [];
  }

  /**
   * Those in which `identity` said nothing go first, and of them those with the address that many come from: a stranger
   * with a thousand nicks pushes out no one else.
   */
  private forgetSome(identity: string): readonly string[] {
    this.places.file();
    const known = this.byAge.all(identity) as unknown as readonly Known[];
    const addressOf = ({ name }: Known) => peerOf(name, identity)?.split("@")[1] ?? "";
    const counts = new Map<string, number>();
    for (const one of known) counts.set(addressOf(one), (counts.get(addressOf(one)) ?? 0) + 1);
    const countOf = (one: Known) => counts.get(addressOf(one)) ?? 0;
    const most = Math.min(known.length - KEPT, MAX_FORGOTTEN);
    const forgotten = new Set<Known>();
    for (const one of known.toSorted((a, b) => countOf(b) - countOf(a)))
      if (forgotten.size < most && !this.takesPart(identity, one)) forgotten.add(one);
    for (const one of known) if (forgotten.size < most) forgotten.add(one);
    for (const { name } of forgotten) this.erase.run(identity, name);
    return [...forgotten].map(({ name }) => name);
  }

  /** Or is about to: nothing was said yet. */
  private takesPart(identity: string, { id }: Known): boolean {
    const rows = this.latest.all(id) as { source: string; account: string | null }[];
    if (rows.length === 0) return true;
    return rows.some(({ source, account }) => {
      const { nick, host = "" } = parseSource(source);
      return identityOf({ account: account ?? undefined, nick, host }) === identity;
    });
  }
}
