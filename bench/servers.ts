// The servers that are compared: how each is started, all without flood limits and with room for the same clients.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDebianPackage } from "../test/support/debian.js";
import { findOnPath, startProgram, type Program } from "../test/support/processes.js";
import { cpuSeconds, residentBytes } from "./process-stats.js";

/**
 * `parley` keeps its history on disk, `parley-memory` in memory; the others keep none. `bare` shows what is Node's own part:
 * it has no TLS and no capabilities.
 */
export const SERVER_NAMES = ["parley", "parley-memory", "ngircd", "inspircd", "bare"] as const;
export type ServerName = (typeof SERVER_NAMES)[number];
/** Those that are measured unless others are asked for. */
export const COMPARED: readonly ServerName[] = SERVER_NAMES.filter((name) => name !== "bare");

export interface StartOptions {
  /** The bundle of our own server. */
  readonly bundle: string;
  /**
   * ngIRCd and InspIRCd: limits as small as on networks in use. InspIRCd then ends connections that send more, instead of
   * reading them slowly. Left out: none.
   */
  readonly limits?: "modest";
  /** Folder for its CPU profiles; left out: none are made. */
  readonly profiles?: string;
}

export interface RunningServer {
  readonly name: ServerName;
  readonly port: number;
  readonly tlsPort: number;
  /** How many clients connect at the same time: as many as serve the server best. */
  readonly connectsAtOnce: number;
  readonly isRunning: boolean;
  cpuSeconds(): number;
  residentBytes(): number;
  stop(): Promise<void>;
}

const MAX_CLIENTS = 12_000;
// ngIRCd listens with a queue of ten: what overflows it waits for TCP to try again after a second. InspIRCd registers
// whoever has connected once a second, so only many at the same time keep it busy.
const NGIRCD_LISTEN_QUEUE = 10;
const MANY_CONNECTS = 1000;
const ANSWER_POLL_MS = 50;
const START_TIMEOUT_MS = 15_000;
const HOUR_S = 3600;

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

interface Place {
  /** A temporary folder of this server alone. */
  readonly dir: string;
  readonly port: number;
  readonly tlsPort: number;
}

/** Makes sure that a server's program is there, installing its Debian package where that is possible. */
export async function ensureServer(name: ServerName): Promise<void> {
  if (!isOurs(name) && name !== "bare") await ensureDebianPackage({ name });
}

