// A room full of clients, and what is measured in one: bursts, chatter, a fixed rate.
import { Faults, RoomLog, RoomStream, SenderStream, Sequence } from "./checking.js";
import { BenchClient, inParallel } from "./client.js";
import { Durations, measure, type Measurement } from "./measuring.js";
import { payload, type Payload } from "./payload.js";
import type { RunningServer } from "./servers.js";

export const ROOM = "#bench";
const JOINS_AT_ONCE = 50;
const STALL_MS = 10_000;
const TIMEOUT_MS = 120_000;
const RATE_DRAIN_MS = 10_000;
/** Latency is taken from so many members, evenly spread, those who speak among them; all are checked. */
const LATENCY_SAMPLES = 50;

export interface Room {
  readonly server: RunningServer;
  readonly clients: readonly BenchClient[];
}

/** Clients connected and registered, each with the capabilities it is to ask for. */
export function connectClients(
  server: RunningServer,
  count: number,
  capsOf: (client: number) => readonly string[] = () => [],
): Promise<BenchClient[]> {
  return inParallel(count, server.connectsAtOnce, (i) =>
    BenchClient.connect({ nick: nickOf(i), port: server.port, caps: capsOf(i) }),
  );
}

/** The nick of client `i`; all are equally long. */
export function nickOf(i: number): string {
  return `b${String(i).padStart(5, "0")}`;
}

/** Makes `clients` the members of one room and waits until all of them have heard of it. */
export async function fillRoom(
  server: RunningServer,
  clients: readonly BenchClient[],
): Promise<Room> {
  await inParallel(clients.length, JOINS_AT_ONCE, async (i) => {
    const client = clients[i];
    const joined = client?.waitFor([" 366 "]);
    client?.send(`JOIN ${ROOM}\r\n`);
    await joined;
  });
  const room = { server, clients };
  await settle(room);
  return room;
}

/** Waits until everything on its way to the clients has arrived. */
export async function settle({ clients }: Room): Promise<void> {
  await Promise.all(clients.map((client) => client.roundtrip()));
}

export interface Load {
  readonly senders: number;
  /** Messages of all senders together. */
  readonly messages: number;
  /** Whether the receiver with this number has asked for other capabilities than the rest. */
  readonly hasTags?: (receiver: number) => boolean;
}

/** Hears that a message has come to a member; messages are numbered in the order in which senders take turns. */
type Delivered = (message: number, member: number) => void;

/** One run of a load: what has been sent, and the streams of everybody. */
class RoomRun {
  readonly faults = new Faults();
  readonly sent: number[];
  sentTotal = 0;
  private readonly quota: number;
  private readonly senders: readonly BenchClient[];
  private readonly senderStreams: readonly SenderStream[];
  private readonly streams: RoomStream[] = [];
  private readonly logs: RoomLog[] = [];

  constructor(
    private readonly room: Room,
    private readonly load: Load,
    delivered: Delivered,
  ) {
    this.senders = room.clients.slice(0, load.senders);
    this.sent = this.senders.map(() => 0);
    this.quota = Math.ceil(load.messages / load.senders);
    this.senderStreams = this.senders.map((client, i) => {
      const stream = new SenderStream(client, this.faults, (payload) => {
        delivered(this.idOf(payload), i);
      });
      client.setSink((chunk) => {
        stream.take(chunk);
      });
      return stream;
    });
    this.addReceivers(delivered);
  }

  private idOf({ sender, number }: Payload): number {
    return number * this.senders.length + sender;
  }

  private addReceivers(delivered: Delivered): void {
    const [plain, tagged] = [this.newLog(), this.newLog()];
    this.logs.push(plain);
    for (const [i, client] of this.room.clients.entries()) {
      if (i < this.senders.length) continue;
      const log = this.load.hasTags?.(i) === true ? tagged : plain;
      if (!this.logs.includes(log)) this.logs.push(log);
      const stream = new RoomStream(client, log, this.faults);
      this.streams.push(stream);
      let line = 0;
      client.setSink((chunk) => {
        stream.take(chunk);
        for (; (log.lineEnds[line] ?? Infinity) <= stream.offset; line++)
          delivered(log.lineIds[line] ?? 0, i);
      });
    }
  }

  private newLog(): RoomLog {
    const sequence = new Sequence(this.faults);
    return new RoomLog((line) => {
      const payload = sequence.accept(line);
      return payload && this.idOf(payload);
    });
  }

  get messages(): number {
    return this.quota * this.senders.length;
  }

