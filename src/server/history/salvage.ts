// What can still be read of a damaged file: one bad page must not cost everyone's accounts, and all that was said.
// Whatever is doubtful stays behind: what no one can check any more is no one's to take, and no one's to read.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { sqliteCode } from "../errors.js";
import { Places } from "./places.js";
import { atomically } from "./records.js";
import { migrate, versionOf } from "./schema.js";
import { identitiesOf } from "./store.js";

/** Beyond all times of messages, and within what can be written as one: the year 2100. */
const END_OF_TIME = Date.UTC(2100);

/** All that cannot be made anew from the rest, and which rows do no harm; those of buffers before those of messages. */
const TABLES: ReadonlyMap<string, string> = new Map([
  [
    "accounts",
    `salt IS NULL OR (
       iterations BETWEEN 1 AND 1000000 AND length(salt) BETWEEN 1 AND 64
       AND length(stored_key) = 32 AND length(server_key) = 32
     )`,
  ],
  ["certificates", "true"],
  ["nicks", "true"],
  [
    "channels",
    hasTypes("state", {
      createdAt: "integer",
      flags: "array",
      "lists.b": "array",
      "lists.e": "array",
      "lists.I": "array",
      metadata: "array",
    }),
  ],
  ["metadata", "true"],
  [
    "presences",
    hasTypes("state", {
      nick: "text",
      user: "text",
      realname: "text",
      address: "text",
      modes: "array",
      channels: "array",
      signonTime: "integer",
      lastActive: "integer",
    }),
  ],
  ["read_markers", `time BETWEEN 0 AND ${END_OF_TIME}`],
  ["buffers", "true"],
  ["conversations", "true"],
  [
    "messages",
    `time BETWEEN 0 AND ${END_OF_TIME} AND CASE WHEN json_valid(params) THEN
       json_type(params) = 'array'
       AND NOT EXISTS (SELECT 1 FROM json_each(params) WHERE type <> 'text')
     END`,
  ],
  [
    "pictures",
    "length(id) = 32 AND type IN ('image/png', 'image/jpeg') AND length(bytes) <= 65536",
  ],
  ["decisions", "verdict IN ('approved', 'visiting', 'banned')"],
]);

/** That a column holds JSON with these types at these places. */
function hasTypes(column: string, types: Readonly<Record<string, string>>): string {
  const each = Object.entries(types).map(
    ([path, type]) => `json_type(${column}, '$.${path}') IS '${type}'`,
  );
  return `CASE WHEN json_valid(${column}) THEN ${each.join(" AND ")} END`;
}

export interface Salvaged {
  /** How many rows were taken over, by table. */
  readonly counts: ReadonlyMap<string, number>;
  /** Folded names of accounts of which only that is left. */
  readonly withoutPassword: readonly string[];
}

/** The version of a `damaged` file; 0 where nothing of it can be read. To be called first. */
export function readableVersion(damaged: DatabaseSync): number {
  try {
    // Without this SQLite reads nothing of a file that has lost its end.
    damaged.exec("PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON");
    return versionOf(damaged);
  } catch {
    return 0;
  }
}

/**
 * Takes over into `database`, which is new and of the same version, what can be read of a `damaged` one, and brings it to
 * the current schema.
 *
 * @throws Error when it cannot be written.
 */
export function salvage(database: DatabaseSync, damaged: DatabaseSync): Salvaged {
  const { n: known } = database
    .prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'channels'")
    .get() as { n: number };
  let areRoomsWhole = known === 0;
  atomically(database, () => {
    for (const [table, condition] of TABLES) {
      const isWhole = takeOver(database, damaged, table, condition);
      if (table === "channels" && isWhole) areRoomsWhole = true;
    }
  });
  migrate(database);
  return atomically(database, () => {
    if (!areRoomsWhole) dropRoomsWithoutRules(database);
    dropStrays(database);
    nameConversations(database);
    const withoutPassword = holdNames(database);
    new Places(database).file();
    const counts = [...TABLES.keys()].map((table) => [table, count(database, table)] as const);
    return { counts: new Map(counts), withoutPassword };
  });
}

