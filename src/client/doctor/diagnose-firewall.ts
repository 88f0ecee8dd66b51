// Whether a firewall of the host's computer keeps others out. Pure.
import * as commands from "./commands.js";
import { sentence, type Diagnosis } from "./diagnosis.js";
import { evidenceOf } from "./evidence.js";
import type { FirewallFact, HostFacts } from "./facts.js";

const FIREWALL_NAMES: Readonly<Record<FirewallFact["name"], string>> = {
  windows: "Windows Defender Firewall",
  macos: "macOS Application Firewall",
  ufw: "ufw",
  firewalld: "firewalld",
  nftables: "nftables",
  iptables: "iptables",
};

/** What an active firewall has to do with it. */
export function firewallDiagnosis(firewall: FirewallFact, facts: HostFacts): Diagnosis {
  const { port, program, peers } = facts;
  const { isOpen } = evidenceOf(facts);
  const { name, isPublicNetwork, blocksProgram, blocksAll, blocksPort } = firewall;
  const title = FIREWALL_NAMES[name];
  const isBlocked = blocksProgram === true || blocksAll === true || blocksPort === true;
  // Rules that were read, and that do not turn everyone away for certain.
  const isVague = (name === "nftables" || name === "iptables") && !isBlocked;
  const basis = [
    sentence("{0} is active on this computer.", title),
    ...(isPublicNetwork === true
      ? [sentence("Windows regards your network as a public one, where it lets almost nothing in.")]
      : []),
    ...(blocksProgram === true ? [sentence("It has a rule that blocks VS Code.")] : []),
    ...(blocksAll === true ? [sentence("It is set to block all incoming connections.")] : []),
    ...(blocksPort === true
      ? [sentence("Its rules drop or reject connections, and none of them allows port {0}.", port)]
      : []),
    ...(peers.length > 0
      ? [sentence("But other computers are connected: {0}.", peers.join(", "))]
      : []),
  ];
  const allow = blocksProgram === true ? [commands.allowProgram(program)] : [];
  return {
    code: isPublicNetwork === true && !isBlocked ? "public-network" : "firewall",
    certainty: isOpen || isVague ? "possible" : "likely",
    reason:
      isBlocked && !isOpen
        ? sentence("{0} on this computer blocks connections to port {1}.", title, port)
        : sentence("{0} on this computer may block connections to port {1}.", title, port),
    basis,
    fix:
      blocksAll === true
        ? sentence(
            "In System Settings, open Network, then Firewall, then Options, and clear “Block all incoming connections”; leave the firewall itself on. Then run the command, which allows VS Code.",
          )
        : sentence(
            "Allow this one port, and leave the firewall itself on. If this computer belongs to a school or company, ask its administrator.",
          ),
    commands: [
      ...allow,
      isPublicNetwork === true
        ? commands.allowPortInNetwork(port)
        : commands.allowPort(firewall, port, program),
    ],
  };
}
