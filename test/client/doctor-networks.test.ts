// Why they cannot join, found out in networks that are broken in every way: computers that are network namespaces of Linux.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { diagnose } from "../../src/client/doctor/diagnose.js";
import type { Diagnosis, DiagnosisCode } from "../../src/client/doctor/diagnosis.js";
import type { Facts, HostFacts } from "../../src/client/doctor/facts.js";
import { reportText } from "../../src/client/doctor/report.js";
import { onCleanup } from "../support/cleanup.js";
import { ensureDebianPackage } from "../support/debian.js";
import { Lan, type LanComputer } from "../support/lan.js";
import { whyNoOtherComputers } from "../support/other-computers.js";
import { run } from "../support/processes.js";
import { serverBundle } from "../support/server-bundle.js";

const port = 9898;
const password = "quite-a-secret-token";
const hostAddress = "198.18.0.1";
const joinerAddress = "198.18.0.2";
const timeoutMs = 20_000;
const installTimeoutMs = 600_000;

let folder = "";
let probeProgram = "";

before(async function () {
  this.timeout(installTimeoutMs);
  const why = await whyNoOtherComputers();
  if (why !== undefined) {
    console.log(`  Skipped: ${why}.`);
    return;
  }
  await ensureDebianPackage({ name: "nftables", command: "nft" });
  await ensureDebianPackage({ name: "openssl" });
  folder = mkdtempSync(path.join(tmpdir(), "parley-doctor-"));
  probeProgram = path.join(folder, "probe.js");
  const entryPoints = ["test/support/doctor-probe.ts"];
  await build({
    entryPoints,
    outfile: probeProgram,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
});

after(() => {
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

/** What the doctor says: first what matters most. */
class Finding {
  readonly diagnoses: readonly Diagnosis[];
  readonly report: string;

  constructor(
    readonly facts: Facts,
    private readonly secrets: readonly string[],
  ) {
    this.diagnoses = diagnose(facts);
    this.report = reportText(facts, this.diagnoses, fill);
  }

  /** It says this first, how to mend it, and nothing that no one should know. */
  is(code: DiagnosisCode, command: RegExp): void {
    const [first] = this.diagnoses;
    assert.equal(first?.code, code, this.report);
    assert.ok(
      first.commands.some(({ text }) => command.test(text)),
      this.report,
    );
    for (const secret of this.secrets) assert.ok(!this.report.includes(secret), this.report);
    assert.doesNotMatch(this.report, /[0-9a-f]{64}|token=|:\/\/parley-chat/i);
    assertKeepsProtection(this.report);
  }
}

function fill(text: string, ...args: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
}

/** Nothing that could be read as: switch your firewall off. */
function assertKeepsProtection(report: string): void {
  assert.doesNotMatch(
    report,
    /disabl|deactivat|uninstall|(?:switch|turn)(?:ed|ing)? (?:\S+ ){0,3}off|-Enabled False|state off|setglobalstate|\bflush\b|systemctl stop|ufw (?:disable|reset)/i,
  );
}

async function examine(computer: LanComputer, side: string, question: object): Promise<Facts> {
  return JSON.parse(
    await run(
      "ip",
      [
        "netns",
        "exec",
        computer.name,
        process.execPath,
        probeProgram,
        side,
        JSON.stringify(question),
      ],
      { timeoutMs },
    ),
  ) as Facts;
}

interface Served {
  readonly fingerprint: string;
}

/** Our server at a computer. */
async function serve(computer: LanComputer, listen: string): Promise<Served> {
  const args = [await serverBundle(), "--listen", listen, "--password", password];
  const program = computer.start(process.execPath, ...args);
  onCleanup(() => program.stop());
  await program.waitForOutput(/listening on \S+:\d+/, timeoutMs);
  const [, fingerprint = ""] = await program.waitForOutput(
    /fingerprint.*: ([0-9a-f]{64})/,
    timeoutMs,
  );
  return { fingerprint };
}

/** Another program at a computer; its script says "ready". */
async function startScript(computer: LanComputer, script: string): Promise<void> {
  const program = computer.start(process.execPath, "-e", script);
  onCleanup(() => program.stop());
  await program.waitForOutput(/ready/, timeoutMs);
}

const ready = `() => console.log("ready")`;

async function join(
  computer: LanComputer,
  { fingerprint }: Partial<Served>,
  hosts: readonly string[] = [hostAddress],
  at = port,
): Promise<Finding> {
  const facts = await examine(computer, "joiner", {
    hosts,
    port: at,
    transport: "tls",
    fingerprint,
  });
  return new Finding(facts, [password]);
}

async function host(
  computer: LanComputer,
  scope: HostFacts["scope"],
  { fingerprint }: Partial<Served>,
  clients: readonly string[] = [],
): Promise<Finding> {
  const isRunning = fingerprint !== undefined;
  const question = { isRunning, scope, port, fingerprint, clients };
  return new Finding(await examine(computer, "host", question), [password]);
}

async function newLan(): Promise<Lan> {
  const lan = await Lan.create();
  onCleanup(() => lan.remove());
  return lan;
}

/** The host's computer and the joiner's, on one switch. */
async function two(): Promise<{ lan: Lan; near: LanComputer; far: LanComputer }> {
  const lan = await newLan();
  const near = await lan.add([`${hostAddress}/24`]);
  const far = await lan.add([`${joinerAddress}/24`]);
  return { lan, near, far };
}

/** The joiner behind a router, which the host is on the other side of. */
async function routed(): Promise<{ near: LanComputer; router: LanComputer; far: LanComputer }> {
  const lan = await newLan();
  const near = await lan.add(["198.18.1.1/24"]);
  const router = await lan.add(["198.18.0.254/24", "198.18.1.254/24"]);
  const far = await lan.add([`${joinerAddress}/24`]);
  await router.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
  await near.ip("route", "add", "default", "via", "198.18.1.254");
  await far.ip("route", "add", "default", "via", "198.18.0.254");
  return { near, router, far };
}

const inputRules = (...rules: readonly string[]) => [
  "add table inet filter",
  "add chain inet filter input { type filter hook input priority 0; policy accept; }",
  ...rules.map((rule) => `add rule inet filter input ${rule}`),
];

/** At the router: what the joiner sends there arrives here. */
const divert = (match: string, to: number) => [
  "add table ip nat",
  "add chain ip nat pre { type nat hook prerouting priority -100; }",
  `add rule ip nat pre ip saddr ${joinerAddress} ${match} dnat to 198.18.0.254:${to}`,
];

const portal = `require("node:http").createServer((request, response) => {
  response.writeHead(302, { Location: "http://login.school.test/?session=0123456789abcdef" }).end();
}).listen(8080, ${ready});`;

describe("the doctor, in a network of its own", function () {
  this.timeout(60_000);

  before(function () {
    // The reason is printed once, above.
    if (probeProgram === "") this.skip();
  });

  it("finds nothing wrong where nothing is", async () => {
    const { near, far } = await two();
    const server = await serve(near, `[::]:${port}`);
    (await join(far, server)).is("reachable", /^nc /);
    (await host(near, "network", server)).is("looks-fine", /^nc /);
    (await host(near, "network", server, [joinerAddress])).is("reachable", /^nc /);
  });

  it("a server that lets in only its own computer", async () => {
    const { near, far } = await two();
    const server = await serve(near, `127.0.0.1:${port}`);
    (await host(near, "machine", server)).is("loopback-only", /^ip /);
    (await join(far, server)).is("nothing-listens", /^ss -ltnp/);
    (await join(far, server, ["127.0.0.1"])).is("loopback-only", /^ip /);
  });

  it("the wrong port", async () => {
    const { near, far } = await two();
    const server = await serve(near, `0.0.0.0:${port}`);
    const finding = await join(far, server, [hostAddress], 9897);
    finding.is("wrong-port", /^nc .* 9898$/);
    assert.deepEqual(finding.diagnoses[0]?.fix.args, [`${hostAddress}:9898`]);
  });

  it("a web server on the port", async () => {
    const { near, far } = await two();
    const script = `require("node:http").createServer((q, r) => r.end("hello")).listen(${port}, ${ready});`;
    await startScript(near, script);
    const finding = await join(far, { fingerprint: "0".repeat(64) });
    finding.is("other-program", /^ss /);
    assert.match(finding.diagnoses[0]?.reason.text ?? "", /web server/);
    (await host(near, "network", {})).is("other-program", /^ss /);
  });

  it("an SSH server on the port", async () => {
    const { near, far } = await two();
    const script = `require("node:net").createServer((s) => s.on("error", () => 0).write("SSH-2.0-OpenSSH_9.2\\r\\n")).listen(${port}, ${ready});`;
    await startScript(near, script);
    const finding = await join(far, {});
    finding.is("other-program", /^ss /);
    assert.match(finding.diagnoses[0]?.reason.text ?? "", /SSH/);
  });

  it("a chat server without encryption, and a program that says nothing", async () => {
    const { near, far } = await two();
    const irc = `s.on("error", () => 0).write(":irc.test NOTICE * :*** Looking up your hostname\\r\\n")`;
    await startScript(
      near,
      `require("node:net").createServer((s) => ${irc}).listen(${port}, ${ready});`,
    );
    (await join(far, {})).is("not-encrypted", /^nc /);
    await startScript(
      near,
      `require("node:net").createServer((s) => s.on("error", () => 0)).listen(7000, ${ready});`,
    );
    (await join(far, {}, [hostAddress], 7000)).is("silent", /^nc /);
  });

  it("a firewall that drops", async () => {
    const { near, far } = await two();
    const server = await serve(near, `0.0.0.0:${port}`);
    await near.nft(...inputRules(`tcp dport ${port} drop`, "udp dport 53 accept"));
    (await join(far, server)).is("firewall-drops", /^sudo ufw allow 9898\/tcp$/);
  });

  it("a firewall at the host, by its name", async () => {
    const { near } = await two();
    const server = await serve(near, `0.0.0.0:${port}`);
    await near.nft(
      ...inputRules(
        'iifname "lo" accept',
        "ct state invalid drop",
        "tcp dport 22 accept",
        "reject",
      ),
    );
    const finding = await host(near, "network", server);
    finding.is("firewall", /^sudo nft insert rule inet filter input tcp dport 9898 accept$/);
    assert.deepEqual(finding.diagnoses[0]?.reason.args, ["nftables", port]);
    await near.nft(`insert rule inet filter input tcp dport ${port} accept`);
    const mended = await host(near, "network", server);
    assert.ok(mended.diagnoses.every(({ reason }) => !reason.text.includes("blocks")));
  });

  it("a firewall that rejects", async () => {
    const { near, far } = await two();
    const server = await serve(near, `0.0.0.0:${port}`);
    await near.nft(...inputRules(`tcp dport ${port} reject with icmpx type admin-prohibited`));
    (await join(far, server)).is("firewall-rejects", /^New-NetFirewallRule .*-LocalPort 9898/);
  });

  it("a network that keeps its devices apart", async () => {
    const { lan, near, far } = await two();
    await lan.add(["198.18.0.254/24"]);
    await far.ip("route", "add", "default", "via", "198.18.0.254");
    const server = await serve(near, `0.0.0.0:${port}`);
    await lan.keepApart(near);
    await lan.keepApart(far);
    (await join(far, server)).is("client-isolation", /^ping -c 3 198\.18\.0\.1$/);
  });

  it("a host's computer that is not there, where others are", async () => {
    const { lan, near, far } = await two();
    await lan.add(["198.18.0.3/24"]);
    await far.run("bash", "-c", "echo > /dev/udp/198.18.0.3/9");
    await near.ip("link", "set", "eth0", "down");
    (await join(far, {})).is("host-away", /^ping -c 3 198\.18\.0\.1$/);
  });

  it("a server that listens in a VPN only", async () => {
    const lan = await newLan();
    const near = await lan.add([`${hostAddress}/24`]);
    await lan.connect(near, ["100.64.0.1/32"], "wg0");
    const far = await lan.add([`${joinerAddress}/24`]);
    const server = await serve(near, `100.64.0.1:${port}`);
    (await host(near, { address: "100.64.0.1" }, server)).is("vpn-only", /^ip /);
    (await join(far, server, ["100.64.0.1"])).is("vpn-only", /^nc /);
  });

  it("a host's address that is gone", async () => {
    const { near } = await two();
    const server = await serve(near, `0.0.0.0:${port}`);
    (await host(near, { address: "198.18.0.77" }, server)).is("address-gone", /^ip /);
  });

  it("a name that is none, and one that stands for this computer", async () => {
    const { near, far } = await two();
    far.names({ "hosts-laptop": "127.0.1.1" });
    const server = await serve(near, `0.0.0.0:${port}`);
    (await join(far, server, ["nowhere.test"])).is(
      "name-not-found",
      /^getent ahosts nowhere\.test$/,
    );
    (await join(far, server, ["hosts-laptop"])).is(
      "name-points-here",
      /^getent ahosts hosts-laptop$/,
    );
  });

  it("a server that has only IPv6, for someone who has only IPv4", async () => {
    const lan = await newLan();
    const near = await lan.add(["fd00:1::1/64"]);
    const far = await lan.add([`${joinerAddress}/24`]);
    const server = await serve(near, `[fd00:1::1]:${port}`);
    (await join(far, server, ["fd00:1::1"])).is("ipv6-only", /^ip /);
    (await host(near, "network", server)).is("ipv6-only", /^ip /);
  });

  it("something between them that opens encrypted connections", async () => {
    const { near, router, far } = await routed();
    const server = await serve(near, `0.0.0.0:${port}`);
    const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
    const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    const subject = ["-subj", "/O=School Filter/CN=198.18.1.1"];
    await run("openssl", [...request.split(" "), "-keyout", key, "-out", cert, ...subject], {
      timeoutMs,
    });
    await startScript(
      router,
      `const fs = require("node:fs"), tls = require("node:tls");
      tls.createServer({ key: fs.readFileSync("${key}"), cert: fs.readFileSync("${cert}") }, (from) => {
        const to = tls.connect({ host: "198.18.1.1", port: ${port}, rejectUnauthorized: false });
        for (const end of [from, to]) end.on("error", () => 0);
        from.pipe(to).pipe(from);
      }).on("tlsClientError", () => 0).listen(8443, ${ready});`,
    );
    await router.nft(...divert(`ip daddr 198.18.1.1 tcp dport ${port}`, 8443));
    const finding = await join(far, server, ["198.18.1.1"]);
    finding.is("tls-interception", /^openssl s_client/);
    assert.deepEqual(finding.diagnoses[0]?.reason.args, ["School Filter"]);
    // Whatever one connects to, it is the same that answers.
    await router.nft("flush chain ip nat pre", ...divert("tcp dport 1-65535", 8443));
    const everywhere = await join(far, server, ["198.18.1.1"]);
    everywhere.is("tls-interception", /^openssl s_client/);
    assert.equal(everywhere.diagnoses[0]?.certainty, "certain");
  });

  it("a network that wants one to sign in first", async () => {
    const { near, router, far } = await routed();
    const server = await serve(near, `0.0.0.0:${port}`);
    await startScript(router, portal);
    await router.nft(...divert("tcp dport 1-65535", 8080));
    (await join(far, server, ["198.18.1.1"])).is("captive-portal", /^curl -sI http/);
  });

  it("one that shows its page only to web browsers, and drops the rest", async () => {
    const { near, router, far } = await routed();
    const server = await serve(near, `0.0.0.0:${port}`);
    await startScript(router, portal);
    await router.nft(
      ...divert("tcp dport 80", 8080),
      "add chain ip nat forward { type filter hook forward priority 0; policy drop; }",
    );
    const finding = await join(far, server, ["198.18.1.1"]);
    finding.is("captive-portal", /^curl -sI http/);
    assert.ok(!finding.report.includes("session="));
  });

  it("another Parley on the port", async () => {
    const { near, far } = await two();
    await serve(near, `0.0.0.0:${port}`);
    (await join(far, { fingerprint: "0".repeat(64) })).is("another-parley", /^ss /);
    (await host(near, "network", {})).is("another-parley", /^ss /);
    (await host(near, "network", { fingerprint: "0".repeat(64) })).is("another-parley", /^ss /);
  });

  it("two who are in different networks, and one who is in none", async () => {
    const lan = await newLan();
    const far = await lan.add(["198.18.0.2/24"]);
    (await join(far, {}, ["192.168.1.20"])).is("other-network", /^ip /);
    await far.ip("link", "set", "eth0", "down");
    await far.ip("address", "flush", "dev", "eth0");
    (await join(far, {}, ["192.168.1.20"])).is("offline", /^ip /);
  });
});
