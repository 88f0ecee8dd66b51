import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

describe("an invitation", () => {
  it("lets in past +i, and is listed until it is used", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const watcher = await server.join("walt", "#room", "invite-notify");
    alice.send("MODE #room +i", "MODE #room +o walt");
    await alice.roundtrip();
    await watcher.roundtrip();
    const bob = await server.client("bob");
    bob.send("JOIN #room");
    await bob.expect(
      ":parley.chat 473 bob #room :Cannot join channel (+i): you need an invitation",
    );
    alice.send("INVITE bob #room");
    await alice.expect(":parley.chat 341 alice bob #room");
    await watcher.expect(":alice!~alice@host INVITE bob #room");
    await bob.expect(":alice!~alice@host INVITE bob #room");
    bob.send("INVITE");
    await bob.expect(":parley.chat 336 bob #room");
    await bob.expect(/ 337 /);
    bob.send("JOIN #room");
    await bob.expect(":bob!~bob@host JOIN #room");
    alice.send("INVITE bob #room");
    await alice.until(/ 443 alice bob #room /);
  });

  it("is told to those with invite-notify who could have made it, and to nobody else", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room", "invite-notify");
    const helper = await server.join("helper", "#room", "invite-notify");
    const lacks = await server.join("lacks", "#room");
    const member = await server.join("member", "#room", "invite-notify");
    const outside = await server.client("outside", "invite-notify");
    const bob = await server.client("bob", "invite-notify");
    alice.send("MODE #room +ho helper lacks");
    for (const peer of [alice, helper, lacks, member]) await peer.roundtrip();
    alice.send("INVITE bob #room");
    assert.deepEqual(await alice.roundtrip(), [":parley.chat 341 alice bob #room"]);
    for (const peer of [helper, bob])
      assert.deepEqual(await peer.roundtrip(), [":alice!~alice@host INVITE bob #room"]);
    for (const peer of [lacks, member, outside]) assert.deepEqual(await peer.roundtrip(), []);
  });

  it("is not made by strangers, nor by members where an operator has to", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room,#secret", "invite-notify");
    const bob = await server.join("bob", "#room");
    const carol = await server.client("carol");
    alice.send("MODE #room +i", "MODE #secret +s");
    await alice.roundtrip();
    await bob.roundtrip();
    bob.send("INVITE carol #room", "INVITE carol #secret", "INVITE carol #none", "INVITE carol");
    bob.send("INVITE nobody #room", "INVITE alice #room");
    carol.send("INVITE bob #room");
    assert.deepEqual(await bob.roundtrip(), [
      ":parley.chat 482 bob #room :You need to be a channel operator to do that",
      ":parley.chat 403 bob #secret :No such channel",
      ":parley.chat 403 bob #none :No such channel",
      ":parley.chat 461 bob INVITE :Not enough parameters",
      ":parley.chat 401 bob nobody :No such nick/channel",
      ":parley.chat 443 bob alice #room :is already on channel",
    ]);
    assert.deepEqual(await carol.roundtrip(), [
      ":parley.chat 442 carol #room :You're not on that channel",
    ]);
    assert.deepEqual(await alice.roundtrip(), []);
  });

  it("of a member without a role does not let in past a ban, a key or a limit", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const mallory = await server.join("mallory", "#room");
    const bob = await server.client("bob");
    for (const [mode, numeric] of [
      ["b bob", 474],
      ["k sesame", 475],
      ["l 2", 471],
    ] as const) {
      alice.send(`MODE #room +${mode}`);
      await alice.roundtrip();
      mallory.send("INVITE bob #room");
      await mallory.roundtrip();
      await bob.expect(":mallory!~mallory@host INVITE bob #room");
      bob.send("JOIN #room");
      await bob.expect(new RegExp(` ${numeric} bob #room `));
      alice.send(`MODE #room -${mode}`);
    }
    alice.send("MODE #room +b bob", "INVITE bob #room");
    await bob.expect(":alice!~alice@host INVITE bob #room");
    bob.send("JOIN #room");
    await bob.expect(":bob!~bob@host JOIN #room");
  });

  it("is not remembered without end, nor to a channel that is gone", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    const bob = await server.client("bob");
    for (let i = 0; i < 60; i++) alice.send(`JOIN #${i}`, `INVITE bob #${i}`);
    alice.send("PART #59");
    await alice.roundtrip();
    await bob.roundtrip();
    bob.send("INVITE");
    const seen = await bob.roundtrip();
    assert.equal(seen.length, 50);
    assert.equal(seen[0], ":parley.chat 336 bob #10");
    assert.equal(seen.at(-2), ":parley.chat 336 bob #58");
  });
});
