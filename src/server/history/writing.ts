// How what was said comes into the database: many rows at a time, and all of a tick in one transaction.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Conversations } from "./conversations.js";
import type { Places } from "./places.js";
import { rollBack } from "./records.js";
import { HistoryError, MULTILINE, identitiesOf, type SendId, type StoredMessage } from "./store.js";

/** What was said, as opposed to what happened. */
const SPEECH: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", MULTILINE, "REDACT"]);
/** How many rows one statement inserts where there are as many. */
const ROWS_AT_ONCE = 8;
/** How many names are remembered with their number. */
const MAX_KNOWN = 10_000;
const COLUMNS = `buffer, msgid, time, is_event, source, account, address, is_bot, command, params,
  client_tags, sender, send_id`;
const PLACEHOLDERS = `(${COLUMNS.replaceAll(/\w+/g, "?")})`;
const COLUMN_COUNT = COLUMNS.split(",").length;

interface Waiting {
  readonly message: StoredMessage;
  readonly send: SendId | undefined;
}

/** Owns the tick's transaction, and the numbers of buffers. */
export class Writing {
  /** How many messages were ever written, or tried to be. */
  total = 0;
  /** Whether the tick's transaction has begun. */
  isOpen = false;
  /** What was appended and is not in the database yet: many rows cost less together. */
  private waiting: Waiting[] = [];
  /** Why this tick's messages are lost. */
  private failure: HistoryError | undefined;
  /** How many messages the open transaction has. */
  private written = 0;
  /** The numbers of buffers. What is here is in the database, with what conversations need. */
  private readonly bufferIds = new Map<string, number>();
  /** Used again for every row, and every several. */
  private readonly values = new Array<SQLInputValue>(COLUMN_COUNT).fill(null);
  private readonly valuesOfSeveral = new Array<SQLInputValue>(COLUMN_COUNT * ROWS_AT_ONCE).fill(
    null,
  );
  private readonly insert: StatementSync;
  private readonly insertSeveral: StatementSync;
  private readonly addBuffer: StatementSync;
  private readonly findBuffer: StatementSync;
  private readonly begin: StatementSync;
  private readonly end: StatementSync;

  constructor(
    private readonly database: DatabaseSync,
    private readonly places: Places,
    private readonly conversations: Conversations,
    /** Called before a transaction ends, which fails where this throws. */
    private readonly beforeCommit: () => void,
  ) {
    const insert = `INSERT INTO messages (${COLUMNS}) VALUES ${PLACEHOLDERS}`;
    this.insert = database.prepare(insert);
    this.insertSeveral = database.prepare(insert + `,${PLACEHOLDERS}`.repeat(ROWS_AT_ONCE - 1));
    this.addBuffer = database.prepare("INSERT INTO buffers (name) VALUES (?)");
    this.findBuffer = database.prepare("SELECT id FROM buffers WHERE name = ?");
    this.begin = database.prepare("BEGIN");
    this.end = database.prepare("COMMIT");
  }

  append(message: StoredMessage, send?: SendId): void {
    this.waiting.push({ message, send });
  }

  /** Ends the tick's transaction. Returns how many messages it stored. @throws HistoryError when none could be. */
  commit(): number {
    this.settle();
    const { failure, written } = this;
    this.failure = undefined;
    this.written = 0;
    if (failure !== undefined) throw failure;
    return written;
  }

  /** Stores what was appended so far. */
  settle(): void {
    this.write();
    if (!this.isOpen) return;
    this.attempt(() => {
      this.beforeCommit();
      this.end.run();
      this.isOpen = false;
    });
  }

  /** Puts what was appended into the tick's transaction. */
  write(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.total += waiting.length;
    // What could not be stored takes the rest of its tick along, as a transaction does.
    if (this.failure !== undefined) return;
    this.attempt(() => {
      this.open();
      for (let at = 0; at < waiting.length;) {
        const isSeveral = waiting.length - at >= ROWS_AT_ONCE;
        const count = isSeveral ? ROWS_AT_ONCE : 1;
        const values = isSeveral ? this.valuesOfSeveral : this.values;
        for (const [row, each] of waiting.slice(at, at + count).entries())
          this.setValues(values, row * COLUMN_COUNT, each);
        (isSeveral ? this.insertSeveral : this.insert).run(...values);
        this.places.added(count);
        at += count;
      }
      this.written += waiting.length;
    });
  }

  /** Begins the tick's transaction, if it has not. */
  open(): void {
    if (!this.isOpen) this.begin.run();
    this.isOpen = true;
  }

  /** The number of a buffer; undefined where nothing is stored in it. */
  bufferId(name: string): number | undefined {
    return (
      this.bufferIds.get(name) ?? (this.findBuffer.get(name) as { id: number } | undefined)?.id
    );
  }

  /** Buffers were removed or renamed. */
  forgetBuffers(): void {
    this.bufferIds.clear();
  }

  /** The number of a buffer that is written to, which gets one where it has none. */
  private openBuffer(name: string): number {
    const known = this.bufferIds.get(name);
    if (known !== undefined) return known;
    const id = this.bufferId(name) ?? Number(this.addBuffer.run(name).lastInsertRowid);
    for (const identity of identitiesOf(name))
      for (const forgotten of this.conversations.remember(identity, name))
        this.bufferIds.delete(forgotten);
    if (this.bufferIds.size >= MAX_KNOWN) this.bufferIds.clear();
    this.bufferIds.set(name, id);
    return id;
  }

  /** Puts the values of a row, in the order of COLUMNS, into `values` from `at` on. */
  private setValues(values: SQLInputValue[], at: number, { message, send }: Waiting): void {
    values[at] = this.openBuffer(message.buffer);
    values[at + 1] = message.msgid;
    values[at + 2] = message.time;
    values[at + 3] = SPEECH.has(message.command) ? 0 : 1;
    values[at + 4] = message.source;
    values[at + 5] = message.account ?? null;
    values[at + 6] = message.address ?? null;
    values[at + 7] = message.isBot ? 1 : 0;
    values[at + 8] = message.command;
    values[at + 9] = JSON.stringify(message.params);
    values[at + 10] = message.clientTags;
    values[at + 11] = send?.sender ?? null;
    values[at + 12] = send?.id ?? null;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.failure = new HistoryError(error);
      this.isOpen = false;
      this.bufferIds.clear();
      rollBack(this.database);
    }
  }
}
