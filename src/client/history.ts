// Catching up and scrolling back. https://ircv3.net/specs/extensions/chathistory
import { isupportNumber } from "../irc/isupport.js";
import type { Batch } from "./batches.js";
import type { Entry, MessageEntry } from "./model.js";
import { SessionError } from "./session-error.js";
import { historyEvent } from "./state.js";
import type { StateDraft } from "./state-draft.js";
import { insertHistory, isChannelName } from "./state-messages.js";

export interface HistoryPort {
  readonly draft: StateDraft;
  readonly send: (command: string, ...params: string[]) => void;
  readonly replyTimeoutMs: number;
  /** Entries have come in or have been confirmed. */
  readonly onInserted: () => void;
}

interface Page {
  /** How many lines the server sent: fewer than asked for means that there are no more. */
  readonly received: number;
  readonly fresh: readonly Entry[];
  readonly batch: Batch;
}

interface Request {
  readonly target: string | undefined;
  readonly unreadSince: number | undefined;
  readonly isOlder: boolean;
  readonly settle: (page: Page | undefined) => void;
}

interface AskOptions {
  readonly unreadSince?: number | undefined;
  readonly isOlder?: boolean;
}

/** What we were away for is unread, all of it. */
const MISSED: AskOptions = { unreadSince: -Infinity };

const PAGE_LENGTH = 100;
/** So many conversations are caught up with, the latest ones. */
const MAX_TARGETS = 50;
const MAX_TARGET_PAGES = 20;
/** Clocks of linked servers differ: we ask for a little more than we need, and know again what we have. */
const FUZZ_MS = 1_000;
const DAY_MS = 86_400_000;

export class History {
  private current: Request | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private isConnected = false;

  constructor(private readonly port: HistoryPort) {}

  get isAvailable(): boolean {
    const { caps } = this.port.draft.get();
    return this.isConnected && caps.has("draft/chathistory") && caps.has("batch");
  }

  connected(): void {
    this.isConnected = true;
  }

  disconnected(): void {
    this.isConnected = false;
    this.current?.settle(undefined);
  }

  /** Takes in a batch that has ended: the answer to a question, or what a bouncer plays by itself. */
  takeBatch(batch: Batch): void {
    const { draft } = this.port;
    if (batch.type.endsWith("chathistory-targets")) {
      if (this.current?.target === undefined)
        this.current?.settle({ received: batch.messages.length, fresh: [], batch });
      return;
    }
    const target = batch.params[0] ?? "";
    if (target === "") return;
    const asked = this.current?.target;
    const request = asked !== undefined && draft.isSame(asked, target) ? this.current : undefined;
    const unreadSince =
      request === undefined ? draft.context.lastSeen.get(draft.fold(target)) : request.unreadSince;
    const isOlder = request?.isOlder === true;
    const { messages } = batch;
    const fresh = insertHistory(draft, { target, messages, unreadSince, isOlder }, historyEvent);
    this.port.onInserted();
    request?.settle({ received: batch.messages.length, fresh, batch });
  }

  /** The server refuses the question that is open, if one is. */
  takeFailure(): boolean {
    if (this.current === undefined) return false;
    this.current.settle(undefined);
    return true;
  }

  /** Brings the buffer up to date: the newest page when we know nothing yet, otherwise all that came after what we know. */
  async catchUp(buffer: string, missedSince: number | undefined): Promise<void> {
    if (!this.isAvailable) return;
    const newest = newestConfirmed(this.port.draft.buffer(buffer)?.entries ?? []);
    if (newest === undefined) await this.loadLatest(buffer, missedSince);
    else await this.loadAfter(buffer, newest.time);
  }

  private async loadLatest(buffer: string, missedSince: number | undefined): Promise<void> {
    const { draft } = this.port;
    const since = draft.context.lastSeen.get(draft.fold(buffer)) ?? missedSince;
    const page = await this.ask(buffer, ["LATEST", buffer, "*"], { unreadSince: since });
    if (page !== undefined) draft.setOlder(buffer, page.received >= this.pageLength);
  }

  private async loadAfter(buffer: string, time: number): Promise<void> {
    const { draft } = this.port;
    // By time first: after a restart a server may not know the id any more, and would have nothing "after" it.
    let selector = timestamp(time - FUZZ_MS);
    const maxPages = Math.ceil(draft.context.limits.maxEntries / this.pageLength);
    for (let pages = 0; pages < maxPages; pages++) {
      const page = await this.ask(buffer, ["AFTER", buffer, selector], MISSED);
      if (page === undefined || page.received < this.pageLength) return;
      const next = this.selectorOf(page);
      if (next === undefined || next === selector) return;
      selector = next;
    }
    // More than we keep: begin anew at the end. What lies between is there by scrolling back.
    draft.dropEntries(buffer);
    await this.ask(buffer, ["LATEST", buffer, "*"], MISSED);
  }

