import { strict as assert } from "node:assert";
import type { DatabaseSync } from "node:sqlite";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

/** A disk that is full, as SQLite sees it: no page more than there are. */
function setPages(server: TestServer, mayGrow: boolean): void {
  const database = Reflect.get(server.server.archive.store, "database") as DatabaseSync;
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() as {
    page_count: number;
  };
  database.exec(`PRAGMA max_page_count = ${mayGrow ? 1_000_000 : pages}`);
}

const TEXT = "x".repeat(350);
const FAIL = /^(?:@label=(\S+) )?:parley\.chat FAIL PRIVMSG MESSAGE_NOT_STORED :/;

describe("a full disk", () => {
  it("keeps nobody from talking about what is stored, and nothing else is delivered", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const alice = await server.join("alice", "#room", "echo-message");
    const bob = await server.join("bob", "#room", "draft/chathistory", "batch");
    await alice.roundtrip();
    setPages(server, false);
    const stored: string[] = [];
    let refused = 0;
    for (let n = 0; n < 60; n++) {
      alice.send(`PRIVMSG #room :${n} ${TEXT}`);
      const answer = (await alice.next()) ?? "";
      if (FAIL.test(answer)) refused++;
      else stored.push(answer);
    }
    assert.ok(refused > 0);
    assert.deepEqual(await alice.roundtrip(), []);
    assert.deepEqual(await bob.roundtrip(), stored);

    setPages(server, true);
    alice.send("PRIVMSG #room :there is room again");
    stored.push(await alice.expect(/ PRIVMSG #room :there is room again$/));
    await bob.expect(/ PRIVMSG #room :there is room again$/);
    assert.ok(server.log.some((line) => line.startsWith("error the history cannot be written")));
    assert.ok(server.log.includes("info the history can be written again"));

    bob.send("CHATHISTORY LATEST #room * 100");
    const history = (await bob.roundtrip()).filter((line) => line.includes(" PRIVMSG "));
    assert.deepEqual(
      history.map((line) => line.replace(/^@\S+ /, "")),
      stored,
    );
  });

  it("is said with the label of the message that it costs", async () => {
    const server = await startServer({ data: temporaryFolder(), mayLogErrors: true });
    const alice = await server.join("alice", "#room", "echo-message", "labeled-response", "batch");
    setPages(server, false);
    for (let n = 0; ; n++) {
      alice.send(`@label=n${n} PRIVMSG #room :${TEXT}`);
      const answer = (await alice.next()) ?? "";
      const label = FAIL.exec(answer)?.[1];
      if (label === undefined) continue;
      assert.equal(label, `n${n}`);
      break;
    }
  });
});
