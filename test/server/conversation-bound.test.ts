// How many conversations of one identity the server knows of.
import { strict as assert } from "node:assert";
import { createLogger } from "../../src/server/logger.js";
import { openDatabase } from "../../src/server/history/database.js";
import { SqliteHistory } from "../../src/server/history/sqlite.js";
import { conversationOf } from "../../src/server/history/store.js";
import { onCleanup } from "../support/cleanup.js";

const MANY = 1000;

class Talk {
  readonly history: SqliteHistory;
  private count = 0;

  constructor() {
    const quiet = createLogger("error", () => undefined);
    this.history = new SqliteHistory(openDatabase(":memory:", quiet));
    onCleanup(() => {
      this.history.close();
    });
  }

  /** What an account, or a guest such as `eve@host`, says to another. */
  say(from: string, to: string): void {
    const [nick = "", host = "host"] = from.split("@");
    this.history.append({
      buffer: conversationOf(from, to),
      msgid: `m${++this.count}`,
      time: this.count,
      source: `${nick}!u@${host}`,
      account: from.includes("@") ? undefined : from,
      address: undefined,
      isBot: false,
      command: "PRIVMSG",
      params: [to, "hello"],
      clientTags: "",
    });
  }

  /** With whom `identity` has conversations. */
  peersOf(identity: string): ReadonlySet<string> {
    this.history.commit();
    const others = this.history.conversationsOf(identity).map((name) => name.split(" "));
    return new Set(others.map(([a = "", b = ""]) => (a === identity ? b : a)));
  }
}

describe("conversations of one identity", () => {
  it("are no more than so many, however many nicks write to it", () => {
    const talk = new Talk();
    for (let i = 0; i < 2 * MANY; i++) talk.say(`eve${i}@lair`, "ann");
    const peers = talk.peersOf("ann");
    assert.ok(peers.size <= MANY && peers.size >= 0.9 * MANY, String(peers.size));
    assert.ok(peers.has(`eve${2 * MANY - 1}@lair`), "the latest is known");
  });

  it("stay known where they were answered, and where they come from elsewhere, when a stranger comes by ever new nicks", () => {
    const talk = new Talk();
    talk.say("bob", "ann");
    talk.say("ann", "bob");
    talk.say("carol@kitchen", "ann");
    talk.say("ann", "dave@lair");
    for (let i = 0; i < 2 * MANY; i++) talk.say(`eve${i}@lair`, "ann");
    const peers = talk.peersOf("ann");
    for (const peer of ["bob", "carol@kitchen", "dave@lair"]) assert.ok(peers.has(peer), peer);
  });

  it("are known again when something is said in them", () => {
    const talk = new Talk();
    for (let i = 0; i < 2 * MANY; i++) talk.say(`eve${i}@lair`, "ann");
    assert.equal(talk.peersOf("ann").has("eve1@lair"), false);
    talk.say("ann", "eve1@lair");
    assert.ok(talk.peersOf("ann").has("eve1@lair"));
    assert.ok(talk.peersOf("eve1@lair").has("ann"), "the other one has it all along");
  });

  it("are forgotten by their age where all of them were answered", () => {
    const talk = new Talk();
    for (let i = 0; i <= MANY; i++) talk.say("ann", `friend${i}`);
    const peers = talk.peersOf("ann");
    assert.equal(peers.has("friend0"), false);
    assert.ok(peers.has(`friend${MANY}`));
  });
});
