// Messages of several lines. https://ircv3.net/specs/extensions/multiline
import { strict as assert } from "node:assert";
import { mock } from "node:test";
import fc from "fast-check";
import type { MessageEntry } from "../../src/client/model.js";
import { cutToBatches, multilineMessages } from "../../src/client/multiline.js";
import { Outbox } from "../../src/client/outbox.js";
import { formatMessage, message, parseMessage, type Message } from "../../src/irc/message.js";
import { onCleanup } from "../support/cleanup.js";
import { joined, startScripted, type ServerPeer } from "./scripted-peer.js";

const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];
const MULTILINE = [...ECHO, "draft/multiline=max-bytes=4096,max-lines=24"];
const HISTORY = [...MULTILINE, "draft/chathistory"];
const CODE = "```ts\nif (a) {\n\n  b();\n}\n```";

/** Reads one batch the session sends: its opening line, and the lines in it. */
async function batch(peer: ServerPeer): Promise<{ opening: Message; lines: Message[] }> {
  const opening = await peer.command("BATCH");
  const reference = opening.params[0]!.slice(1);
  const sent = await peer.until(new RegExp(`^BATCH -${reference}$`));
  const lines = sent.slice(0, -1).map((line) => parseMessage(line)!);
  for (const line of lines) assert.equal(line.tags.get("batch"), reference);
  return { opening, lines };
}

/** The lines of a batch as the server sends them. */
function batchLines(
  tags: string,
  source: string,
  target: string,
  texts: readonly string[],
): string[] {
  return [
    `@${tags} :${source} BATCH +m draft/multiline ${target}`,
    ...texts.map((text) => `@batch=m :${source} PRIVMSG ${target} :${text}`),
    "BATCH -m",
  ];
}

function messages(entries: readonly { readonly kind: string }[]): MessageEntry[] {
  return entries.filter((entry) => entry.kind === "message") as MessageEntry[];
}

