// https://ircv3.net/specs/extensions/websocket
import { strict as assert } from "node:assert";
import { connectWebSocket } from "../support/websocket.js";
import { startServer } from "../support/server.js";

const BINARY = "binary.ircv3.net";
const TEXT = "text.ircv3.net";

describe("a WebSocket client", () => {
  for (const [offered, chosen] of [
    [[TEXT, BINARY], TEXT],
    [[BINARY, TEXT], BINARY],
    [["chat", TEXT], TEXT],
  ] as const)
    it(`that offers ${offered.join(", ")} speaks ${chosen}`, async () => {
      const server = await startServer();
      const { accepted } = await connectWebSocket(server.port, "ws", offered);
      assert.equal(accepted, chosen);
    });

  it("that offers what is not known is let in without a choice", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.send(
      "GET / HTTP/1.1",
      "Host: localhost",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Protocol: chat",
      "",
    );
    const headers = await peer.until(/^$/);
    assert.equal(headers[0], "HTTP/1.1 101 Switching Protocols");
    assert.ok(!headers.some((line) => /^sec-websocket-protocol/i.test(line)));
  });

  for (const [protocol, isBinary] of [
    [TEXT, false],
    [BINARY, true],
    [undefined, false],
  ] as const)
    it(`of ${protocol ?? "no subprotocol"} is sent ${isBinary ? "binary" : "text"} messages, whatever it sends`, async () => {
      const server = await startServer();
      const offered = protocol === undefined ? [] : [protocol];
      const { peer, webSocket } = await connectWebSocket(server.port, "ws", offered);
      const kinds: boolean[] = [];
      webSocket.on("message", (_: unknown, binary: boolean) => kinds.push(binary));
      webSocket.send("PING a");
      webSocket.send(Buffer.from("PING b"), { binary: true });
      await peer.expect(":parley.chat PONG parley.chat a");
      await peer.expect(":parley.chat PONG parley.chat b");
      assert.deepEqual(kinds, [isBinary, isBinary]);
    });

  it("may say 510 bytes at once, as the end of the line is not sent", async () => {
    const server = await startServer();
    const { peer } = await connectWebSocket(server.port, "ws", [TEXT]);
    const token = "x".repeat(510 - "PING ".length);
    peer.send(`PING ${token}`, `PING ${token}x`);
    await peer.expect(/^:parley\.chat PONG parley\.chat x+$/);
    await peer.expect(/ 417 \* :Input line was too long: 510 bytes are allowed/);
  });

  it("hears that what is not UTF-8 is refused", async () => {
    const server = await startServer();
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", [BINARY]);
    await peer.register("alice");
    webSocket.send(Buffer.from("PRIVMSG alice :caf\xe9", "latin1"), { binary: true });
    await peer.expect(/^:parley\.chat FAIL PRIVMSG INVALID_UTF8 :/);
    assert.deepEqual(await peer.roundtrip(), []);
  });
});
