// The session against our own server.
import { strict as assert } from "node:assert";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import type { ServerAddress } from "../../src/client/address.js";
import { onCleanup } from "../support/cleanup.js";
import { startProgram, type Program } from "../support/processes.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";
import { addressOf, newCertificate, newSession, type TestSession } from "./scripted-peer.js";

function tlsAddress({ port, fingerprint }: TestServer): ServerAddress {
  return addressOf(port, { transport: "tls", fingerprint, channels: ["#room"] });
}

/** An online session in #room. */
async function online(
  address: ServerAddress,
  nick: string,
  options: Parameters<typeof newSession>[1] = {},
): Promise<TestSession> {
  const session = newSession(address, { nick, channels: ["#room"], ...options });
  session.start();
  await session.online();
  return session;
}

/** What a session shows of what was said, without who is still waiting. */
function texts(session: TestSession, buffer = "#room"): string[] {
  return session
    .buffer(buffer)
    .entries.filter((entry) => entry.kind === "message")
    .map((entry) => entry.text);
}

/** Our server as a program of its own, so that it can be killed. */
async function spawnServer(
  data: string,
  port: number,
): Promise<{ program: Program; port: number }> {
  const program = startProgram(process.execPath, [
    "--import",
    "tsx",
    "src/server/main.ts",
    "--listen",
    `127.0.0.1:${port}`,
    "--data",
    data,
    "--no-flood-control",
  ]);
  onCleanup(() => program.stop());
  const [, bound] = await program.waitForOutput(/listening on 127\.0\.0\.1:([0-9]+)/, 9_000);
  return { program, port: Number(bound) };
}

/** A wire between client and server whose plug can be pulled. */
async function startWire(port: number): Promise<{ port: number; pull: () => void }> {
  const ends = new Set<Socket>();
  const wire = createServer((client) => {
    const server = createConnection({ port, host: "127.0.0.1" });
    for (const end of [client, server]) {
      ends.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        ends.delete(end);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.pipe(client);
  });
  await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
  const pull = () => {
    for (const end of ends) end.resetAndDestroy();
  };
  onCleanup(() => {
    pull();
    wire.close();
  });
  return { port: (wire.address() as AddressInfo).port, pull };
}

describe("two people on our server", () => {
  it("talk in a room and in private, over TLS with a pinned certificate", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const [ann, bob] = [await online(address, "ann"), await online(address, "bob")];
    ann.say("#room", "hello, bob");
    ann.say("#room", "second line");
    await bob.until((s) => s.said("#room").length === 2);
    bob.say("#room", "hello, ann");
    await ann.until((s) => s.said("#room").length === 3);
    assert.deepEqual(ann.said("#room"), [
      "<ann> hello, bob",
      "<ann> second line",
      "<bob> hello, ann",
    ]);
    await bob.until((s) => s.said("#room").every((row) => !row.includes("pending")));
    assert.deepEqual(bob.said("#room"), ann.said("#room"));
    assert.deepEqual([bob.buffer("#room").unread, bob.buffer("#room").mentions], [2, 1]);
    ann.say("bob", "psst");
    await bob.until((s) => s.state.buffers.has("ann"));
    assert.deepEqual(bob.said("ann"), ["<ann> psst"]);
    await ann.until((s) => s.said("bob")[0] === "<ann> psst");
  });

  it("see each other come, go, change nick, topic and away, and each other's profile", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const metadata = new Map([
      ["color", "red"],
      ["avatar", "parley:fox"],
    ]);
    const ann = await online(address, "ann");
    const bob = await online(address, "bob", { metadata });
    await ann.until((s) => s.state.users.get("bob")?.metadata.get("color") === "red");
    await bob.until((s) => s.state.users.get("bob")?.metadata.get("avatar") === "parley:fox");
    bob.setMetadata("display-name", "Bob B.");
    await ann.until((s) => s.state.users.get("bob")?.metadata.get("display-name") === "Bob B.");
    bob.setMetadata("color", undefined);
    await ann.until((s) => s.state.users.get("bob")?.metadata.has("color") === false);
    void bob.setNick("bobby");
    await ann.until((s) => s.buffer("#room").members.has("bobby"));
    assert.equal(ann.state.users.get("bobby")?.metadata.get("avatar"), "parley:fox");
    bob.setAway("lunch");
    await ann.until((s) => s.state.users.get("bobby")?.away === "lunch");
    bob.setAway(undefined);
    await ann.until((s) => s.state.users.get("bobby")?.away === undefined);
    ann.setTopic("#room", "Release day");
    await bob.until((s) => s.buffer("#room").topic === "Release day");
    assert.equal(ann.buffer("#room").members.get("ann")?.prefixes.charAt(0), "@");
    const whois = await ann.whois("bobby");
    assert.deepEqual([whois.nick, whois.isSecure], ["bobby", true]);
    assert.deepEqual(
      (await ann.list()).map((channel) => channel.name),
      ["#room"],
    );
    await bob.close("bye");
    await ann.until((s) => !s.buffer("#room").members.has("bobby"));
    assert.ok(ann.rows("#room").includes("-- quit bobby"));
    assert.equal(ann.state.users.get("bobby")?.online, false);
  });

  for (const transport of ["ws", "wss"] as const)
    it(`talk over ${transport}`, async () => {
      const server = await startServer();
      const fingerprint = transport === "wss" ? server.fingerprint : undefined;
      const address = addressOf(server.port, { transport, fingerprint });
      const [ann, bob] = [await online(address, "ann"), await online(address, "bob")];
      ann.say("#room", "grüße 🙂");
      await bob.until((s) => s.said("#room").length === 1);
      assert.deepEqual(bob.said("#room"), ["<ann> grüße 🙂"]);
      assert.ok(ann.status.phase === "online");
      assert.equal(ann.status.details.fingerprint, fingerprint);
    });

  it("are thrown out by an operator, and told so", async () => {
    const server = await startServer({ opers: ["host:secret"] });
    const address = tlsAddress(server);
    const host = await online(address, "host1", { oper: { name: "host", password: "secret" } });
    const bob = await online(address, "bob");
    await host.until((s) => s.state.users.get("host1")?.isOperator === true);
    host.kill("bob", "spam");
    assert.deepEqual(await bob.closed(), { type: "kicked", reason: "spam" });
    assert.ok(!host.log.some((line) => line.includes("secret")));
  });

  it("are told when the host stops the server, and do not try again", async () => {
    const server = await startServer();
    const ann = await online(tlsAddress(server), "ann");
    await server.close("Good night");
    assert.deepEqual(await ann.closed(), { type: "host-stopped", reason: "Good night" });
  });
});

