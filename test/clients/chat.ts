// A host without VS Code, and who talks there: the program itself, in a folder that outlives it.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { loadCertificate } from "../../src/server/certificate.js";
import { startHeadlessServer, type HeadlessServer } from "../support/headless-server.js";
import { onCleanup } from "../support/cleanup.js";
import type { Peer } from "../support/peer.js";
import { readmeLines } from "../support/readme.js";
import { connectTo } from "../support/server-program.js";
import { temporaryFolder } from "../support/server.js";

const TOKEN = "good-token";
export const PASSWORD = "open-sesame";
/** What ann is told of wendy who has logged in. */
export const LOGGED_IN = ":parley.chat 330 ann wendy wendy :is logged in as";

export interface Values {
  readonly fingerprint?: string;
  readonly password?: string;
  /** A file with a certificate and its key. */
  readonly certificate?: string;
}

/** A running host that can be killed and started again, always on the same port. */
export class Chat {
  private constructor(
    private server: HeadlessServer,
    private readonly args: readonly string[],
  ) {}

  /** `accounts` have the password PASSWORD. Ended after the test. */
  static start(...accounts: readonly string[]): Promise<Chat> {
    return Chat.startWith(accounts.flatMap((name) => ["--account", `${name}:${PASSWORD}`]));
  }

  /** The same with these options of the server's. */
  static async startWith(options: readonly string[]): Promise<Chat> {
    const args = ["--data", temporaryFolder(), "--password", TOKEN, ...options];
    const server = await startHeadlessServer([...args, "--listen", "127.0.0.1:0"]);
    const chat = new Chat(server, [...args, "--listen", `127.0.0.1:${server.port}`]);
    onCleanup(() => chat.server.stop());
    return chat;
  }

  /** Somebody in #general who sees and says raw lines. */
  async join(nick: string, ...caps: readonly string[]): Promise<Peer> {
    const peer = await connectTo(this.server.port);
    peer.send(`PASS ${TOKEN}`);
    await peer.register(nick, ...caps);
    peer.send("JOIN #general");
    await peer.roundtrip();
    return peer;
  }

  /** Somebody who comes, and may have to wait. */
  async arrive(nick: string): Promise<Peer> {
    const peer = await connectTo(this.server.port);
    peer.send(`PASS ${TOKEN}`);
    await peer.register(nick);
    return peer;
  }

  /** Somebody who lets people in, in #general. */
  async joinAsOperator(nick: string, password: string): Promise<Peer> {
    const peer = await this.arrive(nick);
    peer.send(`OPER ${nick} ${password}`, "JOIN #general");
    await peer.until(/ 366 /);
    return peer;
  }

  /** Ends the server as a power cut does. */
  async crash(): Promise<void> {
    this.server.program.process.kill("SIGKILL");
    await this.server.program.ended;
  }

  async startAgain(): Promise<void> {
    this.server = await startHeadlessServer(this.args);
  }

  /** What the README says to type, block by block, for somebody called wendy. */
  linesFor(client: "weechat" | "irssi", values: Values = {}): readonly (readonly string[])[] {
    const print = values.fingerprint ?? this.server.fingerprint;
    return readmeLines(client, {
      "192.168.1.20": "127.0.0.1",
      "9898": String(this.server.port),
      TOKEN,
      FINGERPRINT: client === "irssi" ? inPairs(print) : print,
      NICK: "wendy",
      PASSWORD: values.password ?? PASSWORD,
      "/home/me/nick.pem": values.certificate ?? "",
    });
  }
}

function inPairs(fingerprint: string): string {
  return fingerprint.toUpperCase().replace(/..(?=.)/g, "$&:");
}

/** What a peer is told of somebody. */
export async function whois(peer: Peer, nick: string): Promise<readonly string[]> {
  peer.send(`WHOIS ${nick}`);
  return peer.until(/ 318 /);
}

/** A file with a new certificate and its key, as a client of terminals wants it. Removed after the test. */
export async function makeCertificateFile(): Promise<string> {
  const name = "client.example";
  const { cert, key } = await loadCertificate(
    { certFile: undefined, keyFile: undefined, name },
    undefined,
  );
  const file = path.join(temporaryFolder(), "nick.pem");
  await writeFile(file, `${cert}\n${key}\n`);
  return file;
}
