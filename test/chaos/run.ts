// One run: everyone talks while things go wrong, then all is mended, and what everyone sees is compared with what is stored.
import { setTimeout as sleep } from "node:timers/promises";
import { differences } from "./compare.js";
import { Faults } from "./faults.js";
import { Person } from "./person.js";
import { between, pick, randomOf, type Random } from "./random.js";
import { ChaosServer, storedTexts } from "./server.js";

export interface Plan {
  readonly seed: number;
  readonly sessions: number;
  /** Of all together. */
  readonly messages: number;
  readonly directs: number;
}

export interface Outcome {
  /** What is wrong, for people; none: everything is as it must be. */
  readonly problems: readonly string[];
  /** What was done to everyone. */
  readonly faults: string;
}

const CHANNEL = "#room";
/** How long each person talks. */
const TALK_MS = 12_000;
const JOIN_TIMEOUT_MS = 20_000;
/** Until everything said has been confirmed, once the network is whole again. */
const SETTLE_TIMEOUT_MS = 60_000;
const LOOK_MS = 100;

export async function runSeed(plan: Plan): Promise<Outcome> {
  const random = randomOf(plan.seed);
  const nicks = Array.from({ length: plan.sessions }, (_, i) => `p${i}`);
  const server = await ChaosServer.start(nicks);
  const people: Person[] = [];
  const faults = new Faults();
  try {
    for (const nick of nicks) people.push(await Person.join(server, nick, CHANNEL, random));
    await until("everyone is there", JOIN_TIMEOUT_MS, () => people.every(isPresent));

    let isOver = false;
    const trouble = [
      faults.server(server, randomOf(plan.seed * 31), () => isOver),
      ...people.map(({ proxy }, i) =>
        faults.network(proxy, randomOf(plan.seed * 31 + 1 + i), () => isOver),
      ),
    ];
    const said = new Said();
    await Promise.all(people.map((person) => talk(person, people, plan, said, random)));
    isOver = true;
    await Promise.all(trouble);

    const problems: string[] = [];
    await settle(people).catch((error: unknown) => problems.push((error as Error).message));
    for (const person of people)
      await readEverything(person, people).catch((error: unknown) =>
        problems.push(`${person.nick} could not read back: ${(error as Error).message}`),
      );
    problems.push(...(await compare(server, people, said)));
    for (const { nick, errors } of people)
      for (const error of errors) problems.push(`${nick} logged an error: ${error}`);
    return { problems, faults: faults.toString() };
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await server.close();
  }
}

/** What was said, by conversation. */
class Said {
  readonly channel: string[] = [];
  readonly directs = new Map<string, string[]>();
  private count = 0;

  inChannel(nick: string): string {
    const text = `${nick} ${++this.count}`;
    this.channel.push(text);
    return text;
  }

  toPerson(nick: string, other: string): string {
    const text = `${nick} to ${other} ${++this.count}`;
    const pair = pairOf(nick, other);
    this.directs.set(pair, [...(this.directs.get(pair) ?? []), text]);
    return text;
  }
}

function pairOf(a: string, b: string): string {
  return [a, b].sort().join(" and ");
}

function isPresent(person: Person): boolean {
  return person.isOnline && person.session.state.buffers.get(CHANNEL)?.joined === true;
}

/** Says this person's share, now and then several at once, whatever the network does. */
async function talk(
  person: Person,
  people: readonly Person[],
  plan: Plan,
  said: Said,
  random: Random,
): Promise<void> {
  const others = people.filter((other) => other !== person);
  const share = Math.ceil(plan.messages / people.length);
  const directs = Math.ceil(plan.directs / people.length);
  const pauseMs = TALK_MS / Math.max(1, share / 4);
  for (let done = 0, direct = 0; done < share;) {
    for (let burst = between(random, 1, 7); burst > 0 && done < share; burst--, done++)
      person.session.say(CHANNEL, said.inChannel(person.nick));
    if (direct * share < done * directs) {
      direct++;
      const { nick } = pick(random, others);
      person.session.say(nick, said.toPerson(person.nick, nick));
    }
    person.goOn();
    await sleep(pauseMs * 2 * random());
  }
}

/** Waits until everyone is back and everything said has been taken. */
async function settle(people: readonly Person[]): Promise<void> {
  const isSettled = (person: Person) => isPresent(person) && person.unsent().length === 0;
  await until("everything is confirmed", SETTLE_TIMEOUT_MS, () => {
    for (const person of people) person.goOn();
    return people.every(isSettled);
  }).catch((error: unknown) => {
    const waiting = people.filter((person) => !isSettled(person)).map(String);
    throw new Error(`${(error as Error).message}: ${waiting.join("; ")}`);
  });
  // What was confirmed last reaches the others before an answer to a question asked after that.
  for (const person of people) await person.session.whois(person.nick);
}

async function readEverything(person: Person, people: readonly Person[]): Promise<void> {
  for (const buffer of [CHANNEL, ...people.map(({ nick }) => nick)])
    if (buffer !== person.nick) await person.readAll(buffer);
}

async function compare(
  server: ChaosServer,
  people: readonly Person[],
  said: Said,
): Promise<string[]> {
  const problems: string[] = [];
  for (const person of people) {
    const reader = await server.reader(person.nick);
    reader.send(`JOIN ${CHANNEL}`);
    const stored = await storedTexts(reader, CHANNEL);
    problems.push(...differences(`${CHANNEL} as stored`, said.channel, stored, "in any order"));
    problems.push(
      ...differences(`${CHANNEL} as ${person.nick} sees it`, stored, person.texts(CHANNEL)),
    );
    for (const other of people) {
      if (other === person) continue;
      const name = `between ${person.nick} and ${other.nick}`;
      const directs = await storedTexts(reader, other.nick);
      const expected = said.directs.get(pairOf(person.nick, other.nick)) ?? [];
      problems.push(...differences(`${name} as stored`, expected, directs, "in any order"));
      problems.push(
        ...differences(`${name} as ${person.nick} sees it`, directs, person.texts(other.nick)),
      );
    }
    reader.link.end();
  }
  if (problems.length > 0)
    for (const { nick, session } of people) {
      const { nick: own, buffers } = session.state;
      const names = [...buffers.values()].map(({ name, entries }) => `${name} (${entries.length})`);
      problems.push(`${nick} is called ${own} and has ${names.join(", ")}`);
    }
  return problems;
}

async function until(what: string, timeoutMs: number, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += LOOK_MS) {
    if (waited >= timeoutMs) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await sleep(LOOK_MS);
  }
}
