// What `iptables -S INPUT` says of connections to a port. Where that is not simple, nothing is claimed. Pure.
import type { FirewallFact } from "./facts.js";
import {
  all,
  ANYTHING,
  hasPort,
  negatable,
  NOTHING,
  outcome,
  type Match,
  type Rule,
  type Verdict,
} from "./filter.js";

export function parseIptables(rules: string, port: number): FirewallFact[] {
  const lines = rules.split("\n").map((line) => line.trim());
  const policy: Verdict = lines.includes("-P INPUT DROP") ? "drop" : "accept";
  const verdicts = outcome(
    lines.filter((line) => line.startsWith("-A INPUT")).map((line) => readRule(line, port)),
  );
  if (verdicts.delete("pass")) verdicts.add(policy);
  if (!verdicts.has("accept")) return [{ name: "iptables", state: "active", blocksPort: true }];
  if (verdicts.has("drop")) return [{ name: "iptables", state: "active" }];
  return policy === "drop" ? [{ name: "iptables", state: "active", blocksPort: false }] : [];
}

function readRule(line: string, port: number): Rule {
  const [, conditions = "", target = ""] =
    /^-A INPUT ?(.*?) ?(?:-j (\S+).*|-g \S+.*)?$/.exec(line) ?? [];
  return { match: all(matchesOf(conditions, port)), verdicts: verdictsOf(target) };
}

function verdictsOf(target: string): ReadonlySet<Verdict> {
  switch (target) {
    case "ACCEPT":
      return new Set(["accept"]);
    case "DROP":
    case "REJECT":
      return new Set(["drop"]);
    case "LOG":
      return NOTHING;
    default:
      // The rules of another chain, which are not listed here.
      return ANYTHING;
  }
}

const CONDITION = /^(! )?(-{1,2}[\w-]+) ("[^"]*"|\S+) ?/;

function matchesOf(conditions: string, port: number): Match[] {
  const matches: Match[] = [];
  let rest = conditions;
  while (rest !== "") {
    const [whole, not, option = "", value = ""] = CONDITION.exec(rest) ?? [];
    if (whole === undefined) return [...matches, undefined];
    const match = matchOf(option, value, port);
    matches.push(negatable(not !== undefined, match));
    rest = rest.slice(whole.length);
  }
  return matches;
}

function matchOf(option: string, value: string, port: number): Match {
  switch (option) {
    case "-m":
      return /^(?:tcp|udp|multiport|comment|state|conntrack)$/.test(value) ? true : undefined;
    case "--comment":
      return true;
    case "-p":
      return value === "tcp" || value === "all";
    case "-i":
      return value === "lo" ? false : undefined;
    case "-s":
      return value.startsWith("127.") ? false : undefined;
    case "--dport":
    case "--dports":
      return hasPort(value, port);
    case "--state":
    case "--ctstate":
      return value.split(",").includes("NEW");
    default:
      return undefined;
  }
}
