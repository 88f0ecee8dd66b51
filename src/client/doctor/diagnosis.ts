// What a diagnosis is. Its sentences are English, with `{0}` for what is put in, so that a user interface can translate them.
export interface Sentence {
  readonly text: string;
  readonly args: readonly (string | number)[];
}

/** A command to run, and where. */
export interface Command {
  readonly where: Sentence;
  /** To be run as it is. */
  readonly text: string;
}

export type DiagnosisCode =
  /** Nothing wrong was found. */
  | "reachable"
  | "looks-fine"
  | "offline"
  | "not-hosting"
  | "loopback-only"
  | "address-gone"
  | "runs-elsewhere"
  | "vpn-only"
  | "virtual-only"
  | "ipv6-only"
  | "ipv4-only"
  | "name-not-found"
  | "name-points-here"
  | "captive-portal"
  | "tls-interception"
  | "another-parley"
  | "other-program"
  | "not-encrypted"
  | "needs-encryption"
  | "turned-away"
  | "silent"
  | "closes-at-once"
  | "nothing-listens"
  | "wrong-port"
  | "firewall"
  | "firewall-drops"
  | "firewall-rejects"
  | "own-firewall"
  | "local-network-permission"
  | "public-network"
  | "client-isolation"
  | "host-away"
  | "other-network"
  | "public-address";

export interface Diagnosis {
  readonly code: DiagnosisCode;
  /** `certain`: what was found leaves nothing else; `likely`: it explains everything; `possible`: it would. */
  readonly certainty: "certain" | "likely" | "possible";
  /** What is wrong. */
  readonly reason: Sentence;
  /** What this rests on. */
  readonly basis: readonly Sentence[];
  /** What to do. */
  readonly fix: Sentence;
  readonly commands: readonly Command[];
}

export function sentence(text: string, ...args: readonly (string | number)[]): Sentence {
  return { text, args };
}
