// One peer's connection: bytes ⇄ lines, and everything that bounds it.
import { isUtf8 } from "node:buffer";
import { LineFramer, type Frame } from "../irc/framer.js";
import { MAX_CLIENT_TAG_DATA_BYTES, MAX_LINE_BYTES } from "../irc/limits.js";
import type { ServerLimits } from "./config.js";
import type { OutboxNode, OutputScheduler } from "./outbox.js";
import { TokenBucket } from "./token-bucket.js";
import type { Transport } from "./transport.js";

/** One thing the peer said. */
export type Input =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "invalid-utf8"; readonly command: string };

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
  /** The server's own port. */
  readonly localPort: number;
  readonly isSecure: boolean;
  readonly kind: "plaintext" | "TLS" | "WebSocket" | "secure WebSocket";
  /** SHA-256 of the client's certificate, 64 lower-case hex digits. */
  readonly certificateFingerprint: string | undefined;
}

export interface ConnectionEnvironment {
  readonly limits: ServerLimits;
  readonly floodControl: boolean;
  readonly now: () => number;
  readonly output: OutputScheduler<Connection>;
}

const MAX_INPUT_BYTES = MAX_CLIENT_TAG_DATA_BYTES + 2 + MAX_LINE_BYTES;
const PING = "PING";
const FRAMING = { maxLineBytes: MAX_INPUT_BYTES, decode };
/** Nothing is ever added to it. */
const NO_FRAMES: Frame[] = [];
/** How much is cut into lines at once: as lines that wait, two bytes take up fifty. More than a message of WebSocket. */
const MAX_FRAMED_BYTES = 16 * 1024;
/** For so many bytes of answers a line costs once more: a word can ask for half a megabyte. */
const ANSWER_BYTES = 16 * 1024;

type State = "open" | "closing" | "closed";

