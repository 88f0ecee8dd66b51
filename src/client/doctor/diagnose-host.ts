// Why others do not reach the server of this window. Pure.
import { hostPort } from "../../irc/host-port.js";
import * as commands from "./commands.js";
import { sentence, type Diagnosis, type Sentence } from "./diagnosis.js";
import type { EndpointCheck, FirewallFact, HostFacts } from "./facts.js";
import { isExpectedAnswer } from "./answers.js";
import { isIpv6, isLoopback } from "./networks.js";
import { checkText, networkNames } from "./sentences.js";

const HOST_AGAIN_IN_NETWORK =
  "Run Chat: Stop Server, then Chat: Host Server, choose “This network”, and send everyone the new invite link.";

/** What can be the reason, in any order. */
export function hostDiagnoses(facts: HostFacts): Diagnosis[] {
  if (!facts.isRunning) return notRunning(facts);
  const bound = [
    ...runsElsewhere(facts),
    ...boundWrongly(facts),
    ...facts.checks.flatMap((check) => ownCheck(check, facts)),
  ];
  const hasProof = facts.peers.length > 0;
  const firewalls = facts.firewalls
    .filter(({ state }) => state === "active")
    .map((firewall) => firewallDiagnosis(firewall, facts));
  const isolated = hasProof ? [] : [isolation(facts)];
  const failed = facts.peerChecks.filter(
    (check) =>
      !isReached(check) &&
      !facts.peerChecks.some((other) => isReached(other) && other.address === check.address),
  );
  return [
    ...bound,
    ...failed.map((check) => unreachableForMember(check, facts)),
    ...(bound.length === 0 ? [fine(facts)] : []),
    ...firewalls,
    ...isolated,
  ];
}

function notRunning(facts: HostFacts): Diagnosis[] {
  const { platform, port } = facts;
  const occupied = facts.checks.filter(({ outcome }) => outcome.type === "open");
  const idle: Diagnosis = {
    code: "not-hosting",
    certainty: occupied.length === 0 ? "certain" : "possible",
    reason: sentence("This window is not hosting a server now, so no one can join."),
    basis: facts.checks.map(checkText),
    fix: sentence(
      "Run Chat: Host Server. To find out why you cannot join someone else, run this again and choose “I want to join”. The command shows whether a program uses the port.",
    ),
    commands: [commands.whoListens(platform, port)],
  };
  return [...occupied.map((check) => occupant(check, facts)), idle];
}

/** Something else has the port. */
function occupant(check: EndpointCheck, { platform, port }: HostFacts): Diagnosis {
  const { outcome } = check;
  const isParley =
    outcome.type === "open" &&
    outcome.answer.kind === "tls" &&
    outcome.answer.protocol === "parley";
  return {
    code: isParley ? "another-parley" : "other-program",
    certainty: "certain",
    reason: isParley
      ? sentence(
          "Another Parley server uses port {0} of this computer, so people reach that one instead of yours.",
          port,
        )
      : sentence("Another program uses port {0} of this computer.", port),
    basis: [checkText(check)],
    fix: isParley
      ? sentence(
          "Stop that server (perhaps in another window of VS Code), or choose another port in Chat: Host Server and send everyone the new invite link. The command shows the program.",
        )
      : sentence(
          "Choose another port in Chat: Host Server, or end that program. The command shows which one it is.",
        ),
    commands: [commands.whoListens(platform, port)],
  };
}

function runsElsewhere({ remoteName, platform }: HostFacts): Diagnosis[] {
  if (remoteName === undefined) return [];
  return [
    {
      code: "runs-elsewhere",
      certainty: "likely",
      reason: sentence(
        "This window works inside “{0}”, so the server runs there and not on your computer. Its addresses may be inside your computer only.",
        remoteName,
      ),
      basis: [sentence("VS Code says that this window is a remote one: {0}.", remoteName)],
      fix: sentence(
        "Open a VS Code window that is not a remote one, and run Chat: Host Server there. The command lists the addresses of where this window runs.",
      ),
      commands: [commands.listAddresses(platform)],
    },
  ];
}

