// Whom a ban keeps out: also those who are just coming in, and who come by another connection or another nick.
import { strict as assert } from "node:assert";
import {
  OPERS,
  answersTo,
  applicant,
  apply,
  applyByPassword,
  guarded,
  host,
  newCertificate,
} from "../support/approval.js";
import type { Peer } from "../support/peer.js";
import { startServer, temporaryFolder, type TestServer } from "../support/server.js";

const BOB = { opers: OPERS, accounts: ["bob:sesame"] };
const BANNED = "ERROR :Closing link: You are banned from this server: go";

/** Someone who is connected as if they came from `address`. */
async function from(server: TestServer, address: string, certificate?: object): Promise<Peer> {
  const entrance = server.server as unknown as {
    accept: (transport: object, info: object) => unknown;
  };
  const { accept } = entrance;
  const arrived = new Promise<void>((resolve) => {
    entrance.accept = (transport, info) => {
      entrance.accept = accept;
      resolve();
      return accept.call(server.server, transport, { ...info, address });
    };
  });
  const peer = await (certificate === undefined
    ? server.connect()
    : server.connectTls(certificate));
  peer.send("PING here");
  await arrived;
  await peer.expect(/ PONG /);
  return peer;
}

async function waitFrom(server: TestServer, address: string, nick: string): Promise<Peer> {
  const peer = await from(server, address);
  await peer.register(nick);
  await peer.until(/ :The host has to let you in: please wait\./);
  return peer;
}

const lastOf = async (peer: Peer) => (await peer.rest()).at(-1);

describe("who is banned", () => {
  it("is sent away, and cannot come again by their certificate, until that is taken back", async () => {
    const data = temporaryFolder();
    const certificate = await newCertificate();
    const server = await guarded({ data });
    const ann = await host(server);
    const bob = await apply(server, certificate, "bob");
    await bob.until(/ WAITING_FOR_APPROVAL /);
    ann.send("BAN bob :go away");
    const end = await bob.rest();
    assert.ok(end.includes(":parley.chat FAIL * APPROVAL_DENIED :go away"), end.join("\n"));
    await server.close();
    // Whether or not others are approved.
    const next = await startServer({ data, opers: OPERS });
    const again = await apply(next, certificate, "rob");
    assert.deepEqual((await again.rest()).slice(-2), [
      ":parley.chat 465 * :You are banned from this server: go away",
      "ERROR :Closing link: You are banned from this server: go away",
    ]);
    const boss = await host(next);
    boss.send("FORGET bob");
    await boss.roundtrip();
    await (await apply(next, certificate, "rob")).until(/ 001 rob /);
  });

  it("as a guest is known by nick and address on this computer", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    ann.send("BAN bob");
    await bob.rest();
    const again = await server.connect();
    again.send("NICK Bob", "USER x 0 * :x");
    await again.expect(":parley.chat 465 * :You are banned from this server");
    await applicant(server, "eve");
  });

  it("is thrown out of the channels, with their other windows", async () => {
    const server = await startServer({ opers: OPERS, accounts: ["bob:sesame"] });
    const ann = await host(server);
    const bob = await server.loggedIn("bob");
    const second = await applyByPassword(server, "bob", "bob_");
    await second.until(/ 422 bob_ /);
    ann.send("BAN bob :enough");
    assert.match(
      (await bob.rest()).at(-1) ?? "",
      /^ERROR :Closing link: Killed \(ann \(enough\)\)$/,
    );
    assert.match((await second.rest()).at(-1) ?? "", /^ERROR :Closing link: Killed/);
    const guest = await server.client("rob", "sasl");
    guest.sendPlain("bob");
    assert.match((await guest.rest()).at(-1) ?? "", /You are banned from this server: enough$/);
  });

  it("is no operator, and bans are for operators", async () => {
    const server = await guarded();
    const ann = await host(server);
    ann.send("BAN ann", "BAN nobody", "APPROVE nobody", "DENY nobody", "FORGET nobody");
    assert.deepEqual(
      (await ann.roundtrip()).map((line) => line.split(" ").slice(1, 4).join(" ")),
      [
        "FAIL BAN OPERATOR",
        "401 ann nobody",
        "401 ann nobody",
        "401 ann nobody",
        "FAIL FORGET NO_SUCH_DECISION",
      ],
    );
    const bob = await applicant(server, "bob");
    ann.send("APPROVE bob");
    await bob.until(/ :The host has let you in$/);
    await bob.roundtrip();
    bob.send("WAITING", "APPROVE x", "DENY x", "BAN ann", "DECISIONS", "FORGET x", "KNOCK :x");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ")[1]),
      ["481", "481", "481", "481", "481", "481", "FAIL"],
    );
  });
});

