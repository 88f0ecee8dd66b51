// Moving the write-ahead log into the database's file. SQLite would do it within some commit and wait for the disk, tens of
// milliseconds for all who speak; so the log is brought to the disk beside the talk, and what is left to do then is short.
// https://www.sqlite.org/wal.html#checkpointing
import type { DatabaseSync } from "node:sqlite";
import { syncFile } from "../files.js";
import type { Stamp } from "./stamp.js";

/** A log of this length is moved; SQLite itself moves one of `wal_autocheckpoint` pages, should that be reached. */
const MAX_PAGES = 2000;
// Estimates: a commit writes the last pages of the messages and of their index, and so many messages fill one.
const PAGES_OF_A_COMMIT = 3;
const MESSAGES_ON_A_PAGE = 10;
/** Some hundred messages that are removed, or put into the index of words. */
const PAGES_OF_A_CHANGE = 200;

export class Checkpoints {
  private pages = 0;
  private state: "idle" | "syncing" | "synced" = "idle";
  private syncing = Promise.resolve();
  /** Undefined where there is no file. */
  private readonly log: string | undefined;

  constructor(
    private readonly database: DatabaseSync,
    private readonly stamp: Stamp | undefined,
  ) {
    const main = database.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'");
    const { file } = main.get() as { file: string | null };
    this.log = file === null || file === "" ? undefined : `${file}-wal`;
  }

  /** A transaction with so many messages has been committed, and none is open. */
  committed(messages: number): void {
    this.pages += PAGES_OF_A_COMMIT + messages / MESSAGES_ON_A_PAGE;
    if (this.state === "synced") this.tryToMove();
    else if (this.pages >= MAX_PAGES) this.prepare();
  }

  /**
   * Much that is stored has been changed, and no transaction is open. Resolves when there may be more of it: what is
   * written while the log is brought to the disk waits for the disk, and everyone with it.
   */
  async changed(): Promise<void> {
    this.committed(MESSAGES_ON_A_PAGE * PAGES_OF_A_CHANGE);
    await this.syncing;
  }

  /** Brings the log to the disk, without anyone waiting for it. */
  prepare(): void {
    if (this.log !== undefined && this.state === "idle") this.syncing = this.sync(this.log);
  }

  /** Moves the log into the file. No transaction may be open. @throws when the disk does not allow it. */
  move(): void {
    if (this.state !== "syncing") this.state = "idle";
    this.pages = 0;
    this.database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    // What it counts on to stands in the log alone: without that the database is seen to be older than it was.
    if (this.log !== undefined) this.stamp?.renewSoon(this.database, this.log);
  }

  private async sync(log: string): Promise<void> {
    this.state = "syncing";
    try {
      await syncFile(log);
    } catch {
      // Then SQLite waits for the disk, and finds out what is wrong with it.
    }
    this.state = "synced";
  }

  private tryToMove(): void {
    try {
      this.move();
    } catch {
      // What was committed stays in the log, which is moved some other time: nothing is lost by that.
    }
  }
}
