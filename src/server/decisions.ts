// Whom the host has let in or banned, for those who come again.
import type { StatementSync } from "node:sqlite";
import { fold } from "../irc/casemapping.js";
import { likeness } from "../irc/likeness.js";
import type { Accounts } from "./accounts/accounts.js";
import { blockOf } from "./addresses.js";
import { isLoopback } from "./cloak.js";
import type { Client } from "./client.js";
import type { Decision, DecisionKey, Verdict } from "./control.js";
import type { Records } from "./history/records.js";

const MAX_DENIED = 1000;
const MAX_OPERATORS = 1000;
/** More than any host decides by hand. */
const MAX_DECISIONS = 10_000;

type Row = DecisionKey & Omit<Decision, "keys">;

/**
 * Owns the decisions, in the database and in memory: each connection that registers is looked for here. The database has a row
 * for each key; rows that differ in the key alone are one decision.
 */
export class Decisions {
  private readonly byKey = new Map<string, Decision>();
  private readonly denied = new Set<string>();
  /** What operators are recognized by while this server runs. No one decided about them, so they are in no list. */
  private readonly operators = new Set<string>();
  private readonly put: StatementSync;
  private readonly drop: StatementSync;
  private readonly dropVisits: StatementSync;

  constructor(
    private readonly records: Records,
    private readonly accounts: Accounts,
  ) {
    const { database } = records;
    this.put = database.prepare("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?)");
    this.drop = database.prepare("DELETE FROM decisions WHERE kind = ? AND value = ?");
    this.dropVisits = database.prepare("DELETE FROM decisions WHERE verdict = 'visiting'");
    const rows = database.prepare("SELECT * FROM decisions ORDER BY time").all();
    for (const decision of decisionsIn(rows as unknown as readonly Row[])) this.remember(decision);
  }

  /** One for each person; the oldest first. */
  all(): readonly Decision[] {
    return [...new Set(this.byKey.values())];
  }

  /** Whether the client was let in before, and that still holds. */
  isApproved(client: Client): boolean {
    const keys = this.lastingKeys(client);
    return (
      this.of(keys).some(({ verdict }) => verdict !== "banned") ||
      keys.some((key) => this.operators.has(keyOf(key)))
    );
  }

  /**
   * What keeps the client out, or from this nick; without a nick: whatever its address. People who were approved are not
   * banned with others of their address, but where the nick counts, a nick that is banned is banned for guests who were.
   */
  banOf(client: Client, nick?: string): Decision | undefined {
    const own = this.of(this.lastingKeys(client));
    const isBan = ({ verdict }: Decision) => verdict === "banned";
    if (own.length > 0 || nick === undefined) return own.find(isBan);
    if (client.wasLetIn && !isLoopback(client.address)) return undefined;
    return this.of([addressKey(client, nick)]).find(isBan);
  }

  /**
   * Keeps what was decided about the client, in place of what was decided about them before: by whatever they were recognized
   * then, this holds. Returns false for an approval that no one can be recognized by: people without an account or certificate
   * are no one in particular when they come again.
   *
   * @throws Error when it cannot be stored.
   */
  keep(client: Client, verdict: Verdict, reason: string, time: number): boolean {
    const lasting = this.lastingKeys(client);
    const own =
      lasting.length > 0 || verdict !== "banned" ? lasting : [addressKey(client, client.nick)];
    if (own.length === 0) return false;
    const before = this.of(own).flatMap(({ keys }) => keys);
    const keys = [...new Map([...own, ...before].map((key) => [keyOf(key), key])).values()];
    const { nick } = client;
    if (this.byKey.size + keys.length > MAX_DECISIONS) throw new Error("too many decisions");
    this.records.change(() => {
      for (const { kind, value } of keys) this.put.run(kind, value, verdict, nick, reason, time);
    });
    this.remember({ keys, verdict, nick, reason, time });
    return true;
  }

  private remember(decision: Decision): void {
    for (const key of decision.keys.map(keyOf)) {
      this.byKey.delete(key);
      this.byKey.set(key, decision);
    }
  }

  /** The client has become an operator: neither they nor their other windows wait while this server runs. */
  addOperator(client: Client): void {
    for (const key of this.lastingKeys(client)) this.operators.add(keyOf(key));
    limit(this.operators, MAX_OPERATORS);
  }

