// No command has the database asked for much at once, whatever is stored and however often it is given in one packet.
import { strict as assert } from "node:assert";
import { commandTable } from "../../src/server/commands/index.js";
import { MULTILINE, conversationOf } from "../../src/server/history/store.js";
import { countDatabaseWork, type DatabaseWork } from "../support/database-work.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

/** What is read at once at most: a page of a hundred of the longest messages is 1.6 MB. */
const MOST: DatabaseWork = { rows: 6000, characters: 2_000_000 };
const TIMES = 10;

const CAPS = [
  "batch",
  "draft/channel-rename",
  "draft/event-playback",
  "draft/message-redaction",
  "draft/multiline",
  "draft/read-marker",
  "echo-message",
  "labeled-response",
  "message-tags",
  "server-time",
  "soju.im/search",
];
const LINES = Array.from({ length: 40 }, () => `-${"-".repeat(400)}`);
const TAGS = `+x=${"y".repeat(4080)}`;
const CHANNELS = Array.from({ length: 97 }, (_, i) => `#c${i}`).join(",");
const PEOPLE = Array.from({ length: 60 }, (_, i) => `peer${i}`).join(",");
const LONG_AGO = "timestamp=2020-01-01T00:00:00.000Z";
const LATER = "timestamp=2030-01-01T00:00:00.000Z";

/** What each command is given: the worst of what it takes. A command that is not here fails the test. */
const WORST: Readonly<Record<string, readonly string[]>> = {
  APPROVE: ["APPROVE x"],
  AUTHENTICATE: ["AUTHENTICATE PLAIN"],
  AWAY: ["AWAY :x", "AWAY"],
  BAN: ["BAN x"],
  BATCH: [
    "BATCH +a draft/multiline #long",
    ...LINES.map((line) => `@batch=a PRIVMSG #long :${line}`),
    "BATCH -a",
  ],
  CAP: ["CAP LS 302", "CAP LIST"],
  CHATHISTORY: [
    "CHATHISTORY LATEST #big * 100",
    `CHATHISTORY BEFORE #big ${LATER} 100`,
    `CHATHISTORY AFTER #big ${LONG_AGO} 100`,
    "CHATHISTORY AROUND #big msgid=m100 100",
    `CHATHISTORY BETWEEN #big ${LATER} ${LONG_AGO} 100`,
    "CHATHISTORY LATEST #events * 100",
    "CHATHISTORY LATEST peer1 * 100",
    "CHATHISTORY LATEST nobody * 100",
    `CHATHISTORY TARGETS ${LONG_AGO} ${LATER} 100`,
    `CHATHISTORY TARGETS ${LONG_AGO} ${LONG_AGO} 100`,
  ],
  DECISIONS: ["DECISIONS"],
  DENY: ["DENY x"],
  FILEHOST: ["FILEHOST"],
  FORGET: ["FORGET x"],
  HELP: ["HELP", "HELP CHATHISTORY"],
  HELPOP: ["HELPOP"],
  INFO: ["INFO"],
  INVITE: ["INVITE nobody #c1"],
  ISON: [`ISON ${PEOPLE.replaceAll(",", " ")}`],
  ISUPPORT: ["ISUPPORT"],
  JOIN: [`PART ${CHANNELS}`, `JOIN ${CHANNELS}`],
  KICK: ["KICK #c1 peer1,peer2 :x"],
  KILL: ["KILL peer1 :x"],
  KNOCK: ["KNOCK #nowhere :x"],
  LINKS: ["LINKS"],
  LIST: ["LIST", `LIST ${"*a*b*c*,".repeat(40)}x`],
  LUSERS: ["LUSERS"],
  MARKREAD: [`MARKREAD #long ${LATER}`, `MARKREAD nobody ${LATER}`, "MARKREAD peer1"],
  METADATA: ["METADATA #long LIST", "METADATA * SYNC", "METADATA * SUB avatar color"],
  MODE: ["MODE #long", "MODE #long b", "MODE #c1 +bbb a!*@* b!*@* c!*@*", "MODE eve +i"],
  MONITOR: [`MONITOR + ${PEOPLE}`, "MONITOR L", "MONITOR S"],
  MOTD: ["MOTD"],
  NAMES: [`NAMES ${CHANNELS}`, "NAMES"],
  NICK: ["NICK eve2", "NICK eve"],
  NOTICE: [`NOTICE #long,#big,peer1 :${LINES[0]}`],
  OPER: ["OPER a b"],
  PART: [`JOIN ${CHANNELS}`, `PART ${CHANNELS}`],
  PASS: ["PASS x"],
  PING: ["PING x"],
  PONG: ["PONG x"],
  PRIVMSG: [`@${TAGS} PRIVMSG #long,#big,peer1 :${LINES[0]}`, "PRIVMSG nobody :x"],
  REDACT: ["REDACT #long m260 :x", "REDACT nobody m1 :x"],
  REGISTER: ["REGISTER * * sesame"],
  REHASH: ["REHASH"],
  RELEASE: ["RELEASE x"],
  RENAME: ["RENAME #long #longer", "RENAME #longer #long"],
  SEARCH: [
    "SEARCH text=-!",
    "SEARCH in=#big;text=-!",
    "SEARCH text=-",
    "SEARCH text=-茶x",
    "SEARCH text=word",
    "SEARCH text=word;from=nobody",
    "SEARCH from=nobody",
  ],
  SETNAME: ["SETNAME :x"],
  TAGMSG: [`@${TAGS} TAGMSG #long,#big,peer1`],
  TIME: ["TIME"],
  TOPIC: ["TOPIC #long :x", "TOPIC #c1"],
  USER: ["USER a 0 * :x"],
  USERHOST: ["USERHOST peer1 peer2 peer3 peer4 peer5"],
  VERIFY: ["VERIFY a b"],
  VERSION: ["VERSION"],
  WAITING: ["WAITING"],
  WALLOPS: ["WALLOPS :x"],
  WHO: ["WHO *", "WHO #long %tcuihsnfdlaor,1", "WHO *?*?*?*?*?*?*?*?*x"],
  WHOIS: ["WHOIS eve", "WHOIS nobody"],
  WHOWAS: ["WHOWAS nobody"],
  QUIT: ["QUIT"],
};

