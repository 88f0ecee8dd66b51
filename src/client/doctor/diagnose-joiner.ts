// Why this computer does not reach a server. Pure.
import { hostPort } from "../../irc/host-port.js";
import * as commands from "./commands.js";
import { sentence, type Diagnosis } from "./diagnosis.js";
import type { EndpointCheck, JoinerFacts, Resolution } from "./facts.js";
import { interfaceFor, isIpv6, isLoopback, isPrivate, kindOfAddress } from "./networks.js";
import {
  answerDiagnosis,
  isExpectedAnswer,
  portalDiagnosis,
  interceptionDiagnosis,
} from "./answers.js";
import { CONTROL_ADDRESS } from "./facts.js";
import { checkText, networkNames } from "./sentences.js";

/** What can be the reason, in any order. */
export function joinerDiagnoses(facts: JoinerFacts): Diagnosis[] {
  const found = facts.checks.filter((check) => isExpectedAnswer(check.outcome, facts.transport));
  if (found.length > 0) return [reachable(facts, found)];
  const everywhere = interception(facts);
  if (everywhere?.certainty === "certain") return [everywhere];
  return [
    ...(everywhere === undefined ? [] : [everywhere]),
    ...facts.resolutions.flatMap((resolution) => nameDiagnoses(resolution, facts)),
    ...facts.checks.flatMap((check) => checkDiagnoses(check, facts)),
  ];
}

/** It is the right one for certain only where its certificate is known. */
function reachable(
  { platform, port, isConnected }: JoinerFacts,
  found: readonly EndpointCheck[],
): Diagnosis {
  const isProved = (check: EndpointCheck) =>
    check.outcome.type === "open" &&
    check.outcome.answer.kind === "tls" &&
    check.outcome.answer.certificate === "expected";
  const proved = found.find(isProved);
  const address = (proved ?? found[0])?.address ?? "";
  const place = hostPort(address, port);
  if (isConnected)
    return {
      code: "reachable",
      certainty: "certain",
      reason: sentence("You are connected to the server at {0}, and it answers.", place),
      basis: found.map(checkText),
      fix: sentence(
        "There is nothing to do for you. If someone else cannot join, ask the host for a new invite link for them. Then let them run Chat: Why Can't They Join? on their computer, and the host on theirs: only those two computers can tell the reason.",
      ),
      commands: [],
    };
  return {
    code: "reachable",
    certainty: proved === undefined ? "likely" : "certain",
    reason:
      proved !== undefined
        ? sentence(
            "The server answers at {0}, and it is the right one. The network is not the problem.",
            place,
          )
        : sentence(
            "A chat server answers at {0}, so the network is not the problem. Whether it is the right one, its address alone does not tell.",
            place,
          ),
    basis: found.map(checkText),
    fix: sentence(
      "Join again. If that fails, Parley says why: for example, the invite link's password is old, or the host has to let you in. Ask the host for a new invite link.",
    ),
    commands: [commands.tryConnection(platform, address, port)],
  };
}

/** Something in the network answers in place of all others. */
function interception({ intercepted, platform, port, checks }: JoinerFacts): Diagnosis | undefined {
  if (intercepted === undefined) return undefined;
  const { answer } = intercepted;
  const basis = [
    sentence(
      "Something answered at {0}, an address that no computer has. So this network answers in place of others.",
      hostPort(CONTROL_ADDRESS, intercepted.port),
    ),
  ];
  if (intercepted.port !== port) {
    // Only what web browsers want is answered so, and the way to the host may be another one.
    const isAnswered = checks.some(
      ({ outcome }) => outcome.type === "open" || outcome.type === "refused",
    );
    return portalDiagnosis(isAnswered ? "possible" : "likely", basis, platform);
  }
  return answer.kind === "tls"
    ? interceptionDiagnosis(
        "certain",
        basis,
        answer.issuer,
        commands.showCertificate(platform, CONTROL_ADDRESS, port),
      )
    : portalDiagnosis("certain", basis, platform);
}