/** Reads from both ends up to what is damaged. Returns whether nothing is missing, as far as can be told. */
function takeOver(
  database: DatabaseSync,
  damaged: DatabaseSync,
  table: string,
  condition: string,
): boolean {
  const columns = database.prepare("SELECT name, pk FROM pragma_table_info(?)").all(table);
  if (columns.length === 0) return true;
  const names = columns.map(({ name }) => String(name));
  const key = columns.filter(({ pk }) => pk !== 0).map(({ name }) => String(name));
  const insert = database.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`,
  );
  for (const order of [key.join(), key.map((name) => `${name} DESC`).join()]) {
    const select = `SELECT ${names.join()}, (${condition}) IS TRUE AS is_sound FROM ${table} ORDER BY ${order}`;
    const ended = copy(insert, damaged, select);
    if (ended !== "damaged") return ended === "whole";
  }
  return false;
}

/** Copies rows up to the end, or up to what is damaged. */
function copy(
  insert: StatementSync,
  damaged: DatabaseSync,
  select: string,
): "whole" | "unsound" | "damaged" {
  let result: "whole" | "unsound" = "whole";
  const rows = tryTo(() => damaged.prepare(select).iterate());
  for (;;) {
    const next = tryTo(() => rows?.next());
    if (next === undefined) return "damaged";
    if (next.done === true) return result;
    const { is_sound: isSound, ...row } = next.value;
    if (isSound !== 1 || !isTaken(insert, Object.values(row))) result = "unsound";
  }
}

const SQLITE_CONSTRAINT = 19;

/** Returns false for values that are of no use where they stand. */
function isTaken(insert: StatementSync, values: readonly SQLInputValue[]): boolean {
  try {
    insert.run(...values);
    return true;
  } catch (error) {
    if (sqliteCode(error) === SQLITE_CONSTRAINT) return false;
    throw error;
  }
}

/** What was said in channels of which it is not known who may join: the first to join could read it. */
function dropRoomsWithoutRules(database: DatabaseSync): void {
  database.exec(
    `DELETE FROM buffers WHERE name NOT LIKE '% %' AND name NOT IN (SELECT folded FROM channels)`,
  );
}

/** Messages of buffers whose names are lost: the next buffers would get their numbers, and the messages with them. */
function dropStrays(database: DatabaseSync): void {
  database.exec("DELETE FROM messages WHERE buffer NOT IN (SELECT id FROM buffers)");
}

function nameConversations(database: DatabaseSync): void {
  const remember = database.prepare("INSERT OR IGNORE INTO conversations VALUES (?, ?)");
  for (const { name } of database.prepare("SELECT name FROM buffers").all())
    for (const identity of identitiesOf(String(name))) remember.run(identity, String(name));
}

/** Accounts that are known by what they own only stay accounts, without a password: no one else may get what they own. */
function holdNames(database: DatabaseSync): string[] {
  const held = database
    .prepare(
      `INSERT OR IGNORE INTO accounts (folded, name, created)
       SELECT account, account, :now FROM nicks
       UNION SELECT account, account, :now FROM certificates
       UNION SELECT account, account, :now FROM presences
       UNION SELECT account, account, :now FROM metadata
       UNION SELECT account, account, :now FROM read_markers
       UNION SELECT lower(founder), lower(founder), :now FROM channels WHERE founder IS NOT NULL
       UNION SELECT lower(account), lower(account), :now FROM messages WHERE account IS NOT NULL
       RETURNING folded`,
    )
    .all({ now: Date.now() });
  database.exec(
    `INSERT OR IGNORE INTO nicks SELECT folded, name, folded, created FROM accounts
     WHERE folded NOT IN (SELECT account FROM nicks)`,
  );
  return held.map(({ folded }) => String(folded)).sort();
}

function count(database: DatabaseSync, table: string): number {
  return (database.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
}

/** What is damaged is passed over. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
