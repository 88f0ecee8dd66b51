// Whom a ban keeps out: also those who are just coming in, and who come by another connection or another nick.
import { strict as assert } from "node:assert";
import {
  OPERS,
  answersTo,
  applicant,
  applyByPassword,
  guarded,
  host,
  newCertificate,
} from "../support/approval.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

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