describe("who is banned while they come in", () => {
  for (const approve of [false, true])
    it(`by a nick that another connection of theirs has is refused when that one has not answered${
      approve ? ", and does not wait to be let in" : ""
    }`, async () => {
      const server = await startServer({ ...BOB, approve });
      const ann = await host(server);
      const first = await applyByPassword(server, "bob", "bob");
      if (approve) {
        await first.until(/ please wait\./);
        ann.send("APPROVE bob");
      }
      await first.until(/ (?:422 bob|NOTICE bob) :/);
      await first.roundtrip();
      await ann.roundtrip();
      const second = await applyByPassword(server, "bob", "bob");
      await first.until(/^PING /);
      ann.send("BAN bob :go");
      await ann.until(/ :bob is banned/);
      await first.rest();
      const end = await second.rest();
      assert.ok(!end.some((line) => line.includes(" 001 ")), end.join("\n"));
      assert.match(end.at(-2) ?? "", / 465 /);
      assert.equal(end.at(-1), BANNED);
      assert.deepEqual(await answersTo(ann, "WAITING"), ["No one is waiting"]);
    });

  it("by a certificate of their own does not move aside who has the nick", async () => {
    const server = await startServer(BOB);
    const ann = await host(server);
    const certificate = await newCertificate();
    const first = await applyByPassword(server, "bob", "bob");
    await first.until(/ 422 bob /);
    const guest = await server.connectTls(certificate);
    await guest.register("eve");
    const second = await server.connectTls(certificate);
    second.send("CAP REQ :sasl");
    second.sendPlain("bob");
    second.send("NICK bob", "USER bob 0 * :Bob", "CAP END");
    await first.until(/^PING /);
    ann.send("BAN eve :go");
    await ann.until(/ :eve is banned/);
    first.send("PONG here");
    assert.equal(await lastOf(second), BANNED);
    assert.deepEqual(await first.roundtrip(), []);
    ann.send("WHOIS bob");
    await ann.until(/ 311 ann bob /);
  });

  it("does not take the banned nick by NICK, neither while they wait nor when they are in", async () => {
    const server = await guarded();
    const ann = await host(server);
    const eve = await applicant(server, "eve");
    ann.send("BAN eve :go");
    await eve.rest();
    const again = await applicant(server, "joe");
    for (const nick of ["eve", "EVE", "еve"]) {
      again.send(`NICK ${nick}`);
      await again.expect(/ 432 joe \S+ :Nickname is banned here: choose another one$/);
    }
    again.send("NICK sue");
    await again.expect(/^:joe!\S+ NICK :sue$/);
    ann.send("APPROVE sue");
    await again.until(/ :The host has let you in$/);
    await again.roundtrip();
    again.send("NICK eve");
    await again.expect(/ 432 sue eve :Nickname is banned here/);
    const open = await startServer({ opers: OPERS });
    const boss = await host(open);
    const guest = await open.client("eve");
    boss.send("BAN eve :go");
    await guest.rest();
    const other = await open.client("joe");
    other.send("NICK eve");
    await other.expect(/ 432 joe eve :/);
  });
});

describe("an address that is banned", () => {
  const ADDRESS = "203.0.113.7";

  it("is banned for all who wait there, and not for who waits elsewhere or was let in", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await waitFrom(server, ADDRESS, "bob");
    const second = await waitFrom(server, ADDRESS, "bob2");
    const friend = await waitFrom(server, ADDRESS, "joe");
    ann.send("APPROVE joe");
    await friend.until(/ :The host has let you in$/);
    const far = await waitFrom(server, "203.0.113.8", "far");
    ann.send("BAN bob :go");
    await ann.until(/ :bob is banned/);
    for (const peer of [bob, second]) assert.equal(await lastOf(peer), "ERROR :Closing link: go");
    friend.send("NICK joey");
    await friend.until(/^:joe!\S+ NICK :joey$/);
    assert.deepEqual(await far.roundtrip(), []);
    const fresh = await from(server, ADDRESS);
    fresh.send("NICK new", "USER x 0 * :x");
    assert.equal(await lastOf(fresh), BANNED);
  });

  it("of IPv6 is the whole network's", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await waitFrom(server, "2001:db8:1:2::7", "bob");
    const second = await waitFrom(server, "2001:db8:1:2:3::8", "bob2");
    ann.send("BAN bob :go");
    await bob.rest();
    assert.equal(await lastOf(second), "ERROR :Closing link: go");
  });

  it("is banned for those who are here and whom no one let in, but for operators", async () => {
    const server = await startServer({ opers: OPERS });
    const ann = await from(server, ADDRESS);
    await ann.register("ann");
    ann.send("OPER host secret");
    await ann.until(/ MODE ann \+o$/);
    const bob = await from(server, ADDRESS);
    await bob.register("bob");
    const second = await from(server, ADDRESS, await newCertificate());
    await second.register("bob2");
    const far = await server.client("far");
    ann.send("BAN bob :go");
    for (const peer of [bob, second])
      assert.match((await lastOf(peer)) ?? "", /^ERROR :Closing link: Killed \(ann \(go\)\)$/);
    await ann.until(/ :bob is banned/);
    assert.deepEqual(await far.roundtrip(), []);
    ann.send("NICK anna");
    await ann.until(/^:ann!\S+ NICK :anna$/);
  });

  it("of this computer is banned for the nick only", async () => {
    const server = await guarded();
    const ann = await host(server);
    const bob = await applicant(server, "bob");
    const eve = await applicant(server, "eve");
    ann.send("BAN bob :go");
    await bob.rest();
    assert.deepEqual(await eve.roundtrip(), []);
  });
});
