// The doctor's judgment, from facts alone: a row for each thing that can be wrong, on each operating system.
import assert from "node:assert/strict";
import { diagnose } from "../../src/client/doctor/diagnose.js";
import type { Diagnosis, DiagnosisCode } from "../../src/client/doctor/diagnosis.js";
import type {
  Answer,
  FirewallFact,
  HostFacts,
  JoinerFacts,
  MemberTest,
} from "../../src/client/doctor/facts.js";
import { parseIptables } from "../../src/client/doctor/iptables.js";
import { parseNeighbors } from "../../src/client/net/doctor/neighborhood.js";
import { bytesOf, kindOfAddress, kindOfInterface } from "../../src/client/doctor/networks.js";
import { parseNftables } from "../../src/client/doctor/nftables.js";
import { reportText } from "../../src/client/doctor/report.js";
import {
  bob,
  check,
  host,
  joiner,
  near,
  open,
  parley,
  port,
  refused,
  timedOut,
  unreachable,
  wifi,
} from "./doctor-facts.js";

const windows: FirewallFact = { name: "windows", state: "active" };
const page: Answer = { kind: "http", status: 302, redirectHost: "login.school.test" };

const joinerRows: readonly (readonly [string, JoinerFacts, DiagnosisCode, RegExp])[] = [
  ["the right server", joiner([check(near, parley())]), "reachable", /^nc /],
  [
    "the right server at one of two addresses",
    joiner([check("10.0.0.1", timedOut), check(near, parley())]),
    "reachable",
    /192\.168\.1\.20/,
  ],
  [
    "an IRC server that no one has a certificate of",
    joiner([check(near, parley({ certificate: "unknown", protocol: "irc" }))]),
    "reachable",
    /^nc /,
  ],
  [
    "a refusal",
    joiner([check(near, refused)], { platform: "windows" }),
    "nothing-listens",
    /^Test-NetConnection/,
  ],
  [
    "no answer of a neighbor who is there",
    joiner([check(near, timedOut)], {
      neighborhood: { gateway: undefined, answers: { [near]: true } },
    }),
    "firewall-drops",
    /^New-NetFirewallRule/,
  ],
  [
    "a neighbor who turns away",
    joiner([check(near, unreachable)], {
      neighborhood: { gateway: undefined, answers: { [near]: true } },
    }),
    "firewall-rejects",
    /socketfilterfw/,
  ],
  [
    "only the router answers",
    joiner([check(near, unreachable)], {
      neighborhood: { gateway: "192.168.1.1", answers: { "192.168.1.1": true, [near]: false } },
    }),
    "client-isolation",
    /^ping -c 3/,
  ],
  [
    "all neighbors but one answer",
    joiner([check(near, unreachable)], {
      neighborhood: {
        gateway: "192.168.1.1",
        answers: { "192.168.1.1": true, "192.168.1.9": true, [near]: false },
      },
    }),
    "host-away",
    /^ping/,
  ],
  [
    "macOS does not let us out",
    joiner([check(near, unreachable)], { platform: "macos" }),
    "local-network-permission",
    /^open /,
  ],
  [
    "this computer does not let us out",
    joiner([check(near, { type: "denied", code: "EACCES" })], { platform: "macos" }),
    "own-firewall",
    /^nc -vz -G/,
  ],
  ["Tailscale, and we are not in it", joiner([check("100.100.1.1", timedOut)]), "vpn-only", /^nc /],
  [
    "Radmin VPN, and we are not in it",
    joiner([check("26.1.2.3", unreachable)], { platform: "windows" }),
    "vpn-only",
    /^ipconfig/,
  ],
  ["an address of Docker's", joiner([check("172.17.0.1", timedOut)]), "virtual-only", /^ip /],
  ["another private network", joiner([check("10.1.2.3", timedOut)]), "other-network", /^ip /],
  [
    "an address on the internet",
    joiner([check("203.0.113.9", timedOut)]),
    "public-address",
    /^nc /,
  ],
  [
    "only IPv6 there, only IPv4 here",
    joiner([check("2001:db8::1", unreachable)]),
    "ipv6-only",
    /^ip /,
  ],
  [
    "only IPv4 there, only IPv6 here",
    joiner([check(near, unreachable)], {
      interfaces: [{ ...wifi, address: "2001:db8::7", prefixLength: 64 }],
    }),
    "ipv4-only",
    /^ip /,
  ],
  ["no network", joiner([check(near, unreachable)], { interfaces: [] }), "offline", /^ip /],
  [
    "this computer's own address",
    joiner([check("127.0.0.1", refused)]),
    "loopback-only",
    /^ipconfig/,
  ],
  [
    "an unknown name",
    joiner([], { resolutions: [{ host: "nowhere.test", addresses: [], error: "ENOTFOUND" }] }),
    "name-not-found",
    /^getent ahosts nowhere\.test$/,
  ],
  [
    "no name server",
    joiner([], {
      platform: "macos",
      resolutions: [{ host: "nowhere.test", addresses: [], error: "EAI_AGAIN" }],
    }),
    "name-not-found",
    /^dscacheutil/,
  ],
  [
    "a name that a filter has blocked",
    joiner([check("0.0.0.0", refused, "host.test")], { platform: "windows" }),
    "name-points-here",
    /^Resolve-DnsName host\.test$/,
  ],
  ["a page to sign in", joiner([check(near, open(page))]), "captive-portal", /^curl /],
  [
    "a page to sign in, by its status",
    joiner([check(near, open({ kind: "http", status: 511 }))]),
    "captive-portal",
    /^curl /,
  ],
  [
    "a web server that redirects to itself",
    joiner([check(near, open({ kind: "http", status: 301, redirectHost: near }))]),
    "other-program",
    /^ss /,
  ],
  [
    "a page to sign in everywhere",
    joiner([check(near, open(page))], { platform: "windows", intercepted: { port, answer: page } }),
    "captive-portal",
    /^curl\.exe /,
  ],
  [
    "someone's certificate",
    joiner([check(near, parley({ certificate: "other", origin: "issued", issuer: "Filter" }))], {
      platform: "windows",
    }),
    "tls-interception",
    /SslStream/,
  ],
  [
    "another Parley",
    joiner([check(near, parley({ certificate: "other" }))]),
    "another-parley",
    /^ss /,
  ],
  [
    "a public server with a new certificate",
    joiner([check("203.0.113.9", parley({ certificate: "other", origin: "public" }))]),
    "another-parley",
    /^nc /,
  ],
  [
    "a web server with TLS",
    joiner([
      check(
        near,
        open({
          kind: "tls",
          certificate: "unknown",
          origin: "issued",
          protocol: "http",
          issuer: "router",
        }),
      ),
    ]),
    "other-program",
    /^ss /,
  ],
  ["SSH", joiner([check(near, open({ kind: "ssh" }))]), "other-program", /^ss /],
  ["IRC without TLS", joiner([check(near, open({ kind: "irc" }))]), "not-encrypted", /^nc /],
  [
    "IRC without TLS where that is meant",
    joiner([check(near, open({ kind: "irc" }))], { transport: "plaintext" }),
    "reachable",
    /^nc /,
  ],
  ["silence", joiner([check(near, open({ kind: "silent" }))]), "silent", /^nc /],
  [
    "a connection that is closed at once",
    joiner([check(near, open({ kind: "closed" }))]),
    "closes-at-once",
    /^nc /,
  ],
  [
    "a connection that is cut",
    joiner([check(near, { type: "lost", code: "ECONNRESET" })]),
    "closes-at-once",
    /^nc /,
  ],
];

