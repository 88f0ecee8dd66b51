// The accounts: who has one, and how they prove it.
import type { StatementSync } from "node:sqlite";
import { fold } from "../../irc/casemapping.js";
import { nextNick } from "../../irc/names.js";
import type { Records } from "../history/records.js";
import { decoyKeys, isPassword, makeKeys, type PasswordKeys } from "./keys.js";
import { OwnedNicks } from "./owned-nicks.js";

interface AccountRow {
  readonly name: string;
  readonly salt: Uint8Array | null;
  readonly iterations: number | null;
  readonly stored_key: Uint8Array | null;
  readonly server_key: Uint8Array | null;
}

export interface NewAccount {
  /** As its owner spells it; two names that fold alike are one. */
  readonly name: string;
  readonly email?: string | undefined;
  /** What `makeKeys` gives; without them only a certificate logs in. */
  readonly keys?: PasswordKeys | undefined;
  /** SHA-256 of a certificate that logs in without a password. */
  readonly fingerprint?: string | undefined;
}

/** Owns the accounts in the database. */
export class Accounts {
  readonly nicks: OwnedNicks;
  private readonly byName: StatementSync;
  private readonly byFingerprint: StatementSync;
  private readonly insert: StatementSync;
  private readonly insertFingerprint: StatementSync;
  private readonly updateKeys: StatementSync;
  /** All names as they are spelt, by the folded ones. */
  private readonly names = new Map<string, string>();
  /** Those of people who have not been let in yet, by folded name: nothing of them is stored, and they own no nick. */
  private readonly provisional = new Map<string, NewAccount>();

  constructor(
    private readonly records: Records,
    private readonly secret: Buffer,
    private readonly now: () => number,
  ) {
    const { database } = records;
    this.nicks = new OwnedNicks(records);
    this.byName = database.prepare("SELECT * FROM accounts WHERE folded = ?");
    this.byFingerprint = database.prepare(
      `SELECT name FROM accounts JOIN certificates ON account = folded WHERE fingerprint = ?`,
    );
    this.insert = database.prepare(
      `INSERT INTO accounts (folded, name, email, created, salt, iterations, stored_key, server_key)
         VALUES (?,?,?,?,?,?,?,?)`,
    );
    this.insertFingerprint = database.prepare("INSERT OR IGNORE INTO certificates VALUES (?, ?)");
    this.updateKeys = database.prepare(
      "UPDATE accounts SET salt = ?, iterations = ?, stored_key = ?, server_key = ? WHERE folded = ?",
    );
    for (const { name } of database.prepare("SELECT name FROM accounts").all())
      this.names.set(fold(String(name), "ascii"), String(name));
  }

  has(name: string): boolean {
    return this.names.has(fold(name, "ascii"));
  }

  /** A name for the account of whoever comes by `nick`; another one where an account is called so that has lost the nick. */
  freeName(nick: string): string {
    let name = nick;
    while (this.has(name) || (name !== nick && this.nicks.like(name) !== undefined))
      name = nextNick(name);
    return name;
  }

  /**
   * Makes an account, which owns the nick of its name if no one does. Returns false when there is an account of this name.
   *
   * @throws Error when it cannot be stored.
   */
  create(account: NewAccount): boolean {
    const { name } = account;
    if (this.has(name)) return false;
    this.nicks.keep(name, name, this.now(), () => {
      this.store(account);
    });
    this.names.set(fold(name, "ascii"), name);
    return true;
  }

  /** Makes an account that is gone when it is discarded or the server stops, unless it is confirmed before. */
  createProvisional(account: NewAccount): boolean {
    const { name } = account;
    if (this.has(name)) return false;
    const folded = fold(name, "ascii");
    this.provisional.set(folded, account);
    this.names.set(folded, name);
    return true;
  }

  isProvisional(name: string): boolean {
    return this.provisional.has(fold(name, "ascii"));
  }

  /** Whoever the account was made for has been let in: it is stored. @throws Error when it cannot be; then it stays provisional. */
  confirm(name: string, nick: "with its nick" | "without its nick"): void {
    const folded = fold(name, "ascii");
    const account = this.provisional.get(folded);
    if (account === undefined) return;
    const store = () => {
      this.store(account);
    };
    if (nick === "with its nick") this.nicks.keep(account.name, account.name, this.now(), store);
    else this.records.change(store);
    this.provisional.delete(folded);
  }

  /** Whoever the account was made for was not let in. */
  discard(name: string): void {
    const folded = fold(name, "ascii");
    if (this.provisional.delete(folded)) this.names.delete(folded);
  }

  private store({ name, email, keys, fingerprint }: NewAccount): void {
    const folded = fold(name, "ascii");
    this.insert.run(folded, name, email ?? null, this.now(), ...columns(keys));
    if (fingerprint !== undefined) this.insertFingerprint.run(fingerprint, folded);
  }

  /** The account as it is spelt, if `password` is right. */
  async checkPassword(name: string, password: string): Promise<string | undefined> {
    const row = this.row(name);
    const isRight = await isPassword(password, this.keysOf(name));
    return isRight && row !== undefined ? row.name : undefined;
  }

  /** The account a certificate logs in to. */
  ownerOf(fingerprint: string): string | undefined {
    const stored = this.byFingerprint.get(fingerprint) as { name: string } | undefined;
    if (stored !== undefined) return stored.name;
    for (const account of this.provisional.values())
      if (account.fingerprint === fingerprint) return account.name;
    return undefined;
  }

  /** The account's spelling. */
  spelling(name: string): string | undefined {
    return this.names.get(fold(name, "ascii"));
  }

  /** What SCRAM needs; for a name without an account or password, keys that nothing fits. */
  keysOf(name: string): PasswordKeys {
    const row = this.row(name);
    if (
      row === undefined ||
      row.salt === null ||
      row.iterations === null ||
      row.stored_key === null ||
      row.server_key === null
    )
      return decoyKeys(fold(name, "ascii"), this.secret);
    return {
      salt: Buffer.from(row.salt),
      iterations: row.iterations,
      storedKey: Buffer.from(row.stored_key),
      serverKey: Buffer.from(row.server_key),
    };
  }

  /**
   * An account the host has named: made where there is none, its password changed where it is another. `evict` ends what
   * people are here for whom a provisional one of this name was made.
   */
  async ensure(name: string, password: string, evict: () => void): Promise<void> {
    const isRight = (await this.checkPassword(name, password)) !== undefined;
    if (isRight && !this.isProvisional(name)) return;
    const keys = await makeKeys(password);
    if (this.isProvisional(name)) evict();
    this.discard(name);
    if (this.create({ name, keys })) return;
    this.records.change(() => this.updateKeys.run(...columns(keys), fold(name, "ascii")));
  }

  private row(name: string): AccountRow | undefined {
    const folded = fold(name, "ascii");
    const made = this.provisional.get(folded);
    if (made === undefined) return this.byName.get(folded) as AccountRow | undefined;
    const [salt, iterations, stored_key, server_key] = columns(made.keys);
    return { name: made.name, salt, iterations, stored_key, server_key };
  }
}

function columns(
  keys: PasswordKeys | undefined,
): [Uint8Array | null, number | null, Uint8Array | null, Uint8Array | null] {
  if (keys === undefined) return [null, null, null, null];
  return [keys.salt, keys.iterations, keys.storedKey, keys.serverKey];
}