/** Starts a server on free ports of the loopback interface and waits until it answers. */
export async function startServer(name: ServerName, options: StartOptions): Promise<RunningServer> {
  const dir = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  // A server started by root may change to a user who has to read its files.
  chmodSync(dir, 0o755);
  const port = await freePort();
  // Ours tells TLS from plaintext on one port.
  const tlsPort = isOurs(name) ? port : await freePort();
  const place = { dir, port, tlsPort };
  const { command, args } = isOurs(name)
    ? launchOurs(place, name === "parley", options)
    : { ngircd: launchNgircd, inspircd: launchInspircd, bare: launchBare }[name](place, options);
  const program = startProgram(command, args, { cwd: dir });
  try {
    await answers(program, port);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return running(name, program, place);
}

function running(name: ServerName, program: Program, { dir, port, tlsPort }: Place): RunningServer {
  const pid = program.process.pid;
  if (pid === undefined) throw new Error(`${name} was not started`);
  let hasEnded = false;
  void program.ended.finally(() => (hasEnded = true));
  return {
    name,
    port,
    tlsPort,
    connectsAtOnce: name === "ngircd" ? NGIRCD_LISTEN_QUEUE : MANY_CONNECTS,
    get isRunning() {
      return !hasEnded;
    },
    cpuSeconds: () => cpuSeconds(pid),
    residentBytes: () => residentBytes(pid),
    async stop() {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function isOurs(name: ServerName): name is "parley" | "parley-memory" {
  return name === "parley" || name === "parley-memory";
}

function launchOurs(
  { dir, port }: Place,
  keepsHistory: boolean,
  { bundle, profiles }: StartOptions,
): Launch {
  const data = keepsHistory ? ["--data", join(dir, "data")] : [];
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const listen = ["--listen", `127.0.0.1:${port}`, "--plaintext", "always"];
  const limits = ["--no-flood-control", "--max-clients", String(MAX_CLIENTS)];
  const log = ["--log-level", "warn"];
  return {
    command: process.execPath,
    args: [...profiling, bundle, ...listen, ...limits, ...data, ...log],
  };
}

function launchBare({ port }: Place): Launch {
  const program = join(import.meta.dirname, "bare-server.ts");
  return { command: process.execPath, args: [program, String(port)] };
}

function launchNgircd({ dir, port, tlsPort }: Place, { limits }: StartOptions): Launch {
  const { cert, key } = makeCertificate(dir);
  const config = join(dir, "ngircd.conf");
  writeFileSync(
    config,
    `[Global]
Name = irc.bench.example
Info = bench
Listen = 127.0.0.1
Ports = ${port}
ServerUID = ${process.getuid?.() ?? 0}
ServerGID = ${process.getgid?.() ?? 0}
[Limits]
MaxConnections = ${MAX_CLIENTS}
MaxConnectionsIP = 0
MaxJoins = ${limits === "modest" ? 50 : 10}
MaxPenaltyTime = ${limits === "modest" ? -1 : 0}
PingTimeout = ${HOUR_S}
PongTimeout = ${HOUR_S}
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
Ports = ${tlsPort}
CertFile = ${cert}
KeyFile = ${key}
`,
  );
  return { command: program("ngircd"), args: ["--nodaemon", "--config", config] };
}

function launchInspircd({ dir, port, tlsPort }: Place, { limits }: StartOptions): Launch {
  const { cert, key } = makeCertificate(dir);
  const config = join(dir, "inspircd.conf");
  const data = join(dir, "data");
  mkdirSync(data);
  const big = 1_000_000_000;
  const flood =
    limits === "modest"
      ? `threshold="10" commandrate="1000" fakelag="no" recvq="1024"`
      : `threshold="${big}" commandrate="${big}" fakelag="no" recvq="${big}"`;
  writeFileSync(
    config,
    `<server name="irc.bench.example" description="bench" id="1BE" network="Bench">
<admin name="bench" email="bench@bench.example">
<path datadir="${data}" logdir="${dir}" runtimedir="${dir}">
<module name="ssl_gnutls">
<module name="sslinfo">
<sslprofile name="bench" provider="gnutls" certfile="${cert}" keyfile="${key}">
<bind address="127.0.0.1" port="${port}" type="clients">
<bind address="127.0.0.1" port="${tlsPort}" type="clients" sslprofile="bench">
<connect allow="*" timeout="60" pingfreq="${HOUR_S}" ${flood}
  softsendq="${big}" hardsendq="${big}" localmax="${MAX_CLIENTS}" globalmax="${MAX_CLIENTS}"
  limit="${MAX_CLIENTS}" maxchans="50" useident="no" resolvehostnames="no" useconnectban="no" maxconnwarn="no">
<performance softlimit="${MAX_CLIENTS}" somaxconn="4096" clonesonconnect="no">
<options defaultmodes="no">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="inspircd.log">
`,
  );
  const args = ["--nofork", "--config", config, "--nopid"];
  return {
    command: program("inspircd"),
    args: process.getuid?.() === 0 ? [...args, "--runasroot"] : args,
  };
}

function program(name: string): string {
  const path = findOnPath(name);
  if (path === undefined) throw new Error(`${name} is missing`);
  return path;
}

function makeCertificate(dir: string): { cert: string; key: string } {
  const cert = join(dir, "cert.pem");
  const key = join(dir, "key.pem");
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=bench", "-days", "30"];
  const files = ["-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...kind, ...subject, ...files], { stdio: "ignore" });
  chmodSync(key, 0o644);
  return { cert, key };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something accepts connections on `port`; rejects when the program ends first, or too late. */
async function answers(program: Program, port: number): Promise<void> {
  const ended = program.ended.then(
    () => true,
    () => true,
  );
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end;) {
    if (await accepts(port)) return;
    if (await Promise.race([ended, delay(ANSWER_POLL_MS, false)])) break;
  }
  throw new Error(`did not start to listen:\n${program.output()}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => {
      settle(true);
    });
    socket.once("error", () => {
      settle(false);
    });
  });
}