/** Bob reaches it from another computer. */
const reached = (parts: Partial<HostFacts>): HostFacts =>
  host({ peers: ["192.168.1.9"], members: [bob(check(wifi.address, parley()))], ...parts });

const hostRows: readonly (readonly [string, HostFacts, DiagnosisCode, RegExp])[] = [
  ["nothing wrong", host({}), "looks-fine", /^nc /],
  ["others are connected", host({ peers: ["192.168.1.9"] }), "reachable", /^nc /],
  [
    "others are connected, and a firewall is on",
    host({ peers: ["192.168.1.9"], firewalls: [windows] }),
    "reachable",
    /^nc /,
  ],
  [
    "a member reaches it",
    host({ peers: ["192.168.1.9"], members: [bob(check(wifi.address, parley()))] }),
    "reachable",
    /^nc /,
  ],
  [
    "no server",
    host({ isRunning: false, checks: [check("127.0.0.1", refused)] }),
    "not-hosting",
    /^ss /,
  ],
  [
    "no server, another Parley",
    host({
      isRunning: false,
      checks: [check("127.0.0.1", parley({ certificate: "unknown" }))],
      platform: "macos",
    }),
    "another-parley",
    /^lsof /,
  ],
  [
    "no server, another program",
    host({
      isRunning: false,
      checks: [check("127.0.0.1", open({ kind: "ssh" }))],
      platform: "windows",
    }),
    "other-program",
    /^Get-Process/,
  ],
  ["this computer only", host({ scope: "machine" }), "loopback-only", /^ip /],
  ["loopback as an address", host({ scope: { address: "127.0.0.2" } }), "loopback-only", /^ip /],
  ["no network", host({ interfaces: [], checks: [] }), "offline", /^ip /],
  [
    "an address that is gone",
    host({ scope: { address: "192.168.9.9" }, checks: [] }),
    "address-gone",
    /^ip /,
  ],
  [
    "a VPN's address only",
    host({ interfaces: [{ ...wifi, name: "wg0", kind: "vpn" }] }),
    "vpn-only",
    /^ip /,
  ],
  [
    "virtual networks only",
    host({ interfaces: [{ ...wifi, name: "docker0", kind: "virtual" }] }),
    "virtual-only",
    /^ip /,
  ],
  [
    "IPv6 only",
    host({ interfaces: [{ ...wifi, address: "2001:db8::7", prefixLength: 64 }] }),
    "ipv6-only",
    /^ip /,
  ],
  ["a remote window", host({ remoteName: "wsl" }), "runs-elsewhere", /^ip /],
  [
    "a remote window, and someone elsewhere reaches it",
    reached({ remoteName: "wsl" }),
    "reachable",
    /^nc /,
  ],
  [
    "a remote window, and another computer is connected",
    host({ remoteName: "ssh-remote", peers: ["192.168.1.9"] }),
    "reachable",
    /^nc /,
  ],
  [
    "a VPN's address only, and another computer is connected",
    host({ interfaces: [{ ...wifi, name: "wg0", kind: "vpn" }], peers: ["192.168.1.9"] }),
    "reachable",
    /^nc /,
  ],
  [
    "a window in a browser, of VS Code on this computer",
    host({ remoteName: "127.0.0.1:8000", isInBrowser: true }),
    "looks-fine",
    /^nc /,
  ],
  [
    "a window in a browser, of VS Code on another computer",
    host({ remoteName: "code.school.test", isInBrowser: true }),
    "runs-elsewhere",
    /^ip /,
  ],
  [
    "a window in a browser, of a codespace",
    host({ remoteName: "codespaces", isInBrowser: true }),
    "runs-elsewhere",
    /^ip /,
  ],
  [
    "a member reaches it through a relay",
    host({ peers: ["192.168.1.9"], members: [bob(check("192.168.1.30", parley()))] }),
    "reachable",
    /^nc /,
  ],
  [
    "a member reaches none of its addresses any more",
    host({
      peers: ["192.168.1.9"],
      members: [bob(check(wifi.address, timedOut))],
      firewalls: [{ name: "ufw", state: "active" }],
    }),
    "firewall",
    /^sudo ufw allow/,
  ],
  [
    "a member finds another program at its address",
    host({
      peers: ["192.168.1.9"],
      members: [bob(check(wifi.address, open({ kind: "other" })))],
    }),
    "other-program",
    /^nc /,
  ],
  [
    "another Parley at its address",
    host({ checks: [check(wifi.address, parley({ certificate: "other" }))] }),
    "another-parley",
    /^ss /,
  ],
  [
    "not even this computer reaches it",
    host({
      checks: [check(wifi.address, timedOut)],
      firewalls: [{ name: "ufw", state: "active" }],
    }),
    "own-firewall",
    /^sudo ufw allow 9898\/tcp$/,
  ],
  [
    "a firewall whose rules turn away",
    host({ firewalls: [{ name: "firewalld", state: "active", blocksPort: true }] }),
    "firewall",
    /^sudo firewall-cmd --permanent --add-port=9898\/tcp/,
  ],
  [
    "Windows, in a public network",
    host({ platform: "windows", firewalls: [{ ...windows, isPublicNetwork: true }] }),
    "public-network",
    /-RemoteAddress LocalSubnet$/,
  ],
  [
    "Windows, with a rule that blocks",
    host({ platform: "windows", firewalls: [{ ...windows, blocksProgram: true }] }),
    "firewall",
    /Set-NetFirewallRule -Action Allow$/,
  ],
  [
    "macOS blocks all",
    host({
      platform: "macos",
      program: "/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper.app/x",
      firewalls: [{ name: "macos", state: "active", blocksAll: true }],
    }),
    "firewall",
    /--add '\/Applications\/Visual Studio Code\.app'/,
  ],
  [
    "iptables",
    host({ firewalls: [{ name: "iptables", state: "active", blocksPort: true }] }),
    "firewall",
    /^sudo iptables -I INPUT -p tcp --dport 9898 -j ACCEPT$/,
  ],
];

