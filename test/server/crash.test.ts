import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { temporaryFolder } from "../support/server.js";
import { connectTo, run } from "../support/server-program.js";

const KILLS = 5;
const SPEAKERS = 8;
const SEEN_BEFORE_KILL = 400;

/** Speaks as long as the connection lives; every echo asks for the next line, a few being on their way. */
function speak(peer: Peer, name: string): void {
  let count = 0;
  const next = () => {
    peer.send(`PRIVMSG #room :${name} ${count++}`);
  };
  for (let i = 0; i < 20; i++) next();
  void (async () => {
    for (let line = await peer.next(); line !== undefined; line = await peer.next())
      if (line.includes(` PRIVMSG #room :${name} `)) next();
  })();
}

/** The texts of everything said, read page by page. */
async function readHistory(peer: Peer): Promise<string[]> {
  const texts: string[] = [];
  let reference = "timestamp=1970-01-01T00:00:00.000Z";
  for (;;) {
    peer.send(`CHATHISTORY AFTER #room ${reference} 500`);
    const lines = (await peer.roundtrip()).filter((line) => line.includes(" PRIVMSG #room :"));
    if (lines.length === 0) return texts;
    for (const line of lines) texts.push(line.replace(/^.* PRIVMSG #room :/, ""));
    const [, msgid = ""] = /msgid=([^; ]+)/.exec(lines.at(-1) ?? "") ?? [];
    reference = `msgid=${msgid}`;
  }
}

describe("a server that is killed while people speak", () => {
  it("has lost nothing that anybody had seen, whenever it dies", async () => {
    const args = ["--listen", "127.0.0.1:0", "--no-flood-control", "--data", temporaryFolder()];
    const seen: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      const program = await run(args);
      const port = await program.port();
      const listener = await connectTo(port);
      await listener.register(`listener${round}`);
      listener.send("JOIN #room");
      await listener.roundtrip();
      for (let i = 0; i < SPEAKERS; i++) {
        const speaker = await connectTo(port);
        await speaker.register(`s${i}`, "echo-message");
        speaker.send("JOIN #room");
        await speaker.roundtrip();
        speak(speaker, `round ${round} speaker ${i} line`);
      }
      const wanted = seen.length + SEEN_BEFORE_KILL + 37 * round;
      for (let line = await listener.next(); line !== undefined; line = await listener.next()) {
        const [, text] = / PRIVMSG #room :(.*)$/.exec(line) ?? [];
        if (text !== undefined) seen.push(text);
        if (seen.length === wanted) program.child.kill("SIGKILL");
      }
      await program.exited;
    }
    const program = await run(args);
    const reader = await connectTo(await program.port());
    await reader.register("reader", "message-tags", "draft/chathistory");
    reader.send("JOIN #room");
    await reader.roundtrip();
    const stored = await readHistory(reader);
    assert.equal(new Set(stored).size, stored.length, "nothing is stored twice");
    const wasSeen = new Set(seen);
    assert.ok(wasSeen.size >= KILLS * SEEN_BEFORE_KILL);
    assert.deepEqual(
      stored.filter((text) => wasSeen.has(text)),
      seen,
    );
  }).timeout(60_000);
});
