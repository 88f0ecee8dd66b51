import { strict as assert } from "node:assert";
import fc from "fast-check";
import { FoldedMap } from "../../src/irc/casemapping.js";
import { parseMessage } from "../../src/irc/message.js";
import { apply, applyDisconnect, applyMessage, initialState } from "../../src/client/state.js";
import { StateDraft, type StateContext } from "../../src/client/state-draft.js";
import { DEFAULT_LIMITS } from "../../src/client/session-options.js";
import { onCleanup } from "../support/cleanup.js";
import { addressOf, joined, newSession, rowText, startScripted } from "./scripted-peer.js";

const ECHO = ["message-tags", "echo-message", "batch", "labeled-response", "server-time"];

function newContext(limits: Partial<StateContext["limits"]> = {}): StateContext {
  let count = 0;
  return {
    now: () => 0,
    newId: () => `id-${++count}`,
    limits: { ...DEFAULT_LIMITS, ...limits },
    lastSeen: new Map(),
  };
}

/** The state after these lines, as ann. */
function after(lines: readonly string[], context = newContext()) {
  const draft = new StateDraft(initialState("ann", context), context);
  for (const line of lines) applyMessage(draft, parseMessage(line)!);
  return draft.publish();
}

const IN_ROOM = [":irc.test 001 ann :Welcome", ":ann!u@h JOIN #room"];

describe("lines of the network", () => {
  it("are the same however they are cut and glued", async () => {
    const server = await startScripted();
    const session = newSession(addressOf(server.port));
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    await session.online();
    const text =
      ":ann!u@h JOIN #room\r\n:bob!u@h JOIN #room\r\n:bob!u@h PRIVMSG #room :grüße 🙂\r\n";
    for (const byte of Buffer.from(text)) {
      peer.sendRaw(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    peer.sendRaw(
      ":bob!u@h PRIVMSG #room :one\r\n:bob!u@h PRIVMSG #room :two\n:bob!u@h PART #room\r\n",
    );
    await session.until(
      (s) => s.state.buffers.has("#room") && s.rows("#room").includes("-- part bob"),
    );
    assert.deepEqual(session.said("#room"), ["<bob> grüße 🙂", "<bob> one", "<bob> two"]);
  });

  it("are ignored when they are garbage, and the next one is read", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.sendRaw(Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]));
    peer.sendRaw(`${"x".repeat(200_000)}\r\n`);
    peer.sendRaw(
      ":\r\n@\r\n:a b\r\n@a=b :c\r\n\r\nPRIVMSG\r\n353\r\nJOIN\r\nMODE #room +o\r\nBATCH\r\nCAP\r\n",
    );
    peer.send(":bob!u@h PRIVMSG #room :still here");
    await session.until((s) => s.said("#room").length === 1);
    assert.deepEqual(session.said("#room"), ["<bob> still here"]);
  });

  it("in Latin-1 are read rather than dropped", async () => {
    const { session, peer } = await joined(await startScripted());
    peer.sendRaw(Buffer.from(":bob!u@h PRIVMSG #room :gr\xfc\xdfe\r\n", "latin1"));
    await session.until((s) => s.said("#room").length === 1);
    assert.deepEqual(session.said("#room"), ["<bob> grüße"]);
  });

  it("go on being read after a fault in taking one in, or in showing it", async () => {
    let faults = 1;
    const server = await startScripted();
    const session = newSession(addressOf(server.port), {
      channels: ["#room"],
      mayLogErrors: true,
      // Rows that have no id of the server's need one: so the first of them fails.
      now: () => {
        if (session.status.phase === "online" && faults-- > 0) throw new Error("a fault of ours");
        return 0;
      },
    });
    session.onDidReceiveMessage(() => {
      throw new Error("a fault of who shows it");
    });
    session.onDidChange(() => {
      throw new Error("a fault of who shows it");
    });
    session.start();
    const peer = await server.accept();
    await peer.welcome();
    await peer.letIn("ann", "#room", "bob");
    await session.online();
    peer.send(
      ":bob!u@h PRIVMSG ann :first",
      ":bob!u@h PRIVMSG ann :second",
      ":bob!u@h PRIVMSG ann :third",
    );
    await session.until((s) => s.state.buffers.get("bob")?.entries.length === 2);
    assert.deepEqual(session.said("bob"), ["<bob> second", "<bob> third"]);
    assert.ok(session.log.some((line) => line.includes("a fault of ours")));
  });
});