const fill = (text: string, ...args: readonly (string | number)[]) =>
  text.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function wordsOf(facts: HostFacts): string {
  return diagnose(facts)
    .flatMap(({ reason, basis }) => [reason, ...basis])
    .map(({ text, args }) => fill(text, ...args))
    .join("\n");
}

function first(found: readonly Diagnosis[]): Diagnosis {
  assert.ok(found[0] !== undefined);
  return found[0];
}

describe("the doctor's diagnosis", () => {
  for (const [what, facts, code, command] of [...joinerRows, ...hostRows])
    it(`${facts.side}: ${what} is ${code}`, () => {
      const found = diagnose(facts);
      const report = reportText(facts, found, fill);
      assert.equal(first(found).code, code, report);
      assert.ok(
        first(found).commands.some(({ text }) => command.test(text)),
        report,
      );
      assert.doesNotMatch(report, /\{\d\}|undefined/);
      assert.doesNotMatch(
        report,
        /disabl|deactivat|(?:switch|turn)(?:ed|ing)? (?:\S+ ){0,3}off|-Enabled False|state off/i,
      );
    });

  it("names each code once, and rests on all addresses that have the trouble", () => {
    const facts = joiner([check(near, refused), check("192.168.1.21", refused)]);
    const [one, ...rest] = diagnose(facts);
    assert.equal(one?.code, "nothing-listens");
    assert.equal(one.basis.length, 2);
    assert.deepEqual(rest, []);
  });

  it("says which addresses members reach, and which they do not", () => {
    const other = check("192.168.7.7", timedOut);
    const members = [bob(check(wifi.address, parley()), other)];
    const said = wordsOf(host({ peers: ["192.168.1.9"], members }));
    assert.match(said, /bob, from 192\.168\.1\.9, reaches 192\.168\.1\.7:9898\./);
    assert.match(said, /bob, from 192\.168\.1\.9, does not reach 192\.168\.7\.7:9898: no answer/);
  });

  for (const [what, parts] of [
    ["the remote window", { remoteName: "ssh-remote" }],
    ["the browser", { remoteName: "code.school.test", isInBrowser: true }],
    ["the firewall", { firewalls: [{ name: "ufw", state: "active", blocksPort: true }] }],
    ["the firewall of a public network", { firewalls: [{ ...windows, isPublicNetwork: true }] }],
    [
      "the virtual network",
      { interfaces: [{ ...wifi, name: "vEthernet (External)", kind: "virtual" }] },
    ],
    [
      "the program that keeps this computer itself out",
      { checks: [check(wifi.address, timedOut)] },
    ],
    ["isolation", {}],
  ] as const satisfies readonly (readonly [string, Partial<HostFacts>])[])
    it(`does not blame ${what} where a member on another computer gets through`, () => {
      const [one, ...rest] = diagnose(reached(parts));
      assert.equal(one?.code, "reachable");
      for (const { code, certainty } of rest)
        assert.deepEqual(
          [code, certainty],
          [/^(?:firewall|public-network|virtual-only)$/.exec(code)?.[0], "possible"],
        );
    });

  it("does not take it for a firewall that a container's address is reached by no one", () => {
    const docker = { ...wifi, name: "docker0", address: "172.17.0.1", kind: "virtual" } as const;
    const facts = reached({
      interfaces: [wifi, docker],
      members: [bob(check(wifi.address, parley()), check(docker.address, unreachable))],
    });
    assert.deepEqual(
      diagnose(facts).map(({ code }) => code),
      ["reachable"],
    );
  });

  it("blames what keeps everyone out even where someone was let in before", () => {
    const facts = reached({
      members: [bob(check(wifi.address, timedOut))],
      firewalls: [{ name: "ufw", state: "active", blocksPort: true }],
    });
    const [one] = diagnose(facts);
    assert.equal(one?.code, "firewall");
    assert.match(wordsOf(facts), /bob, from 192\.168\.1\.9, does not reach 192\.168\.1\.7:9898/);
  });

  it("says who was asked, whatever they answer", () => {
    const said = (members: readonly MemberTest[]) => {
      const facts = host({ peers: ["192.168.1.9"], members });
      return reportText(facts, diagnose(facts), fill);
    };
    const relay = said([bob(check("192.168.1.30", parley()))]);
    assert.match(
      relay,
      /bob, from 192\.168\.1\.9, reaches your server at 192\.168\.1\.30:9898, which is not an address of this computer/,
    );
    assert.match(
      said([{ ...bob(), found: undefined }]),
      /bob, from 192\.168\.1\.9, was asked.* did not answer/,
    );
    assert.match(said([bob()]), /bob, from 192\.168\.1\.9, was asked.* no address/);
    for (const [outcome, words] of [
      [refused, /does not reach 192\.168\.1\.7:9898: the connection was refused/],
      [unreachable, /does not reach 192\.168\.1\.7:9898 \(EHOSTUNREACH\)/],
      [open({ kind: "other" }), /finds another program at 192\.168\.1\.7:9898/],
    ] as const)
      assert.match(said([bob(check(wifi.address, outcome))]), words);
  });

  it("tells each thing that was tried once", () => {
    const facts = reached({});
    const lines = reportText(facts, diagnose(facts), fill)
      .split("What was tried:")[1]!
      .trim()
      .split("\n");
    assert.equal(new Set(lines).size, lines.length, lines.join("\n"));
    assert.ok(lines.includes("- 192.168.1.7:9898: the expected server answers."));
    assert.ok(lines.includes("- bob, from 192.168.1.9, reaches 192.168.1.7:9898."));
  });

  it("gives people in a browser nothing to do that a browser cannot", () => {
    for (const remoteName of ["127.0.0.1:8000", "code.school.test", "codespaces"]) {
      const facts = host({ remoteName, isInBrowser: true });
      const one = diagnose(facts).find(({ code }) => code === "runs-elsewhere");
      assert.match(one?.reason.text ?? "", /browser/);
      assert.doesNotMatch(one?.fix.text ?? "", /Open a VS Code window/);
      assert.match(one?.commands[0]?.where.text ?? "", /terminal of this window/);
    }
  });

  it("says to who is in the chat that they are, and what helps someone else", () => {
    const [one] = diagnose(joiner([check(near, parley())], { isConnected: true }));
    assert.match(one?.reason.text ?? "", /You are connected to/);
    assert.match(one?.fix.text ?? "", /someone else/);
    assert.doesNotMatch(one?.fix.text ?? "", /Join again/);
    assert.deepEqual(one?.commands, []);
  });

  it("says of each command which computer it is for", () => {
    for (const [, facts] of [...joinerRows, ...hostRows])
      for (const { where, text } of diagnose(facts).flatMap(({ commands }) => commands))
        assert.match(where.text, /this computer|host's computer|their computer|this window/, text);
  });

  it("says of a firewall whether it turns away, or only may", () => {
    const reasons = (parts: Partial<FirewallFact>) =>
      diagnose(host({ firewalls: [{ name: "nftables", state: "active", ...parts }] }))
        .filter(({ code }) => code === "firewall")
        .map(({ reason }) => reason.text);
    assert.match(reasons({ blocksPort: true }).join(), / blocks /);
    assert.match(reasons({ blocksPort: false }).join(), / may block /);
    assert.deepEqual(reasons({ state: "inactive" }), []);
  });
});

describe("the doctor's report", () => {
  it("has others' words on one line, cut, and nothing unseen", () => {
    const issuer = `Evil\u202e\r\n1. All is well${"x".repeat(500)}`;
    const facts = joiner([check(near, parley({ certificate: "other", origin: "issued", issuer }))]);
    const report = reportText(facts, diagnose(facts), fill);
    assert.doesNotMatch(report, /^1\. All is well/m);
    assert.doesNotMatch(report, /[\u202e\r]|x{100}/);
  });
});

describe("what the doctor reads", () => {
  for (const [address, bytes] of [
    ["192.168.1.2", [192, 168, 1, 2]],
    ["::ffff:10.0.0.1", [10, 0, 0, 1]],
    ["fe80::1%eth0", [0xfe, 0x80, ...Array<number>(13).fill(0), 1]],
    ["::1", [...Array<number>(15).fill(0), 1]],
    ["example.org", undefined],
    ["1.2.3", undefined],
    ["1::2::3:4:5:6:7:8:9", undefined],
  ] as const)
    it(`${address} as an address`, () => {
      assert.deepEqual(bytesOf(address), bytes);
    });

  for (const [name, address, kind] of [
    ["eth0", "192.168.1.2", "lan"],
    ["Wi-Fi", "10.0.0.2", "lan"],
    ["en0", "fd00::1", "lan"],
    ["utun3", "10.8.0.2", "vpn"],
    ["wg0", "10.8.0.2", "vpn"],
    ["Radmin VPN", "26.1.1.1", "vpn"],
    ["Tailscale", "100.64.0.1", "vpn"],
    ["eth1", "100.64.0.1", "vpn"],
    ["docker0", "172.17.0.1", "virtual"],
    ["vEthernet (WSL)", "172.28.0.1", "virtual"],
    ["VirtualBox Host-Only Network", "192.168.56.1", "virtual"],
    ["vmnet8", "172.16.1.1", "virtual"],
  ] as const)
    it(`${name} ${address} as ${kind}`, () => {
      assert.equal(kindOfInterface(name, address), kind);
    });

  it("a network from an address alone", () => {
    assert.deepEqual(["25.1.1.1", "172.17.0.5", "8.8.8.8"].map(kindOfAddress), [
      "vpn",
      "virtual",
      "lan",
    ]);
  });

  it("who answers in the network, on each system", () => {
    const linux =
      "IP address HW type Flags\n192.168.1.1 0x1 0x2 aa:bb:cc:dd:ee:ff * eth0\n192.168.1.9 0x1 0x0 00:00:00:00:00:00 * eth0\n";
    const macos =
      "? (192.168.1.1) at 0:11:22:33:44:55 on en0 ifscope [ethernet]\n? (192.168.1.9) at (incomplete) on en0\n";
    const windowsTable =
      "\r\nInterface: 192.168.1.7 --- 0x5\r\n  192.168.1.1          aa-bb-cc-dd-ee-ff     dynamic   \r\n  192.168.1.9          00-00-00-00-00-00     invalid\r\n";
    for (const [table, platform] of [
      [linux, "linux"],
      [macos, "macos"],
      [windowsTable, "windows"],
    ] as const)
      assert.deepEqual(
        [...parseNeighbors(table, platform)],
        [
          ["192.168.1.1", true],
          ["192.168.1.9", false],
        ],
        platform,
      );
  });

  const chain = (policy: string, ...rules: readonly string[]) =>
    `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n${rules.map((rule) => `\t\t${rule}\n`).join("")}\t}\n\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n\t}\n}\n`;
  for (const [what, ruleset, blocks] of [
    ["nothing", "", undefined],
    ["accepts", chain("accept", "tcp dport 22 accept"), undefined],
    ["drops", chain("drop"), true],
    ["drops, but this port", chain("drop", "tcp dport { 22, 9898 } accept"), false],
    ["drops, but a range", chain("drop", "tcp dport 9000-9999 accept"), false],
    ["drops another port", chain("accept", "tcp dport 80 drop"), undefined],
    ["drops what is invalid", chain("accept", "ct state invalid drop"), undefined],
    [
      "rejects at the end",
      chain("accept", "tcp dport 22 accept", "reject with icmpx admin-prohibited"),
      true,
    ],
    ["rejects before it accepts", chain("accept", "reject", "tcp dport 9898 accept"), true],
  ] as const)
    it(`rules of nftables: ${what}`, () => {
      const [found] = parseNftables(ruleset, port);
      assert.equal(found?.blocksPort, blocks);
      if (found !== undefined) assert.equal(found.chain, "inet filter input");
    });

  for (const [what, rules, blocks] of [
    ["accepts", "-P INPUT ACCEPT\n", undefined],
    ["drops", "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", true],
    [
      "drops, but this port",
      "-P INPUT DROP\n-A INPUT -p tcp -m multiport --dports 22,9898 -j ACCEPT\n",
      false,
    ],
    [
      "rejects the rest",
      "-P INPUT ACCEPT\n-A INPUT -j REJECT --reject-with icmp-port-unreachable\n",
      true,
    ],
    [
      "drops what is invalid",
      "-P INPUT ACCEPT\n-A INPUT -m conntrack --ctstate INVALID -j DROP\n",
      undefined,
    ],
  ] as const)
    it(`rules of iptables: ${what}`, () => {
      assert.equal(parseIptables(rules, port)[0]?.blocksPort, blocks);
    });
});
