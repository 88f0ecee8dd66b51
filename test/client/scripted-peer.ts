// A server that says what the test tells it to, and a session that talks to it.
import { strict as assert } from "node:assert";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import type { ServerAddress } from "../../src/client/address.js";
import type { Logger } from "../../src/client/logger.js";
import type { ChatBuffer, Entry } from "../../src/client/model.js";
import { nodeNet } from "../../src/client/net/node-net.js";
import { Session } from "../../src/client/session.js";
import type { SessionOptions, SessionTiming } from "../../src/client/session-options.js";
import { parseMessage, type Message } from "../../src/irc/message.js";
import { loadCertificate, type Certificate } from "../../src/server/certificate.js";
import { onCleanup } from "../support/cleanup.js";
import { Peer, SocketLink } from "../support/peer.js";

/** The server's side of one connection. */
export class ServerPeer extends Peer {
  constructor(readonly socket: Socket) {
    super(new SocketLink(socket));
  }

  /** Reads until a line of this command, and gives it. PINGs of the keep-alive are read over. */
  async command(name: string): Promise<Message> {
    const lines = await this.until(new RegExp(`^(?:@\\S+ )?${name}\\b`));
    const message = parseMessage(lines.at(-1)!);
    assert.ok(message !== undefined);
    return message;
  }

  /** Lets the session register, with these capabilities, and says the shortest welcome. */
  async welcome(options: WelcomeOptions = {}): Promise<string> {
    const { caps = [], isupport = [], time } = options;
    await this.command("CAP");
    const nick = (await this.command("NICK")).params[0]!;
    await this.command("USER");
    if (caps.length > 0) {
      this.send(`:irc.test CAP * LS :${caps.join(" ")}`);
      const asked = await this.command("CAP");
      if (asked.params[0] === "REQ") {
        this.send(`:irc.test CAP * ACK :${asked.params[1]!}`);
        await this.command("CAP");
      }
    } else this.send(":irc.test 421 * CAP :Unknown command");
    this.sayWelcome(nick, isupport, time);
    return nick;
  }

  sayWelcome(nick: string, isupport: readonly string[] = [], time?: string): void {
    this.send(
      `${time === undefined ? "" : `@time=${time} `}:irc.test 001 ${nick} :Welcome`,
      `:irc.test 005 ${nick} CASEMAPPING=ascii ${isupport.join(" ")} :are supported`,
      `:irc.test 422 ${nick} :No message of the day`,
    );
  }

  /** Answers the session's JOIN with these members. */
  async letIn(nick: string, channel: string, ...members: readonly string[]): Promise<void> {
    const join = await this.command("JOIN");
    assert.equal(join.params[0], channel);
    this.send(
      `:${nick}!u@h JOIN ${channel}`,
      `:irc.test 353 ${nick} = ${channel} :${[nick, ...members].join(" ")}`,
      `:irc.test 366 ${nick} ${channel} :End of names`,
    );
  }

  /** Reads and answers all that has been sent up to a PING of ours. Returns the other lines. */
  async settle(): Promise<string[]> {
    const token = `settle-${Math.random().toString(36).slice(2)}`;
    this.send(`PING ${token}`);
    return (await this.until(new RegExp(`^PONG ${token}$`))).slice(0, -1);
  }

  /** The plug is pulled. */
  drop(): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }
}

export interface WelcomeOptions {
  readonly caps?: readonly string[];
  readonly isupport?: readonly string[];
  /** Of RPL_WELCOME, by the server's clock. */
  readonly time?: string;
}

/** A listener whose connections the test takes one by one. */
export class ScriptedServer {
  private readonly accepted: ServerPeer[] = [];
  private waiting: (() => void) | undefined;

  constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  take(socket: Socket): void {
    this.accepted.push(new ServerPeer(socket));
    this.waiting?.();
  }

  /** The next connection. */
  async accept(): Promise<ServerPeer> {
    while (this.accepted.length === 0)
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    return this.accepted.shift()!;
  }

