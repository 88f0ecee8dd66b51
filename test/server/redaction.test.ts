import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { startServer } from "../support/server.js";

const CAPS = ["message-tags", "echo-message", "draft/message-redaction"];

async function say(peer: Peer, target: string, text: string): Promise<string> {
  peer.send(`PRIVMSG ${target} :${text}`);
  const [, msgid = ""] = /msgid=([^; ]+)/.exec(await peer.expect(/ PRIVMSG /)) ?? [];
  return msgid;
}

describe("REDACT", () => {
  it("takes back one's own message from those who know it, and from the history", async () => {
    const server = await startServer();
    const oper = await server.join("oper", "#room", ...CAPS);
    const ann = await server.join("ann", "#room", ...CAPS, "draft/chathistory");
    const lacks = await server.join("lacks", "#room", "draft/chathistory");
    await oper.roundtrip();
    await ann.roundtrip();
    const msgid = await say(ann, "#room", "secret");
    ann.send(`REDACT #room ${msgid} :oops`);
    const line = new RegExp(`:ann!~ann@host REDACT #room ${msgid} oops$`);
    await ann.expect(line);
    await oper.expect(/secret$/);
    await oper.expect(line);
    assert.deepEqual(await lacks.roundtrip(), [":ann!~ann@host PRIVMSG #room :secret"]);
    lacks.send("CHATHISTORY LATEST #room * 10");
    assert.deepEqual(await lacks.roundtrip(), []);
    ann.send("CHATHISTORY LATEST #room * 10");
    assert.equal((await ann.roundtrip()).length, 1);
    ann.send("CHATHISTORY LATEST #room * 10");
    await ann.expect(line);
  });

  it("lets an operator of the channel delete everybody's, and nobody else", async () => {
    const server = await startServer();
    const oper = await server.join("oper", "#room", ...CAPS);
    const ann = await server.join("ann", "#room", ...CAPS);
    await oper.roundtrip();
    const own = await say(oper, "#room", "mine");
    await ann.expect(/mine$/);
    const other = await say(ann, "#room", "yours");
    ann.send(`REDACT #room ${own}`);
    await ann.expect(new RegExp(` FAIL REDACT REDACT_FORBIDDEN #room ${own} :`));
    await oper.expect(/yours$/);
    oper.send(`REDACT #room ${other}`);
    await ann.expect(new RegExp(`:oper!~oper@host REDACT #room ${other}$`));
  });

  it("leaves a page of the history as full as it was for those who do not know it", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    const lacks = await server.join("lacks", "#room", "batch", "draft/chathistory");
    await ann.roundtrip();
    await say(ann, "#room", "one");
    await say(ann, "#room", "two");
    for (const text of ["oops", "again"]) {
      const msgid = await say(ann, "#room", text);
      ann.send(`REDACT #room ${msgid}`);
      await ann.expect(/ REDACT /);
    }
    await lacks.roundtrip();
    for (const question of [
      "LATEST #room * 2",
      "AROUND #room timestamp=2999-01-01T00:00:00.000Z 4",
    ]) {
      lacks.send(`CHATHISTORY ${question}`);
      const seen = (await lacks.roundtrip()).slice(1, -1);
      assert.deepEqual(
        seen.map((line) => line.split(" ").at(-1)),
        [":one", ":two"],
      );
    }
  });

  it("is of what was said, not of what happened", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS, "draft/chathistory");
    await server.join("bob", "#room");
    ann.send("KICK #room bob :no reason");
    await ann.roundtrip();
    const oper = await server.client("oper", ...CAPS, "draft/chathistory", "draft/event-playback");
    oper.send("JOIN #room", "CHATHISTORY LATEST #room * 10");
    const kick = (await oper.roundtrip()).find((line) => line.includes(" KICK "));
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(kick ?? "") ?? [];
    await ann.roundtrip();
    ann.send(`REDACT #room ${msgid}`);
    await ann.expect(
      `:parley.chat FAIL REDACT UNKNOWN_MSGID #room ${msgid} :This message does not exist or is too old`,
    );
    assert.deepEqual(await oper.roundtrip(), []);
  });

  it("works between two", async () => {
    const server = await startServer();
    const ann = await server.client("ann", ...CAPS);
    const bob = await server.client("bob", ...CAPS);
    const msgid = await say(ann, "bob", "psst");
    await bob.expect(/psst$/);
    bob.send(`REDACT ann ${msgid}`);
    await bob.expect(/ FAIL REDACT REDACT_FORBIDDEN ann /);
    ann.send(`REDACT bob ${msgid}`);
    await ann.expect(/ REDACT bob /);
    await bob.expect(new RegExp(`:ann!~ann@host REDACT bob ${msgid}$`));
  });

  it("says what is wrong", async () => {
    const server = await startServer();
    const ann = await server.join("ann", "#room", ...CAPS);
    await server.join("bob", "#other");
    ann.send("REDACT #room nothing", "REDACT #other x", "REDACT #none x", "REDACT nobody x");
    await ann.expect(/ FAIL REDACT UNKNOWN_MSGID #room nothing :/);
    await ann.expect(/ FAIL REDACT INVALID_TARGET #other :/);
    await ann.expect(/ FAIL REDACT INVALID_TARGET #none :/);
    await ann.expect(/ FAIL REDACT INVALID_TARGET nobody :/);
    const lacks = await server.client("lacks");
    lacks.send("REDACT #room x");
    await lacks.expect(/ 421 lacks REDACT /);
  });

  it("leaves its id a place in the history, which others can be asked for by", async () => {
    let time = 1_000_000;
    const server = await startServer({ now: () => time });
    const ann = await server.join("ann", "#room", ...CAPS, "draft/chathistory");
    const ids: string[] = [];
    for (const text of ["one", "two", "three", "four", "five"]) {
      time += 1000;
      ids.push(await say(ann, "#room", text));
    }
    const [, two = "", , four = ""] = ids;
    ann.send(`REDACT #room ${two}`, `REDACT #room ${four}`);
    await ann.expect(/ REDACT /);
    await ann.expect(/ REDACT /);
    for (const [question, answer] of [
      [`BEFORE #room msgid=${two}`, ["one"]],
      [`AFTER #room msgid=${four}`, ["five"]],
      [`LATEST #room msgid=${two}`, ["three", "five"]],
      [`BETWEEN #room msgid=${four} msgid=${two}`, ["three"]],
      [`AROUND #room msgid=${two}`, ["one", "three"]],
      ["AFTER #room msgid=nonsense", []],
    ] as const) {
      const limit = question.startsWith("AROUND") ? 2 : 10;
      ann.send(`CHATHISTORY ${question} ${limit}`);
      const lines = await ann.roundtrip();
      const said = lines.flatMap((line) => / PRIVMSG #room :(.*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual(said, answer, question);
    }
  });
});
