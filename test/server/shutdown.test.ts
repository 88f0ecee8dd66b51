import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { SERVER_STOPPING } from "../../src/irc/standard-replies.js";
import { startServer } from "../support/server.js";

describe("stopping", () => {
  it("tells everybody, in the words he understands, and frees the port", async () => {
    const server = await startServer();
    const plain = await server.join("plain", "#room");
    const modern = await server.join("modern", "#room", "standard-replies");
    await plain.roundtrip();
    const silent = await server.connect();
    await server.close("off home");
    assert.deepEqual(await plain.rest(), [
      ":parley.chat NOTICE plain :The server is stopping: off home",
      "ERROR :Closing link: off home",
    ]);
    assert.deepEqual(await modern.rest(), [
      `:parley.chat NOTE * ${SERVER_STOPPING} :off home`,
      "ERROR :Closing link: off home",
    ]);
    await silent.rest();
    const socket = connect(server.port, "127.0.0.1");
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      socket.once("error", resolve);
    });
    assert.equal(error.code, "ECONNREFUSED");
  });

  it("may be asked for twice", async () => {
    const server = await startServer();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });

  it("does not wait for those who do not read", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.link.end();
    await server.close();
  });
});

describe("stopping while a handshake goes on", () => {
  for (const [what, bytes] of [
    ["TLS", Uint8Array.of(0x16, 0x03)],
    ["HTTP", "GET / HTTP/1.1\r\n"],
    ["none yet", ""],
  ] as const)
    it(`does not wait for it: ${what}`, async () => {
      const hour = 60 * 60 * 1000;
      const server = await startServer({ limits: { registrationTimeoutMs: hour } });
      const peer = await server.connect();
      peer.sendRaw(bytes);
      // What is sent later is heard later.
      await server.client("alice");
      await server.client("bob");
      await server.close();
      await peer.rest();
    });
});

describe("the log", () => {
  it("tells who came from where, who left, and when nobody is there", async () => {
    const server = await startServer({ logLevel: "info" });
    const alice = await server.client("alice");
    alice.send("NICK anna", "QUIT :bye");
    await alice.rest();
    await server.close();
    const story = server.log.map((line) => line.replace(/port [0-9]+/, "port N"));
    assert.deepEqual(story, [
      "info waiting for connections",
      "info alice connected from 127.0.0.1 port N (plaintext)",
      "info alice is now anna",
      "info anna left: Quit: bye (127.0.0.1 port N)",
      "info waiting for connections",
      "info stopped",
    ]);
  });

  it("has no message text", async () => {
    const server = await startServer({ logLevel: "info" });
    const alice = await server.join("alice", "#room");
    alice.send("PRIVMSG #room :between us");
    await alice.roundtrip();
    assert.ok(!server.log.join().includes("between us"));
  });
});
