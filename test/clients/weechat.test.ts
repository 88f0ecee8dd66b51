// WeeChat as Debian has it, by the README's own lines, with a peer that sees raw lines on the other side.
import { strict as assert } from "node:assert";
import { onCleanup } from "../support/cleanup.js";
import { Weechat } from "../support/weechat.js";
import { Chat, LOGGED_IN, PASSWORD, makeCertificateFile, whois, type Values } from "./chat.js";

async function startWeechat(): Promise<Weechat> {
  const weechat = await Weechat.start();
  onCleanup(() => weechat.stop());
  return weechat;
}

/** Comes into #general as the README says. */
async function connect(weechat: Weechat, chat: Chat, values?: Values): Promise<void> {
  const [lines = []] = chat.linesFor("weechat", values);
  await weechat.command(...lines);
}

/** A chat with ann and, by WeeChat, wendy in #general. */
async function conversation() {
  const chat = await Chat.start();
  const ann = await chat.join("ann", "away-notify");
  const weechat = await startWeechat();
  await connect(weechat, chat);
  await ann.until(/^:wendy!\S+ JOIN #general$/);
  await weechat.sees("#general", /^-->\twendy .* has joined #general$/);
  return { chat, ann, weechat };
}

describe("WeeChat", () => {
  it("comes in by TLS with the fingerprint of the invite link", async () => {
    const { ann, weechat } = await conversation();

    await weechat.sees("server", /certificate fingerprint matches$/);
    await weechat.sees("server", /Welcome to the Parley chat, wendy!/);
    assert.match((await whois(ann, "wendy")).join("\n"), / 671 ann wendy :/);
  });

  it("is told on connecting and in every channel that the host logs everything", async () => {
    const chat = await Chat.startWith(["--audit"]);
    const weechat = await startWeechat();
    await connect(weechat, chat);
    const logged =
      /Everything said on this server is logged by the host, including direct messages\.$/;

    await weechat.sees("server", logged);
    await weechat.sees("#general", logged);
    await weechat.type("#general", "/join #other");
    await weechat.sees("#other", logged);
  });

  it("refuses a server with another certificate", async () => {
    const chat = await Chat.start();
    const weechat = await startWeechat();
    await connect(weechat, chat, { fingerprint: "00".repeat(32) });

    await weechat.sees("server", /certificate fingerprint does NOT match/);
    await weechat.sees("server", /TLS handshake failed/);
    const ann = await chat.join("ann");
    assert.match((await whois(ann, "wendy")).join("\n"), / 401 ann wendy /);
  });

  it("makes an account and logs in to it, which others see", async () => {
    const { chat, ann, weechat } = await conversation();
    const [, account = []] = chat.linesFor("weechat");
    const [register = "", ...login] = account;
    await weechat.type("server", register);
    await weechat.sees("server", /You are now logged in as wendy/);
    await weechat.command(...login);

    await weechat.sees("server", /SASL authentication successful/);
    await ann.until(/^:wendy!\S+ QUIT /);
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    assert.ok((await whois(ann, "wendy")).includes(LOGGED_IN));
  });

  for (const mechanism of ["plain", "scram-sha-256"])
    it(`is told why a wrong password is refused, and logs in with the right one (${mechanism})`, async () => {
      const chat = await Chat.start("wendy");
      const ann = await chat.join("ann");
      const weechat = await startWeechat();
      const [lines = [], account = []] = chat.linesFor("weechat", { password: "wrong" });
      await weechat.command(...lines.slice(0, -1), ...account.slice(1, -1));
      await weechat.command(
        `/set irc.server.parley.sasl_mechanism ${mechanism}`,
        "/connect parley",
      );
      await weechat.sees(
        "server",
        /SASL authentication failed: wrong name, password or certificate/,
      );
      await weechat.command(
        `/set irc.server.parley.sasl_password ${PASSWORD}`,
        "/reconnect parley",
      );

      await weechat.sees("server", /You are now logged in as wendy/);
      await ann.until(/^:wendy!\S+ JOIN #general$/);
    });

  it("logs in by a certificate, which gets the account of its nick", async () => {
    const { chat, ann, weechat } = await conversation();
    const certificate = await makeCertificateFile();
    const [, , external = []] = chat.linesFor("weechat", { certificate });
    await weechat.command(...external);

    await ann.until(/^:wendy!\S+ JOIN #general$/);
    assert.ok((await whois(ann, "wendy")).includes(LOGGED_IN));
    await weechat.command("/reconnect parley");
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    assert.ok((await whois(ann, "wendy")).includes(LOGGED_IN));
  });

  it("waits to be let in, is told so, says a line to the host, and comes into its channels", async () => {
    const chat = await Chat.startWith(["--approve", "--oper", "ann:secret"]);
    const ann = await chat.joinAsOperator("ann", "secret");
    const weechat = await startWeechat();
    await connect(weechat, chat);
    await weechat.sees("server", /The host has to let you in: please wait\. .* send KNOCK :text/);
    await ann.until(/ :wendy \(127\.0\.0\.1\) wants to join \(APPROVE wendy, /);
    await weechat.type("server", "/quote KNOCK :it is wendy");
    await weechat.sees("server", /The host sees your line/);
    await ann.until(/ :wendy \(127\.0\.0\.1\) wants to join: it is wendy /);
    await weechat.type("server", "/quote NAMES #general");
    await weechat.sees("server", /You can do this when the host has let you in/);
    ann.send("APPROVE wendy");

    await weechat.sees("server", /The host has let you in$/);
    await weechat.sees("#general", /^-->\twendy .* has joined #general$/);
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    await weechat.type("#general", "thank you");
    await ann.until(/^:wendy!\S+ PRIVMSG #general :thank you$/);
  });

  it("lets people in as an operator, and is told why it is not let in", async () => {
    const chat = await Chat.startWith(["--approve", "--oper", "wendy:secret", "--oper", "ann:x"]);
    const weechat = await startWeechat();
    await connect(weechat, chat);
    await weechat.sees("server", /The host has to let you in: please wait/);
    await weechat.type("server", "/oper wendy secret");
    await weechat.sees("#general", /^-->\twendy .* has joined #general$/);
    const bob = await chat.arrive("bob");
    await weechat.sees("server", /bob \(127\.0\.0\.1\) wants to join /);
    await weechat.type("server", "/quote WAITING");
    await weechat.sees("server", /1 waiting\. APPROVE <nick>/);
    await weechat.type("server", "/quote APPROVE bob");
    await bob.until(/ :The host has let you in$/);
    const ann = await chat.joinAsOperator("ann", "x");
    ann.send("KILL wendy :and again");
    await weechat.sees("server", /The host has to let you in: please wait/);
    await ann.until(/ :wendy \(127\.0\.0\.1\) wants to join /);
    ann.send("DENY wendy :not today");

    await weechat.sees("server", /not today/);
  });

  it("talks and is talked to, in any writing", async () => {
    const { ann, weechat } = await conversation();
    ann.send("PRIVMSG #general :hello – ünïcödé 🙂", "PRIVMSG #general :\x01ACTION waves\x01");
    await weechat.sees("#general", /^@ann\thello – ünïcödé 🙂$/);
    await weechat.sees("#general", /^ \*\tann waves$/);
    await weechat.type("#general", "grüß dich, 世界 🙂");
    await weechat.type("#general", "/me bows");

    await ann.until(/^:wendy!\S+ PRIVMSG #general :grüß dich, 世界 🙂$/);
    await ann.until(/^:wendy!\S+ PRIVMSG #general :.ACTION bows.$/);
  });

  it("sees who is there with which role, new topics and nicks, and that it is thrown out", async () => {
    const { ann, weechat } = await conversation();
    ann.send("TOPIC #general :coffee", "MODE #general +v wendy", "NICK anna");
    await weechat.sees("#general", /ann has changed topic for #general to "coffee"$/);
    await weechat.sees("#general", /Mode #general \[\+v wendy\] by ann$/);
    await weechat.sees("#general", /ann is now known as anna$/);
    await weechat.type("#general", "/names");
    await weechat.sees("#general", /Nicks #general: \[@anna \+wendy\]$/);
    ann.send("MODE #general +o wendy");
    await weechat.sees("#general", /Mode #general \[\+o wendy\] by anna$/);
    await weechat.type("#general", "/topic tea – always");
    await ann.until(/^:wendy!\S+ TOPIC #general :tea – always$/);
    await weechat.type("#general", "/nick wanda");
    await ann.until(/^:wendy!\S+ NICK :wanda$/);
    ann.send("KICK #general wanda :that was coffee");

    await weechat.sees("#general", /anna has kicked wanda \(that was coffee\)$/);
  });

  it("has direct messages both ways", async () => {
    const { ann, weechat } = await conversation();
    ann.send("PRIVMSG wendy :between us – ünïcödé");
    await weechat.sees("ann", /^ann\tbetween us – ünïcödé$/);
    await weechat.type("ann", "just us two 🙂");

    await ann.until(/^:wendy!\S+ PRIVMSG ann :just us two 🙂$/);
  });

  it("is shown what was said before, and more when it asks", async () => {
    const chat = await Chat.start();
    const ann = await chat.join("ann");
    for (let i = 1; i <= 60; i++) ann.send(`PRIVMSG #general :line ${i}.`);
    await ann.roundtrip();
    const weechat = await startWeechat();
    await connect(weechat, chat);
    await weechat.sees("#general", /\tline 60\.$/);
    const said = async () =>
      (await weechat.lines("#general")).filter((line) => / ?@?ann\tline/.test(line));
    assert.deepEqual(
      await said(),
      Array.from({ length: 50 }, (_, i) => `@ann\tline ${i + 11}.`),
    );
    await weechat.type("#general", "/quote CHATHISTORY LATEST #general * 200");

    await weechat.sees("#general", /\tline 1\.$/);
  });

  it("is seen to be away and back, and sees it of others", async () => {
    const { ann, weechat } = await conversation();
    await weechat.type("#general", "/away gone fishing");
    await ann.until(/^:wendy!\S+ AWAY :gone fishing$/);
    await weechat.type("#general", "/away");
    await ann.until(/^:wendy!\S+ AWAY$/);
    ann.send("AWAY :lunch");
    await weechat.type("#general", "/whois ann");

    await weechat.sees("server", /\[ann\] is away: lunch$/);
  });

  it("comes back by itself when the server does, and is shown what it missed, once", async () => {
    const { chat, ann, weechat } = await conversation();
    ann.send("PRIVMSG #general :before the crash");
    await weechat.sees("#general", /\tbefore the crash$/);
    await weechat.type("#general", "me too");
    await ann.until(/ PRIVMSG #general :me too$/);
    await chat.crash();
    await weechat.sees("server", /reconnecting to server in/);
    await chat.startAgain();
    const again = await chat.join("ann");
    again.send("PRIVMSG #general :after the crash");
    await weechat.sees("#general", /\tafter the crash$/);
    await weechat.type("#general", "here I am");

    await again.until(/^:wendy!\S+ PRIVMSG #general :here I am$/);
    const lines = await weechat.lines("#general");
    assert.deepEqual(
      lines.filter((line) => /the crash$|me too$/.test(line)).map((line) => line.split("\t")[1]),
      ["before the crash", "me too", "after the crash"],
    );
  });
});