  /** Closes when everybody has gone, and gives all that anybody has sent. */
  async received(): Promise<string[]> {
    await this.close();
    return (await Promise.all(this.accepted.map((peer) => peer.rest()))).flat();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

/** Listens on a free port of this machine, or on `port`. */
export async function startScripted(
  options: { readonly tls?: Certificate; readonly port?: number } = {},
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket) => {
    scripted.take(socket);
  };
  const server =
    options.tls === undefined
      ? createServer(onSocket)
      : createTlsServer({ ...options.tls, requestCert: true, rejectUnauthorized: false }, onSocket);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const scripted = new ScriptedServer(server, (server.address() as AddressInfo).port);
  onCleanup(async () => {
    for (const socket of sockets) socket.destroy();
    await scripted.close();
  });
  return scripted;
}

export function newCertificate(name = "irc.test"): Promise<Certificate> {
  return loadCertificate({ certFile: undefined, keyFile: undefined, name }, undefined);
}

export function addressOf(port: number, parts: Partial<ServerAddress> = {}): ServerAddress {
  return {
    hosts: ["127.0.0.1"],
    port,
    transport: "plaintext",
    path: "/",
    channels: [],
    fingerprint: undefined,
    token: undefined,
    ...parts,
  };
}

/** Quick where a test waits for it, and long where it would be a failure. */
const TEST_TIMING: Partial<SessionTiming> = {
  backoffBaseMs: 5,
  backoffMaxMs: 20,
  regainNickMs: 60_000,
  closeTimeoutMs: 200,
  // Without limits, but where a test is about them.
  lineMs: 0,
};

export interface TestSessionOptions extends Partial<SessionOptions> {
  /** The test wants errors in the log; otherwise one fails it. */
  readonly mayLogErrors?: boolean;
}

/** A session with its log, and ways to wait for what it knows. */
export class TestSession extends Session {
  readonly log: string[];

  constructor(options: SessionOptions, log: string[]) {
    super(options);
    this.log = log;
  }

  /** Resolves when `isSo` is true, looking after each change. */
  async until(isSo: (session: this) => boolean): Promise<void> {
    while (!isSo(this))
      await new Promise<void>((resolve) => {
        const subscription = this.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
  }

  online(): Promise<void> {
    return this.until(({ status }) => status.phase === "online");
  }

  /** Waits for the end and gives its cause. */
  async closed() {
    await this.until(({ status }) => status.phase === "closed");
    return this.status.phase === "closed" ? this.status.cause : assert.fail();
  }

  /** Waits for the end and gives the failure it ended with. */
  async failed() {
    const cause = await this.closed();
    return cause.type === "failed" ? cause.failure : assert.fail(`ended by ${cause.type}`);
  }

  buffer(name: string): ChatBuffer {
    const buffer = this.state.buffers.get(name);
    assert.ok(buffer !== undefined, `there is no buffer ${name}`);
    return buffer;
  }

  /** The rows of a buffer as short lines: `<nick> text`, `-- join nick`. */
  rows(name: string): string[] {
    return this.buffer(name).entries.map(rowText);
  }

  /** The messages alone. */
  said(name: string): string[] {
    return this.rows(name).filter((row) => !row.startsWith("--"));
  }
}

export function rowText(entry: Entry): string {
  if (entry.kind === "event") {
    const { event } = entry;
    return `-- ${event.type} ${"nick" in event ? event.nick : "text" in event ? event.text : ""}`.trimEnd();
  }
  if (entry.kind === "gap") return "-- gap";
  const mark = entry.status === "sent" ? "" : ` (${entry.status})`;
  const nick = entry.form === "action" ? `* ${entry.nick}` : `<${entry.nick}>`;
  return `${nick} ${entry.text}${mark}`;
}

/** A session that is not started yet and is closed after the test. */
export function newSession(
  address: ServerAddress,
  { mayLogErrors, ...options }: TestSessionOptions = {},
): TestSession {
  const log: string[] = [];
  const write = (level: string) => (text: string) => {
    log.push(`${level} ${text}`);
  };
  const logger: Logger = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  let count = 0;
  const prefix = options.nick ?? "ann";
  const session = new TestSession(
    {
      net: nodeNet,
      address,
      nick: "ann",
      channels: [],
      metadata: new Map(),
      logger,
      persistent: false,
      newId: () => `${prefix}-${++count}`,
      random: () => 0,
      ...options,
      timing: { ...TEST_TIMING, ...options.timing },
    },
    log,
  );
  onCleanup(async () => {
    await session.close();
    const error = log.find((line) => line.startsWith("error"));
    if (error !== undefined && mayLogErrors !== true) throw new Error(`logged: ${error}`);
  });
  return session;
}

/** A started session in `#room`, with the server's side of it. */
export async function joined(
  server: ScriptedServer,
  welcome: WelcomeOptions = {},
  options: TestSessionOptions = {},
): Promise<{ session: TestSession; peer: ServerPeer }> {
  const session = newSession(addressOf(server.port), { channels: ["#room"], ...options });
  session.start();
  const peer = await server.accept();
  const nick = await peer.welcome(welcome);
  await peer.letIn(nick, "#room", "@bob");
  await session.online();
  await peer.command("WHO");
  return { session, peer };
}

/** A session that has lost its connection and is back as `ann2`, its nick being taken by its ghost; `members` are in `#room`. */
export async function besideGhost(options: TestSessionOptions, members = ["ann"]) {
  const server = await startScripted();
  const { session, peer } = await joined(server, {}, options);
  peer.drop();
  const again = await server.accept();
  await again.command("USER");
  again.send(":irc.test 433 * ann :Nickname is already in use");
  await again.command("NICK");
  again.sayWelcome("ann2");
  await again.letIn("ann2", "#room", ...members);
  await session.online();
  return { session, again };
}
