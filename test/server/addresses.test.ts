import { strict as assert } from "node:assert";
import { Addresses } from "../../src/server/addresses.js";
import { DEFAULT_LIMITS } from "../../src/server/config.js";
import { startServer } from "../support/server.js";

describe("one address", () => {
  it("may have so many connections, unless everybody may come by it", () => {
    const addresses = new Addresses({ ...DEFAULT_LIMITS, maxConnectionsPerAddress: 2 }, true);
    const come = (address: string) => addresses.connected(address);
    assert.deepEqual(
      [1, 2, 3].map(() => come("192.0.2.1")),
      [false, false, true],
    );
    addresses.disconnected("192.0.2.1", 0);
    addresses.disconnected("192.0.2.1", 0);
    assert.equal(come("192.0.2.1"), false);
    assert.equal(come("192.0.2.2"), false);
    assert.deepEqual(
      [1, 2, 3].map(() => come("127.0.0.1")),
      [false, false, false],
    );
  });

  it("of IPv6 is a network: whoever has one address of it has them all", () => {
    const addresses = new Addresses({ ...DEFAULT_LIMITS, maxConnectionsPerAddress: 1 }, true);
    const network = ["2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d", "2001:db8:1:2:ffff::"];
    assert.deepEqual(
      network.map((address) => addresses.connected(address)),
      [false, true, true],
    );
    for (const address of ["2001:db8:1:3::1", "2001:db8::2:3:4:5:6", "2001:db8::1", "fe80::1"])
      assert.equal(addresses.connected(address), false, address);
    assert.equal(addresses.count("2001:db8:1:2::9"), 3);
  });

  it("may have so many connections of which nobody knows yet what they are", () => {
    const addresses = new Addresses({ ...DEFAULT_LIMITS, maxConnectionsPerAddress: 2 }, true);
    const come = (address: string) => addresses.mayWait(address, 0);
    assert.deepEqual(
      [1, 2, 3].map(() => come("192.0.2.1")),
      [true, true, false],
    );
    assert.equal(come("192.0.2.2"), true);
    addresses.waited("192.0.2.1", 0);
    assert.equal(come("192.0.2.1"), true);
    for (const address of ["192.0.2.1", "192.0.2.1", "192.0.2.2"]) addresses.waited(address, 0);
    addresses.tidy(10_000);
    assert.equal(addresses.size, 0);
  });

  it("may come so often, however short it stays", () => {
    const limits = { connectionBurstPerAddress: 3, connectionsPerSecondPerAddress: 1 };
    const addresses = new Addresses({ ...DEFAULT_LIMITS, ...limits }, true);
    const come = (now: number, address = "192.0.2.1") => {
      const isWelcome = addresses.mayWait(address, now);
      if (isWelcome) addresses.waited(address, now);
      return isWelcome;
    };
    assert.deepEqual(
      [0, 0, 0, 0, 999, 1000, 1000].map((now) => come(now)),
      [true, true, true, false, false, true, false],
    );
    assert.equal(come(1000, "192.0.2.2"), true);
    for (let i = 0; i < 10; i++) assert.equal(come(1000, "::1"), true);
  });

  it("is remembered until all it may take is there again", () => {
    const addresses = new Addresses({ ...DEFAULT_LIMITS, floodBurstPerAddress: 40 }, true);
    addresses.connected("192.0.2.1");
    addresses.linesOf("192.0.2.1", 0)?.reserve(0);
    addresses.disconnected("192.0.2.1", 0);
    assert.equal(addresses.size, 1);
    addresses.tidy(10);
    assert.equal(addresses.size, 1);
    addresses.tidy(1000 / DEFAULT_LIMITS.floodLinesPerSecondPerAddress);
    assert.equal(addresses.size, 0);
  });

  it("may make so many accounts, and more only with time", async () => {
    let now = 0;
    const server = await startServer({
      floodControl: true,
      now: () => now,
      limits: { accountBurst: 2, accountsPerHour: 1 },
    });
    const register = async (nick: string) => {
      const peer = await server.client(nick);
      peer.send("REGISTER * * sesame");
      return peer.expect(/REGISTER/);
    };
    assert.match(await register("one"), /SUCCESS/);
    assert.match(await register("two"), /SUCCESS/);
    assert.match(await register("three"), / FAIL REGISTER TEMPORARILY_UNAVAILABLE three :Too many/);
    now += 60 * 60 * 1000;
    assert.match(await register("four"), /SUCCESS/);
  });

  it("is forgotten when nobody is there", async () => {
    const server = await startServer();
    const ann = await server.client("ann");
    assert.equal(server.server.addresses.count("127.0.0.1"), 1);
    ann.send("QUIT");
    await ann.rest();
    assert.equal(server.server.addresses.count("127.0.0.1"), 0);
  });
});