describe("saying something of several lines", () => {
  it("sends one message, with the label and our id on the line that opens its batch", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    session.say("#room", `\n \n${CODE}\n\n`);
    assert.deepEqual(session.said("#room"), [`<ann> ${CODE} (pending)`]);
    const { id } = messages(session.buffer("#room").entries)[0]!;
    const { opening, lines } = await batch(peer);
    assert.deepEqual(opening.params.slice(1), ["draft/multiline", "#room"]);
    assert.deepEqual([opening.tags.get("label"), opening.tags.get("+parley/id")], [id, id]);
    assert.deepEqual(
      lines.map(({ params }) => params),
      CODE.split("\n").map((line) => ["#room", line]),
    );
    for (const { tags } of lines) assert.deepEqual([...tags.keys()], ["batch"]);
    peer.send(
      ...batchLines(`label=${id};+parley/id=${id};msgid=m1`, "ann!u@h", "#room", CODE.split("\n")),
    );
    await session.until((s) => s.said("#room")[0] === `<ann> ${CODE}`);
    const [entry, ...others] = messages(session.buffer("#room").entries);
    assert.deepEqual([entry!.id, entry!.msgid, others], [id, "m1", []]);
  });

  it("sends one line as ever", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    session.say("#room", "hello\n");
    assert.deepEqual(
      (await peer.settle()).map((line) => line.replace(/^@\S+ /, "")),
      ["PRIVMSG #room hello"],
    );
  });

  it("sends a line that is too long in one message too, cut between characters", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    const text = `${"🙂".repeat(300)}\n\nend`;
    session.say("#room", text);
    const { lines } = await batch(peer);
    const marks = lines.map(({ tags }) => tags.has("draft/multiline-concat"));
    assert.deepEqual(marks, [false, true, true, false, false]);
    for (const line of lines) {
      const sent = formatMessage({ ...line, tags: new Map(), source: "ann!u@h" });
      assert.ok(Buffer.byteLength(sent) <= 510, `${Buffer.byteLength(sent)} bytes`);
      assert.ok(line.params[1]!.isWellFormed());
    }
    const texts = lines.map(({ params }) => params[1]!);
    assert.equal(texts.slice(0, 3).join("") + `\n\n${texts[4]!}`, text);
  });

  it("becomes several messages, cut between lines, where it is more than the server takes at once", async () => {
    const caps = [...ECHO, "draft/multiline=max-bytes=100,max-lines=4"];
    const { session, peer } = await joined(await startScripted(), { caps });
    session.say("#room", "1\n2\n3\n4\n5\n\n\n\n\n6");
    assert.deepEqual(session.said("#room"), [
      "<ann> 1\n2\n3\n4 (pending)",
      "<ann> 5 (pending)",
      "<ann> 6 (pending)",
    ]);
    assert.equal((await batch(peer)).lines.length, 4);
    assert.equal((await peer.command("PRIVMSG")).params[1], "5");
    assert.equal((await peer.command("PRIVMSG")).params[1], "6");
  });

  it("is recognised by its text where the echo carries no tags", async () => {
    const caps = ["echo-message", "batch", "draft/multiline=max-bytes=4096"];
    const { session, peer } = await joined(await startScripted(), { caps });
    session.say("#room", "one\ntwo");
    assert.equal((await batch(peer)).opening.tags.size, 0);
    peer.send(...batchLines("a=b", "ann!u@h", "#room", ["one", "two"]));
    await session.until((s) => s.said("#room")[0] === "<ann> one\ntwo");
    assert.equal(session.said("#room").length, 1);
  });

  it("fails as a whole when the server refuses the batch, with a label or without", async () => {
    for (const caps of [MULTILINE, ["batch", "echo-message", MULTILINE.at(-1)!]]) {
      const { session, peer } = await joined(await startScripted(), { caps });
      session.say("#room", "hello");
      session.say("#room", "one\ntwo");
      await peer.command("PRIVMSG");
      const label = (await batch(peer)).opening.tags.get("label");
      const tags = label === undefined ? "" : `@label=${label} `;
      peer.send(`${tags}:irc.test FAIL BATCH MULTILINE_MAX_LINES 1 :Too many lines`);
      await session.until((s) => s.said("#room").includes("<ann> one\ntwo (failed)"));
      const failed = messages(session.buffer("#room").entries).find((e) => e.status === "failed")!;
      assert.equal(failed.error, "Too many lines");
      session.retry("#room", failed.id);
      assert.equal((await batch(peer)).opening.tags.get("label"), label);
    }
  });

  it("goes a line at a time where the server has no multiline, or none that is of use", async () => {
    for (const cap of [
      "server-time",
      "draft/multiline",
      "draft/multiline=max-bytes=0,max-lines=x",
    ]) {
      const { session, peer } = await joined(await startScripted(), { caps: [...ECHO, cap] });
      session.say("#room", "one\n\ntwo");
      assert.equal((await peer.command("PRIVMSG")).params[1], "one");
      assert.equal((await peer.command("PRIVMSG")).params[1], "two");
      assert.deepEqual(session.said("#room"), ["<ann> one (pending)", "<ann> two (pending)"]);
    }
  });

  it("is an action in each line: CTCP knows no other", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    session.say("#room", "waves\nsmiles", "action");
    assert.equal((await peer.command("PRIVMSG")).params[1], "\x01ACTION waves\x01");
    assert.equal((await peer.command("PRIVMSG")).params[1], "\x01ACTION smiles\x01");
  });

  it("does not go beside more than is on its way already", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    const long = Array.from({ length: 20 }, (_, i) => String(i)).join("\n");
    session.say("#room", "hello");
    session.say("#room", long);
    const [first, ...others] = await peer.settle();
    assert.deepEqual(others, []);
    const label = /label=([^; ]+)/.exec(first!)![1]!;
    peer.send(`@label=${label};+parley/id=${label};msgid=m0 :ann!u@h PRIVMSG #room :hello`);
    assert.equal((await batch(peer)).lines.length, 20);
  });
});

