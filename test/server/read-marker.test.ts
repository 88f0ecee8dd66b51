import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const TIME = "timestamp=2019-01-04T14:33:26.123Z";
const LATER = "timestamp=2020-01-04T14:33:26.123Z";

async function logged(server: TestServer, nick: string, ...caps: string[]): Promise<Peer> {
  const peer = await server.client(nick, "sasl", ...caps);
  const plain = Buffer.from("\0ann\0sesame").toString("base64");
  peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`);
  await peer.until(/ 903 /);
  return peer;
}

describe("MARKREAD", () => {
  it("keeps a time that only grows", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room");
    ann.send("MARKREAD #room", `MARKREAD #room ${LATER}`, `MARKREAD #ROOM ${TIME}`);
    await ann.expect(":parley.chat MARKREAD #room *");
    await ann.expect(`:parley.chat MARKREAD #room ${LATER}`);
    await ann.expect(`:parley.chat MARKREAD #ROOM ${LATER}`);
  });

  it("does not take the future for read", async () => {
    const server = await startServer({ now: () => Date.parse("2020-01-04T14:33:26.123Z") });
    const ann = await server.client("ann");
    ann.send("MARKREAD bob timestamp=2999-01-01T00:00:00.000Z");
    await ann.expect(`:parley.chat MARKREAD bob ${LATER}`);
  });

  it("is told before the names to those who have the capability when they join", async () => {
    const server = await startServer();
    const knows = await server.client("knows", "draft/read-marker");
    const lacks = await server.client("lacks");
    knows.send("JOIN #room");
    lacks.send("JOIN #room");
    const seen = await knows.until(/ 366 /);
    assert.deepEqual(
      seen.map((line) => line.split(" ")[1]),
      ["JOIN", "MARKREAD", "353", "366"],
    );
    assert.ok(!(await lacks.until(/ 366 /)).some((line) => line.includes("MARKREAD")));
  });

  it("survives a restart for who has an account, and reaches his other connections", async () => {
    const data = temporaryFolder();
    const options = { data, accounts: ["ann:sesame"] };
    let server = await startServer(options);
    const one = await logged(server, "one");
    const knows = await logged(server, "knows", "draft/read-marker");
    const lacks = await logged(server, "lacks");
    one.send(`MARKREAD #room ${TIME}`, `MARKREAD #room ${TIME}`);
    await one.roundtrip();
    assert.deepEqual(await knows.roundtrip(), [`:parley.chat MARKREAD #room ${TIME}`]);
    assert.deepEqual(await lacks.roundtrip(), []);
    await server.close();
    server = await startServer(options);
    const again = await logged(server, "again");
    again.send("MARKREAD #room");
    await again.expect(`:parley.chat MARKREAD #room ${TIME}`);
    const guest = await server.client("guest");
    guest.send("MARKREAD #room");
    await guest.expect(":parley.chat MARKREAD #room *");
  });

  it("says what is wrong", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    ann.send("MARKREAD", "MARKREAD #room *", "MARKREAD #room timestamp=soon", "MARKREAD ?");
    await ann.expect(
      ":parley.chat FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters: use MARKREAD <channel or nick>",
    );
    await ann.expect(
      ":parley.chat FAIL MARKREAD INVALID_PARAMS * :Invalid timestamp: use timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
    );
    await ann.expect(
      ":parley.chat FAIL MARKREAD INVALID_PARAMS timestamp=soon :Invalid timestamp: use timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
    );
    await ann.expect(/ FAIL MARKREAD INVALID_PARAMS \? :This is not a channel or a nick/);
  });

  it("keeps so many for one person and no more", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    for (let i = 0; i <= 1000; i++) ann.send(`MARKREAD #room${i} ${TIME}`);
    await ann.until(/ FAIL MARKREAD INTERNAL_ERROR #room1000 :You have too many read markers$/);
  });
});