const NO_TRANSPORT: Transport = {
  pendingBytes: 0,
  write: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** Owns a transport: its line assembly, send queue and time-outs. Nothing else touches the socket. */
export class Connection {
  readonly since: number;
  private readonly framer = new LineFramer(FRAMING);
  private readonly bucket: TokenBucket | undefined;
  /** What has come and is not handled yet, from `nextFrame` on. */
  private inbox = NO_FRAMES;
  private nextFrame = 0;
  /** What has come after it and is not cut into lines yet. */
  private unframed: Buffer | undefined;
  private outbox: OutboxNode | undefined;
  private state: State = "open";
  private isBusy = false;
  private isPaused = false;
  /** The next line has what it costs, or will when it need not wait any more. */
  private isPaidFor = false;
  private throttle: NodeJS.Timeout | undefined;
  private lastInput: number;
  private pingSent: number | undefined;
  private closingSince = 0;
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
    private readonly sharedBucket?: TokenBucket,
  ) {
    const { limits, floodControl, now } = environment;
    this.since = now();
    this.lastInput = this.since;
    this.bucket = floodControl
      ? new TokenBucket(limits.floodBurst, limits.floodLinesPerSecond, this.since)
      : undefined;
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
    this.charge(price - 1);
  }

  private charge(tokens: number): void {
    this.bucket?.giveBack(-tokens);
    this.sharedBucket?.giveBack(-tokens);
  }

  /**
   * So many bytes have come, and with them so many lines. Each line pays for as many bytes as it may have; what is beyond,
   * blank lines, a line without an end, pings of WebSocket, costs as much, and the peer is not heard until it is paid.
   */
  weigh(bytes: number, lines = 0): void {
    const price = bytes / MAX_INPUT_BYTES - lines;
    if (this.bucket === undefined || this.state !== "open" || price <= 0) return;
    this.charge(price);
    const now = this.environment.now();
    const wait = Math.max(this.bucket.debtMs(now), this.sharedBucket?.debtMs(now) ?? 0);
    if (wait === 0 || this.throttle !== undefined) return;
    this.waitForToken(wait);
    this.pauseOrResume();
  }

  /** Bytes from the peer. */
  receive(chunk: Buffer): void {
    if (this.state !== "open") return;
    this.lastInput = this.environment.now();
    this.pingSent = undefined;
    if (this.signals !== undefined) this.signal(true);
    if (this.unframed !== undefined) this.unframed = Buffer.concat([this.unframed, chunk]);
    else if (chunk.length > MAX_FRAMED_BYTES) this.unframed = chunk;
    else this.frame(chunk);
    this.work();
  }

  private frame(bytes: Buffer): void {
    const frames = this.framer.push(bytes);
    if (this.nextFrame < this.inbox.length) {
      for (const frame of frames) this.inbox.push(frame);
    } else {
      this.inbox = frames;
      this.nextFrame = 0;
    }
    this.weigh(bytes.length, frames.length);
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
    if (this.state === "closing") this.transport.end();
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
    } else if (now - this.lastInput >= pingIntervalMs && !this.isWaiting) {
      this.probe();
    }
  }

  /** Handles waiting lines until one has to wait: for its predecessor, or for a token. */
  private work(): void {
    while (this.state === "open" && !this.isBusy && this.throttle === undefined) {
      const frame = this.inbox[this.nextFrame];
      if (frame === undefined && this.unframed === undefined) break;
      if (frame === undefined) {
        this.frameMore();
        continue;
      }
      const wait = this.isPaidFor ? 0 : this.pay();
      if (wait > 0) {
        this.waitForToken(wait);
        break;
      }
      this.isPaidFor = false;
      this.nextFrame++;
      const before = this.outbox?.bytes ?? 0;
      const pending = this.owner.receive(this, inputOf(frame));
      this.charge(Math.floor(((this.outbox?.bytes ?? 0) - before) / ANSWER_BYTES));
      if (pending !== undefined) this.waitFor(pending);
    }
    if (!this.isWaiting) this.forgetInbox();
    this.pauseOrResume();
  }

  /** Cuts some of what has come into lines. */
  private frameMore(): void {
    const { unframed } = this;
    if (unframed === undefined) return;
    const isMore = unframed.length > MAX_FRAMED_BYTES;
    this.unframed = isMore ? unframed.subarray(MAX_FRAMED_BYTES) : undefined;
    this.frame(unframed.subarray(0, MAX_FRAMED_BYTES));
  }

  // Reading on while lines wait would let one peer fill the memory; unread, they fill his own socket.
  private pauseOrResume(): void {
    const mustPause = this.state === "open" && (this.isWaiting || this.throttle !== undefined);
    if (mustPause === this.isPaused) return;
    this.isPaused = mustPause;
    if (mustPause) this.transport.pause();
    else this.transport.resume();
  }

  private get isWaiting(): boolean {
    return this.nextFrame < this.inbox.length || this.unframed !== undefined;
  }

  private forgetInbox(): void {
    this.inbox = NO_FRAMES;
    this.nextFrame = 0;
    this.unframed = undefined;
  }

  /** Takes what a line costs, and says in how many milliseconds it may be handled. */
  private pay(): number {
    const { bucket, sharedBucket } = this;
    if (bucket === undefined) return 0;
    const now = this.environment.now();
    this.isPaidFor = true;
    // Whoever waits has his turn: a shared bucket that is asked again would serve who asks first, time after time.
    return Math.max(bucket.reserve(now), sharedBucket?.reserve(now) ?? 0);
  }

  private waitForToken(ms: number): void {
    this.throttle = setTimeout(() => {
      this.throttle = undefined;
      this.work();
    }, ms);
  }

  private waitFor(pending: Promise<void>): void {
    this.isBusy = true;
    void pending.finally(() => {
      this.isBusy = false;
      this.work();
    });
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
    if (this.isPaidFor) this.sharedBucket?.giveBack(1);
    this.isPaidFor = false;
    clearTimeout(this.throttle);
    this.throttle = undefined;
    this.forgetInbox();
    // A paused socket never sees the peer's end.
    if (state === "closing") this.transport.resume();
    this.owner.closed(this, reason);
  }
}

function inputOf(frame: Frame): Input {
  return frame.kind === "invalid-utf8"
    ? { kind: "invalid-utf8", command: commandIn(frame.bytes) }
    : frame;
}

function decode(bytes: Uint8Array): string | undefined {
  const buffer = asBuffer(bytes);
  return isUtf8(buffer) ? buffer.toString("utf8") : undefined;
}

/** The command of a line that is no text; "*" when that cannot be told. */
function commandIn(line: Uint8Array): string {
  const words = /^(?:@[^ ]* +)?(?::[^ ]* +)?([A-Za-z]{1,30})(?=[ \r\n])/.exec(
    asBuffer(line).toString("latin1"),
  );
  return words?.[1]?.toUpperCase() ?? "*";
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
