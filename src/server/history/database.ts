// Opening the server's SQLite file: its schema, its versions, and what to do with one that cannot be used.
import type * as Sqlite from "node:sqlite";
import { chmodSync, existsSync, renameSync, rmSync } from "node:fs";
import { SQLITE_CORRUPT, StartError, errorText, sqliteCode } from "../errors.js";
import type { Logger } from "../logger.js";
import { readableVersion, salvage, type Salvaged } from "./salvage.js";
import { MIGRATIONS, migrate, versionOf } from "./schema.js";
import type { Stamp } from "./stamp.js";

/** How long the write-ahead log may grow, in pages of 4 KB, before SQLite moves it into the file whatever that costs. */
const MAX_LOG_PAGES = 10_000;

/** What the names of a database's files end in. */
const SUFFIXES = ["", "-wal", "-shm"];

/** Where SQLite keeps a database that has no file. */
export const IN_MEMORY = ":memory:";

/**
 * The database in `file`, brought to the current schema. A damaged file is set aside under another name and a new
 * one begun, with what can be read of it.
 *
 * @throws StartError for a file of a newer version, one that is older than it was, or one that cannot be opened.
 */
export function openDatabase(file: string, logger: Logger, stamp?: Stamp): Sqlite.DatabaseSync {
  // A damaged file was set aside, and this process ended just then.
  if (!existsSync(file) && existsSync(nextOf(file))) renameSync(nextOf(file), file);
  stamp?.requireFile(file);
  try {
    return open(file, undefined, stamp);
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (!isDamage(error) || file === IN_MEMORY || !existsSync(file))
      throw new StartError("data-unusable", `could not open ${file}: ${errorText(error)}`, {
        cause: error,
      });
    replace(file, error instanceof Error ? error.message : "", logger);
    return open(file);
  }
}

/**
 * Nothing is moved before all is taken over: a disk that is full meanwhile costs no more than a start.
 *
 * @throws StartError when it cannot be stored.
 */
function replace(file: string, damage: string, logger: Logger): void {
  const next = nextOf(file);
  removeFiles(next);
  logger.warn(`${file} is damaged (${damage}); recovering what can be read`);
  let taken: string;
  try {
    taken = takeOver(file, next);
  } catch (error) {
    removeFiles(next);
    if (error instanceof StartError) throw error;
    throw new StartError(
      "data-unusable",
      `${file} is damaged, and what can be read of it could not be stored: ${errorText(error)}; recovery needs as much disk space as the file itself`,
      { cause: error },
    );
  }
  const aside = setAside(file);
  renameSync(next, file);
  logger.error(`${file} is damaged and was renamed to ${aside}; ${taken}`);
}

/** Returns what there is to say about it. */
function takeOver(file: string, next: string): string {
  const { DatabaseSync } = loadSqlite();
  const damaged = new DatabaseSync(file, { readOnly: true, defensive: false });
  try {
    const version = readableVersion(damaged);
    refuseNewer(version, file);
    const database = open(next, version);
    try {
      return version === 0 ? NOTHING_READABLE : describe(salvage(database, damaged));
    } finally {
      database.close();
    }
  } finally {
    damaged.close();
  }
}

const NOTHING_READABLE =
  "nothing could be recovered and a new file was created: all accounts, nicks and channels are free to take";
/** So many names are enough for a line of the log. */
const MAX_NAMED = 20;

function describe({ counts, withoutPassword }: Salvaged): string {
  if ([...counts.values()].every((count) => count === 0)) return NOTHING_READABLE;
  const all = [...counts].map(([name, count]) => `${count} ${name.replace("_", " ")}`).join(", ");
  const names = withoutPassword.slice(0, MAX_NAMED).join(", ");
  const more =
    withoutPassword.length > MAX_NAMED ? ` and ${withoutPassword.length - MAX_NAMED} more` : "";
  const locked =
    names === ""
      ? ""
      : `; only the names of these accounts were recovered: ${names}${more}. No one can log in to them until "accounts" or --account sets a password`;
  return `recovered into a new file: ${all}${locked}`;
}

/** Where a damaged file's successor is made. */
function nextOf(file: string): string {
  return `${file}.new`;
}

function removeFiles(file: string): void {
  for (const suffix of SUFFIXES) rmSync(file + suffix, { force: true });
}

function open(file: string, version?: number, stamp?: Stamp): Sqlite.DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file);
  try {
    // SQLite gives its other files the rights of this one.
    if (file !== IN_MEMORY) chmodSync(file, 0o600);
    refuseNewer(versionOf(database), file);
    stamp?.requireNewest(database, file);
    database.exec("PRAGMA journal_mode = WAL");
    // WAL with NORMAL survives the death of this process at any moment; only a power cut may cost the last moments.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA busy_timeout = 2000");
    database.exec(`PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}`);
    const check = database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw new DamageError(check.quick_check);
    migrate(database, version);
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
    if (sqliteCode(error) === SQLITE_BUSY) return undefined;
    throw error;
  }
}

/** Called before anything is written: what a newer version keeps, this one would lose. */
function refuseNewer(version: number, file: string): void {
  if (version > MIGRATIONS.length)
    throw new StartError(
      "data-unusable",
      `${file} was written by a newer Parley (schema ${version}, this one knows ${MIGRATIONS.length}): update Parley, or choose another data folder`,
    );
}

class DamageError extends Error {}

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

function setAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  for (const suffix of SUFFIXES)
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
