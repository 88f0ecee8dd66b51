// The addresses of this computer that others could use.
import { networkInterfaces } from "node:os";

export interface LocalAddress {
  /** The interface, such as `eth0` or `Wi-Fi`. */
  readonly name: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
}

// Link-local IPv6 needs the reader's own interface name behind a `%`, so it cannot stand in a link.
const LINK_LOCAL = /^fe[89ab]/i;

/** All but loopback and link-local ones; IPv4 first, since people read those to each other. */
export function localAddresses(): LocalAddress[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
      .map(({ address, family }) => ({ name, address, family })),
  );
  return [
    ...all.filter(({ family }) => family === "IPv4"),
    ...all.filter(({ family }) => family === "IPv6"),
  ];
}
