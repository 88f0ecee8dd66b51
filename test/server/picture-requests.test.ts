// Requests over HTTP that are wrong, slow or many: nothing comes of them, and no one else notices.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { png } from "../support/pictures.js";
import { PICTURE_CAPS, avatarOf, filehost, twoPeople, upload } from "../support/pictures-http.js";
import { startServer, type TestServer } from "../support/server.js";

const NOTHING_THERE = /404/;

/** What comes back for these bytes, on a connection of their own, until it ends. */
async function raw(server: TestServer, bytes: string | Buffer): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  return text(socket);
}

/** A connection that says this, and goes on a byte at a time. Resolves when the server has ended it. */
function drip(server: TestServer, beginning: string, more = "x"): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  socket.write(beginning);
  const dripping = setInterval(() => socket.write(more), 20);
  return new Promise((resolve) => {
    socket.once("close", () => {
      clearInterval(dripping);
      resolve();
    });
  });
}

describe("hostile requests", () => {
  const requests: readonly (readonly [string, string, RegExp])[] = [
    [
      "a body that is not said how long",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\n\r\n",
      /^HTTP\/1\.1 411 /,
    ],
    [
      "chunks without end",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
      /^HTTP\/1\.1 411 /,
    ],
    [
      "a length that is too much",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nContent-Length: 99999999\r\n\r\n",
      /^HTTP\/1\.1 413 /,
    ],
    [
      "two lengths",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a length and chunks",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a length that is no number",
      "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nContent-Length: -5\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nHost: x\r\n${"X-A: b\r\n".repeat(2000)}`,
      /^HTTP\/1\.1 431 /,
    ],
    [
      "a path with dots",
      "GET /avatars/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 426 /,
    ],
    [
      "a path with dots in disguise",
      "GET /avatars/%2e%2e/%2e%2e/parley.sqlite HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 426 /,
    ],
    [
      "another server's address",
      "GET http://evil.example/avatars/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 426 /,
    ],
    [
      "another method",
      "PICTURE\r\n\r\nDELETE /avatar HTTP/1.1\r\nHost: x\r\n\r\n",
      /HTTP\/1\.1 405 [^]*Allow: PUT/,
    ],
    [
      "a method of nothing",
      "PICTURE\r\n\r\nPOST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
      NOTHING_THERE,
    ],
    [
      "junk behind a request",
      "PICTURE\r\n\r\n\0\0NICK eve\r\nUSER e 0 * :Eve\r\n",
      /HTTP\/1\.1 400 /,
    ],
    ["no HTTP at all", "PUT me in the channel\r\nNICK eve\r\n", /^HTTP\/1\.1 400 /],
  ];
  for (const [what, request, answer] of requests)
    it(`with ${what} are refused, and disturb no one`, async () => {
      const server = await startServer();
      const { alice, bob } = await twoPeople(server);
      const { token } = await filehost(alice);
      const { pathname } = new URL((await avatarOf(bob, "alice")) ?? "");
      const got = await raw(
        server,
        request
          .replace("TOKEN", `Authorization: Bearer ${token}`)
          .replace("PICTURE", `GET ${pathname} HTTP/1.1\r\nHost: x`),
      );
      assert.match(got.replace("426 Upgrade Required\r\n", "426 \r\n"), answer);
      assert.doesNotMatch(got, /^HTTP\/1\.1 201/m);
      alice.send("PRIVMSG bob :still here");
      await bob.until(/ PRIVMSG bob :still here$/);
      assert.equal(server.server.clients.size, 2);
    });

  for (const [what, beginning] of [
    ["headers", "GET / HTTP/1.1\r\nX-Slow: "],
    ["body", "PUT /avatar HTTP/1.1\r\nHost: x\r\nTOKEN\r\nContent-Length: 60000\r\n\r\n"],
    ["first letter", "P"],
  ] as const)
    it(`with a slow ${what} end when their time is over`, async () => {
      const server = await startServer({ limits: { registrationTimeoutMs: 300 } });
      const alice = await server.client("alice", ...PICTURE_CAPS);
      const { token } = await filehost(alice);
      const auth = `Authorization: Bearer ${token}`;
      await drip(server, beginning.replace("TOKEN", auth), what === "first letter" ? "" : "x");
      // Nothing of it is left: the next upload is not the second one.
      assert.equal((await upload(alice, png())).status, 201);
    });

  it("that bring many pictures on one connection get each of them, in order", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const url = new URL((await avatarOf(bob, "alice")) ?? "");
    const get = `GET ${url.pathname} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const got = await raw(
      server,
      get.repeat(50) + get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
    );
    assert.equal(got.match(/HTTP\/1\.1 200 OK/g)?.length, 51);
  });
});
