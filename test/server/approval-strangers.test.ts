// Nothing stays of people who asked to come in and were not let in: neither a nick nor an account.
import { strict as assert } from "node:assert";
import { parseServerConfig } from "../../src/server/config.js";
import { OPERS, apply, decisionsOf, guarded, host, newCertificate } from "../support/approval.js";
import type { Peer } from "../support/peer.js";
import { temporaryFolder, type TestServer } from "../support/server.js";

const WAITING = / WAITING_FOR_APPROVAL /;

async function stranger(server: TestServer, nick: string, certificate?: object): Promise<Peer> {
  const peer = await apply(server, certificate ?? (await newCertificate()), nick);
  await peer.until(WAITING);
  return peer;
}

/** The real owner comes to be known by the account, and waits by the nick, `nick`. */
async function comesAs(server: TestServer, nick: string): Promise<Peer> {
  const peer = await apply(server, await newCertificate(), nick);
  const lines = await peer.until(WAITING);
  assert.ok(
    lines.some((line) => line.includes(` ${nick} :You are now logged in as ${nick}`)),
    lines.join("\n"),
  );
  return peer;
}

describe("a stranger who is not let in leaves the nick and the account of it", () => {
  const ENDS: Record<string, (thief: Peer, ann: Peer) => void | Promise<void>> = {
    "is denied": (_, ann) => {
      ann.send("DENY bob");
    },
    "is banned": (_, ann) => {
      ann.send("BAN bob");
    },
    "takes another nick and is denied": async (thief, ann) => {
      thief.send("NICK carl");
      await thief.until(/ NICK :carl$/);
      ann.send("DENY carl");
    },
    "takes another nick and leaves": (thief) => {
      thief.send("NICK carl", "NICK dora", "QUIT");
    },
    "leaves without a word": (thief) => {
      thief.link.end();
    },
  };
  for (const [how, end] of Object.entries(ENDS))
    it(`who ${how}`, async () => {
      const server = await guarded();
      const ann = await host(server);
      const thief = await stranger(server, "bob");
      await end(thief, ann);
      await thief.rest();
      const real = await comesAs(server, "bob");
      ann.send("APPROVE bob");
      await real.until(/ NOTE \* APPROVED /);
      assert.equal(server.server.accounts.nicks.ownerOf("bob"), "bob");
    });

  it("who only logs in, and leaves before they wait", async () => {
    const server = await guarded();
    const thief = await server.connectTls(await newCertificate());
    thief.send("CAP REQ :sasl", "NICK bob", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +");
    await thief.until(/ 903 /);
    thief.send("QUIT");
    await thief.rest();
    await comesAs(server, "bob");
  });

  it("who registered it with a password, and what they said of themselves", async () => {
    const server = await guarded({ registerBeforeConnect: true });
    const ann = await host(server);
    const thief = await server.connect();
    thief.send("CAP REQ :draft/account-registration draft/metadata-3 standard-replies");
    thief.send("NICK bob", "METADATA * SET status :stolen", "REGISTER * * sesame");
    await thief.until(/ REGISTER SUCCESS bob :.* once you are let in$/);
    thief.send("METADATA * SET url :stolen", "USER bob 0 * :Bob", "CAP END");
    await thief.until(WAITING);
    ann.send("DENY bob");
    await thief.rest();
    const real = await comesAs(server, "bob");
    ann.send("APPROVE bob");
    await real.until(/ NOTE \* APPROVED /);
    assert.deepEqual(server.server.memory.metadataOf("bob"), []);
  });

  it("who still waits when the server stops", async () => {
    const data = temporaryFolder();
    const first = await guarded({ data });
    const thief = await stranger(first, "bob");
    thief.send("NICK carl");
    await thief.until(/ NICK :carl$/);
    await first.close();
    const server = await guarded({ data });
    const real = await comesAs(server, "bob");
    real.send("QUIT");
    await real.rest();
    await comesAs(server, "carl");
  });

  it("who is banned, without a ban of the next owner", async () => {
    const server = await guarded();
    const ann = await host(server);
    const certificate = await newCertificate();
    const thief = await stranger(server, "bob", certificate);
    ann.send("BAN bob :go");
    await thief.rest();
    await ann.roundtrip();
    const kept = await decisionsOf(ann);
    assert.ok(!kept.some((line) => line.includes("(account")), kept.join("\n"));
    await comesAs(server, "bob");
    const again = await apply(server, certificate, "rob");
    assert.match((await again.rest()).at(-1) ?? "", /You are banned from this server: go$/);
  });

  it("who has two windows, once both have gone", async () => {
    const server = await guarded();
    const certificate = await newCertificate();
    const first = await stranger(server, "bob", certificate);
    const second = await stranger(server, "bob_", certificate);
    first.send("QUIT");
    await first.rest();
    assert.ok(server.server.accounts.has("bob"));
    second.send("QUIT");
    await second.rest();
    await comesAs(server, "bob");
  });

  it("of which the host makes an account of their own", async () => {
    let accounts: string[] = [];
    const base = { listen: ["127.0.0.1:0"], opers: OPERS, approve: true };
    const server = await guarded({ reload: () => parseServerConfig({ ...base, accounts }) });
    const ann = await host(server);
    const thief = await stranger(server, "bob");
    accounts = ["bob:sesame"];
    ann.send("REHASH");
    assert.match((await thief.rest()).at(-1) ?? "", /belongs to someone else: connect again$/);
    const bob = await server.connect();
    await bob.logIn("bob");
    await bob.until(/ please wait\./);
  });
});

describe("a stranger who is let in", () => {
  it("has their account, nick and what they said of themselves after a restart", async () => {
    const data = temporaryFolder();
    const certificate = await newCertificate();
    const first = await guarded({ data });
    const ann = await host(first);
    const bob = await first.connectTls(certificate);
    bob.send("CAP LS 302", "CAP REQ :sasl standard-replies draft/metadata-3", "NICK bob");
    bob.send("AUTHENTICATE EXTERNAL", "AUTHENTICATE +", "METADATA * SET status :here");
    bob.send("USER bob 0 * :Bob", "CAP END");
    await bob.until(WAITING);
    ann.send("APPROVE bob ALWAYS");
    await bob.until(/ NOTE \* APPROVED /);
    await first.close();
    const server = await guarded({ data });
    const thief = await server.connect();
    thief.send("NICK bob", "USER x 0 * :x");
    await thief.until(/ 433 \* bob :Nickname is registered/);
    const again = await apply(server, certificate, "bob");
    await again.until(/ :You are now logged in as bob$/);
    await again.until(/ 422 bob /);
    assert.deepEqual(server.server.memory.metadataOf("bob"), [["status", "here"]]);
  });

  it("owns the nick of their account also where another window of theirs waits by it", async () => {
    const server = await guarded();
    const ann = await host(server);
    const certificate = await newCertificate();
    await stranger(server, "bob", certificate);
    const second = await stranger(server, "bob_", certificate);
    ann.send("APPROVE bob_");
    await second.until(/ NOTE \* APPROVED /);
    assert.ok(server.server.accounts.nicks.isOf("bob", "bob"));
  });

  it("does not own a nick they gave up and someone else has", async () => {
    const server = await guarded();
    const ann = await host(server);
    const carl = await stranger(server, "bob");
    carl.send("NICK carl");
    await carl.until(/ NICK :carl$/);
    const bob = await stranger(server, "bob");
    ann.send("APPROVE carl");
    await carl.until(/ NOTE \* APPROVED /);
    assert.equal(server.server.accounts.nicks.ownerOf("bob"), undefined);
    ann.send("APPROVE bob");
    await bob.until(/ NOTE \* APPROVED /);
    assert.notEqual(server.server.accounts.nicks.ownerOf("bob"), undefined);
  });
});
