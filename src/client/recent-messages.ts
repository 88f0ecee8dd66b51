// What was confirmed a short time ago: another server may still refuse it, and its echo may still come.
import type { SentItem } from "./outbox.js";

export interface RecentMessage extends SentItem {
  /** Whether the server's own word for it has come, and not only an answer to PING. */
  readonly isEchoed: boolean;
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
    this.messages.push({ ...item, isEchoed, confirmedAt });
    if (this.messages.length > MAX_MESSAGES) this.messages.shift();
  }

  clear(): void {
    this.messages = [];
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
