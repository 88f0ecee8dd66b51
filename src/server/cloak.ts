// What others see instead of an address.
import { createHmac, createSecretKey } from "node:crypto";

const CLOAK_HEX_DIGITS = 16;

/** How many addresses are remembered: most who come have been here before, or share an address. */
const MAX_KNOWN = 10_000;

/** Gives each address a name that is always the same on one server, and tells no one the address. */
export function createCloak(key: Buffer): (address: string) => string {
  const secret = createSecretKey(key);
  const known = new Map<string, string>();
  return (address) => {
    let cloak = known.get(address);
    if (cloak === undefined) {
      const digest = createHmac("sha256", secret).update(address).digest("hex");
      cloak = `${digest.slice(0, CLOAK_HEX_DIGITS)}.guest`;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(address, cloak);
    }
    return cloak;
  };
}

/** The address as people write it: IPv4 not dressed up as IPv6, no zone. */
export function plainAddress(address: string | undefined): string {
  return (address ?? "unknown").replace(/^::ffff:(?=[0-9]+\.)/i, "").replace(/%.*$/, "");
}

/** The address as a parameter, which must not begin with a colon. */
export function addressParam(address: string): string {
  return address.startsWith(":") ? `0${address}` : address;
}

/** Whether the address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