describe("a message of many lines", () => {
  it("has longer to be answered: flood control may let it through line by line", () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    onCleanup(() => {
      mock.timers.reset();
    });
    const asked: string[] = [];
    const unanswered: string[] = [];
    const outbox = new Outbox(
      {
        say: () => true,
        send: () => undefined,
        ask: (token) => asked.push(token),
        caps: () => new Set(["echo-message", "labeled-response"]),
        storesOnce: () => false,
        hasHistory: () => false,
        now: Date.now,
        nextOrder: () => 0,
        isBlocked: () => false,
        isDirect: () => false,
        fit: (item) => [item],
        encode: (item) => item.text.split("\n").map((line) => message("PRIVMSG", ["#room", line])),
        onSent: () => undefined,
        onUnanswered: ({ id }) => unanswered.push(id),
        onUnsettled: () => assert.fail(),
        onImpossible: () => assert.fail(),
      },
      1_000,
      () => true,
    );
    outbox.add({ id: "short", buffer: "#room", target: "#room", form: "message", text: "x" });
    outbox.pump();
    mock.timers.tick(1_249);
    assert.equal(asked.length, 0);
    mock.timers.tick(1);
    assert.equal(asked.length, 1);
    outbox.takePong(asked[0]!);
    assert.deepEqual(unanswered, ["short"]);
    outbox.add({
      id: "long",
      buffer: "#room",
      target: "#room",
      form: "message",
      text: "x\n".repeat(39),
    });
    outbox.pump();
    mock.timers.tick(10_999);
    assert.equal(asked.length, 1);
    mock.timers.tick(1);
    outbox.takePong(asked[1]!);
    assert.deepEqual(unanswered, ["short", "long"]);
  });
});

describe("several lines and a lost connection", () => {
  /** Answers the question for the history of #room with these lines, and says that these are all. */
  async function playHistory(peer: ServerPeer, ...lines: readonly string[]): Promise<void> {
    await peer.command("CHATHISTORY");
    peer.send("@draft/chathistory-end BATCH +h chathistory #room", ...lines, "BATCH -h");
  }

  it("are found in the history as one message, or sent again as one with the same id", async () => {
    const server = await startScripted();
    const welcome = { caps: HISTORY, isupport: ["parley/FLOOD"] };
    const { session, peer } = await joined(server, welcome);
    await playHistory(peer, "@batch=h;msgid=0 :bob!u@h PRIVMSG #room :old");
    session.say("#room", "arrived\necholess");
    session.say("#room", "never\narrived");
    const first = (await batch(peer)).opening.tags.get("+parley/id")!;
    const second = (await batch(peer)).opening.tags.get("+parley/id")!;
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    session.say("#room", "said\noffline");
    const again = await server.accept();
    await again.welcome(welcome);
    await again.letIn("ann", "#room", "bob");
    await playHistory(
      again,
      `@batch=h;msgid=1;+parley/id=${first} :ann!u@h BATCH +m draft/multiline #room`,
      "@batch=m :ann!u@h PRIVMSG #room :arrived",
      "@batch=m :ann!u@h PRIVMSG #room :echoless",
      "BATCH -m",
      "@batch=h;msgid=2 :bob!u@h PRIVMSG #room :really?",
    );
    const resent = await batch(again);
    assert.equal(resent.opening.tags.get("+parley/id"), second);
    assert.deepEqual(
      (await batch(again)).lines.map(({ params }) => params[1]),
      ["said", "offline"],
    );
    assert.deepEqual(session.said("#room"), [
      "<bob> old",
      "<ann> arrived\necholess",
      "<bob> really?",
      "<ann> never\narrived (pending)",
      "<ann> said\noffline (pending)",
    ]);
  });

  it("go one by one, in order, when the next connection has no multiline", async () => {
    const server = await startScripted();
    const { session, peer } = await joined(server, { caps: MULTILINE });
    peer.drop();
    await session.until((s) => s.status.phase === "waiting");
    session.say("#room", "one\ntwo\nthree");
    session.say("#room", "four");
    assert.deepEqual(session.said("#room")[0], "<ann> one\ntwo\nthree (pending)");
    const again = await server.accept();
    await again.welcome({ caps: ECHO });
    await again.letIn("ann", "#room");
    const ids = new Set<string>();
    for (const text of ["one", "two", "three", "four"]) {
      const sent = await again.command("PRIVMSG");
      assert.equal(sent.params[1], text);
      ids.add(sent.tags.get("label")!);
    }
    assert.equal(ids.size, 4);
    assert.deepEqual(
      session.said("#room"),
      ["one", "two", "three", "four"].map((text) => `<ann> ${text} (pending)`),
    );
    const [label] = [...ids].slice(1);
    again.send(`@label=${label!};+parley/id=${label!};msgid=2 :ann!u@h PRIVMSG #room :two`);
    await session.until((s) => s.said("#room")[0] === "<ann> two");
  });
});

