// What others see instead of an address.
import { createHmac } from "node:crypto";

const CLOAK_HEX_DIGITS = 16;

/** A name that is always the same for one address on one server, and tells nobody the address. */
export function cloak(address: string, key: Buffer): string {
  const digest = createHmac("sha256", key).update(address).digest("hex");
  return `${digest.slice(0, CLOAK_HEX_DIGITS)}.guest`;
}

/** The address as people write it: IPv4 not dressed up as IPv6, no zone. */
export function plainAddress(address: string | undefined): string {
  return (address ?? "unknown").replace(/^::ffff:(?=[0-9]+\.)/i, "").replace(/%.*$/, "");
}

/** Whether the address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
