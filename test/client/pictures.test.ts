// Pictures of people: where they are fetched from, what is taken of what comes, and how one's own gets there.
import { strict as assert } from "node:assert";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { connect, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { picturePath } from "../../src/irc/picture.js";
import { onCleanup } from "../support/cleanup.js";
import { listen } from "../support/listen.js";
import { SVG, ZIP, animatedPng, hugePng, jpeg, picture, png } from "../support/pictures.js";
import { startServer, type TestServer } from "../support/server.js";
import {
  addressOf,
  joined,
  newCertificate,
  newSession,
  startScripted,
  type TestSession,
  type TestSessionOptions,
} from "./scripted-peer.js";

const TOKEN = "A".repeat(22);
const ID = "0".repeat(32);
const PATH = `/avatars/${TOKEN}/${ID}`;

async function online(
  server: TestServer,
  nick: string,
  transport: "tls" | "plaintext" | "ws" | "wss",
): Promise<TestSession> {
  const isSecure = transport === "tls" || transport === "wss";
  const fingerprint = isSecure ? server.fingerprint : undefined;
  const address = addressOf(server.port, { transport, fingerprint, channels: ["#room"] });
  const session = newSession(address, { nick });
  session.start();
  await session.online();
  return session;
}

async function avatarOf(session: TestSession, nick: string): Promise<string> {
  await session.until(({ state }) => state.users.get(nick)?.metadata.has("avatar") === true);
  return session.state.users.get(nick)?.metadata.get("avatar") ?? "";
}

/** A server whose IRC side is a script and whose HTTP side is `answer`, on one port: HTTP begins with G or P and IRC with C. */
async function startHalfScripted(
  answer: RequestListener,
  timing: TestSessionOptions["timing"] = {},
) {
  const http = createHttpServer(answer);
  const requests: string[] = [];
  http.on("request", ({ method, url }) => requests.push(`${method ?? ""} ${url ?? ""}`));
  const scripted = await startScripted();
  const accepted = scripted.take.bind(scripted);
  scripted.take = (socket) => {
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (/^(?:GET|PUT) /.test(chunk.toString("latin1"))) http.emit("connection", socket);
      else accepted(socket);
      socket.resume();
    });
  };
  onCleanup(() => {
    http.close();
  });
  const { session, peer } = await joined(
    scripted,
    { isupport: ["parley/AVATAR=65536"] },
    { timing },
  );
  return { session, requests, peer };
}

describe("a person's picture", () => {
  for (const transport of ["tls", "plaintext", "ws", "wss"] as const)
    it(`goes to the server and comes from there, over ${transport}`, async () => {
      const server = await startServer();
      const ann = await online(server, "ann", transport);
      const bob = await online(server, "bob", transport);
      assert.ok(ann.takesPictures);
      await ann.uploadPicture(picture(jpeg()));
      const url = await avatarOf(bob, "ann");
      assert.deepEqual(Buffer.from((await bob.fetchPicture(url)).bytes), jpeg());
      // Our own, too, and by another address.
      const own = await avatarOf(ann, "ann");
      assert.notEqual(own, url);
      assert.deepEqual(Buffer.from((await ann.fetchPicture(own)).bytes), jpeg());
      for (const session of [ann, bob])
        assert.doesNotMatch(session.log.join("\n"), new RegExp(url.split("/")[4] ?? "-"));
    });

  it("stays in the state when something else about us changes", async () => {
    const server = await startServer();
    const ann = await online(server, "ann", "plaintext");
    await ann.uploadPicture(picture(png()));
    const own = await avatarOf(ann, "ann");
    ann.setMetadata("color", "plum");
    assert.equal(ann.state.users.get("ann")?.metadata.get("avatar"), own);
    ann.setMetadata("avatar", undefined);
    assert.equal(ann.state.users.get("ann")?.metadata.get("avatar"), undefined);
  });

  it("is refused in the server's own words", async () => {
    const server = await startServer({ floodControl: true, limits: { uploadBurst: 0 } });
    const ann = await online(server, "ann", "plaintext");
    await assert.rejects(ann.uploadPicture(picture(png())), {
      code: "refused",
      message: "Too many requests: wait a little",
    });
  });

  it("of one's own goes before those of others that wait", async () => {
    const answers: (() => void)[] = [];
    let came: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (came = resolve));
    const { session, requests, peer } = await startHalfScripted((_, response) => {
      answers.push(() => response.end(png()));
      came();
      if (answers.length > 1) response.end(png());
    });
    const wanted = [1, 2].map(() => session.fetchPicture(`https://host${PATH}`));
    await first;
    const refused = assert.rejects(session.uploadPicture(picture(png())));
    await peer.until(/^FILEHOST/);
    peer.send("NOTE FILEHOST UPLOAD_TOKEN http://host/avatar token :Upload");
    await peer.settle();
    answers[0]?.();
    await Promise.all([...wanted, refused]);
    assert.deepEqual(requests, [`GET ${PATH}`, "PUT /avatar", `GET ${PATH}`]);
  });

  it("comes on one connection, however many people there are", async () => {
    const sockets = new Set<unknown>();
    const { session, requests } = await startHalfScripted(({ socket }, response) => {
      sockets.add(socket);
      response.end(png());
    });
    const fetches = Array.from({ length: 40 }, () => session.fetchPicture(`https://host${PATH}`));
    await Promise.all(fetches);
    assert.equal(requests.length, 40);
    assert.equal(sockets.size, 1);
  });

  it("is not fetched once we have left", async () => {
    const server = await startServer();
    const ann = await online(server, "ann", "plaintext");
    await ann.uploadPicture(picture(png()));
    const own = await avatarOf(ann, "ann");
    await ann.close();
    await assert.rejects(ann.fetchPicture(own), { code: "not-connected" });
  });
});

