import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Peer } from "../support/peer.js";
import { SVG, ZIP, animatedPng, exif, hugePng, jpeg, png } from "../support/pictures.js";
import {
  PICTURE_CAPS,
  ask,
  avatarOf,
  bearer,
  filehost,
  twoPeople,
  upload,
} from "../support/pictures-http.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

describe("a picture of one's own", () => {
  it("is told to others as an address of theirs, which gives it without any header", async () => {
    const server = await startServer();
    const picture = jpeg({ width: 64, height: 64, shade: (x) => x * 10 });
    const { alice, bob } = await twoPeople(server, picture);
    const told = await bob.expect(/^:parley\.chat 761 \* alice avatar \* \S+$/);
    const url = told.split(" ").at(-1) ?? "";
    assert.ok(url.startsWith(`http://127.0.0.1:${server.port}/avatars/`), url);
    assert.equal(await avatarOf(bob, "alice"), url);
    const own = (await alice.expect(/ 761 \* alice avatar \* /)).split(" ").at(-1) ?? "";
    assert.notEqual(own, url);
    assert.equal(await avatarOf(alice, "alice"), own);
    for (const address of [url, own]) {
      const { status, headers, body } = await ask("GET", address);
      assert.equal(status, 200);
      assert.deepEqual(body, picture);
      assert.equal(headers["content-type"], "image/jpeg");
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'/);
      assert.equal(headers["cache-control"], "private, no-store");
      assert.deepEqual(
        Object.keys(headers).filter((name) => /^access-control|cookie/.test(name)),
        [],
      );
    }
  });

  it("is told in every answer by the address of whoever asks", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const url = await avatarOf(bob, "alice");
    for (const question of [
      "METADATA alice LIST",
      "WHOIS alice",
      "METADATA * SUB avatar",
      "METADATA #room SYNC",
      "MONITOR + alice",
    ]) {
      bob.send(question);
      const told = (await bob.roundtrip()).filter((line) => line.includes(" avatar * "));
      assert.ok(told.length > 0, question);
      for (const line of told) assert.equal(line.split(" ").at(-1), url, question);
    }
    const carol = await server.client("carol", ...PICTURE_CAPS);
    carol.send("METADATA * SUB avatar", "JOIN #room");
    const joined = (await carol.roundtrip()).filter((line) => line.includes(" avatar "));
    assert.match(joined.join("\n"), new RegExp(`http://127.0.0.1:${server.port}/avatars/`));
    assert.ok(!joined.join().includes(url ?? ""));
    assert.doesNotMatch(joined.join(), /picture:/);
  });

  it("has an https address by the name that was asked for, for those who came by TLS", async () => {
    const server = await startServer();
    await twoPeople(server);
    const carol = await server.connectTls({ servername: "localhost" });
    await carol.register("carol", ...PICTURE_CAPS);
    const url = (await avatarOf(carol, "alice")) ?? "";
    assert.ok(url.startsWith(`https://localhost:${server.port}/avatars/`), url);
    assert.equal((await ask("GET", url)).status, 200);
    assert.equal((await upload(carol, jpeg())).status, 201);
  });

  it("can be uploaded by anyone who reads a notice", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    alice.send("FILEHOST");
    const line = await alice.expect(/^:parley\.chat NOTICE alice :To upload your picture/);
    const [, header = "", url = ""] = /-H "([^"]+)" (\S+)$/.exec(line) ?? [];
    const [name = "", value = ""] = header.split(": ");
    assert.equal((await ask("PUT", url, { [name]: value }, png())).status, 201);
  });

  it("loses the place it was taken at", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server, jpeg({ segments: [exif("52.5163 N 13.3777 E")] }));
    const { body } = await ask("GET", (await avatarOf(bob, "alice")) ?? "");
    assert.deepEqual(body, jpeg());
  });

  it("replaces the one before, which is gone, and is taken back by METADATA", async () => {
    const server = await startServer();
    const { alice, bob } = await twoPeople(server);
    const first = (await avatarOf(bob, "alice")) ?? "";
    await upload(alice, jpeg());
    const second = (await avatarOf(bob, "alice")) ?? "";
    assert.notEqual(first, second);
    assert.equal((await ask("GET", first)).status, 404);
    assert.equal((await ask("GET", second)).status, 200);
    alice.send("METADATA * SET avatar parley:fox");
    await alice.roundtrip();
    assert.equal(await avatarOf(bob, "alice"), "parley:fox");
    assert.equal((await ask("GET", second)).status, 404);
  });

  it("of two people is there until neither has it", async () => {
    const server = await startServer();
    const { alice, bob } = await twoPeople(server);
    await upload(bob, png());
    alice.send("METADATA * CLEAR");
    await alice.roundtrip();
    const url = (await avatarOf(alice, "bob")) ?? "";
    assert.equal((await ask("GET", url)).status, 200);
  });

  const refused: readonly (readonly [string, Buffer, number, RegExp])[] = [
    ["SVG", SVG, 415, /not a PNG or JPEG/],
    ["HTML", Buffer.from("<html><script>alert(1)</script>"), 415, /not a PNG or JPEG/],
    ["with a ZIP behind it", Buffer.concat([png(), ZIP]), 422, /not part of it/],
    ["of 100 megapixels", hugePng(), 422, /512 × 512/],
    ["that is animated", animatedPng(), 422, /animated/],
    ["that is cut off", png().subarray(0, -20), 422, /damaged/],
    ["whose pixels are not there", png({ data: Buffer.from("no zlib") }), 422, /damaged/],
    ["whose pixels are a bomb", png({ data: hugePng(30_000).subarray(41, -16) }), 422, /damaged/],
    ["that is empty", Buffer.alloc(0), 422, /empty/],
    ["of 64 KB and a byte", Buffer.alloc(65_537), 413, /at most 65536 bytes/],
  ];
  for (const [what, bytes, status, words] of refused)
    it(`${what} is refused, and says why`, async () => {
      const server = await startServer();
      const alice = await server.client("alice", ...PICTURE_CAPS);
      const answer = await upload(alice, bytes);
      assert.equal(answer.status, status);
      assert.match(answer.body.toString(), words);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
      assert.equal(await avatarOf(alice, "alice"), undefined);
    });
});

