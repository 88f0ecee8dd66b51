// What is remembered of each network between windows: what was read, and what was typed but not sent.
import type * as vscode from "./vscode.js";
import type { ConversationId } from "../bridge/view.js";

interface Remembered {
  /** When each conversation was last read, ms since the epoch. */
  readonly seen: Readonly<Record<ConversationId, number>>;
  readonly drafts: Readonly<Record<ConversationId, string>>;
  readonly usedAt: number;
}

type Networks = Readonly<Record<string, Remembered>>;

const KEY = "networks";
const MAX_NETWORKS = 20;
const EMPTY: Remembered = { seen: {}, drafts: {}, usedAt: 0 };

/** Keeps it in a Memento, the most recently used networks only. */
export class NetworkMemory {
  constructor(
    private readonly memento: vscode.Memento,
    private readonly now: () => number = Date.now,
  ) {}

  seen(network: string): ReadonlyMap<ConversationId, number> {
    return new Map(Object.entries(this.of(network).seen));
  }

  drafts(network: string): ReadonlyMap<ConversationId, string> {
    return new Map(Object.entries(this.of(network).drafts));
  }

  async setSeen(network: string, seen: ReadonlyMap<ConversationId, number>): Promise<void> {
    await this.update(network, { seen: Object.fromEntries(seen) });
  }

  async setDrafts(network: string, drafts: ReadonlyMap<ConversationId, string>): Promise<void> {
    await this.update(network, { drafts: Object.fromEntries(drafts) });
  }

  private of(network: string): Remembered {
    const networks = this.memento.get<Networks>(KEY, {});
    return (Object.hasOwn(networks, network) ? networks[network] : undefined) ?? EMPTY;
  }

  private async update(network: string, change: Partial<Remembered>): Promise<void> {
    const networks = this.memento.get<Networks>(KEY, {});
    const next = { ...this.of(network), ...change, usedAt: this.now() };
    const recent = Object.entries({ ...networks, [network]: next })
      .sort(([, a], [, b]) => b.usedAt - a.usedAt)
      .slice(0, MAX_NETWORKS);
    await this.memento.update(KEY, Object.fromEntries(recent));
  }
}
