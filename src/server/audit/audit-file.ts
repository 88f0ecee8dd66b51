// The file of the audit log: lines are appended, and none is ever changed or removed.
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../errors.js";
import { OTHERS } from "../files.js";

const NEWLINE = 0x0a;
const { O_APPEND, O_CREAT, O_RDWR } = constants;
/** A link would have the log written to where others may read it. Windows has no such flags. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

/** Appends all of a text or nothing. Opens the file again where someone has moved or deleted it. */
export class AuditFile {
  private fd: number | undefined;
  /** Whether the last line may be incomplete: a process may have ended, or a disk run full, within it. */
  private mayBeTorn = true;

  constructor(readonly path: string) {}

  /** Returns its size. @throws Error where it cannot be written. */
  open(): number {
    if (this.fd !== undefined && !this.isInPlace(this.fd)) this.close();
    if (this.fd === undefined) {
      // Only their owner may read it: direct messages are in it.
      const fd = openOwn(this.path);
      try {
        const stats = fstatSync(fd);
        if (!stats.isFile()) throw new Error(`${this.path} is not a file`);
        this.fd = fd;
        this.mayBeTorn = true;
        return stats.size;
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    }
    return fstatSync(this.fd).size;
  }

  /** Returns the size after it. @throws Error where the text could not be written; then nothing of it is. */
  append(text: string): number {
    const size = this.open();
    const { fd } = this;
    if (fd === undefined) return size;
    const bytes = Buffer.from(this.isTorn(fd, size) ? `\n${text}` : text);
    this.mayBeTorn = false;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    } catch (error) {
      this.cut(fd, size);
      throw error;
    }
    return size + bytes.length;
  }

  /** Gives the file another name in its folder; the next text begins a new one. Returns false where it stays as it is. */
  moveTo(name: string): boolean {
    const target = join(dirname(this.path), name);
    if (existsSync(target)) return false;
    this.close();
    try {
      renameSync(this.path, target);
      return true;
    } catch {
      return false;
    }
  }

  /** Everything is on the disk after this. May be called again. */
  close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd === undefined) return;
    try {
      fsyncSync(fd);
    } catch {
      // It is written as far as this disk can.
    } finally {
      closeSync(fd);
    }
  }

  private isInPlace(fd: number): boolean {
    const there = lstatSync(this.path, { throwIfNoEntry: false });
    const own = fstatSync(fd);
    return there?.ino === own.ino && there.dev === own.dev;
  }

  private isTorn(fd: number, size: number): boolean {
    if (!this.mayBeTorn || size === 0) return false;
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last[0] !== NEWLINE;
  }

  private cut(fd: number, size: number): void {
    this.mayBeTorn = true;
    try {
      ftruncateSync(fd, size);
    } catch {
      // The next text begins on a line of its own.
    }
  }
}

/** @throws Error where the file cannot be opened, or is a link to another one. */
function openOwn(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, FLAGS, 0o600);
  } catch (error) {
    if (errorCode(error) !== "ELOOP") throw error;
    throw new Error("it is a link to another file; delete the link", { cause: error });
  }
  try {
    // It may have been made by another program, or copied here.
    if ((fstatSync(fd).mode & OTHERS) !== 0) fchmodSync(fd, 0o600);
  } catch {
    // Some disks know no rights. The data folder warns of files that others can read.
  }
  return fd;
}
