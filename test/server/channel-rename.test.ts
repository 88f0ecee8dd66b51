import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

describe("RENAME", () => {
  it("is told to those who know it, and as leaving and coming to the others", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#old", "draft/channel-rename", "draft/chathistory");
    const lacks = await server.join("lacks", "#old");
    ann.send("TOPIC #old :tea", "PRIVMSG #old :before");
    await ann.roundtrip();
    await lacks.roundtrip();
    ann.send("RENAME #old #new :typo");
    await ann.expect(":ann!~ann@host RENAME #old #new typo");
    assert.deepEqual(
      (await lacks.roundtrip()).map((line) => line.replace(/ \d{10}$/, " now")),
      [
        ":lacks!~lacks@host PART #old :typo",
        ":lacks!~lacks@host JOIN #new",
        ":parley.chat 332 lacks #new :tea",
        ":parley.chat 333 lacks #new ann!~ann@host now",
        ":parley.chat 353 lacks = #new :@ann lacks",
        ":parley.chat 366 lacks #new :End of /NAMES list.",
      ],
    );
    lacks.send("PRIVMSG #new :after");
    await ann.expect(":lacks!~lacks@host PRIVMSG #new :after");
    ann.send("CHATHISTORY LATEST #new * 10");
    const seen = await ann.roundtrip();
    assert.deepEqual(
      seen.map((line) => line.split(" ").slice(1).join(" ")),
      ["PRIVMSG #old :before", "PRIVMSG #new :after"],
    );
    lacks.send("JOIN #old", "MODE #old +k beer");
    await lacks.until(/ MODE #old \+k beer$/);
  });

  it("takes along up to where members have read, with an account or without", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const ann = await server.loggedIn("ann", "draft/channel-rename");
    ann.send("JOIN #old");
    await ann.roundtrip();
    const guest = await server.join("guest", "#old", "draft/read-marker");
    const time = "timestamp=2019-01-04T14:33:26.123Z";
    for (const peer of [ann, guest]) {
      peer.send(`MARKREAD #old ${time}`);
      await peer.roundtrip();
    }
    ann.send("RENAME #old #new", "MARKREAD #new", "MARKREAD #old");
    await ann.until(/ RENAME /);
    await ann.expect(`:parley.chat MARKREAD #new ${time}`);
    await ann.expect(":parley.chat MARKREAD #old *");
    assert.ok((await guest.roundtrip()).includes(`:parley.chat MARKREAD #new ${time}`));
    guest.send("MARKREAD #old");
    await guest.expect(":parley.chat MARKREAD #old *");
  });

  it("of nothing but case is no reason to leave", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#old", "draft/channel-rename");
    const lacks = await server.join("lacks", "#old");
    await ann.roundtrip();
    ann.send("RENAME #old #OLD");
    await ann.expect(":ann!~ann@host RENAME #old #OLD :");
    assert.deepEqual(await lacks.roundtrip(), []);
  });

  it("is for operators of the channel, and to names that are free", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#old", "draft/channel-rename");
    const bob = await server.join("bob", "#old");
    bob.send("RENAME #old #new");
    await bob.expect(/ 482 bob #old /);
    bob.send("JOIN #taken", "PRIVMSG #taken :x", "JOIN #left", "PRIVMSG #left :x", "PART #left");
    await bob.roundtrip();
    await ann.roundtrip();
    const owner = await server.join("owner", "#secret");
    owner.send("MODE #secret +s");
    await owner.roundtrip();
    ann.send("RENAME #old #secret");
    await ann.expect(/ FAIL RENAME CANNOT_RENAME #old #secret :/);
    ann.send("RENAME #old #taken", "RENAME #old #left", "RENAME #old new", "RENAME #none #new");
    await ann.expect(/ FAIL RENAME CHANNEL_NAME_IN_USE #old #taken :/);
    await ann.expect(/ FAIL RENAME CHANNEL_NAME_IN_USE #old #left :/);
    await ann.expect(/ FAIL RENAME CANNOT_RENAME #old new :/);
    await ann.expect(/ 403 ann #none /);
  });
});