describe("what a user says", () => {
  it("never makes an event row, whatever it looks like", () => {
    const tricks = [
      "*** bob Connected ***",
      ">> bob (127.0.0.1) Joined",
      "a|b|c",
      "-- join bob",
      ":irc.test JOIN #room",
      "!Exit",
      "!ShowUserHasConnected",
      "\x01ACTION joins\x01",
      "\x1b[2Kbob joined",
    ];
    const state = after([...IN_ROOM, ...tricks.map((text) => `:eve!u@h PRIVMSG #room :${text}`)]);
    const entries = state.buffers.get("#room")!.entries;
    const events = entries.filter((entry) => entry.kind === "event");
    assert.deepEqual(events.map(rowText), ["-- join ann"]);
    assert.equal(entries.length, 1 + tricks.length);
    assert.deepEqual([...state.users.values()].map((user) => user.nick).sort(), ["ann", "eve"]);
  });

  it("cannot pass for ours by an id of ours", () => {
    const context = newContext();
    const draft = new StateDraft(after(IN_ROOM, context), context);
    draft.addEntry("#room", {
      kind: "message",
      id: "mine",
      msgid: undefined,
      time: 0,
      nick: "ann",
      text: "hello",
      form: "message",
      own: true,
      mention: false,
      status: "pending",
      error: undefined,
      address: undefined,
    });
    applyMessage(draft, parseMessage("@+parley/id=mine;msgid=x :eve!u@h PRIVMSG #room :hello")!);
    const rows = draft.publish().buffers.get("#room")!.entries.map(rowText);
    assert.deepEqual(rows, ["-- join ann", "<eve> hello", "<ann> hello (pending)"]);
  });
});

describe("members", () => {
  it("are who they are by name, not by spelling: the right one leaves", () => {
    const state = after([
      ...IN_ROOM,
      ":irc.test 353 ann = #room :ann @Bob bobby",
      ":BOB!u@h JOIN #room",
      ":bob!u@h PART #room",
    ]);
    const { members } = state.buffers.get("#room")!;
    assert.deepEqual(
      [...members.values()].map((m) => m.nick),
      ["ann", "bobby"],
    );
    assert.equal(state.users.get("bob")?.online, false);
    assert.equal(state.users.get("bobby")?.online, true);
  });

  it("have the prefixes MODE gives and takes, highest first", () => {
    const state = after([
      ...IN_ROOM,
      ":irc.test 005 ann PREFIX=(qaohv)~&@%+ CHANMODES=beI,k,l,imnst :are supported",
      ":irc.test 353 ann = #room :~ann +bob!u@h",
      ":ann!u@h MODE #room +kov-l key bob bob",
      ":ann!u@h MODE #room -v+h bob bob",
      ":ann!u@h MODE #room +b bob!*@*",
    ]);
    const { members } = state.buffers.get("#room")!;
    assert.equal(members.get("bob")?.prefixes, "@%");
    assert.equal(members.get("ann")?.prefixes, "~");
    assert.equal(state.users.get("bob")?.host, "h");
  });

  it("have a profile only in the keys we know, and of bounded length", () => {
    const state = after([
      ...IN_ROOM,
      ":bob!u@h JOIN #room",
      ":irc.test METADATA bob color * :red",
      `:irc.test METADATA bob display-name * :${"B".repeat(5_000)}`,
      ":irc.test METADATA bob evil * :x",
      ":irc.test METADATA nobody color * :red",
      ":irc.test 766 ann bob avatar :key not set",
    ]);
    const metadata = state.users.get("bob")!.metadata;
    assert.deepEqual([...metadata.keys()], ["color", "display-name"]);
    assert.equal(metadata.get("display-name")!.length, 512);
    assert.equal(state.users.has("nobody"), false);
  });
});