describe("hearing something of several lines", () => {
  it("shows one message when its batch has ended, which counts once", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    const heard: string[] = [];
    session.onDidReceiveMessage(({ entry }) => heard.push(entry.text));
    const source = "bob!u@h";
    peer.send(
      `@msgid=m1;time=2024-01-01T00:00:00.000Z :${source} BATCH +m draft/multiline #room`,
      `@batch=m :${source} PRIVMSG #room :see,`,
      `@batch=m :${source} PRIVMSG #room :`,
      `:carl!u@h PRIVMSG #room :meanwhile`,
      `@batch=m :${source} PRIVMSG #room :\x02ann\x02: a \x07long `,
      `@batch=m;draft/multiline-concat :${source} PRIVMSG #room :line`,
    );
    assert.deepEqual(await peer.settle(), []);
    assert.deepEqual(session.said("#room"), ["<carl> meanwhile"]);
    peer.send("BATCH -m");
    await session.until((s) => s.said("#room").length === 2);
    const entry = messages(session.buffer("#room").entries)[1]!;
    assert.equal(entry.text, "see,\n\nann: a long line");
    assert.deepEqual(
      [entry.msgid, entry.time, entry.nick, entry.mention],
      ["m1", Date.UTC(2024, 0, 1), "bob", true],
    );
    assert.deepEqual([session.buffer("#room").unread, session.buffer("#room").mentions], [2, 1]);
    assert.deepEqual(heard, ["meanwhile", entry.text]);
  });

  it("opens a direct message, and is known again when it comes twice", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    const lines = batchLines("msgid=m1", "bob!u@h", "ann", ["one", "two"]);
    peer.send(...lines, ...lines, ":bob!u@h PRIVMSG ann :end");
    await session.until((s) => s.state.buffers.get("bob")?.unread === 2);
    assert.deepEqual(session.said("bob"), ["<bob> one\ntwo", "<bob> end"]);
  });

  it("is read inside other batches", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    peer.send(
      "BATCH +o labeled-response",
      "@batch=o;msgid=m1 :bob!u@h BATCH +m draft/multiline #room",
      "@batch=m :bob!u@h NOTICE #room :one",
      "@batch=m :bob!u@h NOTICE #room :two",
      "BATCH -m",
      "BATCH -o",
    );
    await session.until((s) => s.said("#room").length === 1);
    const [entry] = messages(session.buffer("#room").entries);
    assert.deepEqual([entry!.text, entry!.form], ["one\ntwo", "notice"]);
  });
});

