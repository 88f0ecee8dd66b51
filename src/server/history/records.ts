// Changes of what is kept apart from what is said.
import type { DatabaseSync } from "node:sqlite";

/**
 * All that `action` changes, or nothing: within the transaction that is open, or as one of its own, which is on the disk
 * after this.
 */
export function atomically<T>(database: DatabaseSync, action: () => T): T {
  database.exec("SAVEPOINT change");
  try {
    const result = action();
    // For a transaction of its own this is the commit: a full disk shows itself here.
    database.exec("RELEASE change");
    return result;
  } catch (error) {
    takeBack(database);
    throw error;
  }
}

function takeBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK TO change; RELEASE change");
  } catch {
    rollBack(database);
  }
}

/** Ends the transaction that is open, if one is, as if it had not been. */
export function rollBack(database: DatabaseSync): void {
  // A COMMIT that failed for want of room leaves the transaction open.
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself.
  }
}

/** The tables of accounts, channels and the like. */
export class Records {
  constructor(
    readonly database: DatabaseSync,
    /** Stores what is said so far, so that what is changed next does not depend on it. */
    private readonly settle: () => void,
  ) {}

  /** All that `action` changes is on the disk after this. @throws Error when it cannot be; then nothing has changed. */
  change<T>(action: () => T): T {
    this.settle();
    return atomically(this.database, action);
  }
}
