// What `nft list ruleset` says of connections to a port. Where that is not simple, nothing is claimed. Pure.
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

type Version = "ip" | "ip6";

interface Chain {
  readonly name: string;
  /** Filters what comes in. */
  isFilter: boolean;
  policy: Verdict;
  readonly rules: string[];
}

interface Table {
  readonly name: string;
  readonly family: string;
  readonly chains: Map<string, Chain>;
  /** The elements of sets by their names. */
  readonly sets: Map<string, string>;
}

/** Chains lead to others, but not in circles. */
const MAX_DEPTH = 8;
const MAX_RULES = 2000;

/** The chain that turns connections to `port` away, or may; none where all let them in. */
export function parseNftables(ruleset: string, port: number): FirewallFact[] {
  const tables = readTables(ruleset);
  const [ip, ip6] = (["ip", "ip6"] as const).map((version) => judge(tables, port, version));
  // Most people come by IPv4: what only IPv6 is closed for may be the reason.
  const found = ip ?? (ip6 && { chain: ip6.chain });
  return found === undefined ? [] : [{ name: "nftables", state: "active", ...found }];
}

function judge(
  tables: readonly Table[],
  port: number,
  version: Version,
): { readonly chain: string; readonly blocksPort?: boolean } | undefined {
  let open: string | undefined;
  let unclear: string | undefined;
  for (const table of tables) {
    if (table.family !== "inet" && table.family !== version) continue;
    const work = { left: MAX_RULES };
    for (const chain of table.chains.values()) {
      if (!chain.isFilter) continue;
      const verdicts = outcomeOf(chain, table, { port, version, work }, 0);
      if (verdicts.delete("pass")) verdicts.add(chain.policy);
      const name = `${table.name} ${chain.name}`;
      // Each of them has to let a connection in.
      if (!verdicts.has("accept")) return { chain: name, blocksPort: true };
      if (verdicts.has("drop")) unclear ??= name;
      else if (chain.policy === "drop") open ??= name;
    }
  }
  if (unclear !== undefined) return { chain: unclear };
  return open === undefined ? undefined : { chain: open, blocksPort: false };
}

