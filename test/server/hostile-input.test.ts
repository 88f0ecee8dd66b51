import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { deflateRawSync } from "node:zlib";
import { WebSocket } from "ws";
import { SocketLink } from "../support/peer.js";
import { startServer } from "../support/server.js";
import { connectWebSocket } from "../support/websocket.js";

const UPGRADE = [
  "GET / HTTP/1.1",
  "Host: parley.chat",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n");
// https://www.rfc-editor.org/rfc/rfc6455#section-5.2 and, of the second, https://www.rfc-editor.org/rfc/rfc7692#section-6
const BEGINNING = 0x01;
const MORE = 0x00;
const PING = 0x89;
const COMPRESSED_TEXT = 0xc1;

/** A frame of a client with at most 125 bytes, masked with nothing. */
function webSocketFrame(kind: number, data: Buffer): Buffer {
  return Buffer.concat([Uint8Array.of(kind, 0x80 | data.length, 0, 0, 0, 0), data]);
}

const COME_AND_SAY = "NICK eve\r\nUSER e 0 * :Eve\r\nJOIN #room\r\nPRIVMSG #room :grüße\r\n";

const TOO_LONG =
  ":parley.chat 417 alice :Input line was too long: 510 bytes are allowed, and 4094 of tags before them";

describe("hostile input", () => {
  it("cut at every byte gives the same lines", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const eve = await server.connect();
    for (const byte of Buffer.from(`PASS x\r\n${COME_AND_SAY}`)) eve.sendRaw(Uint8Array.of(byte));
    await alice.expect(":eve!~e@host JOIN #room");
    await alice.expect(":eve!~e@host PRIVMSG #room :grüße");
  });

  it("glued into one packet gives the same lines", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const eve = await server.connect();
    eve.sendRaw(COME_AND_SAY.replaceAll("\r\n", "\n") + "\n\n\r\n" + "PRIVMSG #room :again\n");
    await alice.expect(":eve!~e@host JOIN #room");
    await alice.expect(":eve!~e@host PRIVMSG #room :grüße");
    await alice.expect(":eve!~e@host PRIVMSG #room :again");
  });

  it("of a peer that says nothing keeps nobody from joining", async () => {
    const server = await startServer();
    await server.connect();
    const tls = await server.connect();
    tls.sendRaw(Uint8Array.of(0x16));
    const http = await server.connect();
    http.sendRaw("GET / HTTP/1.1\r\n");
    await server.join("alice", "#room");
  });

  it("that trickles is cut off by the registration time-out, handshakes included", async () => {
    const server = await startServer({ limits: { registrationTimeoutMs: 30 } });
    const starts = ["N", "\x16\x03", "GET / HT"];
    const peers = await Promise.all(starts.map(() => server.connect()));
    for (const [i, peer] of peers.entries()) peer.sendRaw(Buffer.from(starts[i] ?? "", "latin1"));
    for (const peer of peers) await peer.rest();
  });

  it("longer than a line is refused, and the connection goes on", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send(`PRIVMSG alice :${"x".repeat(600)}`);
    await alice.expect(TOO_LONG);
    alice.sendRaw("x".repeat(100_000));
    await alice.expect(TOO_LONG);
    alice.sendRaw("\r\n");
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("with more tags than allowed is refused, with all that is allowed it is passed on", async () => {
    const server = await startServer();
    const alice = await server.client("alice", "message-tags");
    alice.send(`@+x=${"y".repeat(4094 - 3)} PRIVMSG alice :hi`);
    assert.match((await alice.next()) ?? "", /\+x=y{4091} :alice!/);
    alice.send(`@+x=${"y".repeat(4094 - 2)} PRIVMSG alice :hi`);
    await alice.expect(TOO_LONG);
  });

  it("that is not UTF-8, several lines at once, is refused each by its own name", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    alice.sendRaw(
      Buffer.from(
        "NOTICE #room :\xff\r\nPRIVMSG #room :\xff\r\nTOPIC\r\n@+x=\xff QUIT\r\n",
        "latin1",
      ),
    );
    await alice.expect(/FAIL NOTICE INVALID_UTF8 :/);
    await alice.expect(/FAIL PRIVMSG INVALID_UTF8 :/);
    await alice.expect(/ 461 alice TOPIC /);
    await alice.expect(/FAIL QUIT INVALID_UTF8 :/);
  });

  it("that is not UTF-8 is refused by name", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.sendRaw(Buffer.from("PRIVMSG alice :caf\xe9\r\n", "latin1"));
    await alice.expect(/^:parley\.chat FAIL PRIVMSG INVALID_UTF8 :/);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("with NUL or a lone CR breaks no line of others", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    await alice.roundtrip();
    alice.sendRaw("PRIVMSG #room :a\0b\r\nPRIVMSG #room :a\rQUIT\r\n");
    await alice.roundtrip();
    for (const line of await bob.roundtrip())
      assert.match(line, /^:alice!~alice@host PRIVMSG #room :a[^\0\r]*$/);
  });

  it("of any bytes leaves the server and others undisturbed", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    for (let i = 0; i < 20; i++) {
      const peer = await server.connect();
      const noise = randomBytes(5_000);
      if (noise[0] === 0x16 || noise[0] === 0x47) noise[0] = 0;
      peer.sendRaw(noise);
      peer.sendRaw("\r\nQUIT\r\n");
      await peer.rest();
    }
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("of TLS and WebSocket garbage ends that connection alone", async () => {
    const server = await startServer();
    const tls = await server.connect();
    tls.sendRaw(Buffer.concat([Uint8Array.of(0x16), randomBytes(200)]));
    await tls.rest();
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", ["text.ircv3.net"]);
    webSocket.send("x".repeat(100_000));
    await peer.rest();
    await server.client("alice");
  });

  it("that is compressed is refused: nobody unpacks a bomb", async () => {
    const server = await startServer();
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, ["text.ircv3.net"], {
      perMessageDeflate: true,
    });
    await once(webSocket, "open");
    assert.equal(webSocket.extensions, "");
    webSocket.terminate();
    const peer = await server.connect();
    peer.sendRaw(UPGRADE);
    await peer.until(/^$/);
    const bomb = deflateRawSync(Buffer.alloc(100_000));
    peer.sendRaw(webSocketFrame(COMPRESSED_TEXT, bomb.subarray(0, 125)));
    await peer.rest();
  });

  it("of a message in more and more pieces, each with much that is none, is cut off", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.sendRaw(UPGRADE);
    await peer.until(/^$/);
    const piece = (kind: number) => webSocketFrame(kind, Buffer.from("x"));
    peer.sendRaw(Buffer.concat([piece(BEGINNING), ...Array<Buffer>(20).fill(piece(MORE))]));
    await peer.rest();
  });

  for (const method of ["POST", "OPTIONS"])
    it(`that a web page has a browser send is not obeyed: ${method}`, async () => {
      const server = await startServer();
      const peer = await server.connect();
      peer.sendRaw(`${method} / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${COME_AND_SAY}`);
      assert.deepEqual(await peer.rest(), [
        "ERROR :Closing link: This is a chat server, not a web server",
      ]);
      assert.equal(server.server.clients.size, 0);
    });

  it("that comes behind a PUT of no use is not obeyed", async () => {
    const server = await startServer();
    const peer = await server.connect();
    peer.sendRaw(`PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${COME_AND_SAY}`);
    const [status] = await peer.rest();
    assert.equal(status, "HTTP/1.1 404 Not Found");
    assert.equal(server.server.clients.size, 0);
  });

  const pages: [page: string, headers: Record<string, string>, isLetIn: boolean][] = [
    ["of another site", { origin: "https://evil.example" }, false],
    ["of another site by a name for this machine", { origin: "http://evil.example:9898" }, false],
    ["of another site called like this machine", { origin: "http://127.evil.example" }, false],
    ["that hides where it is from", { origin: "null" }, false],
    ["of this machine", { origin: "http://localhost:3000" }, true],
    ["of this machine by its address", { origin: "http://127.0.0.1:9898" }, true],
    ["of an editor", { origin: "vscode-webview://1a2b3c" }, true],
    [
      "that a proxy brings",
      { origin: "https://chat.example", "x-forwarded-for": "192.0.2.1" },
      true,
    ],
  ];
  for (const [page, headers, isLetIn] of pages)
    it(`of a page ${page} is ${isLetIn ? "" : "not "}taken from a browser on this machine`, async () => {
      const server = await startServer();
      const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, { headers });
      const answer = await new Promise((resolve) => {
        webSocket.once("open", () => {
          resolve("open");
        });
        webSocket.once("error", ({ message }) => {
          resolve(message);
        });
      });
      assert.equal(answer, isLetIn ? "open" : "Unexpected server response: 403");
      webSocket.terminate();
    });

  it("of a page of another site is taken where a password keeps it out", async () => {
    const server = await startServer({ password: "sesame" });
    const headers = { origin: "https://chat.example" };
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, { headers });
    await once(webSocket, "open");
    webSocket.terminate();
  });

  it("of pings whose answers nobody reads is cut off", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    const peer = await server.connect();
    peer.sendRaw(UPGRADE);
    await peer.until(/^$/);
    assert.ok(peer.link instanceof SocketLink);
    const { socket } = peer.link;
    socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, () => webSocketFrame(PING, Buffer.alloc(125))),
    );
    const event = (name: string) => new Promise((resolve) => socket.once(name, resolve));
    const closed = event("close");
    while (!socket.destroyed)
      if (!socket.write(pings)) await Promise.race([closed, event("drain")]);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("that comes too fast is slowed down, not lost, and slows nobody else", async () => {
    const server = await startServer({
      floodControl: true,
      limits: { floodBurst: 10, floodLinesPerSecond: 500 },
    });
    const alice = await server.join("alice", "#room");
    const eve = await server.join("eve", "#room");
    await alice.roundtrip();
    const lines = Array.from({ length: 100 }, (_, i) => `PRIVMSG #room :${i}`);
    eve.send(...lines);
    assert.ok((await alice.roundtrip()).length < 100, "alice is answered before eve is done");
    await alice.until(/PRIVMSG #room :99$/);
  });

  it("that never reads is cut off, and nobody else waits for it", async () => {
    const server = await startServer({ limits: { maxSendQueueBytes: 50_000 } });
    const alice = await server.join("alice", "#room");
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", ["text.ircv3.net"]);
    await peer.register("eve");
    peer.send("JOIN #room");
    await peer.roundtrip();
    webSocket.pause();
    const text = "x".repeat(400);
    let left: string[] = [];
    // The system's own buffers take some megabytes before anything has to queue.
    while (!left.some((line) => line.includes(":eve!~eve@host QUIT"))) {
      alice.send(...Array.from({ length: 500 }, () => `PRIVMSG #room :${text}`));
      left = await alice.roundtrip();
    }
    assert.ok(left.includes(":eve!~eve@host QUIT :(SendQ exceeded)"));
  });

  it("that stops coming makes a ghost for the configured time only", async () => {
    let now = 1_700_000_000_000;
    const server = await startServer({
      now: () => now,
      limits: { pingIntervalMs: 60_000, pingTimeoutMs: 30_000 },
    });
    const alice = await server.join("alice", "#room");
    const ghost = await server.join("ghost", "#room");
    await alice.roundtrip();
    now += 60_000;
    await ghost.until(/^PING :/);
    await alice.until(/^PING :/);
    await alice.roundtrip();
    now += 30_000;
    await alice.expect(":ghost!~ghost@host QUIT :Ping timeout: 90 seconds");
    assert.deepEqual(await ghost.rest(), ["ERROR :Closing link: Ping timeout: 90 seconds"]);
    await server.client("ghost");
  });

  it("of a connection that breaks is told to others in plain words", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    assert.ok(bob.link instanceof SocketLink);
    bob.link.socket.resetAndDestroy();
    await alice.until(/^:bob!~bob@host QUIT :Connection lost$/);
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", ["text.ircv3.net"]);
    await peer.register("carl");
    peer.send("JOIN #room");
    await alice.until(/^:carl!~carl@host JOIN #room$/);
    webSocket.send("x".repeat(1_000_000));
    await alice.until(/^:carl!~carl@host QUIT :Connection lost$/);
  });

  it("of a peer that vanishes leaves no ghost behind", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const { peer, webSocket } = await connectWebSocket(server.port, "ws", ["text.ircv3.net"]);
    await peer.register("bob");
    peer.send("JOIN #room");
    await alice.expect(":bob!~bob@host JOIN #room");
    webSocket.terminate();
    await alice.expect(":bob!~bob@host QUIT :Connection closed");
    alice.send("PRIVMSG #room :anybody there?");
    assert.deepEqual(await alice.roundtrip(), []);
    await server.client("bob");
  });

  it("removes the one who left, not another of a similar name", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    await server.join("bobby", "#room");
    await alice.roundtrip();
    bob.send("QUIT");
    await alice.expect(":bob!~bob@host QUIT :Quit: ");
    alice.send("NAMES #room");
    await alice.expect(":parley.chat 353 alice = #room :@alice bobby");
  });
});

describe("a connection the server ends", () => {
  it("hears why, even while it is still sending", async () => {
    const server = await startServer();
    const socket = connect(server.port, "127.0.0.1");
    const errors: Error[] = [];
    socket.on("error", (error) => errors.push(error));
    socket.write("QUIT :that is all\r\n");
    // Were this not read, the system would answer it with a reset, and the reset take along what is not read yet.
    const more = "PRIVMSG #room :and another thing\r\n".repeat(100);
    for (let i = 0; i < 100; i++) {
      socket.write(more);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await text(socket), "ERROR :Closing link: Quit: that is all\r\n");
    assert.deepEqual(errors, []);
  });
});
