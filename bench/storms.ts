// What is measured beside talk in rooms: connecting, idling, joining, and direct messages.
import { Faults, Lines, RoomLog, RoomStream, SenderStream, answerPing } from "./checking.js";
import { BenchClient, inParallel, type Sink } from "./client.js";
import { measure, type Measurement } from "./measuring.js";
import { payload } from "./payload.js";
import { ROOM, nickOf, settle, type Room } from "./room.js";
import type { RunningServer } from "./servers.js";

const JOINS_AT_ONCE = 50;
const STALL_MS = 15_000;
const TIMEOUT_MS = 240_000;
const QUIET_SAMPLES = 20;
const QUIET_SAMPLE_MS = 100;

export interface Storm {
  readonly clients: readonly BenchClient[];
  readonly measurement: Measurement;
}

/** Connects and registers `count` clients, several at the same time. */
export async function runConnectStorm(
  server: RunningServer,
  count: number,
  { tls = false } = {},
): Promise<Storm> {
  const faults = new Faults();
  const clients: BenchClient[] = [];
  const port = tls ? server.tlsPort : server.port;
  const connectAll = () =>
    void inParallel(count, server.connectsAtOnce, async (i) => {
      try {
        clients.push(await BenchClient.connect({ nick: nickOf(i), port, tls }));
      } catch (error) {
        faults.disconnected++;
        faults.sample(String(error));
      }
    });
  const measurement = await measure(server, faults, connectAll, {
    progress: () => clients.length,
    isDone: () => clients.length === count,
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
  });
  // In the order of their numbers, not of their success.
  clients.sort((a, b) => (a.nick < b.nick ? -1 : 1));
  return { clients, measurement };
}

/** The memory that idle clients take: the least a server held for a while, before and with them. */
export async function runIdle({ server, clients }: Room, baseBytes: number): Promise<Measurement> {
  const faults = new Faults();
  let least = Infinity;
  let samples = 0;
  const timer = setInterval(() => {
    least = Math.min(least, server.residentBytes());
    samples++;
  }, QUIET_SAMPLE_MS);
  const measurement = await measure(server, faults, () => undefined, {
    progress: () => samples,
    isDone: () => samples >= QUIET_SAMPLES,
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
  });
  clearInterval(timer);
  faults.disconnected += clients.filter((client) => !client.isFine).length;
  const bytesPerClient = (least - baseBytes) / clients.length;
  return { ...measurement, done: clients.length, baseBytes, bytesPerClient };
}

const JOINED = new RegExp(`^:(b\\d{5})!\\S+ JOIN :?${ROOM}\r\n$`);
const END_OF_NAMES = " 366 ";
const NUMERIC_OR_MODE = /^:\S+ (?:\d{3}|MODE) /;

function joinedNick(line: Buffer): string | undefined {
  return JOINED.exec(line.toString("latin1"))?.[1];
}

function isAside(client: BenchClient, line: Buffer): boolean {
  return answerPing(client, line) || NUMERIC_OR_MODE.test(line.toString("latin1"));
}

