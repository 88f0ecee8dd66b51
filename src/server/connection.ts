// One peer's connection: what comes in, what goes out, and its time-outs.
import type { ServerLimits } from "./config.js";
import { InputQueue, type Input, type InputEnvironment } from "./input-queue.js";
import type { OutboxNode, OutputScheduler } from "./outbox.js";
import type { TokenBucket } from "./token-bucket.js";
import type { Transport } from "./transport.js";

/** Who hears of a connection's lines and of its end. */
export interface ConnectionOwner {
  /** Lines come strictly in order: the next one only after the promise has settled. */
  receive(connection: Connection, input: Input): Promise<void> | undefined;
  /** Called once. */
  closed(connection: Connection, reason: string): void;
}

export interface ConnectionInfo {
  readonly id: string;
  /** IPv4 dotted even where the system says ::ffff:1.2.3.4; IPv6 without brackets or zone. */
  readonly address: string;
  readonly port: number;
  /** The server's own address, in the same form, and its port. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly isSecure: boolean;
  /** By which name a client that came by TLS asked for the server (SNI). */
  readonly hostname: string | undefined;
  readonly kind: "plaintext" | "TLS" | "WebSocket" | "secure WebSocket";
  /** SHA-256 of the client's certificate, 64 lower-case hex digits. */
  readonly certificateFingerprint: string | undefined;
}

export interface ConnectionEnvironment extends InputEnvironment {
  readonly limits: ServerLimits;
  readonly output: OutputScheduler<Connection>;
}

const PING = "PING";
/** For so many bytes of answers a line costs once more: a word can ask for half a megabyte. */
const ANSWER_BYTES = 16 * 1024;
/**
 * While so much of what it asked for waits, a peer is not heard: one that does not read its answers could have the memory
 * filled with more of them. What others say to it does not count, and is mostly the same for many.
 */
const MAX_UNREAD_BYTES = 256 * 1024;

type State = "open" | "closing" | "closed";

const NO_TRANSPORT: Transport = {
  pendingBytes: 0,
  write: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  onceDrained: () => undefined,
};

/** Owns a transport: what has come by it, its send queue and time-outs. Nothing else touches the socket. */
export class Connection {
  readonly since: number;
  private readonly input: InputQueue;
  private outbox: OutboxNode | undefined;
  private state: State = "open";
  private lastInput: number;
  private pingSent: number | undefined;
  private closingSince = 0;
  /** How much it was answered since it had read everything. */
  private answeredBytes = 0;
  private isDraining = false;
  private hasRegistered = false;
  private onGone: (() => void) | undefined;
  /** Those who wait for a sign of life. */
  private signals: ((isAlive: boolean) => void)[] | undefined;

  constructor(
    readonly info: ConnectionInfo,
    private readonly transport: Transport,
    private readonly owner: ConnectionOwner,
    private readonly environment: ConnectionEnvironment,
    /** Where all connections of the address take their lines from as well. */
    sharedBucket?: TokenBucket,
  ) {
    this.since = environment.now();
    this.lastInput = this.since;
    this.input = new InputQueue(this, transport, environment, sharedBucket);
  }

  /** A connection that has ended, in the life of an earlier process: who came by it may still be here. */
  static ofThePast(
    info: ConnectionInfo,
    owner: ConnectionOwner,
    environment: ConnectionEnvironment,
  ): Connection {
    const connection = new Connection(info, NO_TRANSPORT, owner, environment);
    connection.state = "closed";
    return connection;
  }

  get id(): string {
    return this.info.id;
  }

  get isOpen(): boolean {
    return this.state === "open";
  }

  /** The socket has ended. */
  get isGone(): boolean {
    return this.state === "closed";
  }

  /** Resolves when the socket has ended. */
  whenGone(): Promise<void> {
    if (this.isGone) return Promise.resolve();
    return new Promise((resolve) => {
      this.onGone = resolve;
    });
  }

  /** From now on the peer is asked PING instead of being timed for its registration. */
  registered(): void {
    this.hasRegistered = true;
    this.lastInput = this.environment.now();
  }

  /** The peer has to show that it lives; otherwise it is gone when the time for an answer is over. */
  probe(): void {
    if (this.state !== "open" || this.pingSent !== undefined) return;
    this.pingSent = this.environment.now();
    this.send(Buffer.from(`${PING} :${this.id}\r\n`));
  }

