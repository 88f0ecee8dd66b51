// The folder in which all is kept that outlives the server.
import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StartError, errorCode, errorText } from "./errors.js";
import { OTHERS, replaceFile } from "./files.js";
import { IN_MEMORY, lockFile, openDatabase } from "./history/database.js";
import { Stamp } from "./history/stamp.js";
import type { Logger } from "./logger.js";

const DATABASE_FILE = "parley.sqlite";
const LOCK_FILE = "parley.lock";
const STAMP_FILE = "parley.stamp";
const CLOAK_FILE = "cloak.key";
/** What the names of the server's own files begin with. */
const OWN_FILES = /^(?:parley\.|certificate(?:-key)?\.pem|cloak\.key|audit)/;
const OTHERS_WRITE = 0o022;

/** Files of the data folder that only their owner may read. */
export class DataFolder {
  /** A server has kept its data here before. */
  hadData = false;
  private unlock: (() => void) | undefined;

  /** @throws StartError when the folder cannot be made. */
  constructor(readonly path: string) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unusable(path, error);
    }
  }

  /** From now on the folder is this server's alone: two would not know what the other stores. @throws StartError */
  claim(): void {
    const file = join(this.path, LOCK_FILE);
    try {
      this.unlock = lockFile(file);
      // Who could read it could hold it.
      chmodSync(file, 0o600);
    } catch (error) {
      throw error instanceof StartError ? error : unusable(file, error);
    }
    if (this.unlock === undefined)
      throw new StartError(
        "data-in-use",
        `${this.path} is in use by another Parley server: stop that server, or choose another data folder`,
      );
  }

  /**
   * Files that were copied here, or left by an interrupted write, may have any rights: no one but their owner may read them.
   * Where that cannot be, whoever runs the server is told.
   */
  protect(logger: Logger): void {
    if (process.platform === "win32") return;
    for (const name of readdirSync(this.path)) {
      const file = join(this.path, name);
      if (!OWN_FILES.test(name) || !isOpen(file)) continue;
      try {
        chmodSync(file, 0o600);
      } catch (error) {
        logger.debug(`could not change the rights of ${file}: ${errorText(error)}`);
      }
      if (isOpen(file))
        logger.warn(
          `other users of this computer can read ${file}: change its owner or its rights`,
        );
    }
    if ((statSync(this.path).mode & OTHERS_WRITE) !== 0)
      logger.warn(
        `other users of this computer can replace files in ${this.path}: change its rights`,
      );
  }

  /** May be called again. */
  release(): void {
    this.unlock?.();
    this.unlock = undefined;
  }

  /** The absolute path of a file of this name. */
  pathOf(name: string): string {
    return resolve(this.path, name);
  }

  /** The file's text, or undefined when there is none. */
  read(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), "utf8");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw unusable(join(this.path, name), error);
    }
  }

  /** All of the file is on the disk after this, or nothing of it, whatever fails meanwhile. */
  write(name: string, text: string): void {
    const file = join(this.path, name);
    try {
      replaceFile(file, text);
    } catch (error) {
      throw unusable(file, error);
    }
  }
}

export interface Store {
  readonly database: DatabaseSync;
  /** What host names are disguised by. */
  readonly cloakKey: Buffer;
  /** Undefined without a folder. */
  readonly stamp: Stamp | undefined;
}

/** What is kept in the folder, which is this server's alone from now on; without a folder it is in memory. @throws StartError */
export function openStore(
  folder: DataFolder | undefined,
  acceptsLoss: boolean,
  logger: Logger,
): Store {
  if (folder === undefined)
    return {
      database: openDatabase(IN_MEMORY, logger),
      cloakKey: loadKey(folder, CLOAK_FILE),
      stamp: undefined,
    };
  folder.claim();
  let database: DatabaseSync | undefined;
  try {
    const stamp = new Stamp(folder.pathOf(STAMP_FILE), acceptsLoss, logger);
    // First, for a folder that lacks what it had is left as it is.
    database = openDatabase(join(folder.path, DATABASE_FILE), logger, stamp);
    folder.hadData = stamp.hadData;
    if (folder.hadData && folder.read(CLOAK_FILE) === undefined)
      logger.warn(
        `${folder.pathOf(CLOAK_FILE)} was missing: the disguised host names of all guests change`,
      );
    const cloakKey = loadKey(folder, CLOAK_FILE);
    stamp.renew(database);
    folder.protect(logger);
    return { database, cloakKey, stamp };
  } catch (error) {
    database?.close();
    folder.release();
    throw error;
  }
}

/** A random key, kept in the folder so that it outlives a restart; without one it lives in memory. */
function loadKey(folder: DataFolder | undefined, name: string): Buffer {
  const kept = folder?.read(name)?.trim();
  if (kept !== undefined && /^[0-9a-f]{64}$/.test(kept)) return Buffer.from(kept, "hex");
  if (folder !== undefined && kept !== undefined)
    throw new StartError(
      "data-unusable",
      `${join(folder.path, name)} is damaged: restore it from a backup, or delete it, which changes the disguised host names of all guests`,
    );
  const key = randomBytes(32);
  folder?.write(name, `${key.toString("hex")}\n`);
  return key;
}

/** Whether it is a file, not a link or a folder, that gives others some rights. */
function isOpen(file: string): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & OTHERS) !== 0;
}

function unusable(path: string, error: unknown): StartError {
  return new StartError("data-unusable", `${path} cannot be used: ${errorText(error)}`, {
    cause: error,
  });
}
