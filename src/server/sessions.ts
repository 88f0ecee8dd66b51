// Who is logged in to what.
import type { Client } from "./client.js";

const NOBODY: ReadonlySet<Client> = new Set();

/** Owns who is connected and logged in, by account. */
export class Sessions {
  private readonly byAccount = new Map<string, Set<Client>>();

  /** How many accounts someone is logged in to. */
  get size(): number {
    return this.byAccount.size;
  }

  accounts(): Iterable<string> {
    return this.byAccount.keys();
  }

  of(account: string): ReadonlySet<Client> {
    return this.byAccount.get(account) ?? NOBODY;
  }

  /** The client, and whoever else is logged in to its account. */
  with(client: Client): Iterable<Client> {
    return this.byAccount.get(client.account ?? "") ?? [client];
  }

  add(client: Client, account: string): void {
    const others = this.byAccount.get(account);
    if (others === undefined) this.byAccount.set(account, new Set([client]));
    else others.add(client);
  }

  remove(client: Client): void {
    const others = this.byAccount.get(client.account ?? "");
    others?.delete(client);
    if (others?.size === 0) this.byAccount.delete(client.account ?? "");
  }
}

export function isSameAccount(a: Client, b: Client): boolean {
  return a.account !== undefined && a.account === b.account;
}

/** Whether the two came with one certificate, which each installation has of its own. */
export function isSameInstallation(a: Client, b: Client): boolean {
  const { certificateFingerprint } = a.connection.info;
  return (
    certificateFingerprint !== undefined &&
    certificateFingerprint === b.connection.info.certificateFingerprint
  );
}

export function isSamePerson(a: Client, b: Client): boolean {
  return isSameAccount(a, b) || isSameInstallation(a, b);
}