  /** Sends the next messages of a sender, as many as are left of `count`, each in a write of its own as people do. */
  send(sender: number, count: number): void {
    const client = this.senders[sender];
    const from = this.sent[sender] ?? 0;
    const to = Math.min(from + count, this.quota);
    for (let number = from; number < to; number++)
      client?.send(`PRIVMSG ${ROOM} :${payload(sender, number)}\r\n`);
    this.sent[sender] = to;
    this.sentTotal += to - from;
  }

  /** Bytes, as a measure of progress. */
  progress(): number {
    let bytes = 0;
    for (const { offset } of this.streams) bytes += offset;
    for (const { received } of this.senderStreams) bytes += received;
    return bytes;
  }

  isDone(): boolean {
    const others = this.messages - this.quota;
    return (
      this.logs.every((log) => log.lineEnds.length === this.messages) &&
      this.senderStreams.every((stream) => stream.received === others) &&
      this.streams.every((stream) => this.logs.some((log) => log.length === stream.offset))
    );
  }

  /** Ends the run: counts the deliveries and what did not arrive. */
  finish(run: Measurement): Measurement {
    const expected = this.sentTotal * (this.room.clients.length - 1);
    let done = 0;
    for (const { received } of this.senderStreams) done += received;
    const [first] = this.logs;
    for (const stream of this.streams) done += this.linesOf(stream, first);
    this.faults.lost += Math.max(expected - done, 0);
    this.faults.disconnected += this.room.clients.filter((client) => !client.isFine).length;
    for (const client of this.room.clients) client.stopReading();
    return { ...run, done };
  }

  private linesOf(stream: RoomStream, first: RoomLog | undefined): number {
    const log = stream.log;
    if (log === first && stream.offset === log.length) return log.lineEnds.length;
    return log.lineEnds.filter((end) => end <= stream.offset).length;
  }
}

export interface ClosedLoop extends Load {
  readonly inFlight: number;
}

/** Each sender keeps `inFlight` messages on their way; one has arrived when all the others in the room have it. */
export async function runClosedLoop(room: Room, load: ClosedLoop): Promise<Measurement> {
  const { senders, inFlight } = load;
  const others = room.clients.length - 1;
  const arrived: number[] = [];
  const run = new RoomRun(room, load, (message) => {
    const count = (arrived[message] ?? 0) + 1;
    arrived[message] = count;
    if (count === others) run.send(message % senders, 1);
  });
  const measured = await measure(
    room.server,
    run.faults,
    () => {
      for (let sender = 0; sender < senders; sender++) run.send(sender, inFlight);
    },
    {
      progress: () => run.progress(),
      isDone: () => run.isDone(),
      stallMs: STALL_MS,
      timeoutMs: TIMEOUT_MS,
    },
  );
  return run.finish(measured);
}

/** Sends at a fixed rate, whatever comes back, and takes the time each message is on its way. */
export async function runFixedRate(
  room: Room,
  { senders, perSecond, seconds }: { senders: number; perSecond: number; seconds: number },
): Promise<Measurement> {
  const messages = perSecond * seconds;
  const sentAt: number[] = [];
  const late = new Durations();
  const latency = new Durations();
  const every = Math.ceil(room.clients.length / LATENCY_SAMPLES);
  const run = new RoomRun(room, { senders, messages }, (message, member) => {
    if (member % every !== 0) return;
    const now = performance.now();
    latency.addMs(now - (sentAt[message] ?? now));
  });
  const startedAt = performance.now();
  const tick = () => {
    const now = performance.now();
    const due = Math.min(Math.floor(((now - startedAt) * perSecond) / 1000), messages);
    while (run.sentTotal < due) {
      late.addMs(now - startedAt - (run.sentTotal * 1000) / perSecond);
      // A message's number is how many were sent before it, since the senders take turns.
      sentAt.push(now);
      run.send(run.sentTotal % senders, 1);
    }
    if (run.sentTotal < messages) timer = setTimeout(tick, 1);
  };
  let timer: NodeJS.Timeout | undefined;
  const measured = await measure(room.server, run.faults, tick, {
    progress: () => run.progress() + run.sentTotal,
    isDone: () => run.sentTotal === messages && run.isDone(),
    stallMs: STALL_MS,
    timeoutMs: seconds * 1000 + RATE_DRAIN_MS,
  });
  clearTimeout(timer);
  return {
    ...run.finish(measured),
    p50: latency.percentile(0.5),
    p99: latency.percentile(0.99),
    lateP99: late.percentile(0.99),
  };
}
