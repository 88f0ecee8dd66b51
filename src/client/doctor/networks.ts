// What an address, and the name of an interface, say of the network behind them. Pure.
import type { LocalInterface, NetworkKind } from "./facts.js";

/** An IP address as its bytes, most significant first; undefined for what is none. A zone is left out. */
export function bytesOf(address: string): readonly number[] | undefined {
  const bare = address.replace(/%.*$/s, "");
  const mapped = /^::ffff:([0-9.]+)$/i.exec(bare)?.[1] ?? bare;
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(mapped)) return mapped.split(".").map(Number);
  if (!/^[0-9a-f:]+$/i.test(bare) || !bare.includes(":")) return undefined;
  const [head = "", tail, ...more] = bare.split("::");
  if (more.length > 0) return undefined;
  const groups = (text: string) => text.split(":").filter((group) => group !== "");
  const before = groups(head);
  const after = groups(tail ?? "");
  const missing = 8 - before.length - after.length;
  if (missing < 0 || (tail === undefined && missing > 0)) return undefined;
  return [...before, ...Array<string>(missing).fill("0"), ...after].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

export function isIpv6(address: string): boolean {
  return bytesOf(address)?.length === 16;
}

/** Whether both are in the network that the first `prefixLength` bits name. */
function isWithin(address: string, network: string, prefixLength: number): boolean {
  const a = bytesOf(address);
  const b = bytesOf(network);
  if (a === undefined || b?.length !== a.length) return false;
  return a.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return ((byte ^ (b[index] ?? 0)) & mask) === 0;
  });
}

type Range = readonly [network: string, prefixLength: number];
const isInAny = (address: string, ranges: readonly Range[]) =>
  ranges.some(([network, prefixLength]) => isWithin(address, network, prefixLength));

const LOOPBACK: readonly Range[] = [
  ["127.0.0.0", 8],
  ["::1", 128],
  // Name servers that block a name answer so.
  ["0.0.0.0", 32],
  ["::", 128],
];
// https://www.rfc-editor.org/rfc/rfc1918, https://www.rfc-editor.org/rfc/rfc4193, and those that network tests are kept for:
// https://www.rfc-editor.org/rfc/rfc2544
const PRIVATE: readonly Range[] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["169.254.0.0", 16],
  ["fc00::", 7],
  ["fe80::", 10],
];
/** What overlay networks give their members: Tailscale, Hamachi, Radmin VPN, Yggdrasil. */
const VPN: readonly Range[] = [
  ["100.64.0.0", 10],
  ["25.0.0.0", 8],
  ["26.0.0.0", 8],
  ["fd7a:115c:a1e0::", 48],
  ["200::", 7],
];
/** What Docker, libvirt and VirtualBox use unless told otherwise. */
const VIRTUAL: readonly Range[] = [
  ["172.17.0.0", 16],
  ["192.168.122.0", 24],
  ["192.168.56.0", 24],
];

const VPN_NAME =
  /^(?:tun|tap|wg|utun|ppp|ipsec|gpd|zt|ts)\d|tailscale|wireguard|wintun|zerotier|hamachi|radmin|openvpn|nordlynx|mullvad|proton|cloudflare|warp|vpn|tunnel/i;
const VIRTUAL_NAME =
  /^(?:docker|br-|virbr|veth|vboxnet|vmnet|vnic|lxc|lxd|podman|cni|bridge1\d\d)|vethernet|virtualbox|vmware|hyper-v|wsl|docker/i;

export function isLoopback(address: string): boolean {
  return isInAny(address, LOOPBACK);
}

/** Not reachable from the internet. */
export function isPrivate(address: string): boolean {
  return isInAny(address, PRIVATE) || isInAny(address, VPN);
}

/** The network of an address that may be another computer's. */
export function kindOfAddress(address: string): NetworkKind {
  if (isInAny(address, VPN)) return "vpn";
  return isInAny(address, VIRTUAL) ? "virtual" : "lan";
}

/** The network of an interface. Its name says more than its address. */
export function kindOfInterface(name: string, address: string): NetworkKind {
  if (VPN_NAME.test(name)) return "vpn";
  if (VIRTUAL_NAME.test(name)) return "virtual";
  return kindOfAddress(address);
}

/** The interface that reaches `address` without a router. */
export function interfaceFor(
  address: string,
  interfaces: readonly LocalInterface[],
): LocalInterface | undefined {
  return interfaces.find((own) => isWithin(address, own.address, own.prefixLength));
}
