// The addresses of this computer that others could use.
import { localInterfaces } from "../client/net/doctor/examine.js";
import { isIpv6 } from "../client/doctor/networks.js";
import type { LocalInterface } from "../client/doctor/facts.js";

/** All but loopback and link-local ones; IPv4 first, since people read those to each other. */
export function localAddresses(): LocalInterface[] {
  const all = localInterfaces();
  return [
    ...all.filter(({ address }) => !isIpv6(address)),
    ...all.filter(({ address }) => isIpv6(address)),
  ];
}
