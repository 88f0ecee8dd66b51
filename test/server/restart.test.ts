import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const ACCOUNTS = { accounts: ["ann:sesame", "bob:sesame"] };

async function logged(server: TestServer, nick: string, ...caps: string[]): Promise<Peer> {
  const peer = await server.client(nick === "ann" ? "first" : "second", "sasl", ...caps);
  const plain = Buffer.from(`\0${nick}\0sesame`).toString("base64");
  peer.send("AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`, `NICK ${nick}`);
  await peer.until(/ NICK /);
  return peer;
}

describe("what outlives a restart", () => {
  it("is a channel with its founder, topic, modes, lists and metadata", async () => {
    const data = temporaryFolder();
    const options = { data, ...ACCOUNTS };
    let server = await startServer(options);
    let ann = await logged(server, "ann", "draft/metadata-3");
    ann.send(
      "JOIN #Room",
      "TOPIC #room :tea",
      "MODE #room +mkl-t sesame 9",
      "MODE #room +b evil!*@*",
      "METADATA #room SET color #00ff00",
      "PRIVMSG #room :before",
    );
    await ann.roundtrip();
    await server.close();
    server = await startServer(options);
    const bob = await server.client("guest");
    bob.send("JOIN #room");
    await bob.expect(/ 475 guest #Room /);
    bob.send("JOIN #room sesame", "MODE #room", "MODE #room b", "TOPIC #room");
    await bob.expect(":guest!~guest@host JOIN #Room");
    await bob.expect(":parley.chat 332 guest #Room :tea");
    await bob.expect(/ 333 guest #Room first!~first@host|ann!~first@host /);
    await bob.expect(":parley.chat 353 guest = #Room :guest");
    await bob.until(/ 324 guest #Room \+nmkl sesame 9$/);
    await bob.until(/ 367 guest #Room evil!\*@\* /);
    ann = await logged(server, "ann", "draft/metadata-3", "draft/chathistory");
    ann.send("JOIN #room", "METADATA #room GET color", "CHATHISTORY LATEST #room * 1");
    await ann.until(/ MODE #Room \+o ann$|353 ann = #Room :?guest @ann$/);
    await ann.until(/ 761 ann #Room color \* #00ff00$/);
    await ann.until(/ PRIVMSG #Room :before$/);
  });

  it("is what an account said of itself", async () => {
    const data = temporaryFolder();
    const options = { data, ...ACCOUNTS };
    let server = await startServer(options);
    const ann = await logged(server, "ann", "draft/metadata-3");
    ann.send("METADATA * SET display-name :Ann of Green", "METADATA * SET color #00ff00");
    ann.send("METADATA * SET color");
    await ann.roundtrip();
    await server.close();
    server = await startServer(options);
    const again = await logged(server, "ann", "draft/metadata-3");
    again.send("METADATA * LIST");
    assert.deepEqual(await again.roundtrip(), [
      ":parley.chat 761 ann ann display-name * :Ann of Green",
    ]);
  });

  it("is a guests' channel with those it keeps out, unless everybody has left it before", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data });
    const ann = await server.join("ann", "#kept");
    ann.send("MODE #kept +ik sesame", "JOIN #left", "MODE #left +k sesame", "PART #left");
    await ann.roundtrip();
    await server.close();
    server = await startServer({ data });
    const bob = await server.client("bob");
    bob.send("JOIN #kept", "JOIN #kept sesame", "JOIN #left");
    await bob.expect(/ 475 bob #kept /);
    // Nobody is left who could invite him.
    await bob.expect(":bob!~bob@host JOIN #kept");
    await bob.expect(":parley.chat 353 bob = #kept :@bob");
    await bob.until(/ JOIN #left$/);
  });
});

describe("a channel's founder", () => {
  it("runs it whenever he comes, and nobody else by being first", async () => {
    const server = await startServer(ACCOUNTS);
    const ann = await logged(server, "ann");
    ann.send("JOIN #room", "MODE #room +ib *!*@*", "PART #room");
    await ann.until(/ PART #room$/);
    const bob = await logged(server, "bob");
    bob.send("JOIN #room");
    await bob.expect(/ 474 bob #room /);
    ann.send("JOIN #room", "MODE #room -ib *!*@*", "PART #room");
    await ann.until(/ 353 ann = #room :@ann$/);
    await ann.until(/ PART #room$/);
    bob.send("JOIN #room");
    await bob.until(/ 353 bob = #room :bob$/);
  });

  it("is kept by a new name of the channel, and the old name is free", async () => {
    const server = await startServer(ACCOUNTS);
    const ann = await logged(server, "ann", "draft/channel-rename");
    ann.send("JOIN #old", "RENAME #old #new", "PART #new", "JOIN #new");
    await ann.until(/ RENAME #old #new :$/);
    await ann.until(/ 353 ann = #new :@ann$/);
    const guest = await server.join("guest", "#old");
    guest.send("MODE #old +m");
    await guest.expect(/ MODE #old \+m$/);
  });
});
