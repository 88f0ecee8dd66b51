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
/** More than any host decides by hand. */
const MAX_DECISIONS = 10_000;

/** Owns the decisions, in the database and in memory: each connection that registers is looked for here. */
export class Decisions {
  private readonly byKey = new Map<string, Decision>();
  private readonly denied = new Set<string>();
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
    for (const row of rows as unknown as readonly Decision[]) this.byKey.set(keyOf(row), row);
  }

  /** The oldest first. */
  all(): readonly Decision[] {
    return [...this.byKey.values()];
  }

  /** Whether the client was let in before, and that still holds. */
  isApproved(client: Client): boolean {
    return this.of(this.lastingKeys(client)).some(({ verdict }) => verdict !== "banned");
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
   * Keeps what was decided about the client. Returns false for an approval that no one can be recognized by: people without
   * an account or certificate are no one in particular when they come again.
   *
   * @throws Error when it cannot be stored.
   */
  keep(client: Client, verdict: Verdict, reason: string, time: number): boolean {
    const lasting = this.lastingKeys(client);
    const keys =
      lasting.length > 0 || verdict !== "banned" ? lasting : [addressKey(client, client.nick)];
    if (keys.length === 0) return false;
    const { nick } = client;
    const made = keys.map((key) => ({ ...key, verdict, nick, reason, time }));
    if (this.byKey.size + made.length > MAX_DECISIONS) throw new Error("too many decisions");
    this.records.change(() => {
      for (const each of made) this.put.run(each.kind, each.value, verdict, nick, reason, time);
    });
    for (const each of made) {
      this.byKey.delete(keyOf(each));
      this.byKey.set(keyOf(each), each);
    }
    return true;
  }

  /** The client was sent away for now, and may ask again. */
  deny(client: Client): void {
    for (const key of this.deniedKeys(client)) {
      this.denied.delete(key);
      this.denied.add(key);
    }
    for (const key of this.denied) {
      if (this.denied.size <= MAX_DENIED) break;
      this.denied.delete(key);
    }
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

  /** Takes decisions back. @throws Error when that cannot be stored. */
  forget(keys: readonly DecisionKey[]): void {
    this.records.change(() => {
      for (const { kind, value } of keys) this.drop.run(kind, value);
    });
    for (const key of keys) this.byKey.delete(keyOf(key));
  }

  /** Those who were let in until the server stops have to be let in anew. @throws Error when that cannot be stored. */
  endVisits(): void {
    this.records.change(() => this.dropVisits.run());
    for (const [key, { verdict }] of this.byKey) if (verdict === "visiting") this.byKey.delete(key);
  }

  /** The person was thrown out: they are let in no more without a question, unless they always are. */
  endVisit(client: Client): void {
    const own = this.of(this.lastingKeys(client));
    // Of someone who stays after a restart only the account is known: the certificate was let in with it.
    const ended = this.all().filter(
      ({ verdict, nick, time }) =>
        verdict === "visiting" && own.some((each) => each.nick === nick && each.time === time),
    );
    if (ended.length > 0) this.forget(ended);
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

function keyOf({ kind, value }: DecisionKey): string {
  return `${kind} ${value}`;
}

/** Where someone came from. Behind a tunnel everyone has the address of this computer, so there the nick counts as well. */
function addressKey({ address }: Client, nick: string): DecisionKey {
  const value = isLoopback(address) ? `${likeness(nick)}@${address}` : blockOf(address);
  return { kind: "address", value };
}