  private selectorOf({ batch }: Page): string | undefined {
    const last = batch.messages.at(-1);
    const msgid = last?.tags.get("msgid");
    const time = last?.tags.get("time");
    if (msgid !== undefined && this.knowsMsgids) return `msgid=${msgid}`;
    return time === undefined ? undefined : `timestamp=${time}`;
  }

  private get knowsMsgids(): boolean {
    const types = this.port.draft.get().isupport.get("MSGREFTYPES");
    return types === undefined || types.split(",").includes("msgid");
  }

  /** The page before what the buffer has. @throws SessionError */
  async loadOlder(buffer: string): Promise<void> {
    const { draft } = this.port;
    if (!this.isConnected) throw new SessionError("not-connected", "Not connected.");
    if (!this.isAvailable) return;
    const selector = this.oldestSelector(buffer);
    const page = await this.ask(buffer, ["BEFORE", buffer, selector], { isOlder: true });
    if (page === undefined)
      throw new SessionError("refused", "Older messages could not be loaded.");
    const hasOlder = page.fresh.length > 0 && page.received >= this.pageLength;
    draft.setOlder(buffer, hasOlder && draft.hasRoom(buffer));
  }

  private oldestSelector(buffer: string): string {
    const entries = this.port.draft.buffer(buffer)?.entries ?? [];
    const oldest = entries.find((entry) => entry.kind === "message" && entry.status === "sent");
    if (oldest?.kind !== "message") return timestamp(this.port.draft.context.now() + DAY_MS);
    return oldest.msgid !== undefined && this.knowsMsgids
      ? `msgid=${oldest.msgid}`
      : timestamp(oldest.time);
  }

  /** The people with whom something was said since `since`. */
  async directTargets(since: number): Promise<string[]> {
    if (!this.isAvailable) return [];
    const { draft } = this.port;
    const until = timestamp(draft.context.now() + DAY_MS);
    const names = new Set<string>();
    let from = timestamp(since - FUZZ_MS);
    // From the oldest on: that all servers can. Those spoken in last are wanted most, and come last.
    for (let pages = 0; pages < MAX_TARGET_PAGES; pages++) {
      const page = await this.ask(undefined, ["TARGETS", from, until]);
      const targets = page?.batch.messages ?? [];
      for (const { params } of targets) names.add(params[1] ?? "");
      const next = `timestamp=${targets.at(-1)?.params[2] ?? ""}`;
      if (targets.length < this.pageLength || next === from) break;
      from = next;
    }
    return [...names]
      .filter((name) => name !== "" && !isChannelName(draft, name))
      .slice(-MAX_TARGETS);
  }

  private get pageLength(): number {
    const { isupport } = this.port.draft.get();
    return Math.min(PAGE_LENGTH, isupportNumber(isupport, "CHATHISTORY", PAGE_LENGTH));
  }

  /** One question at a time: a refusal does not say which of several it means. Undefined: refused, late or disconnected. */
  private ask(
    target: string | undefined,
    params: readonly string[],
    { unreadSince, isOlder = false }: AskOptions = {},
  ): Promise<Page | undefined> {
    const asked = this.queue.then(
      () =>
        new Promise<Page | undefined>((resolve) => {
          if (!this.isAvailable) {
            resolve(undefined);
            return;
          }
          const settle = (page: Page | undefined) => {
            clearTimeout(timer);
            this.current = undefined;
            resolve(page);
          };
          const timer = setTimeout(() => {
            settle(undefined);
          }, this.port.replyTimeoutMs);
          this.current = { target, unreadSince, isOlder, settle };
          this.port.send("CHATHISTORY", ...params, String(this.pageLength));
        }),
    );
    this.queue = asked;
    return asked;
  }
}

function timestamp(time: number): string {
  // Years beyond 9999 have no place in the format, and no message.
  return `timestamp=${new Date(Math.min(Math.max(time, 0), 253_402_300_799_999)).toISOString()}`;
}

function newestConfirmed(entries: readonly Entry[]): MessageEntry | undefined {
  const newest = entries.findLast((entry) => entry.kind === "message" && entry.status === "sent");
  return newest?.kind === "message" ? newest : undefined;
}
