// irssi as Debian has it, by the README's own lines, with a peer that sees raw lines on the other side.
import { strict as assert } from "node:assert";
import { onCleanup } from "../support/cleanup.js";
import { Irssi } from "../support/irssi.js";
import { Chat, LOGGED_IN, PASSWORD, makeCertificateFile, whois, type Values } from "./chat.js";

async function startIrssi(): Promise<Irssi> {
  const irssi = await Irssi.start();
  onCleanup(() => irssi.stop());
  return irssi;
}

/** Comes into #general as the README says. */
async function connect(irssi: Irssi, chat: Chat, values?: Values): Promise<void> {
  const [lines = []] = chat.linesFor("irssi", values);
  await irssi.command(...lines);
}

/** A chat with ann and, by irssi, wendy in #general. */
async function conversation() {
  const chat = await Chat.start();
  const ann = await chat.join("ann", "away-notify");
  const irssi = await startIrssi();
  await connect(irssi, chat);
  await ann.until(/^:wendy!\S+ JOIN #general$/);
  await irssi.sees("#general", /^-!- wendy \[\S+\] has joined #general$/);
  return { chat, ann, irssi };
}

describe("irssi", () => {
  it("comes in by TLS with the fingerprint of the host", async () => {
    const { ann, irssi } = await conversation();

    await irssi.sees("server", /^-!- Irssi: Protocol: TLSv1\.3/);
    await irssi.sees("server", /Welcome to the Parley chat, wendy!/);
    assert.match((await whois(ann, "wendy")).join("\n"), / 671 ann wendy :/);
  });

  it("refuses a server with another certificate", async () => {
    const chat = await Chat.start();
    const irssi = await startIrssi();
    await connect(irssi, chat, { fingerprint: "00".repeat(32) });

    await irssi.sees("server", /Pinned certificate mismatch/);
    await irssi.sees("server", /Connection lost to 127\.0\.0\.1/);
    const ann = await chat.join("ann");
    assert.match((await whois(ann, "wendy")).join("\n"), / 401 ann wendy /);
  });

  it("makes an account and logs in to it, which others see", async () => {
    const { chat, ann, irssi } = await conversation();
    const [, account = []] = chat.linesFor("irssi");
    const [register = "", ...login] = account;
    await irssi.command(register);
    await irssi.sees("server", /You are now logged in as wendy/);
    await irssi.command(...login);

    await irssi.sees("server", /SASL authentication succeeded/);
    await ann.until(/^:wendy!\S+ QUIT /);
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    assert.ok((await whois(ann, "wendy")).includes(LOGGED_IN));
  });

  it("is told why a wrong password is refused, and logs in with the right one", async () => {
    const chat = await Chat.start("wendy");
    const ann = await chat.join("ann");
    const irssi = await startIrssi();
    const [lines = [], [, login = ""] = []] = chat.linesFor("irssi", { password: "wrong" });
    await irssi.command(...lines.slice(0, -1), login, "/connect parley");
    await irssi.sees("server", /SASL \(SASL authentication failed: wrong name, password or cert/);
    await irssi.command(login.replace("wrong", PASSWORD), "/connect parley");

    await irssi.sees("server", /You are now logged in as wendy/);
    await ann.until(/^:wendy!\S+ JOIN #general$/);
  });

  it("logs in by a certificate, which it had when its account was made", async () => {
    const { chat, ann, irssi } = await conversation();
    const certificate = await makeCertificateFile();
    const [, , lines = []] = chat.linesFor("irssi", { certificate });
    const at = lines.findIndex((line) => line.startsWith("/quote REGISTER"));
    await irssi.command(...lines.slice(0, at));
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    await irssi.command(...lines.slice(at, at + 1));
    await irssi.sees("server", /You are now logged in as wendy/);
    await irssi.command(...lines.slice(at + 1));

    await irssi.sees("server", /SASL authentication succeeded/);
    await ann.until(/^:wendy!\S+ JOIN #general$/);
    assert.ok((await whois(ann, "wendy")).includes(LOGGED_IN));
  });

  it("talks and is talked to, in any writing", async () => {
    const { ann, irssi } = await conversation();
    ann.send("PRIVMSG #general :hello – ünïcödé 🙂", "PRIVMSG #general :\x01ACTION waves\x01");
    await irssi.sees("#general", /^<@ann> hello – ünïcödé 🙂$/);
    await irssi.sees("#general", /^ \* ann waves$/);
    await irssi.type("#general", "grüß dich, 世界 🙂");
    await irssi.type("#general", "/me bows");

    await ann.until(/^:wendy!\S+ PRIVMSG #general :grüß dich, 世界 🙂$/);
    await ann.until(/^:wendy!\S+ PRIVMSG #general :.ACTION bows.$/);
  });

  it("sees who is there with which role, new topics and nicks, and that it is thrown out", async () => {
    const { ann, irssi } = await conversation();
    ann.send("TOPIC #general :coffee", "MODE #general +v wendy", "NICK anna");
    await irssi.sees("#general", /^-!- ann changed the topic of #general to: coffee$/);
    await irssi.sees("#general", /^-!- mode\/#general \[\+v wendy\] by ann$/);
    await irssi.sees("#general", /^-!- ann is now known as anna$/);
    await irssi.type("#general", "/names");
    await irssi.sees("#general", /^\[@anna\] +\[\+wendy\]/);
    ann.send("MODE #general +o wendy");
    await irssi.sees("#general", /^-!- mode\/#general \[\+o wendy\] by anna$/);
    await irssi.type("#general", "/topic tea – always");
    await ann.until(/^:wendy!\S+ TOPIC #general :tea – always$/);
    await irssi.type("#general", "/nick wanda");
    await ann.until(/^:wendy!\S+ NICK :wanda$/);
    ann.send("KICK #general wanda :that was coffee");

    await irssi.sees(
      "#general",
      /^-!- wanda was kicked from #general by anna \[that was coffee\]$/,
    );
  });

  it("has direct messages both ways", async () => {
    const { ann, irssi } = await conversation();
    ann.send("PRIVMSG wendy :between us – ünïcödé");
    await irssi.sees("ann", /^<ann> between us – ünïcödé$/);
    await irssi.type("ann", "just us two 🙂");

    await ann.until(/^:wendy!\S+ PRIVMSG ann :just us two 🙂$/);
  });

  it("is shown what was said before, and more when it asks", async () => {
    const chat = await Chat.start();
    const ann = await chat.join("ann");
    for (let i = 1; i <= 60; i++) ann.send(`PRIVMSG #general :line ${i}.`);
    await ann.roundtrip();
    const irssi = await startIrssi();
    await connect(irssi, chat);
    await irssi.sees("#general", /ann> line 60\.$/);
    assert.deepEqual(
      (await irssi.lines("#general")).filter((line) => line.startsWith("<@ann> line")),
      Array.from({ length: 50 }, (_, i) => `<@ann> line ${i + 11}.`),
    );
    await irssi.type("#general", "/quote CHATHISTORY LATEST #general * 60");

    await irssi.sees("#general", /ann> line 1\.$/);
  });

  it("is seen to be away and back, and sees it of others", async () => {
    const { ann, irssi } = await conversation();
    await irssi.type("#general", "/away gone fishing");
    await ann.until(/^:wendy!\S+ AWAY :gone fishing$/);
    await irssi.type("#general", "/away");
    await ann.until(/^:wendy!\S+ AWAY$/);
    ann.send("AWAY :lunch");
    await ann.roundtrip();
    await irssi.command("/whois ann");

    await irssi.sees("server", /^-!- +away +: lunch$/);
  });

  it("comes back by itself when the server does, and is shown what it missed, once", async () => {
    const { chat, ann, irssi } = await conversation();
    ann.send("PRIVMSG #general :before the crash");
    await irssi.sees("#general", /> before the crash$/);
    await irssi.type("#general", "me too");
    await ann.until(/ PRIVMSG #general :me too$/);
    await chat.crash();
    await irssi.sees("server", /Connection lost to 127\.0\.0\.1/);
    await chat.startAgain();
    const again = await chat.join("ann");
    again.send("PRIVMSG #general :after the crash");
    await irssi.sees("#general", /> after the crash$/);
    await irssi.type("#general", "here I am");

    await again.until(/^:wendy!\S+ PRIVMSG #general :here I am$/);
    const lines = await irssi.lines("#general");
    assert.deepEqual(
      lines
        .filter((line) => /> .*(?:the crash|me too)$/.test(line))
        .map((line) => line.split("> ")[1]),
      ["before the crash", "me too", "after the crash"],
    );
  });
});
