// Opening the server's SQLite file: its schema, its versions, and what to do with one that cannot be used.
import type * as Sqlite from "node:sqlite";
import { chmodSync, existsSync, renameSync } from "node:fs";
import { StartError, errorText } from "../errors.js";
import type { Logger } from "../logger.js";

/** Each step takes the schema one version further; the file remembers in `user_version` how many it has had. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE messages (
     seq INTEGER PRIMARY KEY,
     buffer TEXT NOT NULL,
     msgid TEXT NOT NULL,
     time INTEGER NOT NULL,
     is_event INTEGER NOT NULL,
     source TEXT NOT NULL,
     account TEXT,
     address TEXT,
     is_bot INTEGER NOT NULL,
     command TEXT NOT NULL,
     params TEXT NOT NULL,
     client_tags TEXT NOT NULL,
     sender TEXT,
     send_id TEXT
   ) STRICT;
   CREATE INDEX messages_by_buffer ON messages (buffer, seq);
   CREATE INDEX messages_by_time ON messages (buffer, time, seq);
   CREATE UNIQUE INDEX messages_by_msgid ON messages (msgid, buffer);
   CREATE INDEX messages_by_send ON messages (send_id, sender) WHERE send_id IS NOT NULL;
   CREATE TABLE conversations (
     identity TEXT NOT NULL,
     buffer TEXT NOT NULL,
     PRIMARY KEY (identity, buffer)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE accounts (
     folded TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     email TEXT,
     created INTEGER NOT NULL,
     salt BLOB,
     iterations INTEGER,
     stored_key BLOB,
     server_key BLOB
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE certificates (
     fingerprint TEXT PRIMARY KEY,
     account TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Buffers by number, and only what is needed found by an index: two indexes with long names in them cost more than all
  // else about a message. Where a time stands is found by halving, for times never go back.
  `CREATE TABLE buffers (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE
   ) STRICT;
   INSERT INTO buffers (name) SELECT DISTINCT buffer FROM messages;
   CREATE TABLE lines (
     seq INTEGER PRIMARY KEY,
     buffer INTEGER NOT NULL,
     msgid TEXT NOT NULL,
     time INTEGER NOT NULL,
     is_event INTEGER NOT NULL,
     source TEXT NOT NULL,
     account TEXT,
     address TEXT,
     is_bot INTEGER NOT NULL,
     command TEXT NOT NULL,
     params TEXT NOT NULL,
     client_tags TEXT NOT NULL,
     sender TEXT,
     send_id TEXT
   ) STRICT;
   INSERT INTO lines SELECT seq, (SELECT id FROM buffers WHERE name = buffer), msgid, time, is_event, source,
     account, address, is_bot, command, params, client_tags, sender, send_id FROM messages;
   DROP TABLE messages;
   ALTER TABLE lines RENAME TO messages;
   CREATE INDEX messages_by_buffer ON messages (buffer);
   CREATE INDEX messages_by_msgid ON messages (msgid);
   CREATE INDEX messages_by_send ON messages (send_id, sender) WHERE send_id IS NOT NULL;`,
  `CREATE TABLE read_markers (
     account TEXT NOT NULL,
     target TEXT NOT NULL,
     time INTEGER NOT NULL,
     PRIMARY KEY (account, target)
   ) STRICT, WITHOUT ROWID;`,
  // What is found by its words is looked up in the messages: the index keeps no text of its own.
  `CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1);
   CREATE TABLE indexed (seq INTEGER NOT NULL) STRICT;
   INSERT INTO indexed VALUES (0);`,
  `CREATE TABLE channels (
     folded TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     founder TEXT,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX channels_by_founder ON channels (founder) WHERE founder IS NOT NULL;
   CREATE TABLE metadata (
     account TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (account, key)
   ) STRICT, WITHOUT ROWID;`,
  // The index of buffers is written many messages at a time; filed is how far. Whatever is said after the last message was
  // removed gets that one's seq, and is not filed.
  `DROP INDEX messages_by_buffer;
   CREATE TABLE places (
     buffer INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     PRIMARY KEY (buffer, seq)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO places SELECT buffer, seq FROM messages ORDER BY buffer, seq;
   CREATE TABLE filed (seq INTEGER NOT NULL) STRICT;
   INSERT INTO filed SELECT coalesce(max(seq), 0) FROM messages;
   CREATE TRIGGER unfile AFTER DELETE ON messages BEGIN
     DELETE FROM places WHERE buffer = OLD.buffer AND seq = OLD.seq;
     UPDATE filed SET seq = OLD.seq - 1
       WHERE seq >= OLD.seq AND NOT EXISTS (SELECT 1 FROM messages WHERE seq > OLD.seq);
   END;`,
  // Who is in his channels whether he is connected or not.
  `CREATE TABLE presences (
     account TEXT PRIMARY KEY,
     state TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // An account keeps the nicks it comes by, and may lose one: its name no longer says which are its own.
  `CREATE TABLE nicks (
     folded TEXT PRIMARY KEY,
     nick TEXT NOT NULL,
     account TEXT NOT NULL,
     used INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO nicks SELECT folded, name, folded, created FROM accounts;`,
  // Beginnings of words: put together from all words that begin so, the common ones take too long. Made anew by searching.
  `DROP TABLE words;
   CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, prefix='2');
   UPDATE indexed SET seq = 0;`,
];

/** How long the write-ahead log may grow, in pages of 4 KB, before SQLite moves it into the file whatever that costs. */
const MAX_LOG_PAGES = 10_000;

