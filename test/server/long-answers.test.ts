import { strict as assert } from "node:assert";
import { CAP } from "../../src/irc/caps.js";
import { parseMessage } from "../../src/irc/message.js";
import { offeredCaps } from "../../src/server/commands/cap.js";
import type { Peer } from "../support/peer.js";
import { startServer, type TestServer } from "../support/server.js";

/** The longest there may be. */
const NAME = `${"s".repeat(58)}.chat`;
const NICK = "n".repeat(64);

const nicks = Array.from({ length: 5 }, (_, i) => `${"p".repeat(63)}${i}`);

async function answers(peer: Peer, ...lines: readonly string[]): Promise<string[]> {
  peer.send(...lines);
  return peer.roundtrip();
}

/** What the last parameters of these lines say, together. */
function words(lines: readonly string[]): string[] {
  return lines.flatMap((line) => parseMessage(line)?.params.at(-1)?.split(" ") ?? []);
}

function fits(lines: readonly string[]): void {
  for (const line of lines) {
    // Hidden hosts are as long as this, whatever a test sees of them.
    const sent = line.replace(/@host\b/g, "@0123456789abcdef.guest");
    assert.ok(Buffer.byteLength(sent) <= 510, `${Buffer.byteLength(sent)} bytes: ${line}`);
  }
}

describe("an answer that is longer than a line", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer({ name: NAME });
  });

  it("to CAP cuts no name, whatever the client is called", async () => {
    const all = [...offeredCaps(server.server.config).keys()];
    const old = await server.client(NICK);
    const listed = await answers(old, "CAP LS");
    fits(listed);
    assert.equal(listed.length, 1);
    for (const name of words(listed))
      assert.ok(
        all.some((cap) => cap === name),
        name,
      );
    const ratified = all.filter((cap) => !/[/]/.test(cap));
    assert.deepEqual(words(listed).slice(0, ratified.length), ratified);
    const peer = await server.connect();
    peer.send("CAP LS 302", "NICK a", "USER a 0 * :A", `CAP REQ :${CAP.batch}`, "CAP END");
    await peer.until(/ 422 /);
    const rest = all.filter((cap) => cap !== CAP.serverTime && cap !== CAP.capNotify).join(" ");
    const offered = (await answers(peer, "CAP LS 302")).map((line) => line.replace(" LS * ", " "));
    fits(offered);
    assert.deepEqual(
      words(offered).map((item) => item.split("=")[0]),
      all,
    );
    const refused = await answers(peer, `CAP REQ :${rest} unheard-of`);
    fits(refused);
    assert.equal(refused.length, 1);
    const granted = await answers(peer, `CAP REQ :${rest}`);
    fits(granted);
    assert.deepEqual(words(granted).join(" "), rest);
    assert.ok(granted.length > 1 && granted.every((line) => line.includes(" CAP a ACK ")));
  });

  it("to USERHOST, ISON, MONITOR and WHOIS cuts no nick and no channel", async () => {
    for (const nick of nicks) await server.client(nick);
    const peer = await server.client(NICK);
    const hosts = await answers(peer, `USERHOST ${nicks.join(" ")}`);
    fits(hosts);
    assert.deepEqual(
      words(hosts).map((item) => item.split("=")[0]),
      nicks,
    );
    const online = await answers(peer, `ISON ${nicks.join(" ")} ${nicks.slice(0, 2).join(" ")}`);
    fits(online);
    assert.deepEqual(words(online), [...nicks, ...nicks.slice(0, 2)]);
    const watched = await answers(peer, `MONITOR + ${nicks.join(",")}`, "MONITOR L");
    fits(watched);
    const channels = Array.from({ length: 9 }, (_, i) => `#${"c".repeat(62)}${i}`);
    for (const channel of channels) await answers(peer, `JOIN ${channel}`);
    const described = await answers(peer, `WHOIS ${NICK}`);
    const places = described.filter((line) => line.includes(" 319 "));
    fits(places);
    assert.deepEqual(
      words(places),
      channels.map((channel) => `@${channel}`),
    );
  });

  it("to what is too long to be anything says what is wrong with it", async () => {
    const peer = await server.client(NICK, "draft/metadata-3", "batch", "draft/chathistory");
    peer.send("JOIN #room");
    await peer.roundtrip();
    const long = "x".repeat(400);
    for (const [line, text] of [
      [`WHOIS ${long}`, "No such nick/channel"],
      [`TOPIC #${long}`, "No such channel"],
      [
        `MODE #room +b ~x:${long}`,
        "is not a valid mask; use nick!user@host, ~a:account or ~m:mask, without spaces",
      ],
      [`CAP ${long}`, "Invalid CAP command; valid ones are LS, LIST, REQ and END"],
      [`METADATA * SET ${long} x`, "Invalid key: use 1 to 48 of a-z 0-9 _ . / -"],
      [`METADATA * SUB ${long}`, "Invalid key: use 1 to 48 of a-z 0-9 _ . / -"],
      [`REGISTER ${long} * sesame`, `Your account name must be your nick, ${NICK}`],
      [
        `CHATHISTORY LATEST #${long} * 5`,
        "Messages could not be retrieved: you are not in that channel",
      ],
    ] as const) {
      const [first = ""] = await answers(peer, line);
      fits([first]);
      assert.ok(first.endsWith(text), first);
    }
  });

  it("to MODE cuts no mask, and to METADATA no value", async () => {
    const channel = `#${"c".repeat(63)}`;
    const peer = await server.connect();
    peer.send(
      "CAP REQ :draft/metadata-3 batch",
      `NICK ${NICK}`,
      `USER ${"u".repeat(18)} 0 * :N`,
      "CAP END",
    );
    await peer.until(/ 422 /);
    await answers(peer, `JOIN ${channel}`);
    // The longest mask that is taken, and the longest value.
    let mask = "m".repeat(300);
    while ((await answers(peer, `MODE ${channel} +b ${mask}`))[0]?.includes(" 696 ") === true)
      mask = mask.slice(1);
    const banned = await answers(peer, `MODE ${channel} +b`);
    fits(banned);
    assert.match(
      banned[0] ?? "",
      new RegExp(` 367 \\S+ \\S+ ${mask}!\\*@\\* ${NICK}!~u+@host \\d{10}$`),
    );
    const [, most] = /max-value-bytes=(\d+)/.exec((await answers(peer, "CAP LS 302")).join()) ?? [];
    const [key, value] = ["k".repeat(48), "v".repeat(Number(most))];
    await answers(peer, `METADATA * SET ${key} ${value}`);
    for (const question of [`METADATA * GET ${key}`, "METADATA * LIST", `WHOIS ${NICK}`]) {
      const told = (await answers(peer, question)).map((line) => line.replace(/^@\S+ /, ""));
      fits(told);
      assert.ok(
        told.some((line) => line.endsWith(` ${key} * ${value}`)),
        told.join("\n"),
      );
    }
  });

  it("to METADATA SUB cuts no key", async () => {
    const peer = await server.client(NICK, "draft/metadata-3", "batch");
    const keys = Array.from({ length: 9 }, (_, i) => `${"k".repeat(47)}${i}`);
    const lines = await answers(peer, `METADATA * SUB ${keys.join(" ")}`, "METADATA * SUBS");
    fits(lines.filter((line) => !line.startsWith("@")));
    const subscribed = lines.filter((line) => line.includes(" 770 "));
    assert.deepEqual(
      subscribed.flatMap((line) => line.split(" ").slice(3)),
      keys,
    );
  });
});
