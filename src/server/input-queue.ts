// What a peer has sent and is not handled yet: bytes → lines, each paid for before it is handled.
import { isUtf8 } from "node:buffer";
import { LineFramer, type Frame } from "../irc/framer.js";
import { MAX_CLIENT_TAG_DATA_BYTES, MAX_LINE_BYTES } from "../irc/limits.js";
import type { ServerLimits } from "./config.js";
import { TokenBucket } from "./token-bucket.js";
import type { Transport } from "./transport.js";

/** One thing the peer said. */
export type Input =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "too-long" }
  | { readonly kind: "invalid-utf8"; readonly command: string };

/** Who handles what was said, strictly in order: the next only after the promise has settled. */
export interface InputHandler {
  /** Hears nothing more for now; `goOn` will be called. */
  readonly isSated: boolean;
  handle(input: Input): Promise<void> | undefined;
}

export interface InputEnvironment {
  readonly limits: Pick<ServerLimits, "floodBurst" | "floodLinesPerSecond">;
  readonly floodControl: boolean;
  /** Milliseconds. */
  readonly now: () => number;
}

const MAX_INPUT_BYTES = MAX_CLIENT_TAG_DATA_BYTES + 2 + MAX_LINE_BYTES;
const FRAMING = { maxLineBytes: MAX_INPUT_BYTES, decode };
/** Nothing is ever added to it. */
const NO_FRAMES: Frame[] = [];
/** How much is cut into lines at once: as lines that wait, two bytes take up fifty. More than a message of WebSocket. */
const MAX_FRAMED_BYTES = 16 * 1024;

/** How much of what waits may have come while a line is handled: the end of the connection is seen only where it is read. */
const MAX_READ_AHEAD_BYTES = 4096;

/** Owns what waits, and whether the transport is read. */
export class InputQueue {
  private readonly framer = new LineFramer(FRAMING);
  private readonly bucket: TokenBucket | undefined;
  /** What has come and is not handled yet, from `nextFrame` on. */
  private inbox = NO_FRAMES;
  private nextFrame = 0;
  /** What has come after it and is not cut into lines yet. */
  private unframed: Buffer | undefined;
  /** How many bytes have become lines since none was waiting. */
  private framedBytes = 0;
  private isBusy = false;
  private isPaused = false;
  private isStopped = false;
  /** The next line has what it costs, or will when it need not wait any more. */
  private isPaidFor = false;
  private throttle: NodeJS.Timeout | undefined;

  constructor(
    private readonly handler: InputHandler,
    private readonly transport: Pick<Transport, "pause" | "resume">,
    private readonly environment: InputEnvironment,
    /** Where all connections of the address take their lines from as well. */
    private readonly sharedBucket: TokenBucket | undefined,
  ) {
    const { limits, floodControl, now } = environment;
    this.bucket = floodControl
      ? new TokenBucket(limits.floodBurst, limits.floodLinesPerSecond, now())
      : undefined;
  }

  get isWaiting(): boolean {
    return this.nextFrame < this.inbox.length || this.unframed !== undefined;
  }

  push(chunk: Buffer): void {
    if (this.isStopped) return;
    if (this.unframed !== undefined) this.unframed = Buffer.concat([this.unframed, chunk]);
    else if (chunk.length > MAX_FRAMED_BYTES) this.unframed = chunk;
    else this.frame(chunk);
    this.work();
  }

  /** The handler hears again. */
  goOn(): void {
    this.work();
  }

  /** So many lines more are to be paid for, before the next is handled. */
  charge(lines: number): void {
    this.bucket?.giveBack(-lines);
    this.sharedBucket?.giveBack(-lines);
  }

  /**
   * So many bytes have come, and with them so many lines. Each line pays for as many bytes as it may have; what is beyond,
   * blank lines, a line without an end, pings of WebSocket, costs as much, and the peer is not heard until it is paid.
   */
  weigh(bytes: number, lines = 0): void {
    const price = bytes / MAX_INPUT_BYTES - lines;
    if (this.bucket === undefined || this.isStopped || price <= 0) return;
    this.charge(price);
    const now = this.environment.now();
    const wait = Math.max(this.bucket.debtMs(now), this.sharedBucket?.debtMs(now) ?? 0);
    if (wait === 0 || this.throttle !== undefined) return;
    this.waitForToken(wait);
    this.pauseOrResume();
  }

  /** Nothing is handled any more. Reading goes on: a paused socket never sees the peer's end. */
  stop(): void {
    if (this.isPaidFor) this.sharedBucket?.giveBack(1);
    this.isPaidFor = false;
    clearTimeout(this.throttle);
    this.throttle = undefined;
    this.isStopped = true;
    this.forget();
    this.pauseOrResume();
  }

  /** Handles waiting lines until one has to wait: for its predecessor, or for a token. */
  private work(): void {
    while (!this.isStopped && !this.isBusy && this.throttle === undefined) {
      const frame = this.inbox[this.nextFrame];
      if (frame === undefined && this.unframed === undefined) break;
      if (this.handler.isSated) break;
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
      const pending = this.handler.handle(inputOf(frame));
      if (pending !== undefined) this.waitFor(pending);
    }
    if (!this.isWaiting) this.forget();
    this.pauseOrResume();
  }

  private frame(bytes: Buffer): void {
    const frames = this.framer.push(bytes);
    this.framedBytes += bytes.length;
    if (this.nextFrame < this.inbox.length) {
      for (const frame of frames) this.inbox.push(frame);
    } else {
      this.inbox = frames;
      this.nextFrame = 0;
    }
    this.weigh(bytes.length, frames.length);
  }

  /** Cuts some of what has come into lines. */
  private frameMore(): void {
    const { unframed } = this;
    if (unframed === undefined) return;
    const isMore = unframed.length > MAX_FRAMED_BYTES;
    this.unframed = isMore ? unframed.subarray(MAX_FRAMED_BYTES) : undefined;
    this.frame(unframed.subarray(0, MAX_FRAMED_BYTES));
  }

  private forget(): void {
    this.inbox = NO_FRAMES;
    this.nextFrame = 0;
    this.framedBytes = 0;
    this.unframed = undefined;
  }

  // Reading on while lines wait would let one peer fill the memory; unread, they fill its own socket.
  private pauseOrResume(): void {
    const mayReadAhead =
      this.isBusy && this.unframed === undefined && this.framedBytes <= MAX_READ_AHEAD_BYTES;
    const mustPause =
      !this.isStopped && ((this.isWaiting && !mayReadAhead) || this.throttle !== undefined);
    if (mustPause === this.isPaused) return;
    this.isPaused = mustPause;
    if (mustPause) this.transport.pause();
    else this.transport.resume();
  }

  /** Takes what a line costs, and says in how many milliseconds it may be handled. */
  private pay(): number {
    const { bucket, sharedBucket } = this;
    if (bucket === undefined) return 0;
    const now = this.environment.now();
    this.isPaidFor = true;
    // Those who wait take turns: a shared bucket that is polled would always serve the one that asks first.
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
