// A counter in a small file beside the database and in the database: it tells when the database is older than it was.
import { existsSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StartError, errorText } from "../errors.js";
import { replaceFile, replaceFileSoon, syncFile } from "../files.js";
import type { Logger } from "../logger.js";

/** Owns the file. The counter in the database is never behind it, unless something was taken away. docs/decisions/durability.md */
export class Stamp {
  private readonly counter: number;
  private writing = Promise.resolve();

  /** @throws StartError when the file cannot be read. */
  constructor(
    private readonly file: string,
    private readonly acceptsLoss: boolean,
    private readonly logger: Logger,
  ) {
    this.counter = this.read();
  }

  get hadData(): boolean {
    return this.counter > 0;
  }

  /** @throws StartError when the database has been there and is not any more. Nothing has been changed then. */
  requireFile(database: string): void {
    if (this.hadData && !existsSync(database))
      this.refuse(`${database} is missing, but this folder has had data`);
  }

  /** @throws StartError when the database lacks what it has had. Nothing has been changed then. */
  requireNewest(database: DatabaseSync, name: string): void {
    if (counterOf(database) < this.counter)
      this.refuse(
        `${name} is older than it was: its newest data is missing (perhaps ${name}-wal was removed, or a backup put in its place)`,
      );
  }

  /** From now on the database is known to have what it has. It may be called when no transaction is open. */
  renew(database: DatabaseSync): void {
    try {
      // The file must not be ahead of the database, whatever a power cut costs.
      database.exec("PRAGMA synchronous = FULL");
      replaceFile(this.file, this.count(database));
    } catch (error) {
      this.failed(error);
    } finally {
      database.exec("PRAGMA synchronous = NORMAL");
    }
  }

  /** The same, without waiting for the disk. `log` is the database's write-ahead log. */
  renewSoon(database: DatabaseSync, log: string): void {
    let text: string;
    try {
      text = this.count(database);
    } catch (error) {
      this.failed(error);
      return;
    }
    this.writing = this.writing.then(async () => {
      try {
        await syncFile(log);
        await replaceFileSoon(this.file, text);
      } catch (error) {
        this.failed(error);
      }
    });
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.writing;
  }

  /** Counts on in the database. Returns what the file has to hold. */
  private count(database: DatabaseSync): string {
    const next = Math.max(counterOf(database), this.counter) + 1;
    database.prepare("UPDATE stamp SET counter = ?").run(next);
    return `${next}\n`;
  }

  private read(): number {
    let text: string;
    try {
      text = readFileSync(this.file, "utf8").trim();
    } catch (error) {
      if (!existsSync(this.file)) return 0;
      throw new StartError("data-unusable", `could not read ${this.file}: ${errorText(error)}`);
    }
    if (!/^[0-9]{1,15}$/.test(text))
      throw new StartError("data-unusable", `${this.file} is damaged: delete it`);
    return Number(text);
  }

  private refuse(what: string): void {
    if (!this.acceptsLoss)
      throw new StartError(
        "data-unusable",
        `${what}. Put the data back. To go on without it, start once with --accept-data-loss or delete ${this.file}: accounts and nicks that are missing are then free to take`,
      );
    this.logger.warn(`${what}; going on without it, as --accept-data-loss asks`);
  }

  private failed(error: unknown): void {
    this.logger.debug(`could not write ${this.file}: ${errorText(error)}`);
  }
}

function counterOf(database: DatabaseSync): number {
  const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'stamp'").get();
  if (has === undefined) return 0;
  const row = database.prepare("SELECT counter FROM stamp").get() as
    { readonly counter: number } | undefined;
  return row?.counter ?? 0;
}
