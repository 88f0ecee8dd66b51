// A server for a test, and raw-line peers that talk to it.
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import {
  parseServerConfig,
  type ServerConfig,
  type ServerLimits,
  type ServerOptions,
} from "../../src/server/config.js";
import type { OnApprovals } from "../../src/server/approval.js";
import type { ConnectedClient } from "../../src/server/control.js";
import { createLogger } from "../../src/server/logger.js";
import { Server } from "../../src/server/server.js";
import { onCleanup } from "./cleanup.js";
import { Peer, SocketLink } from "./peer.js";

export interface TestServerOptions extends ServerOptions {
  readonly limits?: Partial<ServerLimits>;
  readonly now?: () => number;
  /** What goes on when `now` jumps. Default: the same. */
  readonly ticks?: () => number;
  /** What messages and connections are called. */
  readonly newId?: () => string;
  readonly onClients?: (clients: readonly ConnectedClient[]) => void;
  readonly onApprovals?: OnApprovals;
  /** What REHASH reads. */
  readonly reload?: () => ServerConfig;
  /** The test wants errors in the log; otherwise one fails it. */
  readonly mayLogErrors?: boolean;
}

/** Short enough that what waits for a time-out is quick; none of them is what a test measures. */
const TEST_LIMITS: Partial<ServerLimits> = { sweepIntervalMs: 10, closeGraceMs: 200 };

export class TestServer {
  constructor(
    readonly server: Server,
    readonly port: number,
    readonly fingerprint: string,
    /** `level message` each, in order. */
    readonly log: readonly string[],
  ) {}

  /** A connection that has said nothing yet. */
  connect(): Promise<Peer> {
    return open((done) => connectTcp(this.port, "127.0.0.1", done));
  }

  /** The same over TLS. */
  connectTls(options: ConnectionOptions = {}): Promise<Peer> {
    return open((done) =>
      connectTls(
        { port: this.port, host: "127.0.0.1", rejectUnauthorized: false, ...options },
        done,
      ),
    );
  }

  /** A registered client with these capabilities, its welcome read. */
  async client(nick: string, ...caps: readonly string[]): Promise<Peer> {
    const peer = await this.connect();
    await peer.register(nick, ...caps);
    return peer;
  }

  /** A registered client that is logged in to the account `nick`, whose password is "sesame". */
  async loggedIn(nick: string, ...caps: readonly string[]): Promise<Peer> {
    const peer = await this.connect();
    await peer.logIn(nick, ...caps);
    return peer;
  }

  /** A registered client that has joined `channel`, the answers read. */
  async join(nick: string, channel: string, ...caps: readonly string[]): Promise<Peer> {
    const peer = await this.client(nick, ...caps);
    peer.send(`JOIN ${channel}`);
    await peer.roundtrip();
    return peer;
  }

  close(reason = "the test is over"): Promise<void> {
    return this.server.close(reason);
  }
}

/** A server on a free port of this machine, closed after the test. Flood control is off unless asked for. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const {
    limits,
    now,
    ticks,
    newId,
    onClients,
    onApprovals,
    reload,
    mayLogErrors,
    ...serverOptions
  } = options;
  const config = parseServerConfig(
    { listen: ["127.0.0.1:0"], floodControl: false, logLevel: "debug", ...serverOptions },
    { ...TEST_LIMITS, ...limits },
  );
  const log: string[] = [];
  const logger = createLogger(config.logLevel, (level, message) => {
    log.push(`${level} ${message}`);
  });
  const server = new Server(config, {
    logger,
    ...(now === undefined ? {} : { now }),
    ...(ticks === undefined ? {} : { ticks }),
    ...(newId === undefined ? {} : { newId }),
    ...(onClients === undefined ? {} : { onClients }),
    ...(onApprovals === undefined ? {} : { onApprovals }),
    ...(reload === undefined ? {} : { reload }),
  });
  const { listeners, fingerprint } = await server.start();
  onCleanup(async () => {
    await server.close("the test is over");
    const error = log.find((line) => line.startsWith("error"));
    if (error !== undefined && mayLogErrors !== true)
      throw new Error(`the server logged: ${error}`);
  });
  return new TestServer(server, listeners[0]?.port ?? 0, fingerprint, log);
}

/** An empty folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
  onCleanup(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

type Connect = (done: () => void) => ReturnType<typeof connectTcp>;

function open(connect: Connect): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const socket = connect(() => {
      resolve(new Peer(new SocketLink(socket)));
    });
    socket.once("error", reject);
    onCleanup(() => {
      socket.destroy();
    });
  });
}