function readTables(ruleset: string): Table[] {
  const tables: Table[] = [];
  let chain: Chain | undefined;
  let set: string | undefined;
  // Elements can stand on several lines.
  const lines = ruleset.replace(/elements = \{[^{}]*\}/g, (elements) =>
    elements.replace(/\s+/g, " "),
  );
  for (const line of lines.split("\n").map((text) => text.trim())) {
    const [, family, name] = /^table (\w+) ([\w-]+) \{/.exec(line) ?? [];
    if (family !== undefined && name !== undefined) {
      tables.push({ name: `${family} ${name}`, family, chains: new Map(), sets: new Map() });
      continue;
    }
    const table = tables.at(-1);
    const [, kind, opened] = /^(chain|set|map) ([\w-]+) \{/.exec(line) ?? [];
    if (opened !== undefined) {
      set = kind === "set" ? opened : undefined;
      chain =
        kind === "chain"
          ? { name: opened, isFilter: false, policy: "accept", rules: [] }
          : undefined;
      if (chain !== undefined) table?.chains.set(opened, chain);
    } else if (line === "}") {
      chain = undefined;
      set = undefined;
    } else if (set !== undefined) {
      const elements = /^elements = (\{.*\})/.exec(line)?.[1];
      if (elements !== undefined) table?.sets.set(set, elements);
    } else if (chain !== undefined && line.startsWith("type ")) {
      chain.isFilter = /^type filter hook (?:input|prerouting)\b/.test(line);
      if (/\bpolicy drop\b/.test(line)) chain.policy = "drop";
    } else if (chain !== undefined && line !== "") chain.rules.push(line);
  }
  return tables;
}

interface Question {
  readonly port: number;
  readonly version: Version;
  readonly work: { left: number };
}

function outcomeOf(chain: Chain, table: Table, question: Question, depth: number): Set<Verdict> {
  const rules = function* (): Iterable<Rule> {
    for (const text of chain.rules) {
      if (depth > MAX_DEPTH || question.work.left-- <= 0) yield UNCLEAR;
      else yield readRule(text, table, question, depth);
    }
  };
  return outcome(rules());
}

const UNCLEAR: Rule = { match: undefined, verdicts: ANYTHING };

/** What is no condition. */
const REMARKS =
  /\bcounter(?: packets \d+ bytes \d+| name \S+)?|\bcomment "[^"]*"|\blog(?: prefix "[^"]*"| level \w+| flags [\w ]+?(?= |$))*/g;
const VERDICT = /(?:^| )(accept|drop|reject(?: with .*)?|return|(?:jump|goto) [\w-]+)$/;

function readRule(text: string, table: Table, question: Question, depth: number): Rule {
  const rule = text.replace(REMARKS, " ").replace(/\s+/g, " ").trim();
  const [whole, word = ""] = VERDICT.exec(rule) ?? [];
  const conditions = whole === undefined ? rule : rule.slice(0, rule.length - whole.length).trim();
  const [, before = "", map = ""] = /^(.*?)(?:th|tcp) dport vmap (\{.*\})$/.exec(rule) ?? [];
  if (map !== "") return mapped(all(matchesOf(before.trim(), table, question)), map, question.port);
  const state = /^ct state vmap \{(.*)\}$/.exec(rule)?.[1];
  if (state !== undefined) {
    const verdict = /(?:^|[ ,])new : (\w+)/.exec(state)?.[1];
    return { match: verdict === undefined ? false : true, verdicts: new Set([verdictOf(verdict)]) };
  }
  const match = all(matchesOf(conditions, table, question));
  if (match === false) return { match, verdicts: NOTHING };
  // A rule without a verdict changes nothing here, unless it says something that is not known.
  if (whole === undefined)
    return / vmap |^vmap |\b(?:dnat|redirect|queue|tproxy)\b/.test(rule)
      ? UNCLEAR
      : { match, verdicts: NOTHING };
  const [kind, target] = word.split(" ");
  if (kind === "accept" || kind === "drop" || kind === "reject")
    return { match, verdicts: new Set([verdictOf(kind)]) };
  const next = kind === "jump" ? table.chains.get(target ?? "") : undefined;
  if (next === undefined) return UNCLEAR;
  return { match, verdicts: outcomeOf(next, table, question, depth + 1) };
}

function verdictOf(word: string | undefined): Verdict {
  if (word === "accept") return "accept";
  return word === "drop" || word === "reject" ? "drop" : "pass";
}

function mapped(match: Match, map: string, port: number): Rule {
  const entries = map
    .replace(/[{}]/g, "")
    .split(",")
    .map((entry) => entry.split(" : "));
  const found = entries.find(([ports = ""]) => hasPort(ports, port) === true)?.[1]?.trim();
  if (found === undefined) return { match, verdicts: NOTHING };
  return /^(?:accept|drop)$/.test(found)
    ? { match, verdicts: new Set([verdictOf(found)]) }
    : UNCLEAR;
}

/** Each condition has its word, or two, and what it is compared with. */
const CONDITION =
  /^((?:ct state|iifname|iif|(?:tcp|th) dport|ip6? saddr|meta l4proto|ip protocol|ip6 nexthdr|meta nfproto|tcp flags)) (!= )?(\{[^}]*\}|[^ {]+(?:, ?[^ ]+)*) ?/;

function matchesOf(conditions: string, table: Table, question: Question): Match[] {
  const matches: Match[] = [];
  let rest = conditions;
  while (rest !== "") {
    const [whole, word = "", not, value = ""] = CONDITION.exec(rest) ?? [];
    if (whole === undefined) {
      // Of other protocols than TCP, or the other version of IP; the rest is not known.
      const isOther = /^(?:udp|icmp|icmpv6|igmp|sctp|dccp)\b/.test(rest);
      return [...matches, isOther || isOtherVersion(rest, question.version) ? false : undefined];
    }
    if (isOtherVersion(word, question.version)) return [false];
    const match = matchOf(word, value, table, question);
    matches.push(negatable(not !== undefined, match));
    rest = rest.slice(whole.length);
  }
  return matches;
}

/** Whether a condition is about the other version of IP, and so its rule. */
function isOtherVersion(condition: string, version: Version): boolean {
  return condition.startsWith(version === "ip" ? "ip6 " : "ip ");
}

function matchOf(word: string, value: string, table: Table, { port, version }: Question): Match {
  const words = value
    .replace(/["{}]/g, "")
    .split(",")
    .map((part) => part.trim());
  switch (word) {
    case "ct state":
      return words.includes("new");
    case "iifname":
    case "iif":
      return words.every((name) => name === "lo") ? false : undefined;
    case "tcp dport":
    case "th dport":
      return hasPort(
        value.startsWith("@") ? (table.sets.get(value.slice(1)) ?? value) : value,
        port,
      );
    case "ip saddr":
    case "ip6 saddr":
      if (words.every((address) => /^127\.|^::1$/.test(address))) return false;
      return /^(?:0\.0\.0\.0|::)\/0$/.test(value) ? true : undefined;
    case "meta nfproto":
      return words.includes(version === "ip" ? "ipv4" : "ipv6");
    case "meta l4proto":
    case "ip protocol":
    case "ip6 nexthdr":
      return words.includes("tcp") || words.includes("6");
    default:
      return undefined;
  }
}