describe("who may fetch a picture", () => {
  it("is who is here: an address ends with the connection it was told on", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const url = (await avatarOf(bob, "alice")) ?? "";
    bob.send("QUIT");
    await bob.rest();
    assert.equal((await ask("GET", url)).status, 404);
  });

  it("may not when the person is gone", async () => {
    const server = await startServer();
    const { alice, bob } = await twoPeople(server);
    const url = (await avatarOf(bob, "alice")) ?? "";
    alice.send("QUIT");
    await alice.rest();
    await bob.until(/ QUIT /);
    assert.equal((await ask("GET", url)).status, 404);
  });

  it("is no one by a token that was made up, or one for uploads", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const url = (await avatarOf(bob, "alice")) ?? "";
    const { token } = await filehost(bob);
    const id = url.split("/").at(-1) ?? "";
    for (const other of ["A".repeat(22), token])
      assert.equal(
        (await ask("GET", `http://127.0.0.1:${server.port}/avatars/${other}/${id}`)).status,
        404,
      );
  });

  it("is also someone who shares no channel, as METADATA tells it to them, but only by their own address", async () => {
    const server = await startServer();
    await twoPeople(server);
    const carol = await server.client("carol", ...PICTURE_CAPS);
    const url = (await avatarOf(carol, "alice")) ?? "";
    assert.equal((await ask("GET", url)).status, 200);
    carol.send("QUIT");
    await carol.rest();
    assert.equal((await ask("GET", url)).status, 404);
  });

  it("is not who waits for approval; nor may they upload", async () => {
    const server = await startServer();
    await twoPeople(server);
    server.server.setApproval(true);
    const eve = await server.connect();
    eve.send(
      "CAP REQ :standard-replies draft/metadata-3",
      "NICK eve",
      "USER eve 0 * :Eve",
      "CAP END",
    );
    await eve.until(/ WAITING_FOR_APPROVAL /);
    eve.send("FILEHOST", "METADATA alice GET avatar");
    const lines = await eve.roundtrip();
    assert.doesNotMatch(lines.join("\n"), /UPLOAD_TOKEN|avatars/);
    assert.equal(lines.filter((line) => line.includes(" FAIL ")).length, 2);
  });

  it("is told to no one else: an address of one's own cannot be set", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const url = (await avatarOf(bob, "alice")) ?? "";
    for (const value of [url.replace("http:", "https:"), "picture:" + "0".repeat(32)]) {
      bob.send(`METADATA * SET avatar ${value}`);
      assert.match((await bob.roundtrip()).join(), / FAIL METADATA INVALID_VALUE avatar :/);
    }
  });
});

