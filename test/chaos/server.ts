// The real server as a program of its own, on one port and one data folder for its whole life, however often it dies.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Peer, SocketLink } from "../support/peer.js";
import { startProgram, type Program } from "../support/processes.js";
import { serverBundle } from "../support/server-bundle.js";

const START_TIMEOUT_MS = 15_000;

export class ChaosServer {
  readonly password = randomBytes(9).toString("base64url");
  private program: Program | undefined;
  private bound = 0;

  private constructor(
    private readonly folder: string,
    private readonly bundle: string,
    private readonly accounts: readonly string[],
  ) {}

  /** Starts it with an account for each of these names, all with `password`. */
  static async start(accounts: readonly string[]): Promise<ChaosServer> {
    const folder = await mkdtemp(path.join(tmpdir(), "parley-chaos-"));
    const server = new ChaosServer(folder, await serverBundle(), accounts);
    await server.begin();
    return server;
  }

  get port(): number {
    return this.bound;
  }

  private async begin(): Promise<void> {
    const accounts = this.accounts.flatMap((name) => ["--account", `${name}:${this.password}`]);
    const program = startProgram(process.execPath, [
      this.bundle,
      ...["--listen", `127.0.0.1:${this.bound}`, "--data", path.join(this.folder, "data")],
      ...["--no-flood-control", "--log-level", "warn"],
      ...accounts,
    ]);
    this.program = program;
    const [, port] = await program.waitForOutput(
      /listening on 127\.0\.0\.1:(\d+)/,
      START_TIMEOUT_MS,
    );
    this.bound = Number(port);
  }

  /** kill -9, and a start on the same data. */
  async crash(): Promise<void> {
    this.program?.process.kill("SIGKILL");
    await this.program?.ended;
    await this.begin();
  }

  /** A clean end, and a start. */
  async restart(): Promise<void> {
    await this.program?.stop();
    await this.begin();
  }

  async close(): Promise<void> {
    await this.program?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A plain client, logged in as `account` under another nick. */
  async reader(account: string): Promise<Peer> {
    const socket = connect(this.bound, "127.0.0.1");
    const peer = new Peer(new SocketLink(socket));
    const plain = Buffer.from(`\0${account}\0${this.password}`).toString("base64");
    const caps = "sasl batch message-tags server-time draft/chathistory draft/multiline";
    peer.send("CAP LS 302", `CAP REQ :${caps}`, "AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
    await peer.until(/ 903 /);
    peer.send(`NICK reader-${account}`, "USER reader 0 * :reader", "CAP END");
    await peer.until(/ (?:376|422) /);
    return peer;
  }
}

/** The texts of all that is stored of `target`, oldest first, as a plain client reads them. */
export async function storedTexts(peer: Peer, target: string): Promise<string[]> {
  const texts: string[] = [];
  let reference = "timestamp=1970-01-01T00:00:00.000Z";
  for (;;) {
    peer.send(`CHATHISTORY AFTER ${target} ${reference} 500`);
    const lines = (await peer.roundtrip()).filter((line) => / PRIVMSG \S+ :/.test(line));
    if (lines.length === 0) return texts;
    for (const line of lines) texts.push(line.replace(/^.*? PRIVMSG \S+ :/, ""));
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(lines.at(-1) ?? "") ?? [];
    reference = `msgid=${msgid}`;
  }
}
