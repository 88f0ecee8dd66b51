import { strict as assert } from "node:assert";
import type { ConnectedClient } from "../../src/server/control.js";
import { startServer } from "../support/server.js";

const OPERS = ["host:secret", "helper:pw2"];

describe("operators", () => {
  it("are made by name and password alone", async () => {
    const server = await startServer({ opers: OPERS });
    const alice = await server.client("alice");
    alice.send("OPER host wrong", "OPER nobody secret", "OPER helper secret", "MODE alice +o");
    assert.deepEqual(
      (await alice.roundtrip()).map((line) => line.split(" ")[1]),
      ["464", "464", "464"],
    );
    alice.send("OPER host secret");
    assert.deepEqual(await alice.roundtrip(), [
      ":parley.chat 381 alice :You are now an IRC operator",
      ":parley.chat MODE alice +o",
    ]);
    assert.ok(!server.log.some((line) => line.includes("secret")), "no password in the log");
  });

  it("show the host to everybody, in channels he is in and in those he joins", async () => {
    const server = await startServer({ opers: OPERS });
    const bob = await server.join("bob", "#a,#b");
    const host = await server.join("hanna", "#a");
    await bob.roundtrip();
    host.send("OPER host secret", "JOIN #b");
    await host.until(/JOIN #b$/);
    await host.expect(":parley.chat 353 hanna = #b :@bob ~hanna");
    assert.deepEqual(await bob.roundtrip(), [
      ":parley.chat MODE #a +q hanna",
      ":hanna!~hanna@host JOIN #b",
      ":parley.chat MODE #b +q hanna",
    ]);
  });

  it("other than the host have no badge", async () => {
    const server = await startServer({ opers: OPERS });
    const helper = await server.join("helga", "#a");
    const bob = await server.join("bob", "#a");
    helper.send("OPER helper pw2");
    await helper.roundtrip();
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("see where people connect from, others do not", async () => {
    const server = await startServer({ opers: OPERS });
    const host = await server.join("hanna", "#room", "message-tags");
    const alice = await server.join("alice", "#room", "message-tags");
    host.send("OPER host secret");
    for (const peer of [host, alice]) await peer.roundtrip();
    const bob = await server.join("bob", "#room");
    bob.send("PRIVMSG #room :hi");
    await bob.roundtrip();
    const [joined, said] = await host.roundtrip();
    assert.match(joined ?? "", /^@msgid=\w+;parley\/address=127\.0\.0\.1 :bob!.* JOIN #room$/);
    assert.match(said ?? "", /^@msgid=\w+;parley\/address=127\.0\.0\.1 :bob!.* PRIVMSG #room :hi$/);
    for (const line of await alice.roundtrip()) assert.ok(!line.includes("127.0.0.1"), line);

    host.send("WHOIS bob", "WHO bob %nih");
    const seen = await host.roundtrip();
    assert.ok(
      seen.includes(":parley.chat 338 hanna bob ~bob@127.0.0.1 127.0.0.1 :Is actually using host"),
    );
    assert.ok(seen.includes(":parley.chat 354 hanna 127.0.0.1 host bob"));
    alice.send("WHOIS bob", "WHO bob %nih");
    for (const line of await alice.roundtrip()) assert.ok(!line.includes("127.0.0.1"), line);
  });

  it("share the addresses where the host says so, each the sender's and whole", async () => {
    const server = await startServer({ showAddresses: "everyone" });
    const alice = await server.join("alice", "#room", "message-tags");
    const plain = await server.join("plain", "#room");
    await alice.roundtrip();
    const bob = await server.join("bob", "#room");
    bob.send("PRIVMSG #room :hi");
    await bob.roundtrip();
    for (const line of await alice.roundtrip())
      assert.match(line, /;parley\/address=127\.0\.0\.1 /);
    for (const line of await plain.roundtrip()) assert.ok(!line.includes("parley/address"), line);
  });

  it("hide addresses the same way for as long as the server runs", async () => {
    const server = await startServer();
    const alice = await server.connect();
    alice.send("NICK alice", "USER a 0 * :A");
    await alice.until(/ 422 /);
    assert.ok(server.log.some((line) => line.includes("127.0.0.1")));
    alice.send("WHOIS alice");
    await alice.expect(":parley.chat 311 alice alice ~a host * :A");
  });

  it("disconnect people with a reason they see", async () => {
    const server = await startServer({ opers: OPERS });
    const host = await server.join("hanna", "#room");
    const bob = await server.join("bob", "#room");
    bob.send("KILL hanna :no");
    await bob.expect(/ 481 bob /);
    host.send("OPER host secret", "KILL bob :that is enough");
    assert.deepEqual((await bob.rest()).slice(-2), [
      ":hanna!~hanna@host KILL bob :that is enough",
      "ERROR :Closing link: Killed (hanna (that is enough))",
    ]);
    await host.until(/:bob!~bob@host QUIT :Killed \(hanna \(that is enough\)\)$/);
    host.send("KILL bob");
    await host.expect(/ 401 hanna bob /);
  });

  it("reach each other by WALLOPS", async () => {
    const server = await startServer({ opers: OPERS });
    const host = await server.client("hanna");
    const watcher = await server.client("walt");
    const other = await server.client("olaf");
    watcher.send("MODE walt +w");
    await watcher.roundtrip();
    host.send("OPER host secret", "WALLOPS :restart at noon");
    await host.until(/WALLOPS/);
    await watcher.expect(":hanna!~hanna@host WALLOPS :restart at noon");
    assert.deepEqual(await other.roundtrip(), []);
    host.send("WALLOPS :");
    await host.until(/ 461 hanna WALLOPS :Not enough parameters$/);
    assert.deepEqual(await watcher.roundtrip(), []);
  });

  it("and whoever started the server know who is connected, from where", async () => {
    const reports: (readonly ConnectedClient[])[] = [];
    const server = await startServer({
      opers: OPERS,
      onClients: (clients) => {
        reports.push(clients);
      },
    });
    const bob = await server.client("bob");
    bob.send("OPER host secret");
    await bob.roundtrip();
    await bob.roundtrip();
    const [client] = reports.at(-1) ?? [];
    assert.equal(client?.nick, "bob");
    assert.equal(client.address, "127.0.0.1");
    assert.equal(client.secure, false);
    assert.equal(client.isOperator, true);
    assert.ok(server.server.disconnect(client.id, "out"));
    await bob.rest();
    assert.equal(server.server.disconnect(client.id, "out"), false);
  });
});