function nameDiagnoses({ host, addresses, error }: Resolution, facts: JoinerFacts): Diagnosis[] {
  const { platform, resolutions } = facts;
  const isOnly = resolutions.length === 1;
  if (addresses.length === 0)
    return [
      {
        code: "name-not-found",
        certainty: isOnly ? "certain" : "likely",
        reason: sentence("No computer named {0} was found.", host),
        basis: [
          error === "EAI_AGAIN"
            ? sentence(
                "No name server answered. Either this network has none, or it does not work now.",
              )
            : sentence("The name server of this network does not know the name {0}.", host),
        ],
        fix: sentence(
          "Check the spelling, or ask the host for an invite link, which has their IP address. Some names work only inside one network or VPN.",
        ),
        commands: [commands.lookUp(platform, host)],
      },
    ];
  const isName = !addresses.includes(host);
  if (!isName || host === "localhost" || !addresses.every(isLoopback)) return [];
  return [
    {
      code: "name-points-here",
      certainty: isOnly ? "certain" : "possible",
      reason: sentence(
        "On this computer, the name {0} stands for this computer itself, not for the host's.",
        host,
      ),
      basis: [sentence("{0} leads to {1}.", host, addresses.join(", "))],
      fix: sentence(
        "Use the host's IP address, or an invite link, instead of the name. If you did not expect this, look for the name in the hosts file of this computer.",
      ),
      commands: [commands.lookUp(platform, host)],
    },
  ];
}

function checkDiagnoses(check: EndpointCheck, facts: JoinerFacts): Diagnosis[] {
  const { outcome, address } = check;
  const basis = [checkText(check)];
  if (outcome.type === "open") {
    const diagnosis = answerDiagnosis(check, outcome.answer, facts);
    if (isLoopback(address))
      return [{ ...diagnosis, certainty: "likely" }, ...loopback(check, facts)];
    return [diagnosis];
  }
  if (isLoopback(address)) return loopback(check, facts);
  switch (outcome.type) {
    case "refused":
      return refused(check, facts);
    case "denied":
      return [
        {
          code: "own-firewall",
          certainty: "certain",
          reason: sentence(
            "This computer does not allow VS Code to connect to {0}: a firewall or antivirus program blocks it.",
            hostPort(check.host, check.port),
          ),
          basis,
          fix: sentence(
            "Allow VS Code to make connections in that program's settings, then run this again. The command shows whether other programs may.",
          ),
          commands: [commands.tryConnection(facts.platform, address, check.port)],
        },
      ];
    case "lost":
      return [answerDiagnosis(check, { kind: "closed" }, facts)];
    case "unreachable":
    case "timed-out":
      return unanswered(check, facts);
  }
}

function loopback(check: EndpointCheck, { platform }: JoinerFacts): Diagnosis[] {
  return [
    {
      code: "loopback-only",
      certainty: "likely",
      reason: sentence(
        "{0} is this computer itself. The address works only on the computer of the host.",
        check.host,
      ),
      basis: [checkText(check)],
      fix: sentence(
        "Ask the host to stop the server, to run Chat: Host Server again with “This network”, and to send you the new invite link. If you are the host, check that the server is running.",
      ),
      commands: commands.listHostAddresses(platform),
    },
  ];
}

function refused(check: EndpointCheck, facts: JoinerFacts): Diagnosis[] {
  const { platform, transport } = facts;
  const right = facts.defaultPort.find(
    ({ host, address, outcome }) =>
      host === check.host && address === check.address && isExpectedAnswer(outcome, transport),
  );
  if (right !== undefined)
    return [
      {
        code: "wrong-port",
        certainty: "likely",
        reason: sentence(
          "The port is wrong: no server listens on port {0}, but there is one on port {1}.",
          check.port,
          right.port,
        ),
        basis: [checkText(check), checkText(right)],
        fix: sentence(
          "Join with the address {0}, or ask the host for a new invite link.",
          hostPort(right.host, right.port),
        ),
        commands: [commands.tryConnection(platform, right.address, right.port)],
      },
    ];
  return [
    {
      code: "nothing-listens",
      certainty: "likely",
      reason: sentence(
        "{0} can be reached, but no server listens there for other computers. Most often the host has stopped the server, or has started it for “Only this computer”.",
        hostPort(check.host, check.port),
      ),
      basis: [checkText(check)],
      fix: sentence(
        "Ask the host to run Chat: Why Can't They Join? on their computer, which tells whether the server runs and for whom, and to send you a new invite link. The command tries the connection again.",
      ),
      commands: [
        commands.tryConnection(platform, check.address, check.port),
        ...commands.whoListensAtHost(platform, check.port),
      ],
    },
  ];
}