  /** The client was sent away for now, and may ask again. */
  deny(client: Client): void {
    for (const key of this.deniedKeys(client)) {
      this.denied.delete(key);
      this.denied.add(key);
    }
    limit(this.denied, MAX_DENIED);
  }

  /** Whether it was sent away while this server runs. */
  wasDenied(client: Client): boolean {
    return this.deniedKeys(client).some((key) => this.denied.has(key));
  }

  /** Whether the client is someone who was denied before, when they were `before`. */
  isDeniedAgain(client: Client, before: Client): boolean {
    const keys = this.deniedKeys(before);
    return this.deniedKeys(client).some((key) => this.denied.has(key) && keys.includes(key));
  }

  /**
   * Takes back each decision by which one of `keys` is recognized, as a whole. Returns those there were.
   *
   * @throws Error when that cannot be stored.
   */
  forget(keys: readonly DecisionKey[]): readonly Decision[] {
    const found = [...new Set(this.of(keys))];
    const all = found.flatMap((decision) => decision.keys);
    this.records.change(() => {
      for (const { kind, value } of all) this.drop.run(kind, value);
    });
    for (const key of all) this.byKey.delete(keyOf(key));
    return found;
  }

  /** Those who were let in until the server stops have to be let in anew. @throws Error when that cannot be stored. */
  endVisits(): void {
    this.records.change(() => this.dropVisits.run());
    for (const [key, { verdict }] of this.byKey) if (verdict === "visiting") this.byKey.delete(key);
  }

  /** The person was thrown out: they are let in no more without a question, unless they always are. */
  endVisit(client: Client): void {
    const keys = this.lastingKeys(client);
    for (const key of keys) this.operators.delete(keyOf(key));
    const ended = this.of(keys).filter(({ verdict }) => verdict === "visiting");
    if (ended.length > 0) this.forget(ended.flatMap((decision) => decision.keys));
  }

  /** Whether the client is recognized by one of `keys`. */
  isOneOf(client: Client, keys: readonly DecisionKey[]): boolean {
    const own = new Set(this.lastingKeys(client).map(keyOf));
    return keys.some((key) => own.has(keyOf(key)));
  }

  /** What a person has proved to be: their account, unless it was made just now, and the certificate they came with. */
  private lastingKeys({ account, connection }: Client): DecisionKey[] {
    const { certificateFingerprint: fingerprint } = connection.info;
    const isKnown = account !== undefined && !this.accounts.isProvisional(account);
    return [
      ...(isKnown ? [{ kind: "account", value: fold(account, "ascii") } as const] : []),
      ...(fingerprint === undefined ? [] : [{ kind: "certificate", value: fingerprint } as const]),
    ];
  }

  private deniedKeys(client: Client): string[] {
    const lasting = this.lastingKeys(client).map(keyOf);
    return lasting.length > 0 ? lasting : [`guest ${likeness(client.nick)}@${client.address}`];
  }

  private of(keys: readonly DecisionKey[]): readonly Decision[] {
    return keys.flatMap((key) => this.byKey.get(keyOf(key)) ?? []);
  }
}

function decisionsIn(rows: readonly Row[]): readonly Decision[] {
  const made = new Map<string, Decision & { readonly keys: DecisionKey[] }>();
  for (const { kind, value, ...rest } of rows) {
    const { verdict, nick, reason, time } = rest;
    const id = JSON.stringify([verdict, nick, reason, time]);
    const decision = made.get(id) ?? { ...rest, keys: [] };
    decision.keys.push({ kind, value });
    made.set(id, decision);
  }
  return [...made.values()];
}

/** Drops the oldest of a set that has grown too large. */
function limit(set: Set<string>, size: number): void {
  for (const each of set) {
    if (set.size <= size) return;
    set.delete(each);
  }
}

function keyOf({ kind, value }: DecisionKey): string {
  return `${kind} ${value}`;
}

/** Where someone came from. Behind a tunnel everyone has the address of this computer, so there the nick counts as well. */
function addressKey({ address }: Client, nick: string): DecisionKey {
  const value = isLoopback(address) ? `${likeness(nick)}@${address}` : blockOf(address);
  return { kind: "address", value };
}
