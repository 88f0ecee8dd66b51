// Servers that want to be reached encrypted. https://ircv3.net/specs/extensions/sts
import { CAP, parseCapList } from "../irc/caps.js";
import type { Message } from "../irc/message.js";
import type { ServerAddress } from "./address.js";

/** Thrown where a connection is left for an encrypted one to the same host. */
export class StsUpgrade extends Error {}

interface Policy {
  /** Of IRC over TLS. */
  readonly port: number;
  /** How long it holds; undefined: unproven, told by a connection anyone on the way could have changed. */
  readonly until: number | undefined;
  readonly durationMs: number;
}

/** The policies of the hosts of one session, for as long as the session is there. */
export class StsPolicies {
  private readonly byHost = new Map<string, Policy>();

  constructor(private readonly now: () => number) {}

  /** Where to go for `host` of `address`. */
  addressFor(address: ServerAddress, host: string): ServerAddress {
    const policy = this.byHost.get(host);
    if (policy === undefined || address.transport !== "plaintext") return address;
    if (policy.until !== undefined && policy.until <= this.now()) return address;
    return { ...address, transport: "tls", port: policy.port };
  }

  /** Takes in what an unencrypted connection says. Returns whether it has to be left. */
  offer(host: string, value: string): boolean {
    const port = Number(token(value, "port"));
    if (!(port >= 1 && port <= 65_535)) return false;
    this.byHost.set(host, { port, until: undefined, durationMs: 0 });
    return true;
  }

  /** Takes in what an encrypted connection says. Of hosts we never go to otherwise nothing needs remembering. */
  renew(host: string, value: string): void {
    const policy = this.byHost.get(host);
    const seconds = token(value, "duration");
    if (policy === undefined || seconds === undefined) return;
    const durationMs = Number(seconds) * 1000;
    this.byHost.set(host, { ...policy, until: this.now() + durationMs, durationMs });
  }

  /** "If the secure connection succeeds but an STS persistence policy is not present", it is kept to for the session. */
  registered(host: string): void {
    const policy = this.byHost.get(host);
    if (policy?.until === undefined && policy !== undefined)
      this.byHost.set(host, { ...policy, until: Infinity });
  }

  /** "Clients MUST reschedule the expiry time when closing connections." */
  ended(host: string): void {
    const policy = this.byHost.get(host);
    if (policy?.until !== undefined && policy.durationMs > 0)
      this.byHost.set(host, { ...policy, until: this.now() + policy.durationMs });
  }

  /** What led nowhere may have been a lie. */
  forgetUnproven(): void {
    for (const [host, { until }] of this.byHost) if (until === undefined) this.byHost.delete(host);
  }
}

/** The policy in a list of capabilities. A `CAP DEL` of it is none: "clients MUST ignore any attempts to do so". */
export function stsPolicyIn({ params }: Message): string | undefined {
  const [, subcommand = ""] = params;
  if (!/^(?:LS|NEW)$/i.test(subcommand)) return undefined;
  return parseCapList(params.at(-1) ?? "").get(CAP.sts);
}

function token(value: string, key: string): string | undefined {
  return new RegExp(`(?:^|,)${key}=([0-9]{1,10})(?:,|$)`).exec(value)?.[1];
}
