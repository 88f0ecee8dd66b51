import { strict as assert } from "node:assert";
import { startServer, temporaryFolder } from "../support/server.js";

/** With a Cyrillic letter first. */
const FALSE_ALICE = "\u0430lice";

describe("a nick that looks like another", () => {
  for (const [what, first, second] of [
    ["a letter of another script", "Alice", FALSE_ALICE],
    ["a letter of another script in the first", FALSE_ALICE, "ALICE"],
    ["its size, where IRC does not fold it", "Анна", "анна"],
    ["an accented letter's size", "Zoë", "ZOË"],
    ["wide letters", "ann", "ａｎｎ"],
  ] as const)
    it(`is refused while the other is here: ${what}`, async () => {
      const server = await startServer();
      const real = await server.client(first);
      const peer = await server.connect();
      peer.send(`NICK ${second}`, "USER x 0 * :x");
      const refusal = `${second} :Nickname looks like ${first}, which is in use: choose another one`;
      await peer.expect(`:parley.chat 433 * ${refusal}`);
      peer.send("NICK other");
      await peer.until(/ 422 /);
      peer.send(`NICK ${second}`);
      await peer.expect(`:parley.chat 433 other ${refusal}`);
      real.send("QUIT");
      await real.rest();
      peer.send(`NICK ${second}`);
      await peer.expect(`:other!~x@host NICK :${second}`);
      const late = await server.connect();
      late.send(`NICK ${first}`, "USER x 0 * :x");
      await late.expect(/ 433 \* \S+ :Nickname looks like /);
    });

  it("is refused while the other is registered, to all but its owner", async () => {
    const limits = { ghostTimeoutMs: 20 };
    const server = await startServer({ accounts: ["Анна:sesame", "alice:sesame"], limits });
    const peer = await server.connect();
    peer.send("NICK анна", "USER x 0 * :x", `NICK ${FALSE_ALICE}`);
    await peer.expect(
      ":parley.chat 433 * анна :Nickname looks like Анна, which is registered: choose another one",
    );
    await peer.expect(/ 433 \* \S+ :Nickname looks like alice, which is registered/);
    const first = await server.loggedIn("Анна");
    const second = await server.loggedIn("Анна");
    await first.until(/^:Анна!~user@host NICK :Анна2$/);
    second.send("NICK анна");
    await second.expect(":Анна!~user@host NICK :анна");
    first.send("NICK Анна");
    await first.until(/^:Анна2!~user@host NICK :Анна$/);
    await second.until(/^:анна!~user@host NICK :анна3$/);
  });

  it("gets no account of its own", async () => {
    const server = await startServer({ accounts: ["alice:sesame"], registerBeforeConnect: true });
    const peer = await server.connect();
    peer.send("CAP LS 302", `NICK ${FALSE_ALICE}`, "REGISTER * * sesame");
    await peer.until(/ FAIL REGISTER ACCOUNT_EXISTS \S+ :This name, or one that looks like it/);
  });

  it("is known by an account made in an earlier life of the server", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data });
    const ann = await server.client("Анна");
    ann.send("REGISTER * * sesame");
    await ann.until(/ SUCCESS /);
    await server.close();
    server = await startServer({ data });
    const peer = await server.connect();
    peer.send("NICK анна", "USER x 0 * :x");
    await peer.expect(/ 433 \* анна :Nickname looks like Анна, which is registered/);
  });

  it("is nobody else's where letters differ that everybody can tell apart", async () => {
    const server = await startServer();
    const nicks = ["bob", "bob_", "b0b", "bobby", "|bob", "Bob`", "zoe", "zoë", "l1", "ll", "Il"];
    for (const nick of nicks) await server.client(nick);
    assert.equal(server.server.clients.size, nicks.length);
  });

  it("may be one's own, written otherwise", async () => {
    const server = await startServer();
    const ann = await server.client("анна");
    ann.send("NICK Анна", "NICK АННА");
    await ann.expect(":анна!~user@host NICK :Анна");
    await ann.expect(":Анна!~user@host NICK :АННА");
  });
});

describe("a channel whose name looks like another one's", () => {
  /** With a Cyrillic letter. */
  const FALSE_TEAM = "#t\u0435am";

  it("is not made while the other is there, and the other is named", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#team");
    const bob = await server.client("bob");
    bob.send(`JOIN ${FALSE_TEAM}`);
    await bob.expect(/ 479 bob \S+ :This name looks like #team\. Join that channel, or /);
    ann.send("PART #team");
    await ann.until(/ PART /);
    bob.send(`JOIN ${FALSE_TEAM}`);
    await bob.until(/ 366 /);
  });

  it("is not made while the other is kept, in a later life of the server as well", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data, accounts: ["ann:sesame"] });
    const ann = await server.loggedIn("ann");
    ann.send("JOIN #team");
    await ann.until(/ 366 /);
    await server.close();
    server = await startServer({ data });
    const bob = await server.client("bob");
    bob.send(`JOIN ${FALSE_TEAM}`);
    await bob.expect(/ 479 bob \S+ :This name looks like #team\. /);
  });

  it("is not what a channel is renamed to, but a channel may be spelled otherwise", async () => {
    const server = await startServer();
    await server.join("ann", "#team");
    const bob = await server.join("bob", "#other", "draft/channel-rename");
    bob.send(`RENAME #other ${FALSE_TEAM}`);
    await bob.expect(
      / FAIL RENAME CHANNEL_NAME_IN_USE #other \S+ :The channel name looks like #team/,
    );
    bob.send("RENAME #other #\u043ethеr");
    await bob.expect(/ RENAME #other #\S+ :$/);
  });

  it("tells nobody of a secret channel", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#team");
    ann.send("MODE #team +s");
    await ann.until(/ MODE #team \+s/);
    const bob = await server.client("bob");
    bob.send(`JOIN ${FALSE_TEAM}`);
    await bob.until(/ 366 /);
  });
});
