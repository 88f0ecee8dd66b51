// What is remembered of each network between windows: its conversations, what is unread in them, and what was typed but
// not sent.
import type * as vscode from "./vscode.js";
import type { ConversationId } from "../bridge/view.js";
import type { RememberedConversation } from "../client/remembered.js";
import type { Secrets } from "./secrets.js";

type StoredConversation = Omit<RememberedConversation, "key">;
type Conversations = Readonly<Record<ConversationId, StoredConversation>>;

interface Remembered {
  readonly conversations: Conversations;
  readonly drafts: Readonly<Record<ConversationId, string>>;
  readonly caughtUpTo?: number | undefined;
  /** Whether the host logged everything that was said. */
  readonly isAudited?: boolean;
  /** The conversation that was on screen last. */
  readonly shown?: ConversationId | undefined;
  readonly usedAt: number;
}

/** What a network is like now. */
export interface NetworkNow {
  readonly conversations: ReadonlyMap<ConversationId, RememberedConversation>;
  readonly drafts: ReadonlyMap<ConversationId, string>;
  readonly caughtUpTo: number | undefined;
  readonly isAudited: boolean;
  readonly shown: ConversationId | undefined;
}

/** What a session begins with. */
export interface Beginning {
  readonly remembered: readonly RememberedConversation[];
  readonly caughtUpTo: number | undefined;
  readonly isAudited: boolean;
}

type Networks = Readonly<Record<string, Partial<Remembered>>>;

const KEY = "networks";
const MAX_NETWORKS = 20;
const MAX_CONVERSATIONS = 200;
const EMPTY: Remembered = { conversations: {}, drafts: {}, usedAt: 0 };

/** Keeps it in a Memento, the most recently used networks only; the keys of channels are secrets. */
export class NetworkMemory {
  /** By network, each conversation as this window knows it to be stored: what another window has changed stays. */
  private readonly written = new Map<string, ReadonlyMap<ConversationId, string>>();

  constructor(
    private readonly memento: vscode.Memento,
    private readonly secrets: Pick<Secrets, "get" | "set">,
    private readonly now: () => number = Date.now,
  ) {}

  async beginning(network: string): Promise<Beginning> {
    const keys = await this.keys(network);
    const { conversations, caughtUpTo, isAudited = false } = this.of(network);
    const stored = Object.entries(conversations).map(
      ([id, it]) => [id, JSON.stringify(it)] as const,
    );
    this.written.set(network, new Map(stored));
    const remembered = Object.entries(conversations).map(([id, conversation]) => ({
      ...conversation,
      key: keys.get(id),
    }));
    return { remembered, caughtUpTo, isAudited };
  }

  drafts(network: string): ReadonlyMap<ConversationId, string> {
    return new Map(Object.entries(this.of(network).drafts));
  }

  /** The conversation that was on screen last. */
  shown(network: string): ConversationId | undefined {
    return this.of(network).shown;
  }

  async save(network: string, now: NetworkNow): Promise<void> {
    const kept = mostWanted(now.conversations);
    const known = this.written.get(network);
    const written = new Map([...kept].map(([id, it]) => [id, JSON.stringify(withoutKey(it))]));
    this.written.set(network, written);
    const conversations = new Map(Object.entries(this.of(network).conversations));
    for (const id of known?.keys() ?? []) if (!written.has(id)) conversations.delete(id);
    for (const [id, conversation] of kept)
      if (written.get(id) !== known?.get(id)) conversations.set(id, withoutKey(conversation));
    await this.update(network, {
      conversations: Object.fromEntries(conversations),
      drafts: Object.fromEntries(now.drafts),
      caughtUpTo: now.caughtUpTo,
      isAudited: now.isAudited,
      shown: now.shown,
    });
    await this.saveKeys(network, kept);
  }

  private of(network: string): Remembered {
    const networks = this.memento.get<Networks>(KEY, {});
    return { ...EMPTY, ...(Object.hasOwn(networks, network) ? networks[network] : undefined) };
  }

  private async update(network: string, change: Partial<Remembered>): Promise<void> {
    const networks = this.memento.get<Networks>(KEY, {});
    const next = { ...this.of(network), ...change, usedAt: this.now() };
    const recent = Object.entries({ ...networks, [network]: next })
      .sort(([, a], [, b]) => (b.usedAt ?? 0) - (a.usedAt ?? 0))
      .slice(0, MAX_NETWORKS);
    await this.memento.update(KEY, Object.fromEntries(recent));
  }

  private async keys(network: string): Promise<ReadonlyMap<ConversationId, string>> {
    const stored = await this.secrets.get(keysKey(network));
    return new Map(stored === undefined ? [] : (JSON.parse(stored) as [string, string][]));
  }

  private async saveKeys(
    network: string,
    conversations: ReadonlyMap<ConversationId, RememberedConversation>,
  ): Promise<void> {
    const keys = [...conversations].flatMap(([id, { key }]) =>
      key === undefined ? [] : [[id, key] as const],
    );
    const stored = await this.keys(network);
    const isSame = stored.size === keys.length && keys.every(([id, key]) => stored.get(id) === key);
    if (!isSame) await this.secrets.set(keysKey(network), JSON.stringify(keys));
  }
}

function withoutKey({ key: _, ...conversation }: RememberedConversation): StoredConversation {
  return conversation;
}

function keysKey(network: string): string {
  return `channel-keys:${network}`;
}

/** Conversations with something unsent first, channels to join and unread ones, then those something was said in last. */
function mostWanted(
  conversations: ReadonlyMap<ConversationId, RememberedConversation>,
): ReadonlyMap<ConversationId, RememberedConversation> {
  if (conversations.size <= MAX_CONVERSATIONS) return conversations;
  const rank = ({ joined, unread, unsent }: RememberedConversation) =>
    Number(joined) + Number(unread > 0) + 3 * Number(unsent !== undefined);
  const time = ({ known }: RememberedConversation) => known?.time ?? 0;
  return new Map(
    [...conversations]
      .sort(([, a], [, b]) => rank(b) - rank(a) || time(b) - time(a))
      .slice(0, MAX_CONVERSATIONS),
  );
}