describe("what a hostile server sends", () => {
  it("is bounded: entries, conversations, members, users, open batches", () => {
    const limits = { maxEntries: 10, maxBuffers: 5, maxMembers: 20, maxUsers: 30 };
    const lines = [...IN_ROOM];
    for (let i = 0; i < 100; i++)
      lines.push(
        `:u${i}!u@h JOIN #room`,
        `:u${i}!u@h PRIVMSG ann :hello`,
        `:u${i}!u@h PRIVMSG #room :${i}`,
      );
    const state = after(lines, newContext(limits));
    assert.equal(state.buffers.size, 5);
    assert.equal(state.buffers.get("#room")!.entries.length, 10);
    assert.equal(state.buffers.get("#room")!.members.size, 20);
    assert.equal(state.users.size, 30);
  });

  it("does not pile up people who come and go", () => {
    const context = newContext({ maxEntries: 10 });
    const draft = new StateDraft(after(IN_ROOM, context), context);
    for (let i = 0; i < 5_000; i++) {
      applyMessage(draft, parseMessage(`:u${i}!u@h JOIN #room`)!);
      applyMessage(draft, parseMessage(`:u${i}!u@h QUIT :bye`)!);
      if (i % 100 === 0) draft.publish();
    }
    assert.ok(draft.publish().users.size < 1_500);
  });

  it("does not make the people of our conversations forgotten, however many others come and go", () => {
    const draft = new StateDraft(after(IN_ROOM), newContext());
    const take = (line: string) => {
      applyMessage(draft, parseMessage(line)!);
    };
    for (const line of ["JOIN #room", "PRIVMSG ann :hi", "QUIT :bye"]) take(`:bob!u@h ${line}`);
    for (let i = 0; i < 3_000; i++) {
      take(`:u${i}!u@h JOIN #room`);
      take(`:u${i}!u@h QUIT :bye`);
    }
    const { users } = draft.publish();
    assert.equal(users.get("bob")?.online, false);
    assert.equal(users.has("u0"), false, "who left first is forgotten first");
    assert.equal(users.get("u2999")?.host, "h");
  });

  it("cannot have hundreds of thousands of names keyed anew at once", () => {
    const draft = new StateDraft(after(IN_ROOM), newContext());
    const names = Array.from({ length: 20_000 }, (_, i) => `u${i}`).join(" ");
    applyMessage(draft, parseMessage(`:irc.test 353 ann = #room :${names}`)!);
    applyMessage(draft, parseMessage(":irc.test 005 ann CASEMAPPING=rfc1459 :are supported")!);
    assert.equal(draft.mapping, "ascii");
    assert.equal(draft.get().isupport.get("CASEMAPPING"), "ascii");
  });

  it("does not leave more people behind than are kept of those who left", () => {
    const draft = new StateDraft(after([...IN_ROOM, ":bob!u@h PRIVMSG ann :hi"]), newContext());
    const names = Array.from({ length: 5_000 }, (_, i) => `u${i}`).join(" ");
    applyMessage(draft, parseMessage(`:irc.test 353 ann = #room :bob ann ${names}`)!);
    applyDisconnect(draft, "gone");
    const { users } = draft.publish();
    assert.ok(users.size < 1_500);
    assert.equal(users.get("ann")?.online, true);
    assert.equal(users.get("bob")?.online, false);
    assert.equal(users.get("u1")?.online, false);
  });

  it("leaves the session alive, whatever the commands and parameters are", () => {
    const word = fc.constantFrom(
      "ann",
      "bob",
      "#room",
      "*",
      "",
      "+o",
      "-ov",
      "x",
      "=",
      "@bob +eve",
      "bob!u@h",
      "timestamp=2024-01-01T00:00:00.000Z",
      "+b",
      "-b",
      "chathistory",
      "constructor",
      "__proto__",
    );
    const command = fc.constantFrom(
      "JOIN",
      "PART",
      "QUIT",
      "KICK",
      "NICK",
      "MODE",
      "TOPIC",
      "AWAY",
      "ACCOUNT",
      "CHGHOST",
      "SETNAME",
      "METADATA",
      "INVITE",
      "PRIVMSG",
      "NOTICE",
      "TAGMSG",
      "FAIL",
      "WARN",
      "NOTE",
      "ERROR",
      "001",
      "005",
      "301",
      "305",
      "306",
      "311",
      "324",
      "331",
      "332",
      "333",
      "352",
      "353",
      "354",
      "366",
      "401",
      "433",
      "730",
      "731",
      "761",
      "766",
      "900",
      "999",
    );
    const line = fc.record({
      source: fc.constantFrom("ann!u@h", "bob!u@h", "eve", "irc.test", undefined),
      command,
      params: fc.array(word, { maxLength: 9 }),
      tags: fc.constantFrom(
        new Map(),
        new Map([["msgid", "m"]]),
        new Map([["time", "nonsense"]]),
        new Map([["+parley/id", "id-1"]]),
      ),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const context = newContext();
        const draft = new StateDraft(after(IN_ROOM, context), context);
        let state = draft.publish();
        for (const message of lines) {
          applyMessage(draft, message);
          state = apply(state, message, newContext());
        }
        const end = draft.publish();
        for (const buffer of end.buffers.values()) {
          const ids = buffer.entries.map((entry) => entry.id);
          assert.equal(new Set(ids).size, ids.length, "every row has an id of its own");
          for (const member of buffer.members.values())
            assert.ok(end.users.has(member.nick), "every member is known");
          assert.ok(end.buffers.get(buffer.name) === buffer, "every buffer is found by its name");
        }
      }),
    );
  });

  it("never changes a state that was handed out", () => {
    const context = newContext();
    const draft = new StateDraft(after(IN_ROOM, context), context);
    const before = draft.publish();
    const room = before.buffers.get("#room")!;
    const copy = {
      rows: room.entries.map(rowText),
      members: [...room.members.values()],
      users: before.users.size,
    };
    for (const line of [":bob!u@h JOIN #room", ":bob!u@h PRIVMSG #room :hi", ":ann!u@h PART #room"])
      applyMessage(draft, parseMessage(line)!);
    assert.deepEqual(
      {
        rows: room.entries.map(rowText),
        members: [...room.members.values()],
        users: before.users.size,
      },
      copy,
    );
    const next = draft.publish();
    assert.notEqual(next, before);
    assert.equal(draft.publish(), next, "what does not change stays the same object");
    assert.equal(next.buffers.get(""), before.buffers.get(""));
    assert.ok(next.users instanceof FoldedMap);
  });

  it("takes no more than a moment for a channel of five thousand", () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `user${i}`);
    const context = newContext();
    const draft = new StateDraft(after(IN_ROOM, context), context);
    let copies = 0;
    const copy = Reflect.get(FoldedMap.prototype, "copy") as Copy;
    FoldedMap.prototype.copy = function (this: FoldedMap<unknown>) {
      copies++;
      return copy.call(this);
    };
    onCleanup(() => {
      FoldedMap.prototype.copy = copy;
    });
    for (const name of names) applyMessage(draft, parseMessage(`:${name}!u@h JOIN #room`)!);
    assert.equal(draft.publish().buffers.get("#room")!.members.size, 5_001);
    assert.ok(copies <= 3, "one copy for each map and snapshot, not one for each line");
  });
});

type Copy = (this: FoldedMap<unknown>) => FoldedMap<unknown>;

describe("answers to nothing we asked", () => {
  it("are taken in without harm: batches that never end, never began, or nest", async () => {
    const { session, peer } = await joined(await startScripted(), { caps: ECHO });
    for (let i = 0; i < 200; i++) peer.send(`BATCH +b${i} chathistory #room`);
    peer.send(
      "BATCH -nothing",
      "BATCH +b1 netjoin",
      "@batch=unknown :bob!u@h PRIVMSG #room :outside",
    );
    peer.send("BATCH +o labeled-response", "@batch=o :bob!u@h PRIVMSG #room :inside", "BATCH -o");
    peer.send(
      "ACK",
      "@label=nonsense ACK",
      "FAIL CHATHISTORY INVALID_PARAMS :no",
      "PONG",
      "PONG x parley-sent-99",
    );
    peer.send("NOTE * SOMETHING :note", ":bob!u@h PRIVMSG #room :end");
    await session.until((s) => s.said("#room").includes("<bob> end"));
    assert.deepEqual(session.said("#room"), ["<bob> outside", "<bob> inside", "<bob> end"]);
  });
});
