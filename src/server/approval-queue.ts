// Those whose registration is complete and who wait until the host lets them in.
import { blockOf } from "./addresses.js";
import { isLoopback } from "./cloak.js";
import type { Client } from "./client.js";
import type { ServerLimits } from "./config.js";
import type { WaitingClient } from "./control.js";

export interface Applicant {
  readonly client: Client;
  /** In ticks of the server. */
  readonly since: number;
  /** Whether they have the server's password, which an invite link contains. */
  readonly hasPassword: boolean;
  /** Whether they got a welcome before they waited. */
  readonly isWelcomed: boolean;
  /** The one line they may say. */
  line: string | undefined;
  /** The JOIN lines they sent, to be done when they are let in. */
  joins: readonly string[];
}

const MAX_JOINS = 50;

/** Owns who waits: how many, and for how long. */
export class ApprovalQueue {
  private readonly applicants = new Map<Client, Applicant>();

  constructor(private readonly limits: ServerLimits) {}

  get size(): number {
    return this.applicants.size;
  }

  /** In the order they came. */
  values(): Iterable<Applicant> {
    return this.applicants.values();
  }

  of(client: Client): Applicant | undefined {
    return this.applicants.get(client);
  }

  byId(id: string): Applicant | undefined {
    return [...this.applicants.values()].find(({ client }) => client.id === id);
  }

  /** Whether there is room for one more of the address. Behind a tunnel everyone has that of this computer. */
  hasRoomFor(address: string): boolean {
    if (this.applicants.size >= this.limits.maxWaiting) return false;
    if (isLoopback(address)) return true;
    const block = blockOf(address);
    let count = 0;
    for (const { client } of this.applicants.values())
      if (blockOf(client.address) === block) count++;
    return count < this.limits.maxWaitingPerAddress;
  }

  add(client: Client, since: number, is: Pick<Applicant, "hasPassword" | "isWelcomed">): void {
    this.applicants.set(client, { client, since, ...is, line: undefined, joins: [] });
  }

  remove(client: Client): Applicant | undefined {
    const applicant = this.applicants.get(client);
    this.applicants.delete(client);
    return applicant;
  }

  /** Keeps a JOIN for later. Returns false where there are too many. `JOIN 0` leaves all channels. */
  rememberJoin(applicant: Applicant, channels: string, line: string): boolean {
    if (channels === "0") applicant.joins = [];
    else if (applicant.joins.length >= MAX_JOINS) return false;
    else applicant.joins = [...applicant.joins, line];
    return true;
  }

  /** Those who have waited too long. */
  expired(now: number): readonly Client[] {
    return [...this.applicants.values()]
      .filter(({ since }) => now - since >= this.limits.approvalTimeoutMs)
      .map(({ client }) => client);
  }
}

/** What the host is told of someone who waits. */
export function describeApplicant(
  { client, since, line, hasPassword }: Applicant,
  { isNewAccount, wasDenied }: Pick<WaitingClient, "isNewAccount" | "wasDenied">,
): WaitingClient {
  const { id, address, port, isSecure, certificateFingerprint } = client.connection.info;
  const { nick, account } = client;
  return {
    id,
    nick,
    realname: client.realname,
    address,
    port,
    secure: isSecure,
    since,
    account,
    isNewAccount,
    certificateFingerprint,
    hasPassword,
    wasDenied,
    line,
  };
}