describe("who may upload a picture", () => {
  for (const [what, headers] of [
    ["without a token", {}],
    ["with a token that was made up", bearer("A".repeat(22))],
    ["with cookies and the right origin", { cookie: "token=1", origin: "http://127.0.0.1" }],
    ["with a password", { authorization: "Basic YWxpY2U6c2VzYW1l" }],
  ] as const)
    it(`is no one ${what}`, async () => {
      const server = await startServer();
      await server.client("alice");
      const url = `http://127.0.0.1:${server.port}/avatar`;
      const { status, headers: answered } = await ask("PUT", url, headers, png());
      assert.equal(status, 401);
      assert.equal(answered["www-authenticate"], "Bearer");
    });

  it("is no one whose connection has ended, before the upload or meanwhile", async () => {
    const server = await startServer();
    const alice = await server.client("alice", ...PICTURE_CAPS);
    const { url, token } = await filehost(alice);
    const bytes = png();
    const socket = connect(server.port, "127.0.0.1");
    socket.write(
      `PUT /avatar HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    // Answered at once, it is known that the first one is being read.
    assert.equal((await ask("PUT", url, bearer(token), bytes)).status, 429);
    alice.send("QUIT");
    await alice.rest();
    socket.write(bytes);
    assert.match(await text(socket), /^HTTP\/1\.1 401 /);
    assert.equal((await ask("PUT", url, bearer(token), bytes)).status, 401);
  });

  it("is not who sees an address of a picture", async () => {
    const server = await startServer();
    const { bob } = await twoPeople(server);
    const view = (await avatarOf(bob, "alice"))?.split("/").at(-2) ?? "";
    const url = `http://127.0.0.1:${server.port}/avatar`;
    assert.equal((await ask("PUT", url, bearer(view), png())).status, 401);
  });

  it("may so often; fetching has a bound of its own", async () => {
    const limits = { uploadBurst: 2, pictureBurst: 2 };
    const server = await startServer({ floodControl: true, now: () => Date.UTC(2026, 0), limits });
    const alice = await server.client("alice", ...PICTURE_CAPS);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await upload(alice, png())).status);
    assert.deepEqual(statuses, [201, 201, 429]);
    const url = (await avatarOf(alice, "alice")) ?? "";
    const fetched = [];
    for (let i = 0; i < 3; i++) fetched.push(await ask("GET", url));
    assert.deepEqual(
      fetched.map(({ status }) => status),
      [200, 200, 429],
    );
    assert.match(fetched[2]?.headers["retry-after"] ?? "", /^[0-9]+$/);
  });

  it("hears it when there is no room for one more key", async () => {
    const server = await startServer({ limits: { maxMetadataKeys: 1 } });
    const alice = await server.client("alice", ...PICTURE_CAPS);
    alice.send("METADATA * SET color red");
    await alice.roundtrip();
    const { status, body } = await upload(alice, png());
    assert.equal(status, 409);
    assert.match(body.toString(), /remove one of your 1 keys first/);
    // What was refused is not kept.
    assert.equal(server.server.pictures.size, 0);
  });
});

