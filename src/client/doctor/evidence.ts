// What other computers prove of the host's server: it weighs more than what rules and addresses say. Pure.
import { isExpectedAnswer } from "./answers.js";
import type { EndpointCheck, HostFacts, Outcome } from "./facts.js";
import { isOwnPlace } from "./sentences.js";

/** Someone does not get through to an address of this computer, and no one else does. */
export interface Failure {
  readonly nick: string;
  readonly from: string;
  readonly check: EndpointCheck;
}

export interface Evidence {
  /** A member has connected just now, at whatever address. */
  readonly isReached: boolean;
  /** Members have tried just now, and none gets through. Whoever is connected came before. */
  readonly isShut: boolean;
  /** Others get through, as far as anyone knows. */
  readonly isOpen: boolean;
  /** The addresses of this computer where someone gets through. */
  readonly reached: readonly string[];
  readonly failures: readonly Failure[];
}

export function evidenceOf(facts: HostFacts): Evidence {
  const found = facts.members.flatMap(({ nick, from, found: checks = [] }) =>
    checks.map((check) => ({ nick, from, check })),
  );
  const isReached = found.some(({ check }) => isReachable(check.outcome));
  const own = found.filter(({ check }) => isOwnPlace(check, facts));
  const reached = own
    .filter(({ check }) => isReachable(check.outcome))
    .map(({ check }) => check.address);
  const failures = own.filter(
    ({ check: { address } }) => !reached.includes(address) && !isVirtual(address, facts),
  );
  const isShut = !isReached && failures.length > 0;
  const isOpen = isReached || (facts.peers.length > 0 && !isShut);
  return { isReached, isShut, isOpen, reached, failures };
}

/** Other computers cannot be in such a network. */
function isVirtual(address: string, { interfaces }: HostFacts): boolean {
  return interfaces.find((own) => own.address === address)?.kind === "virtual";
}

export function isReachedAt(address: string, facts: HostFacts): boolean {
  return evidenceOf(facts).reached.includes(address);
}

function isReachable(outcome: Outcome): boolean {
  return isExpectedAnswer(outcome, "tls");
}