/** No answer, or one of a router or firewall on the way. Nearest to the truth first: what cannot work at all. */
function unanswered(check: EndpointCheck, facts: JoinerFacts): Diagnosis[] {
  const { address } = check;
  const { interfaces } = facts;
  if (interfaces.length === 0) return [offline(check, facts)];
  if (!interfaces.some((own) => isIpv6(own.address) === isIpv6(address)))
    return [otherVersion(check, facts)];
  const near = interfaceFor(address, interfaces);
  if (near === undefined) return [afar(check, facts)];
  const doesAnswer = facts.neighborhood.answers[address];
  if (doesAnswer === false) return away(check, facts);
  if (check.outcome.type === "timed-out")
    return doesAnswer === true
      ? [drops(check, facts, "certain")]
      : [drops(check, facts, "likely"), isolation(check, facts, "possible")];
  if (doesAnswer === true) return [rejects(check, facts)];
  return facts.platform === "macos"
    ? [notPermitted(check), ...away(check, facts)]
    : away(check, facts);
}

function offline(check: EndpointCheck, { platform }: JoinerFacts): Diagnosis {
  return {
    code: "offline",
    certainty: "certain",
    reason: sentence("This computer is not connected to a network."),
    basis: [sentence("It has no address besides its own loopback address."), checkText(check)],
    fix: sentence("Connect to the same Wi-Fi or wired network as the host, then join again."),
    commands: [commands.listAddresses(platform)],
  };
}

function otherVersion(check: EndpointCheck, facts: JoinerFacts): Diagnosis {
  const isV6 = isIpv6(check.address);
  return {
    code: isV6 ? "ipv6-only" : "ipv4-only",
    certainty: facts.checks.every(({ address }) => isIpv6(address) === isV6)
      ? "certain"
      : "possible",
    reason: isV6
      ? sentence(
          "The host's address {0} is an IPv6 address, and this computer has only IPv4.",
          check.address,
        )
      : sentence(
          "The host's address {0} is an IPv4 address, and this computer has only IPv6.",
          check.address,
        ),
    basis: [checkText(check), networkNames(facts.interfaces)],
    fix: isV6
      ? sentence(
          "Ask the host to choose “This network” in Chat: Host Server, so that the server also listens on IPv4, and to send you a new invite link with their IPv4 address.",
        )
      : sentence(
          "Ask the host to choose “This network” in Chat: Host Server, so that the server also listens on IPv6, and to send you a new invite link with their IPv6 address.",
        ),
    commands: [
      commands.listAddresses(facts.platform),
      ...commands.listHostAddresses(facts.platform),
    ],
  };
}

/** Not of a network this computer is in. */
function afar(check: EndpointCheck, facts: JoinerFacts): Diagnosis {
  const { address, port } = check;
  const { platform } = facts;
  const basis = [checkText(check), networkNames(facts.interfaces)];
  const tried = [commands.listAddresses(platform), commands.tryConnection(platform, address, port)];
  switch (kindOfAddress(address)) {
    case "vpn":
      return {
        code: "vpn-only",
        certainty: "likely",
        reason: sentence(
          "{0} is an address inside a VPN (such as Tailscale, Hamachi or Radmin VPN), and this computer is not in it.",
          address,
        ),
        basis,
        fix: sentence(
          "Join the same VPN as the host. Or ask the host for an invite link with their address in the network that you share.",
        ),
        commands: tried,
      };
    case "virtual":
      return {
        code: "virtual-only",
        certainty: "likely",
        reason: sentence(
          "{0} looks like an address for virtual machines or containers inside the host's computer. Other computers cannot reach it.",
          address,
        ),
        basis,
        fix: sentence(
          "Ask the host for an invite link with the address of their Wi-Fi or network cable. The command lists your addresses.",
        ),
        commands: [...tried, ...commands.listHostAddresses(platform)],
      };
    case "lan":
      return isPrivate(address) ? otherNetwork(check, facts) : publicAddress(check, facts);
  }
}

function otherNetwork(check: EndpointCheck, facts: JoinerFacts): Diagnosis {
  return {
    code: "other-network",
    certainty: "likely",
    reason: sentence(
      "You and the host seem to be in different networks: {0} is a private address, and this computer is in another network.",
      check.address,
    ),
    basis: [checkText(check), networkNames(facts.interfaces)],
    fix: sentence(
      "Connect to the same Wi-Fi or wired network as the host; a guest Wi-Fi is often a network of its own. Or use a VPN that both of you are in. If the networks are joined on purpose, ask the host to check the firewall.",
    ),
    commands: [
      commands.listAddresses(facts.platform),
      ...commands.listHostAddresses(facts.platform),
    ],
  };
}

