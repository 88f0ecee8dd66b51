import { strict as assert } from "node:assert";
import { connect } from "node:tls";
import { parseServerConfig } from "../../src/server/config.js";
import { onCleanup } from "../support/cleanup.js";
import { startServer } from "../support/server.js";
import { connectWebSocket } from "../support/websocket.js";

describe("one port", () => {
  it("speaks plaintext IRC", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("PRIVMSG alice :hello");
    await alice.expect(":alice!~alice@host PRIVMSG alice :hello");
  });

  it("speaks TLS with the certificate whose fingerprint it tells", async () => {
    const server = await startServer();
    const socket = connect({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false });
    onCleanup(() => {
      socket.destroy();
    });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    const { fingerprint256 } = socket.getPeerCertificate();
    assert.equal(fingerprint256.replaceAll(":", "").toLowerCase(), server.fingerprint);
    assert.match(socket.getProtocol() ?? "", /^TLSv1\.[23]$/);
  });

  it("carries IRC in TLS", async () => {
    const server = await startServer();
    const alice = await server.connectTls();
    await alice.register("alice");
    alice.send("WHOIS alice");
    assert.ok((await alice.roundtrip()).some((line) => line.includes(" 671 alice alice ")));
  });

  for (const protocol of ["text.ircv3.net", "binary.ircv3.net"]) {
    for (const scheme of ["ws", "wss"] as const) {
      it(`carries IRC in ${scheme} as ${protocol}, one line for each message`, async () => {
        const server = await startServer();
        const { peer, accepted } = await connectWebSocket(server.port, scheme, [protocol]);
        await peer.register("alice");
        peer.send("PRIVMSG alice :grüße");
        await peer.expect(":alice!~alice@host PRIVMSG alice :grüße");
        assert.equal(accepted, protocol);
      });
    }
  }

  it("takes a WebSocket client that names no subprotocol", async () => {
    const server = await startServer();
    const { peer } = await connectWebSocket(server.port, "ws", []);
    await peer.register("alice");
  });

  it("tells a browser what it is", async () => {
    const server = await startServer();
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    assert.equal(response.status, 426);
    assert.match(await response.text(), /chat server/);
  });

  it("refuses plaintext where only TLS is allowed", async () => {
    const server = await startServer({ plaintext: "never" });
    const peer = await server.connect();
    peer.send("NICK alice");
    assert.match((await peer.rest()).join(), /^ERROR :Closing link: .*encrypted/);
    await (await server.connectTls()).register("alice");
  });

  it("accepts plaintext from this machine alone by default", () => {
    assert.equal(parseServerConfig({}).plaintext, "loopback");
  });
});
