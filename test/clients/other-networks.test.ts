// The client on servers that are not ours, as Debian has them: neither confirms messages, nor has history.
import { strict as assert } from "node:assert";
import { ensureServer, startServer } from "../../bench/servers.js";
import type { ServerAddress } from "../../src/client/address.js";
import { addressOf, newSession, type TestSession } from "../client/scripted-peer.js";
import { DEFAULT_TIMING } from "../../src/client/session-options.js";
import { onCleanup } from "../support/cleanup.js";

const INSTALL_TIMEOUT_MS = 5 * 60_000;
/** A line every two seconds. */
const LIMITED_TIMEOUT_MS = 3 * 60_000;
const LONG = Array.from({ length: 150 }, (_, i) => `word ${i}`).join(" ");

async function online(address: ServerAddress, nick: string): Promise<TestSession> {
  const session = newSession(address, { nick, channels: ["#room"] });
  session.start();
  await session.online();
  return session;
}

for (const name of ["ngircd", "inspircd"] as const)
  describe(`somebody on ${name}`, () => {
    before(async function () {
      this.timeout(INSTALL_TIMEOUT_MS);
      await ensureServer(name);
    });

    async function start() {
      const server = await startServer(name, { bundle: "" });
      onCleanup(() => server.stop());
      return server;
    }

    async function conversation() {
      const { port } = await start();
      const ann = await online(addressOf(port), "ann");
      const bob = await online(addressOf(port), "bob");
      await ann.until((s) => s.buffer("#room").members.has("bob"));
      return { ann, bob };
    }

    it("talks and is talked to, in any writing, at any length", async () => {
      const { ann, bob } = await conversation();
      ann.say("#room", "grüße 🙂");
      ann.say("#room", "makes tea", "action");
      ann.say("#room", LONG);
      ann.say("#room", "one line\nand another");
      await ann.until((s) => s.said("#room").every((row) => !row.endsWith("(pending)")));
      bob.say("#room", "ann: hello");
      await ann.until((s) => s.buffer("#room").mentions === 1);
      await bob.until((s) => s.said("#room").every((row) => !row.endsWith("(pending)")));

      const said = bob.said("#room");
      assert.deepEqual(said.slice(0, 2), ["<ann> grüße 🙂", "* ann makes tea"]);
      const long = said.slice(2, -3).map((row) => row.slice("<ann> ".length).trimEnd());
      assert.equal(long.join(" "), LONG);
      assert.deepEqual(said.slice(-3), ["<ann> one line", "<ann> and another", "<bob> ann: hello"]);
      assert.deepEqual(ann.said("#room").slice(-3), said.slice(-3));
    });

    it("writes to one alone, and is told that somebody is not there", async () => {
      const { ann, bob } = await conversation();
      bob.say("ann", "psst");
      await ann.until((s) => s.state.buffers.has("bob"));
      ann.say("bob", "yes?");
      await bob.until((s) => s.said("ann").length === 2);
      assert.deepEqual(bob.said("ann"), ["<bob> psst", "<ann> yes?"]);
      ann.say("nobody", "are you there?");
      await ann.until((s) => s.said("nobody")[0] === "<ann> are you there? (failed)");
    });

    it("sees who comes, goes, changes nick, topic and roles, and is thrown out", async () => {
      const { ann, bob } = await conversation();
      ann.setTopic("#room", "Release day");
      await bob.until((s) => s.buffer("#room").topic === "Release day");
      void bob.setNick("robert");
      await ann.until((s) => s.buffer("#room").members.has("robert"));
      ann.mode("#room", "+v", "robert");
      await bob.until((s) => s.buffer("#room").members.get("robert")?.prefixes === "+");
      bob.setAway("lunch");
      await bob.until((s) => s.state.isAway);
      const { away, channels } = await ann.whois("robert");
      assert.deepEqual([away, channels.map((channel) => channel.trim())], ["lunch", ["+#room"]]);
      assert.ok((await ann.list()).some((channel) => channel.name === "#room"));
      ann.kick("#room", "robert", "out");
      await bob.until((s) => !s.buffer("#room").joined);
      await bob.close();
      await ann.close();
    });

    it("comes in by TLS with a certificate that was trusted, and by no other", async () => {
      const { tlsPort } = await start();
      const address = addressOf(tlsPort, { transport: "tls" });
      const stranger = newSession(address);
      stranger.start();
      const failure = await stranger.failed();
      assert.ok(failure.code === "certificate-unknown");
      const ann = await online({ ...address, fingerprint: failure.fingerprint }, "ann");
      assert.equal((await ann.whois("ann")).isSecure, true);
      // How many are here is told to those who ask: `/raw LUSERS`.
      assert.ok(!ann.rows("").some((row) => row.includes("Current local users")));
      const wrong = newSession({ ...address, fingerprint: "00".repeat(32) });
      wrong.start();
      assert.equal((await wrong.failed()).code, "certificate-changed");
    });

    it("with modest limits is in thirty channels, pastes twenty lines, and is never thrown out", async function () {
      this.timeout(LIMITED_TIMEOUT_MS);
      const server = await startServer(name, { bundle: "", limits: "modest" });
      onCleanup(() => server.stop());
      const channels = Array.from({ length: 30 }, (_, i) => `#c${i}`);
      const { lineMs, lineBurstMs } = DEFAULT_TIMING;
      const timing = { lineMs, lineBurstMs };
      const bob = newSession(addressOf(server.port), { nick: "bob", channels: ["#c0"], timing });
      bob.start();
      await bob.online();
      const ann = newSession(addressOf(server.port), { channels, persistent: true, timing });
      let losses = 0;
      ann.onDidChange(() => (losses += ann.status.phase === "waiting" ? 1 : 0));
      ann.start();
      await ann.online();
      assert.ok(channels.every((channel) => ann.buffer(channel).joined));
      const lines = Array.from({ length: 20 }, (_, i) => `line ${i} ${"x".repeat(150)}`);
      ann.say("#c0", lines.join("\n"));
      await bob.until((s) => s.said("#c0").length === lines.length);
      assert.deepEqual(
        bob.said("#c0"),
        lines.map((line) => `<ann> ${line}`),
      );
      await ann.until((s) => s.said("#c0").every((row) => !row.endsWith("(pending)")));
      assert.equal(losses, 0);
      assert.equal(ann.status.phase, "online");
    });

    it("is told that the server ends, and tries again", async () => {
      const server = await start();
      const ann = await online(addressOf(server.port), "ann");
      await server.stop();
      await ann.until((s) => s.status.phase === "waiting");
      assert.ok(ann.status.phase === "waiting");
      assert.ok(["closed-by-server", "refused"].includes(ann.status.failure.code));
    });
  });