/** Where the server listens, others cannot be. */
function boundWrongly(facts: HostFacts): Diagnosis[] {
  const { scope, interfaces, platform } = facts;
  const list = [commands.listAddresses(platform)];
  const basis = [networkNames(interfaces)];
  if (scope === "machine" || (typeof scope === "object" && isLoopback(scope.address)))
    return [
      {
        code: "loopback-only",
        certainty: "certain",
        reason: sentence(
          "Your server lets in only this computer: you chose “Only this computer” when you started it.",
        ),
        basis: [
          sentence("It listens at 127.0.0.1, which every computer uses for itself."),
          ...basis,
        ],
        fix: sentence(HOST_AGAIN_IN_NETWORK),
        commands: list,
      },
    ];
  if (interfaces.length === 0)
    return [
      {
        code: "offline",
        certainty: "certain",
        reason: sentence("This computer is not connected to a network, so no one can reach it."),
        basis,
        fix: sentence(
          "Connect to a Wi-Fi or wired network, then copy the invite link again: it has the new address.",
        ),
        commands: list,
      },
    ];
  const own =
    typeof scope === "object"
      ? interfaces.filter(({ address }) => address === scope.address)
      : interfaces;
  if (typeof scope === "object" && own.length === 0)
    return [
      {
        code: "address-gone",
        certainty: "certain",
        reason: sentence(
          "This computer no longer has the address {0} that your server listens at, for example because it joined another network.",
          scope.address,
        ),
        basis,
        fix: sentence(HOST_AGAIN_IN_NETWORK),
        commands: list,
      },
    ];
  return [
    ...overlayOnly(
      own.map(({ kind }) => kind),
      facts,
    ),
    ...ipv6Only(
      own.map(({ address }) => address),
      facts,
    ),
  ];
}

function overlayOnly(kinds: readonly string[], { platform, interfaces }: HostFacts): Diagnosis[] {
  if (kinds.includes("lan")) return [];
  const isVpn = kinds.includes("vpn");
  return [
    {
      code: isVpn ? "vpn-only" : "virtual-only",
      certainty: isVpn ? "likely" : "certain",
      reason: isVpn
        ? sentence(
            "Your server can be reached only through a VPN: people who are not in the same VPN cannot join.",
          )
        : sentence(
            "Your server can be reached only from virtual machines or containers on this computer.",
          ),
      basis: [networkNames(interfaces)],
      fix: isVpn
        ? sentence(
            "Ask the others to join the same VPN. Or connect to a Wi-Fi or wired network with them, run Chat: Stop Server, then Chat: Host Server, choose “This network”, and send the new invite link. The command lists your addresses.",
          )
        : sentence(HOST_AGAIN_IN_NETWORK),
      commands: [commands.listAddresses(platform)],
    },
  ];
}

function ipv6Only(addresses: readonly string[], { platform, interfaces }: HostFacts): Diagnosis[] {
  if (!addresses.every(isIpv6)) return [];
  return [
    {
      code: "ipv6-only",
      certainty: "likely",
      reason: sentence(
        "Your server has only IPv6 addresses. People whose network has only IPv4 cannot reach it.",
      ),
      basis: [networkNames(interfaces)],
      fix: sentence(
        "Connect to a network that also has IPv4, run Chat: Stop Server, then Chat: Host Server, choose “This network”, and send the new invite link. The command lists your addresses.",
      ),
      commands: [commands.listAddresses(platform)],
    },
  ];
}

