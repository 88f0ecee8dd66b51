// What the doctor reads out of the rules of a firewall: whom it blames, whom it does not, and where it claims nothing.
import { strict as assert } from "node:assert";
import { diagnose } from "../../src/client/doctor/diagnose.js";
import type { FirewallFact, HostFacts } from "../../src/client/doctor/facts.js";
import { parseIptables } from "../../src/client/doctor/iptables.js";
import { parseNftables } from "../../src/client/doctor/nftables.js";
import { bob, check, host, parley, port, wifi } from "./doctor-facts.js";

const table = (family: string, name: string, ...chains: readonly string[]) =>
  `table ${family} ${name} {\n${chains.join("\n")}\n}\n`;
const chain = (policy: string, ...rules: readonly string[]) =>
  `\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n${rules.map((rule) => `\t\t${rule}\n`).join("")}\t}`;
const inet = (policy: string, ...rules: readonly string[]) =>
  table("inet", "f", chain(policy, ...rules));

/** What is said of the port. */
function judged([firewall]: readonly FirewallFact[]): "blocks" | "may" | "lets in" {
  if (firewall?.blocksPort === true) return "blocks";
  return firewall !== undefined && firewall.blocksPort === undefined ? "may" : "lets in";
}

describe("rules of nftables", () => {
  const guard = "\tchain guard {\n\t\ttcp dport 9898 drop\n\t}";
  const ok = "\tset ok {\n\t\ttype inet_service\n\t\telements = { 22, 80,\n\t\t\t     9898 }\n\t}";
  for (const [what, ruleset, said] of [
    // Blamed, though not the reason.
    ["drop one address", inet("accept", "ip saddr 203.0.113.7 drop"), "may"],
    ["drop a list of addresses", inet("accept", "ip saddr @blacklist drop"), "may"],
    ["accept the LAN", inet("drop", "ip saddr 192.168.0.0/16 accept"), "may"],
    [
      "drop odd flags",
      inet("accept", "tcp flags & (fin|syn|rst|ack) != syn ct state new drop"),
      "may",
    ],
    ["accept a set", table("inet", "f", ok, chain("drop", "tcp dport @ok accept")), "lets in"],
    ["accept a set that is not listed", inet("drop", "tcp dport @ok accept"), "may"],
    ["accept by a map", inet("drop", "tcp dport vmap { 22 : accept, 9898 : accept }"), "lets in"],
    ["drop by a map", inet("accept", "tcp dport vmap { 22 : accept, 9898 : drop }"), "blocks"],
    ["map another port", inet("drop", "tcp dport vmap { 22 : accept }"), "blocks"],
    [
      "map states",
      inet("drop", "ct state vmap { established : accept, invalid : drop, new : accept }"),
      "lets in",
    ],
    [
      "close IPv6 only",
      table("ip6", "f", chain("drop")) + table("ip", "f", chain("accept")),
      "may",
    ],
    [
      "drop IPv6 in a table of both",
      inet("accept", "ip6 saddr ::/0 drop", "meta nfproto ipv6 drop"),
      "may",
    ],
    [
      "count and log",
      inet(
        "drop",
        'tcp dport 9898 counter packets 1 bytes 2 log prefix "in" accept comment "chat"',
      ),
      "lets in",
    ],
    [
      "drop at the way out",
      table(
        "inet",
        "f",
        "\tchain out {\n\t\ttype filter hook output priority filter; policy drop;\n\t}",
      ),
      "lets in",
    ],
    ["drop UDP", inet("accept", "udp dport 9898 drop", "meta l4proto udp drop"), "lets in"],
    [
      "drop pings",
      inet("accept", "icmp type echo-request drop", "ip protocol icmp drop"),
      "lets in",
    ],
    // Not blamed, though the reason.
    ["accept UDP only", inet("drop", "udp dport 9898 accept"), "blocks"],
    ["accept loopback only", inet("drop", 'iifname "lo" tcp dport 9898 accept'), "blocks"],
    ["drop what is not loopback", inet("accept", 'iifname != "lo" drop'), "blocks"],
    [
      "accept in one table and drop in another",
      inet("accept", "tcp dport 9898 accept") + table("inet", "g", chain("drop")),
      "blocks",
    ],
    ["drop all ports but one", inet("accept", "tcp dport != 22 drop"), "blocks"],
    ["drop in another chain", table("inet", "f", guard, chain("accept", "jump guard")), "blocks"],
    [
      "drop in another chain, for some",
      table("inet", "f", guard, chain("accept", "ip saddr 10.0.0.1 jump guard")),
      "may",
    ],
    ["go to a chain that is not there", inet("accept", "jump nowhere"), "may"],
    [
      "go round in circles",
      table("inet", "f", "\tchain a {\n\t\tjump a\n\t\tjump a\n\t}", chain("accept", "jump a")),
      "may",
    ],
    ["accept by interface", inet("drop", 'iifname "eth0" tcp dport 9898 accept'), "may"],
    ["say what no one knows", inet("drop", "meta mark 0x1 accept"), "may"],
  ] as const)
    it(`that ${what}: ${said}`, () => {
      assert.equal(judged(parseNftables(ruleset, port)), said);
    });
});

describe("rules of iptables", () => {
  for (const [what, rules, said] of [
    [
      "accept loopback only",
      "-P INPUT DROP\n-A INPUT -i lo -p tcp -m tcp --dport 9898 -j ACCEPT",
      "blocks",
    ],
    ["accept UDP only", "-P INPUT DROP\n-A INPUT -p udp -m udp --dport 9898 -j ACCEPT", "blocks"],
    ["drop one address", "-P INPUT ACCEPT\n-A INPUT -s 203.0.113.7/32 -j DROP", "may"],
    [
      "drop all ports but one",
      "-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp ! --dport 22 -j DROP",
      "blocks",
    ],
    ["lead to another chain", "-P INPUT ACCEPT\n-A INPUT -j guard", "may"],
    [
      "accept with a comment",
      '-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 9898 -m comment --comment "our chat" -j ACCEPT',
      "lets in",
    ],
    [
      "accept what is established",
      "-P INPUT DROP\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "blocks",
    ],
  ] as const)
    it(`that ${what}: ${said}`, () => {
      assert.equal(judged(parseIptables(rules, port)), said);
    });
});

describe("a firewall at the host", () => {
  const judge = (firewall: Partial<FirewallFact>, parts: Partial<HostFacts> = {}) =>
    diagnose(host({ firewalls: [{ name: "nftables", state: "active", ...firewall }], ...parts }));

  it("whose rules are not simple is not blamed: it may be the reason", () => {
    const found = judge({});
    assert.equal(found[0]?.code, "looks-fine");
    const firewall = found.find(({ code }) => code === "firewall");
    assert.equal(firewall?.certainty, "possible");
    assert.match(firewall.reason.text, /may block/);
  });

  it("is not blamed where a member reaches the host, whatever its rules say", () => {
    const found = judge({ blocksPort: true }, { members: [bob(check(wifi.address, parley()))] });
    assert.equal(found[0]?.code, "reachable");
    const firewall = found.find(({ code }) => code === "firewall");
    assert.equal(firewall?.certainty, "possible");
    assert.match(firewall.reason.text, /may block/);
  });
});
