// The scenarios, grouped by what they need: a server is started once for each group and run.
import {
  connectClients,
  fillRoom,
  runClosedLoop,
  runFixedRate,
  settle,
  type ClosedLoop,
  type Room,
} from "./room.js";
import { runConnectStorm, runDirect, runIdle, runJoinStorm } from "./storms.js";
import type { Measurement } from "./measuring.js";
import { COMPARED, type RunningServer, type ServerName } from "./servers.js";

export interface Scenario {
  readonly name: string;
  /** What is counted, and in what: the larger the better, unless `isLess`. */
  readonly unit: string;
  readonly value: (measurement: Measurement) => number;
  readonly isLess?: boolean;
  /** What the ratio to another server must reach; at most, where `isLess`. */
  readonly goals?: Readonly<Partial<Record<ServerName, number>>>;
  /** What the value itself must reach. */
  readonly goal?: number;
}

const perCpu = ({ done, serverCpuSeconds }: Measurement) => done / serverCpuSeconds;
const perSecond = ({ done, wallSeconds }: Measurement) => done / wallSeconds;
const DELIVERIES = "deliveries / CPU s";

/** In the order of the report. A group may give one measurement under several names. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "burst-100", unit: DELIVERIES, value: perCpu, goals: { ngircd: 4, inspircd: 4 } },
  { name: "burst-1000", unit: DELIVERIES, value: perCpu, goals: { ngircd: 6, inspircd: 4 } },
  { name: "burst-5000", unit: DELIVERIES, value: perCpu, goals: { ngircd: 4, inspircd: 4 } },
  { name: "chatter-100", unit: DELIVERIES, value: perCpu, goals: { ngircd: 1.5, inspircd: 1 } },
  { name: "chatter-1000", unit: DELIVERIES, value: perCpu, goals: { ngircd: 2.2, inspircd: 2 } },
  {
    name: "chatter-100-wall",
    unit: "deliveries / s",
    value: perSecond,
    goals: { ngircd: 8, inspircd: 8 },
  },
  {
    name: "rate-500",
    unit: "p99 ms",
    value: ({ p99 = Number.NaN }) => p99,
    isLess: true,
    goal: 2,
    goals: { ngircd: 1 / 6, inspircd: 1 / 6 },
  },
  {
    name: "rate-4000",
    unit: "p99 ms",
    value: ({ p99 = Number.NaN }) => p99,
    isLess: true,
    goal: 80,
  },
  { name: "direct", unit: DELIVERIES, value: perCpu, goals: { ngircd: 1.1, inspircd: 0.85 } },
  {
    name: "idle-base",
    unit: "MB",
    value: ({ baseBytes = Number.NaN }) => baseBytes / 1e6,
    isLess: true,
    goal: 80,
  },
  {
    name: "idle-client",
    unit: "KB / client",
    value: ({ bytesPerClient = Number.NaN }) => bytesPerClient / 1e3,
    isLess: true,
    goal: 8,
  },
  { name: "connect-cpu", unit: "clients / CPU s", value: perCpu },
  {
    name: "connect",
    unit: "clients / s",
    value: perSecond,
    goal: 8000,
    goals: { ngircd: 2, inspircd: 2 },
  },
  { name: "connect-tls", unit: "clients / CPU s", value: perCpu },
  {
    name: "join",
    unit: "s",
    value: ({ wallSeconds }) => wallSeconds,
    isLess: true,
    goals: { ngircd: 1 / 8, inspircd: 1 },
  },
  { name: "tags-1000", unit: DELIVERIES, value: perCpu },
];

/** How large everything is: `quick` proves that it works, `full` is for figures. */
export interface Sizes {
  /** Of a burst in a room of 100; larger rooms have twice as many, chatter has a fifth. */
  readonly deliveries: number;
  readonly rateSeconds: number;
  readonly crowd: number;
  readonly tlsClients: number;
  readonly pairs: number;
  readonly messagesPerPair: number;
}

export const FULL: Sizes = {
  deliveries: 5_000_000,
  rateSeconds: 5,
  crowd: 5000,
  tlsClients: 1000,
  pairs: 500,
  messagesPerPair: 200,
};

export const QUICK: Sizes = {
  deliveries: 200_000,
  rateSeconds: 2,
  crowd: 1000,
  tlsClients: 200,
  pairs: 500,
  messagesPerPair: 20,
};

