// Servers that are reached by WebSocket, as they are found. https://ircv3.net/specs/extensions/websocket
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { MAX_RECEIVED_LINE_BYTES } from "../../src/client/limits.js";
import { onCleanup } from "../support/cleanup.js";
import { listen } from "../support/listen.js";
import {
  addressOf,
  newSession,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

/** The server's side of one connection: what it hears, and whether in binary. */
class WebSocketPeer {
  private readonly heard: { readonly line: string; readonly isBinary: boolean }[] = [];
  private waiting: (() => void) | undefined;

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer, isBinary) => {
      this.heard.push({ line: data.toString(), isBinary });
      this.waiting?.();
    });
  }

  async command(name: string): Promise<{ readonly line: string; readonly isBinary: boolean }> {
    for (;;) {
      const next = this.heard.shift();
      if (next?.line.startsWith(`${name} `) === true) return next;
      if (next === undefined)
        await new Promise<void>((resolve) => {
          this.waiting = resolve;
        });
    }
  }

  async welcome(): Promise<void> {
    await this.command("USER");
    this.socket.send(":irc.test 421 * CAP :Unknown command");
    this.socket.send(":irc.test 001 ann :Welcome");
    this.socket.send(":irc.test 422 ann :No message of the day");
  }
}

/** A server that chooses `protocol`, and a session that has connected to it. */
async function connect(
  protocol: string | false,
  options: TestSessionOptions = {},
): Promise<{ session: TestSession; peer: WebSocketPeer; server: WebSocketServer }> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    handleProtocols: () => protocol,
  });
  onCleanup(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const session = newSession(addressOf(port, { transport: "ws" }), options);
  const peer = new Promise<WebSocketPeer>((resolve) => {
    server.once("connection", (socket) => {
      resolve(new WebSocketPeer(socket));
    });
  });
  session.start();
  return { session, peer: await peer, server };
}

async function online(protocol: string | false) {
  const connected = await connect(protocol);
  await connected.peer.welcome();
  await connected.session.online();
  return connected;
}

describe("a server that is reached by WebSocket", () => {
  const choices: [what: string, protocol: string | false, isBinary: boolean][] = [
    ["text", "text.ircv3.net", false],
    ["binary", "binary.ircv3.net", true],
    ["no subprotocol", false, false],
    ["one of its own", "irc", false],
  ];
  for (const [what, protocol, isBinary] of choices)
    it(`is spoken to in ${isBinary ? "binary" : "text"} when it chooses ${what}`, async () => {
      const { session, peer } = await online(protocol);
      session.say("bob", "grüße");
      const heard = await peer.command("PRIVMSG");
      assert.equal(heard.isBinary, isBinary);
      assert.match(heard.line, /grüße$/);
    });

  it("is understood in text, in binary, and with several lines or line ends in one message", async () => {
    const { session, peer } = await online("text.ircv3.net");
    peer.socket.send(":bob!u@h PRIVMSG ann :one");
    peer.socket.send(Buffer.from(":bob!u@h PRIVMSG ann :two\r\n"), { binary: true });
    peer.socket.send(
      ":bob!u@h PRIVMSG ann :three\r\n\r\n:bob!u@h PRIVMSG ann :four\n:bob!u@h PRIVMSG ann :five\0",
    );
    peer.socket.send("");
    peer.socket.send("\r\n");
    peer.socket.send(":bob!u@h PRIVMSG ann :six");
    await session.until((s) => s.state.buffers.get("bob")?.entries.length === 6);
    assert.deepEqual(
      session.said("bob"),
      ["one", "two", "three", "four", "five", "six"].map((text) => `<bob> ${text}`),
    );
  });

  it("may send a line that is too long, or cut inside a letter, and is heard on", async () => {
    const { session, peer } = await online("text.ircv3.net");
    peer.socket.send(`:bob!u@h PRIVMSG ann :${"x".repeat(MAX_RECEIVED_LINE_BYTES)}`);
    peer.socket.send(Buffer.concat([Buffer.from(":bob!u@h PRIVMSG ann :grü"), Buffer.of(0xc3)]), {
      binary: false,
    });
    peer.socket.send(":bob!u@h PRIVMSG ann :still here");
    await session.until((s) => s.state.buffers.get("bob")?.entries.length === 2);
    assert.deepEqual(session.said("bob"), ["<bob> grü", "<bob> still here"]);
  });

  it("has its pings answered", async () => {
    const { peer } = await online("text.ircv3.net");
    const ponged = new Promise<string>((resolve) => {
      peer.socket.once("pong", (data: Buffer) => {
        resolve(data.toString());
      });
    });
    peer.socket.ping("are you there");
    assert.equal(await ponged, "are you there");
  });

  it("says by its close code why it ended", async () => {
    const { session, peer } = await online("text.ircv3.net");
    peer.socket.close(1012, "restarting");
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.deepEqual(session.status.failure, {
      code: "lost",
      detail: "connection closed (1012: restarting)",
    });
  });

  it("sends more in one message than anybody may: the connection is made anew", async () => {
    const { session, peer } = await online("text.ircv3.net");
    peer.socket.send("x".repeat(2_000_000));
    await session.until((s) => s.status.phase === "waiting");
    assert.ok(session.status.phase === "waiting");
    assert.match(session.status.failure.detail, /size/i);
  });

  const refusals: [status: number, code: string][] = [
    [404, "not-a-chat-server"],
    [429, "throttled"],
    [503, "unreachable"],
  ];
  for (const [status, code] of refusals)
    it(`is told apart when it answers with HTTP ${status}`, async () => {
      const server = createServer((_request, response) => {
        response.writeHead(status).end();
      });
      server.on("upgrade", (_request, socket) => {
        socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      });
      const session = newSession(addressOf(await listen(server), { transport: "ws" }));
      session.start();
      assert.equal((await session.failed()).code, code);
    });
});
