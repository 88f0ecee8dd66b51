import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer } from "../support/server.js";

const CAPS = [
  "batch",
  "message-tags",
  "standard-replies",
  "extended-monitor",
  "away-notify",
  "setname",
  "draft/multiline",
  "draft/chathistory",
  "draft/channel-rename",
  "draft/message-redaction",
  "draft/metadata-3",
  "draft/read-marker",
  "soju.im/search",
];

/** Everything one can ask of a channel, or do to one, without coming in. */
const QUESTIONS: readonly string[] = [
  "TOPIC #c",
  "TOPIC #c :new",
  "NAMES #c",
  "NAMES #c,#other",
  "MODE #c",
  "MODE #c b",
  "MODE #c e",
  "MODE #c +m",
  "MODE #c +o alice",
  "WHO #c",
  "WHO #c %tcuhnfar,7",
  "LIST #c",
  "LIST #c,#other",
  "LIST #c*",
  "LIST >0",
  "LIST T<9",
  "LUSERS",
  "PART #c",
  "KICK #c alice",
  "KICK #c nobody",
  "INVITE eve #c",
  "INVITE alice #c",
  "RENAME #c #mine",
  "PRIVMSG #c :hi",
  "PRIVMSG @#c :hi",
  "NOTICE #c :hi",
  "@+typing=active TAGMSG #c",
  "BATCH +1 draft/multiline #c\r\n@batch=1 PRIVMSG #c :hi\r\nBATCH -1",
  "CHATHISTORY LATEST #c * 10",
  "CHATHISTORY BEFORE #c timestamp=2099-01-01T00:00:00.000Z 10",
  "CHATHISTORY AFTER #c msgid=MSGID 10",
  "CHATHISTORY AROUND #c msgid=MSGID 10",
  "CHATHISTORY BETWEEN #c msgid=MSGID timestamp=2099-01-01T00:00:00.000Z 10",
  "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 10",
  // Of a conversation that is one's own, by what was said elsewhere.
  "CHATHISTORY AROUND eve msgid=MSGID 10",
  "CHATHISTORY AFTER alice msgid=MSGID 10",
  "SEARCH in=#c",
  "SEARCH text=secret",
  "SEARCH from=alice",
  "REDACT #c MSGID",
  "REDACT alice MSGID",
  "REDACT eve MSGID",
  "MARKREAD #c",
  "METADATA #c GET color",
  "METADATA #c LIST",
  "METADATA #c SET color :red",
  "METADATA #c CLEAR",
  "METADATA #c SYNC",
  "METADATA * SUB color",
  "WHOIS alice",
  "WHO alice",
  "WHO alice %tcuhnfar,7",
  "WHO *",
  "WHOWAS gone",
  "USERHOST alice",
  "ISON alice gone",
  "MONITOR + alice,gone",
];

/** What eve hears, whatever the channel is called and when it was. */
async function answers(eve: Peer, name: string, msgid: string): Promise<string[]> {
  eve.send("JOIN #other");
  await eve.roundtrip();
  const heard: string[] = [];
  for (const question of QUESTIONS) {
    eve.send(question.replaceAll("#c", name).replace("MSGID", msgid));
    heard.push(`> ${question}`, ...(await eve.roundtrip()));
  }
  eve.send("MONITOR C", "METADATA * UNSUB color");
  await eve.roundtrip();
  return heard.map((line) =>
    line
      .replaceAll(name, "#c")
      .replaceAll(msgid, "MSGID")
      .replace(/\bBATCH ([+-])\w+/, "BATCH $1…"),
  );
}

describe("who is not in a secret channel", () => {
  it("hears of it what he hears of one that is not there, whatever he asks", async () => {
    const server = await startServer({ now: () => 1_700_000_000_000 });
    const alice = await server.join("alice", "#hidden", ...CAPS);
    await server.join("bob", "#hidden");
    const gone = await server.join("gone", "#hidden");
    alice.send("CAP REQ echo-message", "MODE #hidden +sb x", "TOPIC #hidden :a secret topic");
    alice.send("METADATA #hidden SET color :red", "PRIVMSG #hidden :a secret");
    const said = (await alice.roundtrip()).flatMap(
      (line) => /msgid=(\w+).* PRIVMSG #hidden /.exec(line)?.[1] ?? [],
    );
    gone.send("QUIT");
    await gone.rest();
    const eve = await server.client("eve", ...CAPS);
    const there = await answers(eve, "#HIDDEN", said[0] ?? "");
    const notThere = await answers(eve, "#NOWHERE", "0123456789abcdef");
    assert.deepEqual(there, notThere);
    const heard = there.filter((line) => !line.startsWith(">"));
    assert.ok(!heard.some((line) => /a secret| red$/.test(line)));
  });

  it("reads nothing that was said after he left, was thrown out or banned", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const eve = await server.join("eve", "#room", ...CAPS);
    const ways = ["PART #room", "KICK #room eve", "MODE #room +b eve\r\nKICK #room eve"];
    for (const way of ways) {
      eve.send("JOIN #room");
      await eve.roundtrip();
      (way.startsWith("PART") ? eve : alice).send(way);
      for (const peer of [eve, alice]) await peer.roundtrip();
      alice.send("PRIVMSG #room :among us");
      await alice.roundtrip();
      eve.send("CHATHISTORY LATEST #room * 10", "SEARCH text=among", "SEARCH in=#room");
      eve.send(
        "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 10",
      );
      const heard = await eve.roundtrip();
      assert.ok(
        heard.some((line) => line.includes("FAIL CHATHISTORY INVALID_TARGET")),
        way,
      );
      assert.ok(!heard.some((line) => /among us| TARGETS #/.test(line)), heard.join("\n"));
    }
  });
});

describe("who is invisible", () => {
  it("is seen in a channel by those alone who are in it, whichever way they ask", async () => {
    const server = await startServer();
    const alice = await server.join("alice", "#room");
    const bob = await server.join("bob", "#room");
    alice.send("MODE alice +i");
    await alice.roundtrip();
    const eve = await server.client("eve");
    for (const question of ["NAMES #room", "WHO #room", "WHO *", "WHO al*", "WHOIS bob,alice"]) {
      eve.send(question);
      const heard = await eve.roundtrip();
      assert.ok(!heard.some((line) => line.includes("alice")), heard.join("\n"));
    }
    bob.send("NAMES #room");
    await bob.until(/ 353 bob = #room :@alice bob$/);
  });
});