  /** Asks the peer to show that it lives. Resolves with whether it did so in time. */
  answers(withinMs: number): Promise<boolean> {
    if (this.state !== "open") return Promise.resolve(false);
    this.probe();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, withinMs);
      (this.signals ??= []).push((isAlive) => {
        clearTimeout(timer);
        resolve(isAlive);
      });
    });
  }

  private signal(isAlive: boolean): void {
    const { signals } = this;
    this.signals = undefined;
    for (const tell of signals ?? []) tell(isAlive);
  }

  /** The line being handled costs so many times what a line does; those that follow wait for it. */
  costs(price: number): void {
    this.input.charge(price - 1);
  }

  /** What came beside lines, in bytes: pings of WebSocket. It is to be paid for as well. */
  weigh(bytes: number): void {
    this.input.weigh(bytes);
  }

  /** Bytes from the peer. */
  receive(chunk: Buffer): void {
    if (this.state !== "open") return;
    this.lastInput = this.environment.now();
    this.pingSent = undefined;
    if (this.signals !== undefined) this.signal(true);
    this.input.push(chunk);
  }

  /** Called by the queue of what has come. */
  handle(input: Input): Promise<void> | undefined {
    const before = this.outbox?.bytes ?? 0;
    const pending = this.owner.receive(this, input);
    this.answered(before);
    return pending;
  }

  /** What `answer` queues to this peer at once is to be paid for. */
  answering<T>(answer: () => T): T {
    const before = this.outbox?.bytes ?? 0;
    const result = answer();
    this.answered(before);
    return result;
  }

  private answered(before: number): void {
    const bytes = (this.outbox?.bytes ?? 0) - before;
    this.answeredBytes += bytes;
    this.input.charge(Math.floor(bytes / ANSWER_BYTES));
  }

  /** Called by the queue of what has come. */
  get isSated(): boolean {
    return this.answeredBytes > MAX_UNREAD_BYTES && this.unreadBytes > MAX_UNREAD_BYTES;
  }

  private get unreadBytes(): number {
    return (this.outbox?.bytes ?? 0) + this.transport.pendingBytes;
  }

  /** What was written is on its way: the peer reads, and may go on. */
  private drained(): void {
    this.answeredBytes = 0;
    this.lastInput = this.environment.now();
    this.pingSent = undefined;
    this.input.goOn();
  }

  /** Queues `line`, which ends in CR LF and goes to this peer alone. It is written at the end of the tick. */
  send(line: Buffer): void {
    if (this.state === "open") this.moveTo(this.place().alone(line));
  }

  /** Queues a `line` that goes to others as well: the same buffer for all of them. */
  share(line: Buffer): void {
    if (this.state === "open") this.moveTo(this.place().next(line));
  }

  /** Says `ERROR :Closing link: <reason>` after what is queued, then closes. May be called again. */
  close(reason: string): void {
    if (this.state !== "open") return;
    this.outbox = this.place().alone(Buffer.from(`ERROR :Closing link: ${reason}\r\n`));
    this.finish("closing", reason);
  }

  /** The socket has ended or failed. May be called again. */
  lost(reason: string): void {
    if (this.state === "closed") return;
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.transport.destroy();
    if (wasOpen) this.finish("closed", reason);
    this.onGone?.();
  }

  /** Called by the scheduler, once a tick at most. */
  flush(lost: ReadonlySet<Buffer> | undefined): void {
    const { outbox } = this;
    this.outbox = undefined;
    if (outbox === undefined || this.state === "closed") return;
    const lines = outbox.flatten(lost);
    const isFull =
      this.transport.pendingBytes + lines.length > this.environment.limits.maxSendQueueBytes;
    if (isFull && this.state === "open") {
      this.exceeded();
      return;
    }
    if (lines.length > 0) this.transport.write(lines);
    if (this.answeredBytes > MAX_UNREAD_BYTES) this.awaitReader();
    if (this.state === "closing") this.transport.end();
  }

  private awaitReader(): void {
    if (!this.isSated) {
      if (this.transport.pendingBytes === 0) this.answeredBytes = 0;
      // The others' lines go out first.
      setImmediate(() => {
        this.input.goOn();
      });
    } else if (!this.isDraining) {
      this.isDraining = true;
      this.transport.onceDrained(() => {
        this.isDraining = false;
        this.drained();
      });
    }
  }

  /** Looks at the time-outs. */
  sweep(now: number): void {
    const { limits } = this.environment;
    if (this.state === "closing") {
      if (now - this.closingSince >= limits.closeGraceMs) this.lost("closed");
    } else if (this.state === "open" && !this.hasRegistered) {
      if (now - this.since >= limits.registrationTimeoutMs) this.close("Registration timed out");
    } else if (this.state === "open") {
      this.sweepPing(now);
    }
  }

  private sweepPing(now: number): void {
    const { pingIntervalMs, pingTimeoutMs } = this.environment.limits;
    if (this.pingSent !== undefined) {
      if (now - this.pingSent >= pingTimeoutMs) {
        const seconds = Math.round((now - this.lastInput) / 1000);
        this.close(`Ping timeout: ${seconds} seconds`);
      }
    } else if (now - this.lastInput >= pingIntervalMs && (this.isSated || !this.input.isWaiting)) {
      this.probe();
    }
  }

  /** Where the outbox stands; what is queued there will be flushed. */
  private place(): OutboxNode {
    if (this.outbox !== undefined) return this.outbox;
    const { output } = this.environment;
    output.add(this);
    return output.root;
  }

  private moveTo(node: OutboxNode): void {
    this.outbox = node;
    // A single tick may not pile up without bound either.
    if (node.bytes > this.environment.limits.maxSendQueueBytes) this.exceeded();
  }

  private exceeded(): void {
    // What is queued would not be read: only the reason goes out.
    this.outbox = undefined;
    this.close("(SendQ exceeded)");
  }

  private finish(state: "closing" | "closed", reason: string): void {
    this.state = state;
    this.signal(false);
    this.closingSince = this.environment.now();
    this.input.stop();
    this.owner.closed(this, reason);
  }
}
