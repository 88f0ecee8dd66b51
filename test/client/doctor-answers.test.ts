// Which servers the doctor takes for the one that is looked for: those that answer as ours does, and no others.
import { strict as assert } from "node:assert";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import { diagnose } from "../../src/client/doctor/diagnose.js";
import type { Diagnosis } from "../../src/client/doctor/diagnosis.js";
import type { JoinerFacts } from "../../src/client/doctor/facts.js";
import { probe } from "../../src/client/net/doctor/probe.js";
import { listen } from "../support/listen.js";
import { startServer } from "../support/server.js";
import { check, joiner } from "./doctor-facts.js";
import { newCertificate } from "./scripted-peer.js";

type Transport = JoinerFacts["transport"];
const ADDRESS = "127.0.0.1";

async function diagnosis(
  port: number,
  transport: Transport,
  fingerprint?: string,
): Promise<Diagnosis> {
  const { signal } = new AbortController();
  const target = { host: ADDRESS, address: ADDRESS, port, transport, fingerprint, signal };
  const found = { ...check(ADDRESS, await probe(target)), port };
  const [first] = diagnose(joiner([found], { port, transport, interfaces: [] }));
  return first ?? assert.fail();
}

/** A server that says this to whoever says something. */
function saying(text: string): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on("error", () => undefined).once("data", () => socket.end(text));
    }),
  );
}

describe("the doctor, of a server of ours", () => {
  for (const transport of ["plaintext", "ws", "tls", "wss"] as const)
    it(`says that a chat server is reached over ${transport}, but not that it is the right one`, async () => {
      const server = await startServer();
      const { code, certainty, reason } = await diagnosis(server.port, transport);
      assert.deepEqual([code, certainty], ["reachable", "likely"]);
      assert.match(reason.text, /^A chat server answers/);
    });

  for (const transport of ["tls", "wss"] as const)
    it(`is certain over ${transport} that it is the right one, by its certificate`, async () => {
      const server = await startServer();
      const { code, certainty } = await diagnosis(server.port, transport, server.fingerprint);
      assert.deepEqual([code, certainty], ["reachable", "certain"]);
    });
});

describe("the doctor does not say reachable", () => {
  for (const status of [200, 404, 426])
    it(`of a web server that answers ${status} instead of opening a WebSocket`, async () => {
      const web = createHttpServer((_, response) => response.writeHead(status).end("hello"));
      assert.equal((await diagnosis(await listen(web), "ws")).code, "other-program");
    });

  it("of a web server over HTTPS, where the certificate is not known", async () => {
    const { cert, key } = await newCertificate();
    const web = createHttpsServer({ cert, key }, (_, response) => response.end("hello"));
    assert.equal((await diagnosis(await listen(web), "wss")).code, "other-program");
  });

  it("of a WebSocket in which no one speaks IRC", async () => {
    const web = createHttpServer();
    web.on("upgrade", (_, socket) => {
      const hello = Buffer.from("\x81\x05hello", "latin1");
      socket.write("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      socket.on("error", () => undefined).once("data", () => socket.end(hello));
    });
    assert.equal((await diagnosis(await listen(web), "ws")).code, "other-program");
  });

  it("of a server without WebSockets, for an address with them", async () => {
    const port = await saying(":irc.test 451 * :You have not registered\r\n");
    assert.equal((await diagnosis(port, "ws")).code, "other-program");
  });

  for (const [transport, scheme] of [
    ["plaintext", "ircs://"],
    ["ws", "wss://"],
  ] as const)
    it(`of a server that accepts only TLS, over ${transport}: it names the address that works`, async () => {
      const port = await saying(
        "ERROR :Closing link: This server accepts only encrypted connections (TLS).\r\n",
      );
      const { code, fix } = await diagnosis(port, transport);
      assert.equal(code, "needs-encryption");
      assert.ok(String(fix.args[0]).startsWith(scheme));
    });

  it("of a server that bans us: it says what the server says", async () => {
    const { code, fix } = await diagnosis(await saying("ERROR :You are banned\r\n"), "plaintext");
    assert.equal(code, "turned-away");
    assert.deepEqual(fix.args, ["You are banned"]);
  });
});
