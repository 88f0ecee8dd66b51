// The log of everything that is said, where the host has declared it. What it cannot hold is not said.
import { formatTime, type Outgoing } from "../delivery.js";
import { ConfigError, errorText } from "../errors.js";
import type { Logger } from "../logger.js";
import { AuditFile } from "./audit-file.js";
import { eventLine, messageLines } from "./audit-lines.js";

export const AUDIT_FILE = "audit.log";
/** After this a new file begins; none is deleted. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** How many events wait for a file that cannot be written; messages are refused meanwhile. */
const MAX_WAITING_EVENTS = 1_000;

/** The log cannot be written. */
export class AuditError extends Error {
  constructor(cause: unknown) {
    super("the log of everything that is said cannot be written", { cause });
    this.name = "AuditError";
  }
}

interface Entry {
  readonly text: string;
  /** Of a message that reaches no one unless it is stored. */
  readonly isSpeech: boolean;
}

/** What the log needs of its surroundings. */
export interface AuditSurroundings {
  /** Undefined where the server keeps nothing. */
  readonly path: string | undefined;
  readonly logger: Logger;
  readonly now: () => number;
  /** Called when there is something to write, even if no one is told anything. */
  readonly wake: () => void;
  readonly maxFileBytes?: number;
}

/** Owns the file, and what is to be written to it at the end of the tick. */
export class AuditLog {
  private file: AuditFile | undefined;
  private entries: Entry[] = [];
  /** How many events found no room while the file could not be written. */
  private missing = 0;
  private failingSince: number | undefined;
  private last: Outgoing | undefined;
  private timesOn = 0;

  constructor(private readonly its: AuditSurroundings) {}

  get isOn(): boolean {
    return this.file !== undefined;
  }

  /** Another number each time logging begins; undefined while it is off. */
  get run(): number | undefined {
    return this.isOn ? this.timesOn : undefined;
  }

  get hasEntries(): boolean {
    return this.entries.length > 0;
  }

  get isFailing(): boolean {
    return this.failingSince !== undefined;
  }

  /** @throws ConfigError where the file cannot be written; then the log stays off. */
  turnOn(words: string): void {
    if (this.isOn) return;
    const { path, logger } = this.its;
    if (path === undefined)
      throw new ConfigError("audit", "needs a data folder: restart the server with --data DIR");
    const file = new AuditFile(path);
    try {
      file.append(entryOf(eventLine(words), false, this.its.now()).text);
    } catch (error) {
      file.close();
      throw new ConfigError("audit", `${path} cannot be written: ${errorText(error)}`);
    }
    this.file = file;
    this.timesOn++;
    logger.info(`everything that is said is logged in ${path}`);
  }

  /** Writes what is left. May be called again. */
  turnOff(words: string): void {
    if (this.file === undefined) return;
    this.event(words);
    try {
      this.write();
    } catch (error) {
      this.its.logger.error(`the end of the log is missing: ${causeOf(error)}`);
    }
    this.file.close();
    this.file = undefined;
    this.entries = [];
    this.missing = 0;
    this.failingSince = undefined;
    this.last = undefined;
  }

  /** Something happened. It is written with what else the tick brings. */
  event(text: string): void {
    if (this.isOn) this.add(eventLine(text), false);
  }

  /** The same of what has not happened unless `write` has written it. */
  attempt(text: string): void {
    if (this.isOn) this.add(eventLine(text), true);
  }

  /**
   * Something others are about to read is in the file once this returns, however little else the tick brings.
   * @throws AuditError; then no one may read it.
   */
  require(what: Outgoing | string): void {
    if (!this.isOn) return;
    const [lines, time] =
      typeof what === "string"
        ? [[eventLine(what)], this.its.now()]
        : [messageLines(what.parts), what.parts.time];
    this.entries.push(entryOf(lines.join("\n"), false, time));
    try {
      this.write();
    } catch (error) {
      this.entries.pop();
      throw error;
    }
    if (typeof what !== "string") this.last = what;
  }

  /** Whether something could be written now, as far as that can be told. @throws AuditError */
  probe(): void {
    if (this.file === undefined) return;
    this.write();
    try {
      this.file.open();
    } catch (error) {
      this.failingSince ??= this.its.now();
      throw new AuditError(error);
    }
  }

  /** Something happened that is announced by `message`, be it in several places. */
  announced(message: Outgoing): void {
    this.record(message, false);
  }

  /** Something was said, which no one sees unless `write` has written it. */
  said(message: Outgoing): void {
    this.record(message, true);
  }

  private record(message: Outgoing, isSpeech: boolean): void {
    if (!this.isOn || message === this.last) return;
    this.last = message;
    const { parts } = message;
    const lines = messageLines(parts);
    // The message's own time: what is deleted is named by it.
    if (lines.length > 0) this.add(lines.join("\n"), isSpeech, parts.time);
  }

  private add(text: string, isSpeech: boolean, time = this.its.now()): void {
    if (this.isFailing && !isSpeech && this.entries.length >= MAX_WAITING_EVENTS) {
      this.missing++;
      return;
    }
    this.its.wake();
    this.entries.push(entryOf(text, isSpeech, time));
  }

  /** Writes what has come, all or nothing. @throws AuditError; the entries stay. */
  write(): void {
    const { file, entries } = this;
    // Where it failed before, the file is tried again though there is nothing new.
    if (file === undefined || (entries.length === 0 && !this.isFailing)) return;
    let size: number;
    try {
      size = file.append(entries.map(({ text }) => text).join("") + this.recovery());
    } catch (error) {
      this.failingSince ??= this.its.now();
      throw new AuditError(error);
    }
    this.entries = [];
    if (this.isFailing) this.its.logger.info(`${file.path} can be written again`);
    this.failingSince = undefined;
    this.missing = 0;
    if (size >= (this.its.maxFileBytes ?? MAX_FILE_BYTES)) this.beginNewFile(file);
  }

  /** A log that was not written for a while says so. */
  private recovery(): string {
    if (this.failingSince === undefined) return "";
    const lines = [
      `the log could not be written from ${formatTime(this.failingSince)} on; messages were refused until now`,
    ];
    if (this.missing > 0) lines.push(`events missing here: ${this.missing}`);
    const now = this.its.now();
    return lines.map((line) => entryOf(eventLine(line), false, now).text).join("");
  }

  /** Writes what is left of ticks that failed, if that is possible by now. */
  retry(): void {
    try {
      this.write();
    } catch {
      // It has been told, and is tried again.
    }
  }

  /** The `count` messages of this tick reached no one: they could not be stored here or in the history. */
  undelivered(count: number): void {
    if (!this.isOn) return;
    const waiting = this.entries.filter(({ isSpeech }) => isSpeech).length;
    this.entries = this.entries.filter(({ isSpeech }) => !isSpeech);
    if (count > waiting)
      this.event(`the last ${count - waiting} messages above could not be stored: no one saw them`);
  }

  private beginNewFile(file: AuditFile): void {
    const time = formatTime(this.its.now());
    const name = `audit-${time.replaceAll(":", "-")}.log`;
    if (file.moveTo(name)) this.event(`continued from ${name}`);
  }
}

/** Why the log cannot be written. */
export function causeOf(error: unknown): string {
  return errorText(error instanceof AuditError ? error.cause : error);
}

/** `time`: milliseconds since the epoch. */
function entryOf(text: string, isSpeech: boolean, time: number): Entry {
  return { text: `${formatTime(time)} ${text}\n`, isSpeech };
}
