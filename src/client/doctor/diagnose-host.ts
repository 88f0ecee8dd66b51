// Why others do not reach the server of this window. Pure.
import { hostPort } from "../../irc/host-port.js";
import * as commands from "./commands.js";
import { sentence, type Diagnosis } from "./diagnosis.js";
import { firewallDiagnosis } from "./diagnose-firewall.js";
import { runsElsewhere } from "./diagnose-window.js";
import { evidenceOf, isReachedAt, type Failure } from "./evidence.js";
import type { EndpointCheck, HostFacts } from "./facts.js";
import { isExpectedAnswer } from "./answers.js";
import { isIpv6, isLoopback } from "./networks.js";
import { checkText, memberTexts, networkNames } from "./sentences.js";

const HOST_AGAIN_IN_NETWORK =
  "Run Chat: Stop Server, then Chat: Host Server, choose “This network”, and send everyone the new invite link.";

/** What can be the reason, in any order. */
export function hostDiagnoses(facts: HostFacts): Diagnosis[] {
  const found = facts.isRunning ? running(facts) : notRunning(facts);
  if (facts.remoteName === undefined) return found;
  return found.map((diagnosis) => ({
    ...diagnosis,
    commands: diagnosis.commands.map(commands.inRemoteWindow),
  }));
}

function running(facts: HostFacts): Diagnosis[] {
  const { isOpen, isShut, failures } = evidenceOf(facts);
  const bound = [
    ...runsElsewhere(facts),
    ...boundWrongly(facts),
    ...facts.checks.flatMap((check) => ownCheck(check, facts)),
  ];
  const isBound = bound.some(({ certainty }) => certainty !== "possible");
  return [
    ...bound,
    ...(isOpen || (!isBound && !isShut) ? [fine(facts)] : []),
    ...failures.map((failure) => unreached(failure, facts)),
    ...facts.firewalls
      .filter(({ state }) => state === "active")
      .map((firewall) => firewallDiagnosis(firewall, facts)),
    ...(facts.peers.length === 0 && !isOpen ? [isolation(facts)] : []),
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

function overlayOnly(kinds: readonly string[], facts: HostFacts): Diagnosis[] {
  const { platform, interfaces } = facts;
  if (kinds.includes("lan")) return [];
  const { isOpen } = evidenceOf(facts);
  const isVpn = kinds.includes("vpn");
  return [
    {
      code: isVpn ? "vpn-only" : "virtual-only",
      certainty: isVpn ? "likely" : isOpen ? "possible" : "certain",
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
  if (isReachedAt(check.address, facts)) return [];
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

/** What members found at an address of this computer, where no one gets through. */
function unreached({ nick, from, check }: Failure, facts: HostFacts): Diagnosis {
  const { port, platform, firewalls, program } = facts;
  const { isReached } = evidenceOf(facts);
  const place = hostPort(check.address, port);
  const tried = commands.tryConnectionAtJoiner(platform, check.address, port);
  const basis = memberTexts({ nick, from, found: [check] }, facts);
  if (check.outcome.type === "open")
    return {
      code: "other-program",
      certainty: "likely",
      reason: sentence(
        "For other computers, another program or another computer answers at {0}.",
        place,
      ),
      basis,
      fix: sentence(
        "Two computers in your network may have the same address, or something on the way answers in place of your server. Disconnect from the network and connect again, then send everyone the new invite link. The command shows what answers there.",
      ),
      commands: tried,
    };
  const active = firewalls.filter(({ state }) => state === "active");
  return {
    code: "firewall",
    certainty: isReached ? "possible" : "likely",
    reason: isReached
      ? sentence("Other computers reach your server, but not at {0}.", place)
      : sentence(
          "Connections from other computers do not arrive at {0} now: a firewall on this computer or in your network blocks them.",
          place,
        ),
    basis,
    fix: isReached
      ? sentence(
          "Send people an invite link with an address that works. If they need this one, allow the port in your firewall.",
        )
      : sentence(
          "Allow this one port, and leave the firewall itself on. If this computer belongs to a school or company, ask its administrator.",
        ),
    commands:
      active.length === 0
        ? tried
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
      "Ask someone who cannot join to run Chat: Why Can't They Join? on their computer. If the network is the reason, use another one together, for example the hotspot of a phone, or a VPN that all of you are in. The command shows whether their computer hears yours.",
    ),
    commands: commands.pingAtJoiner(platform, address),
  };
}

/** What was found where nothing keeps everyone out, and what else there is to check. */
function fine(facts: HostFacts): Diagnosis {
  const { platform, checks, peers, members, port } = facts;
  const { isReached, reached } = evidenceOf(facts);
  const [address = checks[0]?.address ?? "127.0.0.1"] = reached;
  const basis = [
    ...checks.map(checkText),
    ...members.flatMap((member) => memberTexts(member, facts)),
  ];
  const tried = commands.tryConnectionAtJoiner(platform, address, port);
  if (!isReached && peers.length === 0)
    return {
      code: "looks-fine",
      certainty: "possible",
      reason: sentence(
        "Your server works on this computer. Whether others reach it can only be found out from another computer.",
      ),
      basis,
      fix: sentence(
        "Send the person who cannot join a new invite link, and ask them to run Chat: Why Can't They Join? on their computer. The command, run there, tries the connection.",
      ),
      commands: tried,
    };
  return {
    code: "reachable",
    certainty: "certain",
    reason: isReached
      ? sentence("Your server works, and people on other computers can reach it.")
      : sentence(
          "Your server works, and other computers are connected to it: {0}.",
          peers.join(", "),
        ),
    basis,
    fix: sentence(
      "If someone else cannot join, send them a new invite link: an old one may have another address or password. If they still cannot, the reason is on their computer or in their network. Ask them to run Chat: Why Can't They Join? there. The command, run there, tries the connection.",
    ),
    commands: tried,
  };
}