describe("joining our server", () => {
  it("needs the password where there is one", async () => {
    const server = await startServer({ password: "secret" });
    const address = tlsAddress(server);
    const fails = async (token: string | undefined) => {
      const session = newSession({ ...address, token }, { nick: "ann" });
      session.start();
      return (await session.failed()).code;
    };
    assert.equal(await fails(undefined), "password-needed");
    assert.equal(await fails("guess"), "wrong-password");
    await online({ ...address, token: "secret" }, "ann");
  });

  it("suggests another nick when ours is taken, and names a bad one", async () => {
    const server = await startServer();
    await online(tlsAddress(server), "ann");
    for (const [nick, code] of [
      ["ANN", "nick-in-use"],
      ["serv er", "nick-invalid"],
      ["2fast", "nick-invalid"],
    ] as const) {
      const session = newSession(tlsAddress(server), { nick });
      session.start();
      const failure = await session.failed();
      assert.equal(failure.code, code);
      assert.ok("suggestion" in failure);
      await online(tlsAddress(server), failure.suggestion);
    }
  });

  it("is refused by another certificate than the invite's, before the password is sent", async () => {
    const server = await startServer({ password: "secret" });
    const { fingerprint } = await newCertificate();
    const session = newSession({ ...tlsAddress(server), fingerprint, token: "secret" });
    session.start();
    assert.equal((await session.failed()).code, "certificate-changed");
    const unpinned = newSession({ ...tlsAddress(server), fingerprint: undefined, token: "secret" });
    unpinned.start();
    const failure = await unpinned.failed();
    assert.ok(failure.code === "certificate-unknown");
    assert.equal(failure.fingerprint, server.fingerprint);
  });

  it("says when the server is full", async () => {
    const server = await startServer({ maxClients: 1 });
    await online(tlsAddress(server), "ann");
    const session = newSession(tlsAddress(server), { nick: "bob" });
    session.start();
    assert.equal((await session.failed()).code, "server-full");
  });

  it("shows what was said before, none of it as unread, and scrolls back to the beginning", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const ann = await online(address, "ann");
    for (let i = 0; i < 230; i++) ann.say("#room", `line ${i}`);
    await ann.until((s) => s.said("#room").every((row) => !row.includes("pending")));
    const bob = await online(address, "bob");
    await bob.until((s) => s.buffer("#room").entries[0]?.kind === "gap");
    assert.equal(bob.buffer("#room").unread, 0);
    for (;;) {
      const [gap] = bob.buffer("#room").entries;
      if (gap?.kind !== "gap") break;
      await bob.loadGap("#room", gap.id, "after");
    }
    assert.ok(bob.buffer("#room").startsAtBeginning);
    assert.deepEqual(texts(bob), texts(ann));
    assert.equal(bob.buffer("#room").unread, 0);
  });

  // Two have joined, which are rows of the history as well.
  for (const count of [0, 1, 97, 98, 99, 198, 199])
    it(`asks no needless question to know where ${count} messages begin`, async () => {
      const server = await startServer();
      const carla = await server.join("carla", "#room");
      for (let i = 0; i < count; i++) carla.send(`PRIVMSG #room :line ${i}`);
      await carla.roundtrip();
      const session = await online(tlsAddress(server), "ann");
      const isWhole = (s: TestSession) => s.state.buffers.get("#room")?.startsAtBeginning === true;
      const first = () => session.state.buffers.get("#room")?.entries[0];
      await session.until((s) => isWhole(s) || first()?.kind === "gap");
      assert.equal(isWhole(session), count <= 98);
      for (let gap = first(); gap?.kind === "gap"; gap = first())
        await session.loadGap("#room", gap.id, "after");
      assert.ok(isWhole(session));
      assert.equal(texts(session).length, count);
      const asked = session.log.filter((text) => /> CHATHISTORY \w+ #room /.test(text));
      assert.equal(asked.length, Math.ceil((count + 2) / 100));
    });

  it("scrolls down again through more messages of one moment than a page holds", async () => {
    const server = await startServer({ now: () => 1_800_000_000_000 });
    const carla = await server.join("carla", "#room");
    const all = Array.from({ length: 1000 }, (_, n) => `line ${n}`);
    carla.send(...all.map((text) => `PRIVMSG #room :${text}`));
    await carla.roundtrip();
    const bob = await online(tlsAddress(server), "bob", { limits: { maxEntries: 400 } });
    await bob.until((s) => s.buffer("#room").entries[0]?.kind === "gap");
    const seen = new Set<string>();
    const lastGap = () => bob.buffer("#room").entries.findLastIndex(({ kind }) => kind === "gap");
    const load = async (side: "before" | "after", at: number) => {
      await bob.loadGap("#room", bob.buffer("#room").entries[at]!.id, side);
      for (const text of texts(bob)) seen.add(text);
    };
    while (!bob.buffer("#room").startsAtBeginning) await load("after", 0);
    seen.clear();
    for (let pages = 0; pages < 20 && lastGap() > 0; pages++) await load("before", lastGap());
    assert.deepEqual(
      all.slice(100).filter((text) => !seen.has(text)),
      [],
    );
    assert.deepEqual(texts(bob), all.slice(-texts(bob).length));
  });

  it("counts what was said since the last visit", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const ann = await online(address, "ann");
    const bob = await online(address, "bob");
    ann.say("#room", "before");
    await bob.until((s) => s.said("#room").length === 1);
    bob.markRead("#room", bob.buffer("#room").entries.at(-1)!.id);
    const { remembered } = bob;
    await bob.close();
    ann.say("#room", "bob: after");
    await ann.until((s) => s.said("#room").at(-1) === "<ann> bob: after");
    const again = await online(address, "bob", { remembered });
    await again.until((s) => s.said("#room").length === 2);
    assert.deepEqual([again.buffer("#room").unread, again.buffer("#room").mentions], [1, 1]);
  });
});

