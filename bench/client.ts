// One client of the load: a socket, what it sends, and whoever takes what it gets.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const ANSWER_TIMEOUT_MS = 120_000;
const READ_BYTES = 256 * 1024;
// All sockets read into one buffer: a chunk is used up before the next is read.
const readBuffer = Buffer.allocUnsafe(READ_BYTES);

/** Takes what a client gets. The chunk is valid during the call only. */
export type Sink = (chunk: Buffer) => void;

export interface ClientOptions {
  readonly nick: string;
  readonly port: number;
  readonly tls?: boolean;
  /** Capabilities to ask for. */
  readonly caps?: readonly string[];
}

export class BenchClient {
  private sink: Sink = ignore;
  private isClosing = false;
  private hasEnded = false;

  private constructor(
    readonly nick: string,
    private readonly socket: Socket,
  ) {
    socket.on("error", ignore);
    socket.on("close", () => {
      this.hasEnded = true;
    });
  }

  /** A connected and registered client. Rejects when the server refuses it, or does not answer in time. */
  static async connect(options: ClientOptions): Promise<BenchClient> {
    const { nick, caps = [] } = options;
    const client = await BenchClient.open(options);
    const wanted = caps.length === 0 ? "" : `CAP REQ :${caps.join(" ")}\r\nCAP END\r\n`;
    client.send(`${wanted}NICK ${nick}\r\nUSER bench 0 * :bench\r\n`);
    // The end of the message of the day, or that there is none.
    await client.waitFor([` 376 ${nick} `, ` 422 ${nick} `]);
    return client;
  }

  private static open({ nick, port, tls = false }: ClientOptions): Promise<BenchClient> {
    return new Promise((resolve, reject) => {
      let client: BenchClient | undefined;
      const place = { host: "127.0.0.1", port, noDelay: true };
      const socket = tls
        ? connectTls({ ...place, rejectUnauthorized: false })
        : connectTcp({ ...place, onread: { buffer: readBuffer, callback: take } });
      function take(bytes: number): boolean {
        client?.sink(readBuffer.subarray(0, bytes));
        return true;
      }
      if (tls) socket.on("data", (chunk: Buffer) => client?.sink(chunk));
      socket.once("error", reject);
      socket.once(tls ? "secureConnect" : "connect", () => {
        client = new BenchClient(nick, socket);
        resolve(client);
      });
    });
  }

  /** Whether the connection is up, or was closed by us. */
  get isFine(): boolean {
    return !this.hasEnded || this.isClosing;
  }

  setSink(sink: Sink): void {
    this.sink = sink;
  }

  stopReading(): void {
    this.sink = ignore;
  }

  /** Sends whole lines, with their CR LF. */
  send(lines: string): void {
    this.socket.write(lines, "latin1");
  }

  /** Resolves when one of `texts` has come. Everything that comes until then is dropped. */
  waitFor(texts: readonly string[]): Promise<void> {
    const longest = Math.max(...texts.map((text) => text.length));
    return new Promise((resolve, reject) => {
      let tail = "";
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        this.socket.off("close", closed);
        this.stopReading();
        outcome();
      };
      const fail = (why: string) => {
        settle(() => {
          reject(new Error(`${this.nick} ${why} while waiting for "${texts[0] ?? ""}": ${tail}`));
        });
      };
      const closed = () => {
        fail("was disconnected");
      };
      const timer = setTimeout(() => {
        fail("got no answer");
      }, ANSWER_TIMEOUT_MS);
      this.socket.once("close", closed);
      this.setSink((chunk) => {
        tail += chunk.toString("latin1");
        if (texts.some((text) => tail.includes(text))) settle(resolve);
        else tail = tail.slice(-Math.max(longest, 200));
      });
    });
  }

  /** Resolves when the server has answered everything sent before. */
  async roundtrip(): Promise<void> {
    const token = `sync-${this.nick}`;
    const answer = this.waitFor([token]);
    this.send(`PING ${token}\r\n`);
    await answer;
  }

  close(): void {
    this.isClosing = true;
    this.socket.destroy();
  }
}

function ignore(): void {
  // What nobody waits for.
}

/** Does `work` for the numbers below `count`, `atOnce` of them at the same time. Resolves with the results in order. */
export async function inParallel<T>(
  count: number,
  atOnce: number,
  work: (i: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      results[i] = await work(i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return results;
}
