// What was confirmed a short time ago: another server may still refuse it, and its echo may still come.
import type { SentItem } from "./outbox.js";

export interface RecentMessage extends SentItem {
  /** Whether the server's own word for it has come, and not only an answer to PING. */
  readonly isEchoed: boolean;
  /** Whether something has shown that it arrived: the answer with its label, or who it was for has spoken since. */
  readonly isAnswered: boolean;
  readonly confirmedAt: number;
}

const MAX_AGE_MS = 60_000;
const MAX_MESSAGES = 100;

export class RecentMessages {
  private messages: RecentMessage[] = [];

  constructor(private readonly now: () => number) {}

  add(item: SentItem, isEchoed: boolean): void {
    const confirmedAt = this.now();
    this.messages = this.fresh();
    const isAnswered = isEchoed || item.sent.isLabeled;
    this.messages.push({ ...item, isEchoed, isAnswered, confirmedAt });
    if (this.messages.length > MAX_MESSAGES) this.messages.shift();
  }

  clear(): void {
    this.messages = [];
  }

  /** Whoever got those for which `isMeant` is true has spoken. */
  answered(isMeant: (message: RecentMessage) => boolean): void {
    if (!this.messages.some(isMeant)) return;
    this.messages = this.messages.map((message) =>
      isMeant(message) ? { ...message, isAnswered: true } : message,
    );
  }

  private fresh(): RecentMessage[] {
    const oldest = this.now() - MAX_AGE_MS;
    return this.messages.filter(({ confirmedAt }) => confirmedAt >= oldest);
  }

  /** The latest for which `isMeant` is true, which is taken out. */
  take(isMeant: (message: RecentMessage) => boolean): RecentMessage | undefined {
    const found = this.fresh().findLast(isMeant);
    if (found !== undefined) this.messages = this.messages.filter((message) => message !== found);
    return found;
  }

  /** The first for which `isMeant` is true. */
  find(isMeant: (message: RecentMessage) => boolean): RecentMessage | undefined {
    return this.fresh().find(isMeant);
  }
}