describe("pictures in the data folder", () => {
  const OPTIONS = { accounts: ["alice:sesame", "bob:sesame"] };

  it("of accounts are there after a restart, by a new address", async () => {
    const data = temporaryFolder();
    const first = await startServer({ ...OPTIONS, data });
    const alice = await first.loggedIn("alice", ...PICTURE_CAPS);
    await upload(alice, png());
    const before = (await avatarOf(alice, "alice")) ?? "";
    await first.close();
    const second = await startServer({ ...OPTIONS, data });
    const again = await second.loggedIn("alice", ...PICTURE_CAPS);
    const url = (await avatarOf(again, "alice")) ?? "";
    assert.notEqual(new URL(url).pathname, new URL(before).pathname);
    assert.deepEqual((await ask("GET", url)).body, png());
  });

  it("of guests are gone with them, also when the server was killed meanwhile", async () => {
    const data = temporaryFolder();
    const marked = (mark: string) =>
      png({ color: [...Buffer.from(mark)] as [number, number, number, number] });
    const first = await startServer({ ...OPTIONS, data });
    const alice = await first.loggedIn("alice", ...PICTURE_CAPS);
    await upload(alice, marked("aliC"));
    const guest = await first.client("guest", ...PICTURE_CAPS);
    await upload(guest, marked("gues"));
    assert.equal(countOf(first), 2);
    guest.send("QUIT");
    await guest.rest();
    assert.equal(countOf(first), 1);
    const other = await first.client("other", ...PICTURE_CAPS);
    await upload(other, marked("othe"));
    // The server goes without a word to anyone: what guests have stays where it is.
    await first.close();
    const second = await startServer({ ...OPTIONS, data });
    assert.equal(countOf(second), 1);
  });

  it("of an account that has another one now are deleted", async () => {
    const data = temporaryFolder();
    const server = await startServer({ ...OPTIONS, data });
    const alice = await server.loggedIn("alice", ...PICTURE_CAPS);
    await upload(alice, png());
    await upload(alice, jpeg());
    assert.equal(countOf(server), 1);
    alice.send("METADATA * SET avatar");
    await alice.roundtrip();
    assert.equal(countOf(server), 0);
  });

  it("that another window of the account shows stay", async () => {
    const server = await startServer(OPTIONS);
    const alice = await server.loggedIn("alice", ...PICTURE_CAPS);
    await upload(alice, png());
    const { url, token } = await filehost(await secondWindow(server));
    assert.equal((await ask("PUT", url, bearer(token), png())).status, 201);
    alice.send("QUIT");
    await alice.rest();
    assert.equal(countOf(server), 1);
  });

  it("make no file of their own, half or whole", async () => {
    const data = temporaryFolder();
    const server = await startServer({ ...OPTIONS, data });
    const before = readdirSync(data);
    const alice = await server.loggedIn("alice", ...PICTURE_CAPS);
    await upload(alice, png());
    assert.deepEqual(readdirSync(data), before);
    assert.ok(readFileSync(join(data, "parley.sqlite")).length > 0);
  });
});

/** Logged in as alice too, by another nick. */
async function secondWindow(server: TestServer): Promise<Peer> {
  const peer = await server.connect();
  peer.send(`CAP REQ :sasl ${PICTURE_CAPS.join(" ")}`);
  peer.sendPlain("alice");
  await peer.until(/ 903 /);
  peer.send("NICK alice2", "USER alice 0 * :Alice", "CAP END");
  await peer.until(/ (?:376|422) /);
  return peer;
}

function countOf({ server }: TestServer): number {
  return server.pictures.size;
}

describe("a guest with a picture who logs in", () => {
  const logIn = async (guest: Peer) => {
    guest.sendPlain("alice");
    await guest.until(/ 903 /);
    await guest.roundtrip();
  };

  it("has that of the account, which is not lost, and is seen with it", async () => {
    const server = await startServer({ accounts: ["alice:sesame"] });
    const own = png({ color: [1, 2, 3, 255] });
    const owner = await server.loggedIn("alice", ...PICTURE_CAPS);
    await upload(owner, own);
    owner.send("QUIT");
    await owner.rest();
    const guest = await server.join("guest", "#room", ...PICTURE_CAPS, "sasl");
    await upload(guest, png());
    const bob = await server.join("bob", "#room", ...PICTURE_CAPS);
    bob.send("METADATA * SUB avatar");
    await bob.roundtrip();
    await logIn(guest);
    const url = (await bob.expect(/ 761 \* guest avatar \* /)).split(" ").at(-1) ?? "";
    assert.deepEqual((await ask("GET", url)).body, own);
    assert.equal(server.server.pictures.size, 1);
  });

  it("brings it to an account that has none", async () => {
    const server = await startServer({ accounts: ["alice:sesame"] });
    const guest = await server.client("guest", ...PICTURE_CAPS, "sasl");
    await upload(guest, png());
    await logIn(guest);
    guest.send("QUIT");
    await guest.rest();
    const alice = await server.loggedIn("alice", ...PICTURE_CAPS);
    const url = await avatarOf(alice, "alice");
    assert.equal((await ask("GET", url ?? "")).status, 200);
  });

  it("leaves no picture behind that is replaced by one of Parley's own", async () => {
    const server = await startServer({ accounts: ["alice:sesame"] });
    const owner = await server.loggedIn("alice", ...PICTURE_CAPS);
    await upload(owner, png());
    owner.send("QUIT");
    await owner.rest();
    const guest = await server.client("guest", ...PICTURE_CAPS, "sasl");
    guest.send("METADATA * SET avatar parley:fox");
    await guest.roundtrip();
    await logIn(guest);
    assert.equal(server.server.pictures.size, 0);
  });
});