/** Where SQLite keeps a database that has no file. */
export const IN_MEMORY = ":memory:";

/**
 * The database in `file`, brought to the current schema. A damaged file is set aside under another name and a new
 * one begun.
 *
 * @throws StartError for a file of a newer version, or one that cannot be opened.
 */
export function openDatabase(file: string, logger: Logger): Sqlite.DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (!isDamage(error) || file === IN_MEMORY || !existsSync(file))
      throw new StartError("data-unusable", `${file} cannot be opened: ${errorText(error)}`, {
        cause: error,
      });
    const aside = setAside(file);
    logger.error(`${file} is damaged and was set aside as ${aside}; a new one was begun`);
    return open(file);
  }
}

function open(file: string): Sqlite.DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file);
  try {
    // SQLite gives its other files the rights of this one.
    if (file !== IN_MEMORY) chmodSync(file, 0o600);
    refuseNewer(database, file);
    database.exec("PRAGMA journal_mode = WAL");
    // WAL with NORMAL survives the death of this process at any moment; only a power cut may cost the last moments.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA busy_timeout = 2000");
    database.exec(`PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}`);
    const check = database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw new DamageError(check.quick_check);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Holds a lock that ends with this process at the latest, however that ends. Returns what releases it, or undefined when
 * another holds it. (SQLite's locks are those of the system; the file itself stays empty.)
 */
export function lockFile(file: string): (() => void) | undefined {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file);
  try {
    database.exec("BEGIN EXCLUSIVE");
    return () => {
      database.close();
    };
  } catch (error) {
    database.close();
    if (codeOf(error) === SQLITE_BUSY) return undefined;
    throw error;
  }
}

function versionOf(database: Sqlite.DatabaseSync): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

/** Called before anything is written: what a newer version keeps, this one would lose. */
function refuseNewer(database: Sqlite.DatabaseSync, file: string): void {
  const version = versionOf(database);
  if (version > MIGRATIONS.length)
    throw new StartError(
      "data-unusable",
      `${file} was written by a newer Parley (schema ${version}, this one knows ${MIGRATIONS.length}): update Parley, or choose another data folder`,
    );
}

/** All steps or none: a file that cannot be brought here still opens where it came from. */
function migrate(database: Sqlite.DatabaseSync): void {
  const steps = MIGRATIONS.slice(versionOf(database));
  if (steps.length === 0) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps) database.exec(step);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

class DamageError extends Error {}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  const code = codeOf(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** SQLite's own code, without what it says in detail. */
function codeOf(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

function setAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  for (const suffix of ["", "-wal", "-shm"])
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}

/** node:sqlite without the notice that it is experimental, which tells whoever runs a chat server nothing. */
function loadSqlite(): typeof Sqlite {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    // Whatever the types say, an older Node has none.
    const sqlite = process.getBuiltinModule("node:sqlite") as typeof Sqlite | undefined;
    if (sqlite !== undefined) return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
  throw new StartError("unknown", `this is Node ${process.version}: Parley needs 22.13 or newer`);
}
