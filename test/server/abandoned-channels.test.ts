import { strict as assert } from "node:assert";
import { startServer, temporaryFolder } from "../support/server.js";

const CAPS = ["batch", "message-tags", "draft/chathistory"];

const WAYS = [
  ["+i", "MODE #den +i"],
  ["+k", "MODE #den +k beer"],
  ["+s", "MODE #den +s"],
  ["a ban", "MODE #den +b eve!*@*"],
] as const;

async function readsInDen(server: Awaited<ReturnType<typeof startServer>>): Promise<string> {
  const eve = await server.join("eve2", "#den", ...CAPS);
  eve.send("CHATHISTORY LATEST #den * 10", "SEARCH text=secret");
  return (await eve.roundtrip()).join("\n");
}

describe("a channel of guests that keeps people out", () => {
  for (const [what, mode] of WAYS) {
    for (const [how, leave] of [
      ["leaves", "PART #den"],
      ["quits", "QUIT"],
    ] as const)
      it(`(${what}) has no history any more when its last member ${how}`, async () => {
        const server = await startServer();
        const guest = await server.join("guest", "#den", ...CAPS);
        guest.send(mode, "PRIVMSG #den :a secret");
        await guest.roundtrip();
        guest.send(leave);
        if (leave === "QUIT") await guest.rest();
        else await guest.roundtrip();
        assert.equal((await readsInDen(server)).includes("a secret"), false);
      });
  }

  it("has none either when the server ended under it, and only an invitation let people in", async () => {
    const data = temporaryFolder();
    let server = await startServer({ data });
    const guest = await server.join("guest", "#den", ...CAPS);
    guest.send("MODE #den +i", "PRIVMSG #den :a secret");
    await guest.roundtrip();
    await server.close();
    server = await startServer({ data });
    assert.equal((await readsInDen(server)).includes("a secret"), false);
  });

  it("has it as long as anyone is there", async () => {
    const server = await startServer();
    const guest = await server.join("guest", "#den", ...CAPS);
    const other = await server.join("other", "#den", ...CAPS);
    guest.send("MODE #den +k beer", "PRIVMSG #den :a secret", "QUIT");
    await guest.rest();
    await other.roundtrip();
    other.send("CHATHISTORY LATEST #den * 10");
    assert.ok((await other.roundtrip()).join("\n").includes(":a secret"));
  });

  it("is kept with all it has where an account founded it", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const ann = await server.loggedIn("ann", ...CAPS);
    ann.send("JOIN #den", "MODE #den +k beer", "PRIVMSG #den :a secret", "PART #den");
    await ann.roundtrip();
    ann.send("JOIN #den", "CHATHISTORY LATEST #den * 10");
    assert.ok((await ann.roundtrip()).join("\n").includes(":a secret"));
    const eve = await server.client("eve", ...CAPS);
    eve.send("JOIN #den");
    await eve.expect(/ 475 eve #den /);
  });
});

describe("a channel of guests that is open to all", () => {
  it("keeps its history when they leave", async () => {
    const server = await startServer();
    const guest = await server.join("guest", "#den", ...CAPS);
    guest.send("MODE #den +m", "PRIVMSG #den :for all", "QUIT");
    await guest.rest();
    assert.ok((await readsInDen(server)).includes(":for all"));
  });
});
