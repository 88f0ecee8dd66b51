import { strict as assert } from "node:assert";
import type { Peer } from "../support/peer.js";
import { temporaryFolder } from "../support/server.js";
import { connectTo, run } from "../support/server-program.js";

const KILLS = 5;
const SPEAKERS = 8;
const SEEN_BEFORE_KILL = 400;
const CHANGES_BEFORE_KILL = [3, 8, 15];
const CAPS = [
  "echo-message",
  "message-tags",
  "batch",
  "draft/chathistory",
  "draft/message-redaction",
  "draft/metadata-3",
  "draft/read-marker",
];

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

/** Changes of everything there is to change, each with the next number. */
class Confirmations {
  readonly accounts: string[] = [];
  /** The msgids of what was confirmed to be deleted. */
  readonly deleted: string[] = [];
  private readonly said: string[] = [];
  private asked = 0;
  /** The number that was confirmed last. */
  private confirmed = 0;

  ask(peer: Peer): void {
    const n = ++this.asked;
    const time = new Date(1_577_836_800_000 + n).toISOString();
    const msgid = this.said.shift();
    peer.send(
      `PRIVMSG #room :line ${n}`,
      `TOPIC #room :topic ${n}`,
      `MODE #room +l ${100 + n}`,
      `METADATA * SET status :status ${n}`,
      `MARKREAD #room timestamp=${time}`,
      ...(msgid === undefined ? [] : [`REDACT #room ${msgid}`]),
    );
  }

  async change(peer: Peer): Promise<void> {
    this.ask(peer);
    this.read(await peer.roundtrip());
    this.confirmed = this.asked;
  }

  /** What is answered is confirmed. */
  read(lines: readonly string[]): void {
    for (const line of lines) {
      const [, said] = /msgid=([^; ]+)\S* \S+ PRIVMSG #room :?line /.exec(line) ?? [];
      const [, deleted] = / REDACT #room (\S+)/.exec(line) ?? [];
      if (said !== undefined) this.said.push(said);
      if (deleted !== undefined) this.deleted.push(deleted);
    }
  }

  async compare(ann: Peer, port: number): Promise<void> {
    if (this.confirmed === 0) return;
    ann.send("TOPIC #room", "MODE #room", "METADATA * GET status", "MARKREAD #room");
    const state = (await ann.roundtrip()).join("\n");
    const numbers = [
      / 332 ann #room :topic (\d+)$/m,
      / 324 ann #room \S+ 1(\d+)$/m,
      / 761 ann ann status \* :status (\d+)$/m,
      / MARKREAD #room timestamp=2020-01-01T00:00:00\.(\d+)Z$/m,
    ].map((pattern) => Number(pattern.exec(state)?.[1]));
    for (const number of numbers)
      assert.ok(number === this.confirmed || number === this.asked, `${numbers.join()}: ${state}`);
    this.confirmed = this.asked;
    ann.send("CHATHISTORY LATEST #room * 500");
    const history = (await ann.roundtrip()).join("\n");
    for (const msgid of this.said) assert.ok(history.includes(`msgid=${msgid}`), msgid);
    for (const msgid of this.deleted) assert.ok(!history.includes(`msgid=${msgid}`), msgid);
    for (const account of this.accounts) await (await connectTo(port)).logIn(account);
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

  it("has lost nothing it had confirmed: topics, modes, profiles, read markers, deletions, accounts", async () => {
    const data = temporaryFolder();
    const args = ["--listen", "127.0.0.1:0", "--no-flood-control", "--data", data];
    const seen = new Confirmations();
    for (let round = 0; round <= CHANGES_BEFORE_KILL.length; round++) {
      const program = await run([...args, "--account", "ann:sesame"]);
      const port = await program.port();
      const ann = await connectTo(port);
      await ann.logIn("ann", ...CAPS);
      ann.send("JOIN #room");
      await ann.roundtrip();
      await seen.compare(ann, port);
      const wanted = CHANGES_BEFORE_KILL[round];
      if (wanted === undefined) break;
      const guest = await connectTo(port);
      await guest.register(`guest${round}`, "draft/account-registration");
      guest.send("REGISTER * * sesame");
      await guest.until(/ REGISTER SUCCESS /);
      seen.accounts.push(`guest${round}`);
      for (let count = 0; count < wanted; count++) await seen.change(ann);
      // What comes next is cut off wherever it is.
      seen.ask(ann);
      program.child.kill("SIGKILL");
      await program.exited;
      seen.read(await ann.rest());
    }
    assert.ok(seen.deleted.length > 10);
  }).timeout(60_000);
});