function publicAddress(check: EndpointCheck, facts: JoinerFacts): Diagnosis {
  return {
    code: "public-address",
    certainty: "likely",
    reason: sentence(
      "{0} is an address on the internet, and nothing answers there. As a rule, a router or firewall in front of the host does not let connections in.",
      hostPort(check.host, check.port),
    ),
    basis: [checkText(check)],
    fix: sentence(
      "If you are in the same network as the host, ask for an invite link with the address in that network. Otherwise use a VPN that both of you are in. The command shows whether anything answers.",
    ),
    commands: [commands.tryConnection(facts.platform, check.address, check.port)],
  };
}

function drops(
  check: EndpointCheck,
  facts: JoinerFacts,
  certainty: Diagnosis["certainty"],
): Diagnosis {
  return {
    code: "firewall-drops",
    certainty,
    reason: sentence(
      "The host's computer is there, but a firewall on it ignores connections to port {0}.",
      check.port,
    ),
    basis: [checkText(check), ...neighborBasis(check, facts)],
    fix: sentence(
      "Ask the host to allow this one port in their firewall, and to leave the firewall itself on. Chat: Why Can't They Join? on the host's computer names the firewall. The command is the usual one; the report has it for every system.",
    ),
    commands: [
      ...commands.allowPortAtHost(facts.platform, check.port),
      commands.tryConnection(facts.platform, check.address, check.port),
    ],
  };
}

function rejects(check: EndpointCheck, facts: JoinerFacts): Diagnosis {
  return {
    ...drops(check, facts, "certain"),
    code: "firewall-rejects",
    reason: sentence(
      "The host's computer is there, but a firewall on it rejects connections to port {0}.",
      check.port,
    ),
  };
}

function neighborBasis({ address }: EndpointCheck, { neighborhood }: JoinerFacts) {
  switch (neighborhood.answers[address]) {
    case true:
      return [
        sentence("The computer with the address {0} is in your network and switched on.", address),
      ];
    case false:
      return [sentence("No device in your network says that it has the address {0}.", address)];
    default:
      return [];
  }
}

/** No device says that it has the address: it is not there, or may not be heard. */
function away(check: EndpointCheck, facts: JoinerFacts): Diagnosis[] {
  const { gateway, answers } = facts.neighborhood;
  const others = Object.entries(answers).some(
    ([address, doesAnswer]) => doesAnswer && address !== gateway && address !== check.address,
  );
  const isAlone = gateway !== undefined && answers[gateway] === true && !others;
  return [
    isolation(check, facts, isAlone ? "likely" : "possible"),
    {
      code: "host-away",
      certainty: isAlone ? "possible" : "likely",
      reason: sentence(
        "No computer has the address {0} now. The host's computer is off, asleep, in another network, or has a new address.",
        check.address,
      ),
      basis: [checkText(check), ...neighborBasis(check, facts)],
      fix: sentence(
        "Ask the host whether their computer is on and in this network, and for a new invite link: addresses change when a computer joins a network again.",
      ),
      commands: [
        commands.ping(facts.platform, check.address),
        ...commands.listHostAddresses(facts.platform),
      ],
    },
  ];
}

function isolation(
  check: EndpointCheck,
  facts: JoinerFacts,
  certainty: Diagnosis["certainty"],
): Diagnosis {
  const { gateway, answers } = facts.neighborhood;
  const hearsRouter = gateway !== undefined && answers[gateway] === true;
  return {
    code: "client-isolation",
    certainty,
    reason: sentence(
      "This network seems to keep its devices apart (“client isolation”), as many school, hotel and guest networks do.",
    ),
    basis: [
      checkText(check),
      ...neighborBasis(check, facts),
      ...(hearsRouter
        ? [sentence("Your router ({0}) answers, so your own connection works.", gateway)]
        : []),
    ],
    fix: sentence(
      "Use another network together, for example the hotspot of a phone or a network cable, or a VPN that both of you are in. Only the people who run this network can change it. The command shows whether the host's computer can be heard.",
    ),
    commands: [commands.ping(facts.platform, check.address)],
  };
}

function notPermitted(check: EndpointCheck): Diagnosis {
  return {
    code: "local-network-permission",
    certainty: "likely",
    reason: sentence("macOS may not allow VS Code to reach other devices in your network."),
    basis: [checkText(check)],
    fix: sentence(
      "In System Settings, open Privacy & Security, then Local Network, and allow Visual Studio Code. Then start VS Code again.",
    ),
    commands: [commands.openLocalNetworkSettings()],
  };
}