describe("an address of a picture", () => {
  for (const [what, url, path] of [
    ["of our server", `https://192.168.1.20:9898${PATH}`, PATH],
    ["of our server, unencrypted", `http://127.0.0.1:9898${PATH}`, PATH],
    ["that names another server is taken for one of ours", `https://evil.example${PATH}`, PATH],
    ["elsewhere", "https://evil.example/track.png", undefined],
    ["with more behind it", `https://evil.example${PATH}?for=ann`, undefined],
    ["that leads out of the folder", `https://host/avatars/../../${ID}`, undefined],
    ["without a server", PATH, undefined],
    ["of a file", `file://${PATH}`, undefined],
    ["with a line break", `https://host${PATH}\r\nX: y`, undefined],
    ["of a built-in picture", "parley:fox", undefined],
  ] as const)
    it(what, () => {
      assert.equal(picturePath(url), path);
    });

  it("that leads elsewhere is never followed: only the server of the chat is asked", async () => {
    const elsewhere: string[] = [];
    const evil = createHttpServer(({ url }, response) => {
      elsewhere.push(url ?? "");
      response.end();
    });
    const port = await listen(evil);
    const { session, requests } = await startHalfScripted((_, response) => {
      response.writeHead(404).end();
    });
    await assert.rejects(session.fetchPicture(`http://127.0.0.1:${port}${PATH}`));
    await assert.rejects(session.fetchPicture(`http://127.0.0.1:${port}/track.png`));
    assert.deepEqual(requests, [`GET ${PATH}`]);
    assert.deepEqual(elsewhere, []);
  });

  it("means nothing on a server that keeps no pictures", async () => {
    const server = await startScripted();
    const { session } = await joined(server);
    assert.equal(session.takesPictures, false);
    for (const wish of [
      session.fetchPicture(`https://host${PATH}`),
      session.uploadPicture(picture(png())),
    ])
      await assert.rejects(wish, { message: "This server keeps no pictures." });
  });
});

