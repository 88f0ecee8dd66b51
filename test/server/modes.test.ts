import { strict as assert } from "node:assert";
import { startServer } from "../support/server.js";

describe("modes", () => {
  it("shows those of a channel, its key to members only", async () => {
    const server = await startServer({ now: () => 1_700_000_000_000 });
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +kl sesame 5", "MODE #room");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host MODE #room +kl sesame 5",
      ":parley.chat 324 alice #room +ntkl sesame 5",
      ":parley.chat 329 alice #room 1700000000",
    ]);
    const bob = await server.client("bob");
    bob.send("MODE #room", "JOIN #room", "JOIN #room sesame");
    await bob.expect(":parley.chat 324 bob #room +ntkl * 5");
    await bob.expect(/ 329 /);
    await bob.expect(":parley.chat 475 bob #room :Cannot join channel (+k): you need its key");
    await bob.expect(":bob!~bob@host JOIN #room");
  });

  it("is for operators of the channel", async () => {
    const server = await startServer();
    await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    bob.send("MODE #room +m", "MODE #room +o bob", "MODE #room +b x!*@*");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ")[1]),
      ["482", "482", "482"],
    );
  });

  it("keeps the badge of the host from everybody else", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +q alice");
    await alice.expect(/ 482 alice #room /);
  });

  it("bans, excepts from bans, and lists both", async () => {
    const server = await startServer({ now: () => 1_700_000_000_000 });
    const alice = await server.join("alice", "#room");
    const bob = await server.client("bob");
    alice.send("MODE #room +b bob", "MODE #room b");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host MODE #room +b bob!*@*",
      ":parley.chat 367 alice #room bob!*@* alice!~alice@host 1700000000",
      ":parley.chat 368 alice #room :End of channel ban list",
    ]);
    bob.send("JOIN #room");
    await bob.expect(/ 474 bob #room /);
    alice.send("MODE #room +e *!~bob@*");
    await alice.roundtrip();
    bob.send("JOIN #room");
    await bob.expect(":bob!~bob@host JOIN #room");
    alice.send("MODE #room -e *!~bob@*");
    await alice.roundtrip();
    bob.send("PRIVMSG #room :hello");
    await bob.until(/ 404 bob #room /);
  });

  it("bans by the real address, which only the banned one's server knows", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +b *!*@127.0.0.*");
    await alice.roundtrip();
    const bob = await server.client("bob");
    bob.send("JOIN #room");
    await bob.expect(/ 474 bob #room /);
  });

  it("takes extended bans of the kinds there are, completes them, and refuses others", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +bbb ~m:bob ~a:bob ~bob@192.0.2.1", "MODE #room +bbb ~x:bob ~bob ~a:");
    await alice.expect(":alice!~alice@host MODE #room +bbb ~m:bob!*@* ~a:bob *!~bob@192.0.2.1");
    for (const mask of ["~x:bob", "~bob", "~a:"])
      await alice.expect(
        `:parley.chat 696 alice #room b ${mask} :"${mask}" is not a valid mask; use nick!user@host, ~a:account or ~m:mask, without spaces`,
      );
    const bob = await server.join("bob", "#room");
    bob.send("PRIVMSG #room :hello");
    await bob.until(/ 404 bob #room /);
    alice.send("MODE #room -b ~m:bob");
    await alice.until(/ MODE #room -b ~m:bob!\*@\*$/);
  });

  it("refuses masks with spaces, which could not be listed or removed", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    for (const mask of ["a b!*@*", "ann ", "~m:a b", "~a:an n", "\tann"]) {
      for (const list of ["b", "e", "I"]) {
        alice.send(`MODE #room +${list} :${mask}`);
        await alice.expect(/ 696 alice #room [beI] .* is not a valid mask; /);
      }
    }
    alice.send("MODE #room b");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat 368 alice #room :End of channel ban list",
    ]);
  });

  it("lists its exceptions from bans and from +i, with who made them and when, to those who may", async () => {
    const server = await startServer({ now: () => 1_700_000_000_000 });
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +eI bob ~a:ann", "MODE #room e", "MODE #room +I", "MODE #room b");
    const made = "alice!~alice@host 1700000000";
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host MODE #room +eI bob!*@* ~a:ann",
      `:parley.chat 348 alice #room bob!*@* ${made}`,
      ":parley.chat 349 alice #room :End of channel exception list",
      `:parley.chat 346 alice #room ~a:ann ${made}`,
      ":parley.chat 347 alice #room :End of channel invite exception list",
      ":parley.chat 368 alice #room :End of channel ban list",
    ]);
    const bob = await server.client("bob");
    bob.send("MODE #room e", "MODE #room I", "MODE #room b");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ")[1]),
      ["482", "482", "368"],
    );
  });

  it("lets in past +i whom an exception names, and nobody else", async () => {
    const server = await startServer({ accounts: ["ann:sesame"] });
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +iI ~a:ann");
    await alice.roundtrip();
    const ann = await server.loggedIn("ann");
    const bob = await server.client("bob");
    for (const peer of [ann, bob]) peer.send("JOIN #room");
    await ann.expect(":ann!~ann@host JOIN #room");
    await bob.expect(
      ":parley.chat 473 bob #room :Cannot join channel (+i): you need an invitation",
    );
  });

  it("bounds its lists", async () => {
    const server = await startServer({ limits: { maxListModes: 2 } });
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +bbb a b c");
    await alice.expect(/ 478 alice #room c!\*@\* /);
    await alice.expect(":alice!~alice@host MODE #room +bb a!*@* b!*@*");
  });

  it("lets only those with a voice speak in a moderated channel", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    alice.send("MODE #room +m");
    await alice.roundtrip();
    await bob.roundtrip();
    bob.send("PRIVMSG #room :psst");
    await bob.expect(/ 404 bob #room .*\+m/);
    alice.send("MODE #room +v bob");
    await bob.expect(":alice!~alice@host MODE #room +v bob");
    bob.send("PRIVMSG #room :thanks");
    await alice.until(/PRIVMSG #room :thanks$/);
  });

  it("refuses strangers in +n, and hides +s", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.client("bob");
    bob.send("PRIVMSG #room :from outside");
    await bob.expect(/ 404 bob #room .*\+n/);
    alice.send("MODE #room +s");
    await alice.roundtrip();
    bob.send("PRIVMSG #room :from outside", "NAMES #room", "WHO #room", "TOPIC #room");
    assert.deepEqual(
      (await bob.roundtrip()).map((line) => line.split(" ")[1]),
      ["401", "366", "315", "403"],
    );
  });

  it("refuses modes, keys and limits that make no sense", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    alice.send("MODE #room +Z", "MODE #room +k", "MODE #room +k :a b", "MODE #room +l many");
    assert.deepEqual(
      (await alice.roundtrip()).map((line) => line.split(" ")[1]),
      ["472", "696", "525", "696"],
    );
  });

  it("shows and changes one's own", async () => {
    const server = await startServer();
    const alice = await server.client("alice");
    await server.client("bob");
    alice.send("MODE alice +iB", "MODE alice", "MODE alice +o", "MODE bob +i", "MODE alice +s");
    assert.deepEqual(await alice.roundtrip(), [
      ":alice!~alice@host MODE alice +iB",
      ":parley.chat 221 alice +iB",
      ":parley.chat 502 alice :Cannot change modes for other users",
      ":parley.chat 501 alice :Unknown MODE flag; valid ones are B, i, o and w",
    ]);
  });
});