export interface Group {
  readonly scenarios: readonly string[];
  /** The servers it makes sense for; left out: all. */
  readonly only?: readonly ServerName[];
  /** Measures the `wanted` ones of its scenarios on a fresh server. */
  readonly run: (
    server: RunningServer,
    sizes: Sizes,
    wanted: (scenario: string) => boolean,
    report: (scenarios: readonly string[], measurement: Measurement) => void,
  ) => Promise<void>;
}

const BURST = { senders: 10, inFlight: 50 };
const CHATTER = { senders: 50, inFlight: 1 };
const RATE_SENDERS = 10;
const TAG_CAPS = ["message-tags", "server-time", "echo-message"];

/** Compilers and allocators have settled when a server has run for a while, and servers do. */
const WARM_UP_SHARE = 0.1;

function burstLoad(deliveries: number, members: number) {
  const share = members > 100 ? 2 : 1;
  return { ...BURST, messages: Math.ceil((deliveries * share) / (members - 1)) };
}

/** A burst that counts, after one that does not. */
async function warmBurst(room: Room, load: ClosedLoop): Promise<Measurement> {
  await runClosedLoop(room, { ...load, messages: load.messages * WARM_UP_SHARE });
  await settle(room);
  const measurement = await runClosedLoop(room, load);
  await settle(room);
  return measurement;
}

function roomGroup(members: number, rate: number): Group {
  const names = {
    burst: `burst-${members}`,
    chatter: `chatter-${members}`,
    wall: `chatter-${members}-wall`,
    rate: `rate-${rate}`,
  };
  return {
    scenarios: Object.values(names),
    run: async (server, { deliveries, rateSeconds }, wanted, report) => {
      const room = await fillRoom(server, await connectClients(server, members));
      const burst = burstLoad(deliveries, members);
      if (wanted(names.burst)) report([names.burst], await warmBurst(room, burst));
      if (wanted(names.chatter) || wanted(names.wall)) {
        const chatter = await warmBurst(room, { ...CHATTER, messages: burst.messages / 5 });
        report([names.chatter, names.wall], chatter);
      }
      if (wanted(names.rate)) {
        const load = { senders: RATE_SENDERS, perSecond: rate, seconds: rateSeconds };
        report([names.rate], await runFixedRate(room, load));
      }
    },
  };
}

const crowd: Group = {
  scenarios: ["connect", "connect-cpu", "idle-base", "idle-client", "join", "burst-5000"],
  run: async (server, sizes, wanted, report) => {
    const baseBytes = server.residentBytes();
    const { clients, measurement } = await runConnectStorm(server, sizes.crowd);
    report(["connect", "connect-cpu"], measurement);
    const room = { server, clients };
    if (wanted("idle-base") || wanted("idle-client"))
      report(["idle-base", "idle-client"], await runIdle(room, baseBytes));
    if (!wanted("join") && !wanted("burst-5000")) return;
    report(["join"], await runJoinStorm(room));
    await settle(room);
    if (wanted("burst-5000"))
      report(["burst-5000"], await warmBurst(room, burstLoad(sizes.deliveries, clients.length)));
  },
};

const direct: Group = {
  scenarios: ["direct"],
  run: async (server, sizes, _wanted, report) => {
    const room = { server, clients: await connectClients(server, sizes.pairs * 2) };
    await runDirect(room, sizes.messagesPerPair * WARM_UP_SHARE);
    report(["direct"], await runDirect(room, sizes.messagesPerPair));
  },
};

const connectTls: Group = {
  scenarios: ["connect-tls"],
  only: COMPARED,
  run: async (server, sizes, _wanted, report) => {
    const { measurement } = await runConnectStorm(server, sizes.tlsClients, { tls: true });
    report(["connect-tls"], measurement);
  },
};

/** As burst-1000, but half of the receivers get tags with everything; to be compared with that. */
const tags: Group = {
  scenarios: ["tags-1000"],
  only: ["parley", "parley-memory"],
  run: async (server, sizes, _wanted, report) => {
    const members = 1000;
    // The senders have none: they would get their own messages, too.
    const hasTags = (client: number) => client >= BURST.senders && client % 2 === 1;
    const capsOf = (client: number) => (hasTags(client) ? TAG_CAPS : []);
    const room = await fillRoom(server, await connectClients(server, members, capsOf));
    const load = { ...burstLoad(sizes.deliveries, members), hasTags };
    report(["tags-1000"], await warmBurst(room, load));
  },
};

export const GROUPS: readonly Group[] = [
  roomGroup(100, 500),
  roomGroup(1000, 4000),
  crowd,
  direct,
  connectTls,
  tags,
];
