// Whose nick is whose: the first account to come by one owns it, whether anyone is logged in to it or not.
import type { StatementSync } from "node:sqlite";
import { fold } from "../../irc/casemapping.js";
import { Lookalikes } from "../../irc/likeness.js";
import type { Records } from "../history/records.js";
import { isSameName } from "../nicks.js";

/** Someone who changes nicks as a joke must not keep all good ones: the one used longest ago is anyone's again. */
const MAX_NICKS = 8;

export interface OwnedNick {
  /** As it was last spelt. */
  readonly nick: string;
  /** The account it belongs to, folded. */
  readonly owner: string;
  /** When it was last taken, ms since the epoch; no two of one account at the same time. */
  readonly used: number;
}

/** Owns the nicks of accounts in the database. Each nick anyone asks for is looked for here, so all are in memory as well. */
export class OwnedNicks {
  private readonly byNick = new Map<string, OwnedNick>();
  private readonly lookalikes = new Lookalikes<OwnedNick>();
  /** By account, the one used longest ago first. */
  private readonly byOwner = new Map<string, OwnedNick[]>();
  private readonly put: StatementSync;
  private readonly drop: StatementSync;

  constructor(private readonly records: Records) {
    const { database } = records;
    this.put = database.prepare("INSERT OR REPLACE INTO nicks VALUES (?, ?, ?, ?)");
    this.drop = database.prepare("DELETE FROM nicks WHERE folded = ?");
    const rows = database.prepare("SELECT nick, account AS owner, used FROM nicks ORDER BY used");
    for (const row of rows.all() as unknown as readonly OwnedNick[]) this.add(row);
  }

  /** The owned nick that this one is, or else one that cannot be told from it by looking. */
  like(nick: string): OwnedNick | undefined {
    return this.byNick.get(fold(nick, "ascii")) ?? this.lookalikes.find(nick);
  }

  /** The same, where it belongs to another account. */
  likeOfAnother(nick: string, account: string | undefined): OwnedNick | undefined {
    const owned = this.like(nick);
    return owned?.owner === fold(account ?? "", "ascii") ? undefined : owned;
  }

  /** Whether the nick belongs to the account. */
  isOf(nick: string, account: string | undefined): boolean {
    return account !== undefined && this.ownerOf(nick) === fold(account, "ascii");
  }

  /** The account a nick belongs to, folded. */
  ownerOf(nick: string): string | undefined {
    return this.byNick.get(fold(nick, "ascii"))?.owner;
  }

  /** The nick the account was last here by. */
  latestOf(account: string): string | undefined {
    return this.byOwner.get(fold(account, "ascii"))?.at(-1)?.nick;
  }

  /**
   * The account uses a nick, and owns it unless another one owns it, or one that looks like it. With it goes what else is
   * to be stored: all of that or nothing.
   *
   * @throws Error when it cannot be stored.
   */
  keep(nick: string, account: string, now: number, storeElse: () => void = () => undefined): void {
    const owner = fold(account, "ascii");
    const known = this.like(nick);
    if (known !== undefined && known.owner !== owner) {
      this.records.change(storeElse);
      return;
    }
    const own = this.byOwner.get(owner) ?? [];
    const kept: OwnedNick = { nick, owner, used: Math.max(now, (own.at(-1)?.used ?? 0) + 1) };
    const others = own.filter((other) => !isSameName(other.nick, nick));
    const dropped = others.length < MAX_NICKS ? undefined : others[0];
    this.records.change(() => {
      storeElse();
      this.put.run(fold(nick, "ascii"), nick, owner, kept.used);
      if (dropped !== undefined) this.drop.run(fold(dropped.nick, "ascii"));
    });
    this.add(kept);
    if (dropped !== undefined) this.remove(dropped.nick);
  }

  /** The nick is no one's any more. @throws Error when it cannot be stored. */
  release(nick: string): void {
    this.records.change(() => this.drop.run(fold(nick, "ascii")));
    this.remove(nick);
  }

  private add(kept: OwnedNick): void {
    this.remove(kept.nick);
    const folded = fold(kept.nick, "ascii");
    this.byNick.set(folded, kept);
    this.lookalikes.add(kept.nick, kept);
    const own = this.byOwner.get(kept.owner);
    if (own === undefined) this.byOwner.set(kept.owner, [kept]);
    else own.push(kept);
  }

  private remove(nick: string): void {
    const folded = fold(nick, "ascii");
    const known = this.byNick.get(folded);
    if (known === undefined) return;
    this.byNick.delete(folded);
    this.lookalikes.delete(known.nick, known);
    const own = this.byOwner.get(known.owner) ?? [];
    own.splice(own.indexOf(known), 1);
    if (own.length === 0) this.byOwner.delete(known.owner);
  }
}
