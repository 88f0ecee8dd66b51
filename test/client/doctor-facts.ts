// Facts of the kind that the doctor judges, where only what matters has to be said.
import type {
  Answer,
  EndpointCheck,
  HostFacts,
  JoinerFacts,
  LocalInterface,
  MemberTest,
  Outcome,
} from "../../src/client/doctor/facts.js";

export const port = 9898;
export const wifi: LocalInterface = {
  name: "wlan0",
  address: "192.168.1.7",
  prefixLength: 24,
  kind: "lan",
};
export const near = "192.168.1.20";

export const refused: Outcome = { type: "refused", code: "ECONNREFUSED" };
export const timedOut: Outcome = { type: "timed-out", code: "ETIMEDOUT" };
export const unreachable: Outcome = { type: "unreachable", code: "EHOSTUNREACH" };
export const open = (answer: Answer): Outcome => ({ type: "open", answer });
export const parley = (parts: Partial<Answer & { kind: "tls" }> = {}): Outcome =>
  open({
    kind: "tls",
    certificate: "expected",
    origin: "self-made",
    protocol: "parley",
    issuer: "parley",
    ...parts,
  });

export function check(address: string, outcome: Outcome, host = address): EndpointCheck {
  return { host, address, port, outcome };
}

/** What bob, on another computer, has found. */
export function bob(...found: readonly EndpointCheck[]): MemberTest {
  return { nick: "bob", from: "192.168.1.9", found };
}

export function joiner(
  checks: readonly EndpointCheck[],
  parts: Partial<JoinerFacts> = {},
): JoinerFacts {
  return {
    side: "joiner",
    platform: "linux",
    port,
    transport: "tls",
    interfaces: [wifi],
    resolutions: checks.map(({ host, address }) => ({ host, addresses: [address] })),
    checks,
    defaultPort: [],
    neighborhood: { gateway: undefined, answers: {} },
    intercepted: undefined,
    isConnected: false,
    ...parts,
  };
}

export function host(parts: Partial<HostFacts>): HostFacts {
  return {
    side: "host",
    platform: "linux",
    port,
    isRunning: true,
    scope: "network",
    remoteName: undefined,
    isInBrowser: false,
    interfaces: [wifi],
    checks: [check(wifi.address, parley())],
    firewalls: [],
    program: "/usr/share/code/code",
    peers: [],
    members: [],
    ...parts,
  };
}