/** What this computer finds at an address of its own. */
function ownCheck(check: EndpointCheck, facts: HostFacts): Diagnosis[] {
  if (isExpectedAnswer(check.outcome, "tls")) return [];
  if (check.outcome.type === "open") return [occupant(check, facts)];
  const { platform, port } = facts;
  return [
    {
      code: "own-firewall",
      certainty: "likely",
      reason: sentence(
        "Your server runs, but even this computer does not reach it at {0}. A firewall, antivirus or VPN program on this computer blocks it.",
        hostPort(check.host, port),
      ),
      basis: [checkText(check)],
      fix: sentence(
        "Allow VS Code in the settings of that program, and leave the program itself on. The command tries the connection again.",
      ),
      commands: [
        ...facts.firewalls
          .filter(({ state }) => state === "active")
          .map((firewall) => commands.allowPort(firewall, port, facts.program)),
        commands.tryConnection(platform, check.address, port),
      ],
    },
  ];
}

const FIREWALL_NAMES: Readonly<Record<FirewallFact["name"], string>> = {
  windows: "Windows Defender Firewall",
  macos: "macOS Application Firewall",
  ufw: "ufw",
  firewalld: "firewalld",
  nftables: "nftables",
  iptables: "iptables",
};

function firewallDiagnosis(firewall: FirewallFact, facts: HostFacts): Diagnosis {
  const { port, program, peers } = facts;
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
    certainty: isReachedFromElsewhere(facts) || isVague ? "possible" : "likely",
    reason:
      isBlocked && !isReachedFromElsewhere(facts)
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

/** What another computer has found weighs more than what rules say. */
function isReachedFromElsewhere({ peers, peerChecks }: HostFacts): boolean {
  return peers.length > 0 || peerChecks.some(isReached);
}

function isReached({ outcome }: EndpointCheck): boolean {
  return isExpectedAnswer(outcome, "tls");
}

function byMember({ address, port }: EndpointCheck): Sentence {
  return sentence("Someone on another computer reaches you at {0}.", hostPort(address, port));
}

function unreachableForMember(check: EndpointCheck, facts: HostFacts): Diagnosis {
  const { port, platform, firewalls, program } = facts;
  const active = firewalls.filter(({ state }) => state === "active");
  return {
    code: "firewall",
    certainty: "likely",
    reason: sentence(
      "Someone who is connected tried to reach you at {0} as well, and could not.",
      hostPort(check.host, port),
    ),
    basis: [checkText(check)],
    fix: sentence(
      "Send people an invite link with an address that works. If they need this one, allow the port in your firewall.",
    ),
    commands:
      active.length === 0
        ? [commands.tryConnection(platform, check.address, port)]
        : active.map((firewall) => commands.allowPort(firewall, port, program)),
  };
}

function isolation({ platform, interfaces }: HostFacts): Diagnosis {
  const { address = "192.168.1.20" } = interfaces.find(({ kind }) => kind === "lan") ?? {};
  return {
    code: "client-isolation",
    certainty: "possible",
    reason: sentence(
      "Your network may keep its devices apart (“client isolation”), as many school, hotel and guest networks do, or the others are in another network.",
    ),
    basis: [
      sentence(
        "No other computer is connected to your server now, and only another computer can find this out.",
      ),
    ],
    fix: sentence(
      "Ask someone who cannot join to run Chat: Why Can't They Join? on their computer. If the network is the reason, use another one together, for example the hotspot of a phone, or a VPN that all of you are in. The command is for their computer, if it is like yours.",
    ),
    commands: [commands.ping(platform, address)],
  };
}

function fine({ platform, checks, peers, peerChecks, port }: HostFacts): Diagnosis {
  const [{ address } = { address: "127.0.0.1" }] = checks;
  return {
    code: peers.length > 0 ? "reachable" : "looks-fine",
    certainty: peers.length > 0 ? "certain" : "possible",
    reason:
      peers.length > 0
        ? sentence(
            "Your server works, and other computers are connected to it: {0}.",
            peers.join(", "),
          )
        : sentence(
            "Your server works on this computer. Whether others reach it can only be found out from another computer.",
          ),
    basis: [...checks.map(checkText), ...peerChecks.filter(isReached).map(byMember)],
    fix: sentence(
      "Ask the person who cannot join to run Chat: Why Can't They Join? on their computer, and send them a new invite link. The command, run there, tries the connection.",
    ),
    commands: [commands.tryConnection(platform, address, port)],
  };
}