describe("commands on a server where very much was said", () => {
  it("are given in the table of this test, each of them", () => {
    assert.deepEqual(Object.keys(WORST).sort(), [...commandTable.keys()].sort());
  });

  it("read so much at once and no more", async function () {
    this.timeout(120_000);
    const work = countDatabaseWork();
    const server = await startServer();
    const owner = await server.client("owner");
    owner.send("JOIN #big,#long,#events", `JOIN ${CHANNELS}`);
    await owner.roundtrip();
    fill(server);
    const eve = await memberOf(server, "eve");
    const tooMuch: string[] = [];
    for (const [command, lines] of Object.entries(WORST)) {
      for (const line of command === "BATCH" ? [lines.join("\r\n")] : lines) {
        work.reset();
        eve.send(...Array.from({ length: TIMES }, () => line));
        if (command === "QUIT") await eve.rest();
        else await eve.roundtrip();
        if (work.most.rows > MOST.rows || work.most.characters > MOST.characters)
          tooMuch.push(`${line.slice(0, 60)}: ${JSON.stringify(work.most)}`);
      }
    }
    assert.deepEqual(tooMuch, []);
  });
});

/** The longest messages, many short ones, some with the most of tags, comings and goings, and conversations. */
function fill(server: TestServer): void {
  const { store } = server.server.archive;
  let count = 0;
  const time = Date.now();
  const put = (buffer: string, command: string, params: string[], clientTags = "") => {
    store.append({
      buffer,
      msgid: `m${count++}`,
      time,
      source: "ann!u@h",
      account: undefined,
      address: undefined,
      isBot: false,
      command,
      params,
      clientTags,
    });
    if (count % 500 === 0) store.commit();
  };
  const long = ["PRIVMSG", "#big", ...LINES];
  for (let i = 0; i < 250; i++) put("#big", MULTILINE, long);
  for (let i = 0; i < 12_000; i++)
    put("#long", "PRIVMSG", ["#long", `word ${i} - 茶`], i % 50 === 0 ? TAGS : "");
  for (let i = 0; i < 5000; i++) put("#events", "JOIN", ["#events"]);
  for (const channel of CHANNELS.split(","))
    for (let i = 0; i < 5; i++) put(channel, MULTILINE, long);
  const { host } = [...server.server.clients.values()][0] ?? { host: "" };
  for (let i = 0; i < 3000; i++)
    put(conversationOf(`eve@${host}`, `peer${i}`), "PRIVMSG", ["eve", "hello"]);
  store.commit();
}

/** In all channels. */
async function memberOf(server: TestServer, nick: string): Promise<Peer> {
  const peer = await server.client(nick, ...CAPS);
  peer.send("JOIN #big,#long,#events", `JOIN ${CHANNELS}`);
  await peer.roundtrip();
  return peer;
}