describe("when things break under a running chat", () => {
  it("loses nothing and shows nothing twice over a killed server", async function () {
    this.timeout(60_000);
    const data = temporaryFolder();
    const first = await spawnServer(data, 0);
    const address = addressOf(first.port);
    const ann = await online(address, "ann");
    const bob = await online(address, "bob");
    const wanted: string[] = [];
    const say = (count: number) => {
      for (let i = 0; i < count; i++) {
        const text = `message ${wanted.length}`;
        wanted.push(text);
        ann.say("#room", text);
      }
    };
    say(10);
    await bob.until((s) => s.said("#room").length === 10);
    say(30);
    // Some have been stored, some are on their way, some have not been sent.
    await ann.until((s) => s.said("#room").filter((row) => !row.includes("pending")).length > 12);
    first.program.process.kill("SIGKILL");
    await first.program.ended;
    say(5);
    await spawnServer(data, first.port);
    for (const session of [ann, bob]) session.reconnectNow();
    await ann.until((s) => s.said("#room").every((row) => !row.includes("pending")));
    await bob.until((s) => s.said("#room").length >= wanted.length);
    await bob.online();
    assert.deepEqual(texts(bob), wanted);
    assert.deepEqual(texts(ann), wanted);
    assert.equal(bob.buffer("#room").unread, wanted.length);
    const carl = await online(address, "carl");
    await carl.until((s) => s.said("#room").length > 0);
    assert.deepEqual(texts(carl), wanted);
  });

  it("loses nothing and shows nothing twice when the plug is pulled again and again", async function () {
    this.timeout(60_000);
    const server = await startServer();
    const wire = await startWire(server.port);
    const bob = await online(addressOf(server.port), "bob");
    const ann = await online(addressOf(wire.port), "ann", { timing: { regainNickMs: 20 } });
    const wanted: string[] = [];
    for (let round = 0; round < 15; round++) {
      const before = wanted.length;
      for (let i = 0; i < 40; i++) {
        wanted.push(`round ${round}, message ${i}`);
        ann.say("#room", wanted.at(-1)!);
        bob.say("ann", `to ann ${round} ${i}`);
      }
      // Pulled at another moment each time: after so many have come through.
      await bob.until((s) => s.said("#room").length > before + round);
      wire.pull();
    }
    await ann.until((s) => s.said("#room").every((row) => !row.includes("pending")));
    await bob.until((s) => s.said("#room").length >= wanted.length);
    assert.deepEqual(texts(bob), wanted);
    assert.deepEqual(texts(ann), wanted);
    assert.ok(ann.said("#room").every((row) => !row.includes("failed")));
  });

  it("takes its own nick back when the server has noticed the ghost", async () => {
    const server = await startServer();
    const wire = await startWire(server.port);
    const bob = await online(addressOf(server.port), "bob");
    const ann = await online(addressOf(wire.port), "ann", { timing: { regainNickMs: 20 } });
    await bob.until((s) => s.buffer("#room").members.has("ann"));
    wire.pull();
    await ann.until((s) => s.status.phase !== "online");
    await ann.online();
    await ann.until((s) => s.state.nick === "ann");
    await bob.until((s) => s.buffer("#room").members.size === 2);
  });
});