describe("several lines of a hostile server", () => {
  it("leave out what does not belong to the message: targets, senders, commands, batches", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    peer.send(
      "@msgid=1 :bob!u@h BATCH +m draft/multiline #room",
      "@batch=m :bob!u@h PRIVMSG #ROOM :one",
      "@batch=m :bob!u@h PRIVMSG #other :elsewhere",
      "@batch=m :bob!u@h PRIVMSG ann :to you",
      "@batch=m :carl!u@h PRIVMSG #room :of another",
      "@batch=m :bob!u@h NOTICE #room :a notice",
      "@batch=m :bob!u@h PART #room",
      "@batch=m :bob!u@h PRIVMSG #room",
      "@batch=m BATCH +x vendor/strange",
      "@batch=x :bob!u@h PRIVMSG #room :nested",
      "@batch=x BATCH +y draft/multiline #room",
      "@batch=y :bob!u@h PRIVMSG #room :nested twice",
      "BATCH -y",
      "BATCH -x",
      "@batch=m :bob!u@h PRIVMSG #room :two",
      "BATCH -m",
      "BATCH +e draft/multiline #room",
      "BATCH -e",
      "BATCH +n draft/multiline",
      "@batch=n :bob!u@h PRIVMSG #room :without a target",
      "BATCH -n",
    );
    assert.deepEqual(await peer.settle(), []);
    assert.deepEqual(session.said("#room"), ["<bob> one\n\ntwo"]);
    assert.ok(session.buffer("#room").members.has("bob"));
    assert.deepEqual([...session.state.buffers.keys()], ["", "#room"]);
  });

  it("are cut when they are too many, and say so", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    for (const [text, count] of [
      ["x", 5_000],
      ["y".repeat(8_000), 40],
    ] as const) {
      peer.send("@msgid=1 :bob!u@h BATCH +m draft/multiline #room");
      for (let i = 0; i < count; i++) peer.send(`@batch=m :bob!u@h PRIVMSG #room :${text}`);
      peer.send("BATCH -m");
      await session.until((s) => s.said("#room").length === 1);
      const [entry] = messages(session.buffer("#room").entries);
      const lines = entry!.text.split("\n");
      assert.ok(entry!.text.length <= 100_010 && lines.length <= 2_001, String(lines.length));
      assert.equal(lines.at(-1), "…");
      session.clear("#room");
    }
  });

  it("are given up when their batches never end, and later ones are read", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: MULTILINE });
    for (let i = 0; i < 500; i++)
      peer.send(
        `:bob!u@h BATCH +b${i} draft/multiline #room`,
        `@batch=b${i} :bob!u@h PRIVMSG #room :${i}`,
      );
    peer.send(...batchLines("msgid=1", "bob!u@h", "#room", ["one", "two"]), "BATCH -b0");
    await session.until((s) => s.said("#room").length > 0);
    assert.deepEqual(session.said("#room"), ["<bob> one\ntwo"]);
    peer.send("BATCH -b499");
    await session.until((s) => s.said("#room").length === 2);
  });
});

describe("cutting a text into batches", () => {
  const line = fc.string({ unit: fc.constantFrom("a", " ", "ü", "🙂", "\t"), maxLength: 120 });
  const text = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => lines.join("\n"));

  it("keeps the limits, cuts no character, and loses nothing but blank lines around the pieces", () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 8, max: 90 }),
        fc.integer({ min: 64, max: 200 }),
        fc.integer({ min: 2, max: 9 }),
        (whole, room, maxBytes, maxLines) => {
          const pieces = cutToBatches(whole, room, { maxBytes, maxLines });
          for (const piece of pieces) {
            const parts = { command: "PRIVMSG", target: "#room", text: piece, tags: new Map() };
            const lines = multilineMessages(parts, "m", room).slice(1, -1);
            assert.ok(Buffer.byteLength(piece) <= maxBytes && lines.length <= maxLines);
            assert.ok(piece.trim() !== "" && piece.isWellFormed());
            for (const { params, tags } of lines) {
              assert.ok(Buffer.byteLength(params[1]!) <= room);
              assert.ok(params[1] !== "" || !tags.has("draft/multiline-concat"));
            }
            assert.deepEqual(cutToBatches(piece, room, { maxBytes, maxLines }), [piece]);
          }
          const withoutBlanks = (part: string) => part.replace(/\s/g, "");
          assert.equal(withoutBlanks(pieces.join("")), withoutBlanks(whole));
        },
      ),
    );
  });
});