/** All clients join one room; each must see exactly those that join after it, in the order the first one sees. */
export async function runJoinStorm({ server, clients }: Room): Promise<Measurement> {
  const faults = new Faults();
  const streams = new Map<BenchClient, RoomStream>();
  /** What has come to clients whose own JOIN the first one has not seen yet. */
  const waiting = new Map<string, (offset: number) => void>();
  const log = new RoomLog((line) => {
    const nick = joinedNick(line);
    if (nick === undefined) {
      faults.garbled++;
      faults.sample(line.toString("latin1"));
      return undefined;
    }
    const offset = log.length + line.length;
    // Once the line stands in the log.
    process.nextTick(() => {
      waiting.get(nick)?.(offset);
    });
    return Number(nick.slice(1));
  }, isAside);

  const join = (client: BenchClient, isFirst: boolean) =>
    new Promise<void>((resolve) => {
      client.setSink(
        joiner(
          client,
          resolve,
          (rest) => {
            const offset = log.lineEnds[log.lineIds.indexOf(Number(client.nick.slice(1)))];
            const start = (from: number) => {
              const stream = new RoomStream(client, log, faults, from);
              streams.set(client, stream);
              stream.take(Buffer.concat(rest));
              client.setSink((chunk) => {
                stream.take(chunk);
              });
            };
            if (isFirst) start(log.length);
            else if (offset !== undefined) start(offset);
            else {
              client.setSink((chunk) => rest.push(Buffer.from(chunk)));
              waiting.set(client.nick, start);
            }
          },
          (line) => isFirst && log.append(line),
        ),
      );
      client.send(`JOIN ${ROOM}\r\n`);
    });

  const joinAll = async () => {
    const [first, ...others] = clients;
    if (first !== undefined) await join(first, true);
    await inParallel(others.length, JOINS_AT_ONCE, async (i) => {
      const client = others[i];
      if (client !== undefined) await join(client, false);
    });
  };
  const received = () => {
    let bytes = 0;
    for (const stream of streams.values()) bytes += stream.offset;
    return bytes;
  };
  const measurement = await measure(server, faults, () => void joinAll(), {
    progress: received,
    isDone: () =>
      log.lineEnds.length === clients.length &&
      streams.size === clients.length &&
      [...streams.values()].every((stream) => stream.offset === log.length),
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
  });
  for (const client of clients) {
    client.stopReading();
    if (!client.isFine) faults.disconnected++;
    if (streams.get(client)?.offset !== log.length) faults.lost++;
  }
  return { ...measurement, done: log.lineEnds.length };
}

/** Reads a client's own JOIN up to the end of NAMES, then hands on what else has come. */
function joiner(
  client: BenchClient,
  joined: () => void,
  handOver: (rest: Buffer[]) => void,
  own: (line: Buffer) => void,
): Sink {
  const rest: Buffer[] = [];
  let hasNames = false;
  const lines = new Lines((line) => {
    if (!hasNames && joinedNick(line) === client.nick) own(line);
    else if (!hasNames && isAside(client, line)) hasNames = line.includes(END_OF_NAMES);
    else rest.push(Buffer.from(line));
  });
  return (chunk) => {
    lines.take(chunk);
    if (!hasNames) return;
    rest.push(lines.drop());
    handOver(rest);
    joined();
  };
}

/** Pairs of clients send one message to and fro, each pair by itself. */
export async function runDirect(
  { server, clients }: Room,
  messagesPerPair: number,
): Promise<Measurement> {
  const faults = new Faults();
  const streams = clients.map((client, i) => {
    const partner = i ^ 1;
    // Who begins has sent number 0 when the first answer comes.
    let number = i % 2 === 0 ? 1 : 0;
    return new SenderStream(client, faults, ({ sender }) => {
      if (sender !== partner) faults.reordered++;
      else if (number * 2 + (i % 2) < messagesPerPair) send(client, i, number++);
    });
  });
  for (const [i, client] of clients.entries()) {
    client.setSink((chunk) => {
      streams[i]?.take(chunk);
    });
  }
  const progress = () => streams.reduce((sum, { received }) => sum + received, 0);
  const expected = (clients.length / 2) * messagesPerPair;
  const begin = () => {
    for (const [i, client] of clients.entries()) if (i % 2 === 0) send(client, i, 0);
  };
  const measurement = await measure(server, faults, begin, {
    progress,
    isDone: () => progress() === expected,
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
  });
  faults.lost += expected - measurement.done;
  faults.disconnected += clients.filter((client) => !client.isFine).length;
  await settle({ server, clients });
  return measurement;
}

function send(client: BenchClient, sender: number, number: number): void {
  client.send(`PRIVMSG ${nickOf(sender ^ 1)} :${payload(sender, number)}\r\n`);
}