describe("the small print, on our server", () => {
  it("lets us talk to ourselves, once", async () => {
    const server = await startServer();
    const ann = await online(tlsAddress(server), "ann");
    ann.say("ann", "remember the milk");
    await ann.until((s) => s.said("ann")[0] === "<ann> remember the milk");
    await ann.whois("ann");
    assert.deepEqual(ann.said("ann"), ["<ann> remember the milk"]);
    assert.equal(ann.buffer("ann").unread, 0);
  });

  it("lets many messages at once through flood control", async function () {
    this.timeout(60_000);
    const server = await startServer({ floodControl: true });
    const address = tlsAddress(server);
    const [ann, bob] = [await online(address, "ann"), await online(address, "bob")];
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    for (const line of lines) ann.say("#room", line);
    await bob.until((s) => s.said("#room").length === lines.length);
    assert.deepEqual(texts(bob), lines);
    assert.equal(ann.status.phase, "online");
  });

  it("shows what was said before in a direct message somebody else goes on with", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const [ann, bob] = [await online(address, "ann"), await online(address, "bob")];
    bob.say("ann", "one");
    await ann.until((s) => s.state.buffers.has("bob"));
    ann.closeBuffer("bob");
    assert.ok(!ann.state.buffers.has("bob"));
    bob.say("ann", "two");
    await ann.until((s) => s.state.buffers.has("bob") && s.said("bob").length === 2);
    assert.deepEqual(ann.said("bob"), ["<bob> one", "<bob> two"]);
    assert.equal(ann.buffer("bob").unread, 1);
  });

  it("counts what was said in the room while we were away", async () => {
    const server = await startServer();
    const wire = await startWire(server.port);
    const bob = await online(addressOf(server.port), "bob");
    const ann = await online(addressOf(wire.port), "ann", {
      timing: { regainNickMs: 20, backoffBaseMs: 60_000, backoffMaxMs: 60_000 },
    });
    bob.say("#room", "hello");
    await ann.until((s) => s.said("#room").length === 1);
    wire.pull();
    await bob.until((s) => !s.buffer("#room").members.has("ann"));
    await ann.until((s) => s.status.phase === "waiting");
    bob.say("#room", "ann? where are you");
    await bob.until(
      (s) => s.said("#room").length === 2 && !s.said("#room")[1]!.includes("pending"),
    );
    ann.reconnectNow();
    await ann.until((s) => s.said("#room").length === 2);
    assert.deepEqual([ann.buffer("#room").unread, ann.buffer("#room").mentions], [2, 1]);
  });

  it("leaves a channel for good when its conversation is closed", async () => {
    const server = await startServer();
    const address = tlsAddress(server);
    const [ann, bob] = [await online(address, "ann"), await online(address, "bob")];
    ann.closeBuffer("#room");
    await bob.until((s) => !s.buffer("#room").members.has("ann"));
    assert.ok(!ann.state.buffers.has("#room"));
    assert.equal(ann.state.users.get("bob")?.online, false);
    void ann.join("#room");
    await ann.until((s) => s.state.buffers.get("#room")?.members.has("bob") === true);
    assert.equal(ann.state.users.get("bob")?.online, true);
  });
});