describe("a hostile server's picture", () => {
  const answers: readonly (readonly [string, RequestListener])[] = [
    ["that is an SVG", (_, response) => response.end(SVG)],
    ["that is a polyglot", (_, response) => response.end(Buffer.concat([png(), ZIP]))],
    ["that is animated", (_, response) => response.end(animatedPng())],
    ["of 100 megapixels", (_, response) => response.end(hugePng())],
    ["that is empty", (_, response) => response.end()],
    [
      "that is a page",
      (_, response) => response.setHeader("content-type", "image/png").end("<html>"),
    ],
    ["of 64 KB and more", (_, response) => response.end(Buffer.alloc(65_537))],
    [
      "that leads elsewhere",
      (_, response) => response.writeHead(302, { location: "https://evil.example/" }).end(),
    ],
    [
      "with endless headers",
      (_, response) => response.writeHead(200, { x: "y".repeat(20_000) }).end(png()),
    ],
    [
      "that breaks off",
      (_, response) =>
        response.writeHead(200, { "content-length": "500" }).write("x", () => response.destroy()),
    ],
  ];
  for (const [what, answer] of answers)
    it(`${what} is not taken`, async () => {
      const { session } = await startHalfScripted(answer);
      await assert.rejects(session.fetchPicture(`https://host${PATH}`), { code: "refused" });
    });

  const raw = (text: string): RequestListener => {
    return ({ socket }) => socket.write(text);
  };
  for (const [what, first] of [
    [
      "that is another protocol",
      raw("HTTP/1.1 101 Yes\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    ],
    ["that is announced endlessly", raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(1000))],
    ["that is announced otherwise", raw("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000))],
  ] as const)
    it(`${what} keeps no one else's waiting`, async () => {
      let asked = 0;
      const { session } = await startHalfScripted((request, response) => {
        if (asked++ === 0) first(request, response);
        else response.end(png());
      });
      const refused = assert.rejects(session.fetchPicture(`https://host${PATH}`), {
        code: "refused",
      });
      const next = await session.fetchPicture(`https://host${PATH}`);
      assert.deepEqual(Buffer.from(next.bytes), png());
      await refused;
    });

  for (const [what, first] of [
    ["that does not come", () => undefined],
    [
      "whose content does not come",
      (_, response) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    ["that is announced once, and does not come", raw("HTTP/1.1 100 Continue\r\n\r\n")],
  ] as readonly (readonly [string, RequestListener])[])
    it(`${what} keeps others waiting for a short time only`, async () => {
      let asked = 0;
      const { session } = await startHalfScripted(
        (request, response) => {
          if (asked++ === 0) first(request, response);
          else response.end(png());
        },
        { pictureTimeoutMs: 500 },
      );
      const refused = assert.rejects(session.fetchPicture(`https://host${PATH}`), {
        code: "timed-out",
      });
      const next = await session.fetchPicture(`https://host${PATH}`);
      assert.deepEqual(Buffer.from(next.bytes), png());
      await refused;
    });

  it("that never ends is given up", async () => {
    const { session } = await startHalfScripted((_, response) => {
      response.writeHead(200, { "content-length": "500" }).write("x");
    });
    const wanted = session.fetchPicture(`https://host${PATH}`);
    const given = assert.rejects(wanted, { code: "refused" });
    await session.close();
    await given;
  });

  it("is not fetched from one with another certificate than the chat's", async () => {
    const server = await startServer();
    const wire = await impostorBehind(server);
    const address = addressOf(wire.port, {
      transport: "tls",
      fingerprint: server.fingerprint,
      channels: ["#room"],
    });
    const session = newSession(address, { nick: "ann" });
    session.start();
    await session.online();
    wire.swap();
    await assert.rejects(session.fetchPicture(`https://host${PATH}`), { code: "refused" });
    await assert.rejects(session.uploadPicture(picture(png())), { code: "refused" });
    assert.deepEqual(wire.heard, []);
  });
});

/** A port that leads to `server`, and after `swap` to someone else, who notes what they hear. */
async function impostorBehind(server: TestServer) {
  const certificate = await newCertificate();
  const heard: string[] = [];
  const impostor = createTlsServer(certificate, (socket) => {
    socket.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
    socket.on("error", () => undefined);
  });
  impostor.on("tlsClientError", () => undefined);
  let isSwapped = false;
  const wire = createServer((client) => {
    client.on("error", () => undefined);
    if (isSwapped) {
      impostor.emit("connection", client);
      return;
    }
    const end = connect(server.port, "127.0.0.1");
    end.on("error", () => undefined);
    client.pipe(end).pipe(client);
    onCleanup(() => {
      client.destroy();
      end.destroy();
    });
  });
  return {
    port: await listen(wire),
    heard,
    swap: () => {
      isSwapped = true;
    },
  };
}
