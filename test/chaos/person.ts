// Someone who talks: a real session, behind a network of its own.
import { nodeNet } from "../../src/client/net/node-net.js";
import { Session } from "../../src/client/session.js";
import type { ChatBuffer, Entry, MessageEntry } from "../../src/client/model.js";
import type { Logger } from "../../src/client/logger.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import type { Random } from "./random.js";
import type { ChaosServer } from "./server.js";

/** Short waits: what takes a minute in life takes seconds here. */
const TIMING = {
  connectTimeoutMs: 2_000,
  registerTimeoutMs: 4_000,
  pingIntervalMs: 1_000,
  pongTimeoutMs: 1_000,
  answerTimeoutMs: 2_000,
  replyTimeoutMs: 3_000,
  closeTimeoutMs: 500,
  backoffBaseMs: 50,
  backoffMaxMs: 500,
  regainNickMs: 500,
};

/** More than all that is ever said takes. */
const MAX_PAGES = 300;

export class Person {
  private constructor(
    readonly nick: string,
    readonly proxy: TcpProxy,
    readonly session: Session,
    /** What the session has logged as an error: faults of ours. */
    readonly errors: readonly string[],
  ) {}

  static async join(
    server: ChaosServer,
    nick: string,
    channel: string,
    random: Random,
  ): Promise<Person> {
    const proxy = await TcpProxy.start(server.port);
    const errors: string[] = [];
    const quiet = () => undefined;
    const logger: Logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (text) => errors.push(text),
    };
    const session = new Session({
      net: nodeNet,
      address: {
        hosts: ["127.0.0.1"],
        port: proxy.port,
        transport: "plaintext",
        path: "/",
        channels: [],
        fingerprint: undefined,
        token: undefined,
      },
      nick,
      sasl: { account: nick, password: server.password },
      channels: [channel],
      metadata: new Map(),
      logger,
      persistent: true,
      random,
      timing: TIMING,
      // All of it is compared at the end; what is let go to bound memory would come back only to be let go again.
      limits: { maxEntries: 100_000, maxBufferBytes: 1e9 },
    });
    session.start();
    return new Person(nick, proxy, session, errors);
  }

  get isOnline(): boolean {
    return this.session.status.phase === "online";
  }

  entries(buffer: string): readonly Entry[] {
    return this.session.state.buffers.get(buffer)?.entries ?? [];
  }

  /** The texts shown, oldest first. */
  texts(buffer: string): string[] {
    return this.entries(buffer)
      .filter((entry) => entry.kind === "message")
      .map(({ text }) => text);
  }

  /** What is not sent. */
  unsent(): { readonly buffer: ChatBuffer; readonly entry: MessageEntry }[] {
    return [...this.session.state.buffers.values()].flatMap((buffer) =>
      buffer.entries
        .filter((entry) => entry.kind === "message" && entry.status !== "sent")
        .map((entry) => ({ buffer, entry: entry as MessageEntry })),
    );
  }

  /** Does what a person would: joins again where the host had stopped, and tries again what has failed. */
  goOn(): void {
    const { status } = this.session;
    if (status.phase === "closed" && status.cause.type === "host-stopped") this.session.start();
    for (const { buffer, entry } of this.unsent())
      if (entry.status === "failed") this.session.retry(buffer.name, entry.id);
  }

  /** Who they are and what they wait for, for a report. */
  toString(): string {
    const unsent = this.unsent();
    const first = unsent[0]?.entry;
    const what =
      first === undefined ? "nothing" : `"${first.text}" (${first.status}, ${first.error ?? ""})`;
    const { status } = this.session;
    return `${this.nick} is ${JSON.stringify(status)} and waits for ${unsent.length}, first ${what}`;
  }

  /** Scrolls until nothing is missing. */
  async readAll(buffer: string): Promise<void> {
    for (let pages = 0; pages <= MAX_PAGES; pages++) {
      const gap = this.entries(buffer).find((entry) => entry.kind === "gap");
      if (gap === undefined) return;
      await this.session.loadGap(buffer, gap.id, "after");
    }
    throw new Error(`${buffer} has a gap that ${MAX_PAGES} pages do not fill`);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.proxy.close();
  }
}
