import { strict as assert } from "node:assert";
import { createLogger } from "../../src/server/logger.js";
import { openDatabase } from "../../src/server/history/database.js";
import type { SearchQuery } from "../../src/server/history/search.js";
import { SqliteHistory } from "../../src/server/history/sqlite.js";
import { MULTILINE, type StoredMessage } from "../../src/server/history/store.js";
import { onCleanup } from "../support/cleanup.js";
import { startServer } from "../support/server.js";

/** More than are looked up in the index of words at once. */
const MANY = 25_000;
const BUFFERS = ["#a", "#b", "#c"];

interface Said {
  readonly time: number;
  readonly buffer: string;
  readonly nick: string;
  readonly text: string;
}

/** Messages whose words, nicks and places come round at different times. */
function saidAt(time: number): Said {
  const buffer = BUFFERS[time % BUFFERS.length] ?? "";
  const text = `the ${time % 7 === 0 ? "kettle" : "Cat's"} word${time} ${time % 11 === 0 ? "茶" : "x"}`;
  return { time, buffer, nick: `n${time % 5}`, text };
}

function open(): SqliteHistory {
  const quiet = createLogger("error", () => undefined);
  const history = new SqliteHistory(openDatabase(":memory:", quiet));
  onCleanup(() => {
    history.close();
  });
  return history;
}

function storedOf({ time, buffer, nick, text }: Said): StoredMessage {
  return {
    buffer,
    msgid: `id${time}`,
    time,
    source: `${nick}!u@h`,
    account: undefined,
    address: undefined,
    isBot: false,
    command: "PRIVMSG",
    params: [buffer, text],
    clientTags: "",
  };
}

function fill(): { history: SqliteHistory; said: Said[] } {
  const history = open();
  const said: Said[] = [];
  for (let time = 1; time <= MANY; time++) {
    const one = saidAt(time);
    said.push(one);
    history.append(storedOf(one));
  }
  history.commit();
  return { history, said };
}

const query = (wanted: Partial<SearchQuery>): SearchQuery => ({
  buffers: BUFFERS,
  text: undefined,
  from: undefined,
  after: undefined,
  before: undefined,
  limit: 100,
  ...wanted,
});

/** How often others are let in while this, of which there is nothing, is searched for. */
async function turnsOfSearching(
  history: SqliteHistory,
  wanted: Partial<SearchQuery>,
): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  assert.deepEqual(await history.search(query(wanted)), []);
  isDone = true;
  return turns;
}

describe("searching much that was said", () => {
  it("finds the latest, or after a time the first, by words, nick, place and time", async () => {
    const { history, said } = fill();
    const questions: [Partial<SearchQuery>, (one: Said) => boolean][] = [
      [{ text: "the" }, () => true],
      [{ text: "KETTLE the", from: "N1" }, ({ time }) => time % 7 === 0 && time % 5 === 1],
      [{ text: "ke", buffers: ["#b"] }, ({ time, buffer }) => time % 7 === 0 && buffer === "#b"],
      [{ text: "the", from: "n2", buffers: ["#c"], limit: 3 }, ({ time }) => time % 15 === 2],
      [{ from: "n4", after: 20_000 }, ({ time }) => time >= 20_000 && time % 5 === 4],
      [{ buffers: ["#a"], before: 60 }, ({ time, buffer }) => time <= 60 && buffer === "#a"],
      [{ text: "the", after: 100, before: 110 }, ({ time }) => time >= 100 && time <= 110],
      [{ text: "the", before: 4, from: "n3" }, ({ time }) => time === 3],
      [{ text: "茶", from: "n0" }, ({ time }) => time % 55 === 0],
      [{ text: "word12345" }, ({ time }) => time === 12_345],
      [{ text: "t" }, () => false],
      [{ text: "x", limit: 1 }, ({ time }) => time % 11 !== 0],
      [{ text: "the", buffers: ["#nowhere"] }, () => false],
    ];
    for (const [wanted, fits] of questions) {
      const { after, limit } = query(wanted);
      const all = said.filter(fits).map(({ time }) => time);
      const expected = after === undefined ? all.slice(-limit) : all.slice(0, limit);
      const found = await history.search(query(wanted));
      assert.deepEqual(
        found.map(({ time }) => time),
        expected,
        JSON.stringify(wanted),
      );
    }
  });

  it("lets others in while it goes on", async () => {
    const { history } = fill();
    await history.search(query({ text: "the" }));
    for (const wanted of [{ text: "the" }, { text: "茶茶" }, {}]) {
      const turns = await turnsOfSearching(history, { ...wanted, from: "nobody" });
      assert.ok(turns >= 20, `${turns} turns for ${JSON.stringify(wanted)}`);
    }
  });

  it("lets others in while messages of many lines are indexed", async () => {
    const history = open();
    const lines = Array.from({ length: 40 }, (_, i) => `-${`word${i} `.repeat(50)}`);
    for (let time = 1; time <= 100; time++)
      history.append({
        ...storedOf({ time, buffer: "#a", nick: "eve", text: "" }),
        command: MULTILINE,
        params: ["PRIVMSG", "#a", ...lines],
      });
    history.commit();
    const turns = await turnsOfSearching(history, { text: "nothing" });
    assert.ok(turns >= 20, `${turns} turns`);
  });

  it("is answered to one after the other", async () => {
    const { history } = fill();
    const order: string[] = [];
    const search = async (name: string, wanted: Partial<SearchQuery>) => {
      await history.search(query(wanted));
      order.push(name);
    };
    await Promise.all([
      search("long", { text: "the", from: "nobody" }),
      search("short", { text: "word7" }),
    ]);
    assert.deepEqual(order, ["long", "short"]);
  });

  it("costs what ten lines cost", async () => {
    const limits = { floodBurst: 60, floodLinesPerSecond: 0.001 };
    const server = await startServer({ floodControl: true, limits });
    const alice = await server.client("alice");
    const eve = await server.client("eve", "soju.im/search");
    eve.send(...Array.from({ length: 10 }, () => "SEARCH text=x"), "PRIVMSG alice :done");
    for (let i = 0; i < 2; i++) assert.deepEqual(await alice.roundtrip(), []);
  });
});
