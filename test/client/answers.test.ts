// Which answer is about which message.
import { strict as assert } from "node:assert";
import { joined, startScripted, type ServerPeer, type WelcomeOptions } from "./scripted-peer.js";

const LABELS = ["message-tags", "echo-message", "batch", "labeled-response"];

const start = async (caps: readonly string[] = [], options: Omit<WelcomeOptions, "caps"> = {}) =>
  joined(await startScripted(), { caps, ...options });

/** Answers the PING behind what was said. */
async function pong(peer: ServerPeer): Promise<void> {
  const { params } = await peer.command("PING");
  peer.send(`:irc.test PONG irc.test ${params[0]!}`);
}

describe("a message without labels", () => {
  const others: readonly [
    string,
    (session: Awaited<ReturnType<typeof start>>["session"]) => void,
    string,
  ][] = [
    [
      "WHO",
      (s) => {
        s.raw("WHO #room");
      },
      "416 ann #room :Too many matches",
    ],
    [
      "MODE",
      (s) => {
        s.mode("#room", "+o", "bob");
      },
      "482 ann #room :You're not channel operator",
    ],
    [
      "MODE of someone gone",
      (s) => {
        s.mode("#room", "+o", "bob");
      },
      "401 ann bob :No such nick",
    ],
    [
      "TOPIC",
      (s) => {
        s.setTopic("#room", "x");
      },
      "482 ann #room :You're not channel operator",
    ],
    [
      "KICK",
      (s) => {
        s.kick("#room", "bob", "out");
      },
      "441 ann bob #room :They aren't on that channel",
    ],
    [
      "INVITE",
      (s) => {
        s.invite("bob", "#room");
      },
      "443 ann bob #room :is already on channel",
    ],
    [
      "NICK",
      (s) => {
        void s.setNick("bob");
      },
      "433 ann bob :Nickname is already in use",
    ],
    [
      "JOIN",
      (s) => {
        s.raw("JOIN #room");
      },
      "471 ann #room :Cannot join channel (+l)",
    ],
  ];
  for (const [name, act, refusal] of others)
    for (const when of ["before", "after"])
      it(`is not refused by what refuses a ${name} sent ${when} it`, async () => {
        const { session, peer } = await start();
        if (when === "before") act(session);
        session.say("#room", "hello");
        session.say("bob", "hello");
        if (when === "after") act(session);
        await peer.command("PRIVMSG");
        await peer.command("PRIVMSG");
        // Of two that are refused in the same words, the first is meant.
        if (when === "after" && refusal.startsWith("401")) {
          peer.send(`:irc.test ${refusal}`, `:irc.test ${refusal}`);
          await session.until((s) => s.said("bob")[0] === "<ann> hello (failed)");
          return;
        }
        peer.send(`:irc.test ${refusal}`);
        await pong(peer);
        await session.until((s) => s.said("bob")[0] === "<ann> hello");
        assert.deepEqual(session.said("#room"), ["<ann> hello"]);
      });

  it("is refused by what refuses it after a command's own refusal", async () => {
    const { session, peer } = await start();
    session.mode("#room", "+m");
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send(":irc.test 482 ann #room :Not an operator", ":irc.test 404 ann #room :Moderated");
    await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
    const entry = session.buffer("#room").entries.findLast((e) => e.kind === "message")!;
    assert.equal(entry.error, "Moderated");
  });

  it("is refused by what names only its command", async () => {
    for (const refusal of [
      "421 ann NOTICE :Unknown command",
      "263 ann NOTICE :Try again",
      "412 ann :No text",
    ]) {
      const { session, peer } = await start();
      session.say("#room", "hello", "notice");
      await peer.command("NOTICE");
      peer.send(`:irc.test ${refusal}`);
      await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
    }
  });

  it("is refused by another server of the network after ours has taken it", async () => {
    for (const refusal of [
      "716 ann bob :is in +g mode",
      "401 ann bob :No such nick",
      "531 ann bob :No",
    ]) {
      const { session, peer } = await start();
      session.say("bob", "one");
      session.say("carl", "two");
      await pong(peer);
      await pong(peer);
      await session.until((s) => s.said("carl")[0] === "<ann> two");
      peer.send(`:irc.test ${refusal}`);
      await session.until((s) => s.said("bob")[0] === "<ann> one (failed)");
      assert.deepEqual(session.said("carl"), ["<ann> two"]);
    }
  });

  for (const refusal of ["401 ann bob :No such nick", "404 ann bob :Cannot send"])
    for (const what of ["its echo", "an answer of who it is for", "an answer in a notice"])
      it(`is not refused after ${what} by ${refusal}`, async () => {
        const isEchoed = what === "its echo";
        const { session, peer } = await start(isEchoed ? ["echo-message"] : []);
        session.say("bob", "hello");
        await pong(peer);
        if (isEchoed) peer.send(":ann!u@h PRIVMSG bob :hello");
        else peer.send(`:bob!u@h ${what.endsWith("notice") ? "NOTICE" : "PRIVMSG"} ann :got it`);
        peer.send(`:irc.test ${refusal}`);
        await peer.settle();
        assert.equal(session.said("bob")[0], "<ann> hello");
      });

  it("is not refused after its echo by 404, nor after the answer with its label", async () => {
    for (const caps of [["echo-message"], ["batch", "labeled-response"]]) {
      const { session, peer } = await start(caps);
      session.say("#room", "hello");
      const label = (await peer.command("PRIVMSG")).tags.get("label");
      peer.send(
        label === undefined ? ":ann!u@h PRIVMSG #room :hello" : `@label=${label} :irc.test ACK`,
        ":irc.test 404 ann #room :Cannot send",
      );
      await peer.settle();
      assert.deepEqual(session.said("#room"), ["<ann> hello"]);
    }
  });

  it("is refused after its echo by the server of who it is for", async () => {
    for (const refusal of ["716 ann bob :is in +g mode", "531 ann bob :No"]) {
      const { session, peer } = await start(["echo-message"]);
      session.say("bob", "hello");
      await pong(peer);
      peer.send(":ann!u@h PRIVMSG bob :hello", `:irc.test ${refusal}`);
      await session.until((s) => s.said("bob")[0] === "<ann> hello (failed)");
    }
  });

  for (const refusal of [
    "401 ann bob",
    "401 bob :No such nick",
    "439 ann bob",
    "439 BOB :Too fast",
  ])
    it(`is refused where our nick or the text is left out: ${refusal}`, async () => {
      const { session, peer } = await start();
      session.say("carl", "hi");
      session.say("bob", "hello");
      await peer.command("PRIVMSG");
      peer.send(`:irc.test ${refusal}`);
      await session.until((s) => s.said("bob")[0] === "<ann> hello (failed)");
      assert.deepEqual(session.said("carl"), ["<ann> hi (pending)"]);
    });

  it("is not refused by the answer to a later WHOIS", async () => {
    const { session, peer } = await start();
    session.say("bob", "hello");
    await pong(peer);
    await session.until((s) => s.said("bob")[0] === "<ann> hello");
    const whois = session.whois("bob");
    await peer.command("WHOIS");
    peer.send(":irc.test 401 ann bob :No such nick", ":irc.test 318 ann bob :End");
    await assert.rejects(whois);
    assert.deepEqual(session.said("bob"), ["<ann> hello"]);
  });

  it("has failed when the one it is for has another nick by then, and goes to the new one", async () => {
    for (const caps of [[], ["echo-message"], LABELS]) {
      const { session, peer } = await start(caps);
      session.say("bob", "secret");
      const label = (await peer.command("PRIVMSG")).tags.get("label");
      const tag = label === undefined ? "" : `@label=${label} `;
      peer.send(":bob!u@h NICK rob", `${tag}:irc.test 401 ann bob :No such nick`);
      await session.until(
        (s) => s.state.buffers.has("rob") && s.said("rob")[0] === "<ann> secret (failed)",
      );
      assert.equal(session.state.users.get("rob")?.online, true);
      session.retry("rob", session.buffer("rob").entries.find((e) => e.kind === "message")!.id);
      assert.deepEqual((await peer.command("PRIVMSG")).params, ["rob", "secret"]);
    }
  });

  it("is sent once when its echo comes after a change of nick, under the old one", async () => {
    for (const caps of [["echo-message"], LABELS]) {
      const { session, peer } = await start(caps);
      session.say("bob", "secret");
      const label = (await peer.command("PRIVMSG")).tags.get("label");
      const tag = label === undefined ? "" : `@label=${label} `;
      peer.send(":bob!u@h NICK rob", `${tag}:ann!u@h PRIVMSG bob :secret`);
      await session.until((s) => s.state.buffers.has("rob") && s.said("rob")[0] === "<ann> secret");
      assert.ok(!session.state.buffers.has("bob"));
    }
  });

  it("that was changed is one row, and the next ones keep theirs", async () => {
    const { session, peer } = await start(["echo-message"]);
    for (const text of ["damn", "two", "three"]) session.say("#room", text);
    await peer.settle();
    peer.send(
      ":ann!u@h PRIVMSG #room :<censored>",
      ":ann!u@h PRIVMSG #room :two",
      ":ann!u@h PRIVMSG #room :three",
    );
    await session.until((s) => s.said("#room").at(-1) === "<ann> three");
    assert.deepEqual(session.said("#room"), ["<ann> <censored>", "<ann> two", "<ann> three"]);
  });

  it("is one row where the echo names the channel alone, or the service without its server", async () => {
    const { session, peer } = await start(["echo-message"]);
    session.say("@#room", "for operators");
    session.say("NickServ@services.test", "HELP");
    await peer.settle();
    peer.send(":ann!u@h PRIVMSG #room :for operators", ":ann!u@h PRIVMSG NickServ :HELP");
    await session.until((s) => s.said("NickServ")[0] === "<ann> HELP");
    assert.deepEqual(session.said("#room"), ["<ann> for operators"]);
    assert.deepEqual(session.said("NickServ"), ["<ann> HELP"]);
  });

  it("is refused by FAIL that names no command, but whom it was for", async () => {
    const { session, peer } = await start();
    session.say("bob", "hello");
    await peer.command("PRIVMSG");
    peer.send(":irc.test FAIL * ACCOUNT_REQUIRED :Log in first");
    peer.send(":irc.test FAIL * CANNOT_SEND bob :They do not want to hear from you");
    await session.until((s) => s.said("bob")[0] === "<ann> hello (failed)");
  });

  for (const line of ["972 ann PRIVMSG :Not now", "972 ann PRIVMSG bob :Not now"])
    it(`is refused by what names the command: ${line}`, async () => {
      const { session, peer } = await start();
      session.say("bob", "hello");
      await peer.command("PRIVMSG");
      peer.send(`:irc.test ${line}`);
      await session.until((s) => s.said("bob")[0] === "<ann> hello (failed)");
    });

  it("is one row where a bouncer answers PING before the echo comes", async () => {
    const { session, peer } = await start(["echo-message"]);
    session.say("bob", "hello");
    await pong(peer);
    await session.until((s) => s.said("bob")[0] === "<ann> hello");
    peer.send(":ann!u@h PRIVMSG bob :hello", ":bob!u@h PRIVMSG ann :hi");
    await session.until((s) => s.said("bob").length === 2);
    assert.deepEqual(session.said("bob"), ["<ann> hello", "<bob> hi"]);
  });

  it("to a service is sent as soon as the server has answered what was sent behind it", async () => {
    const { session, peer } = await start(["echo-message"]);
    session.say("NickServ", "HELP");
    await peer.command("PRIVMSG");
    peer.send(":NickServ!s@services NOTICE ann :Help:");
    await pong(peer);
    await session.until((s) => s.said("NickServ").includes("<ann> HELP"));
  });
});

describe("a message with a label", () => {
  it("is not taken for what another window of ours says, in the same words", async () => {
    const { session, peer } = await start(LABELS);
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send("@msgid=1;+parley/id=theirs :ann!u@h PRIVMSG #room :hello");
    await session.until((s) => s.said("#room").length === 2);
    assert.deepEqual(session.said("#room"), ["<ann> hello", "<ann> hello (pending)"]);
  });

  for (const [what, lines, row] of [
    ["an empty batch", [], "<ann> hello"],
    ["a batch with a remark and the echo", ["301 ann bob :Away", "echo"], "<ann> HELLO"],
    ["a batch with a remark alone", ["301 ann bob :Away"], "<ann> hello"],
    ["a batch with a refusal", ["301 ann bob :Away", "404 ann bob :No"], "<ann> hello (failed)"],
    ["a batch with FAIL", ["FAIL PRIVMSG NOT_NOW bob :No"], "<ann> hello (failed)"],
  ] as const)
    it(`is answered by ${what}`, async () => {
      const { session, peer } = await start(LABELS);
      session.say("bob", "hello");
      const label = (await peer.command("PRIVMSG")).tags.get("label")!;
      peer.send(
        `@label=${label} :irc.test BATCH +l labeled-response`,
        ...lines.map((line) =>
          line === "echo" ? "@batch=l :ann!u@h PRIVMSG bob :HELLO" : `@batch=l :irc.test ${line}`,
        ),
        ":irc.test BATCH -l",
      );
      await session.until((s) => !s.said("bob").includes("<ann> hello (pending)"));
      assert.deepEqual(session.said("bob"), [row]);
    });

  it("is not refused by what is said without a label to another command", async () => {
    const { session, peer } = await start(LABELS);
    session.mode("#room", "+o", "bob");
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send(":irc.test 482 ann #room :Not an operator");
    await session.until((s) =>
      s.rows("#room").some((row) => row.includes("not an operator of #room")),
    );
    assert.deepEqual(session.said("#room"), ["<ann> hello (pending)"]);
  });
});

describe("capabilities that change while a message is on its way", () => {
  for (const lost of ["echo-message", "labeled-response", "echo-message labeled-response"])
    it(`leave it sent when ${lost} is taken back and nothing comes`, async () => {
      const { session, peer } = await start(LABELS);
      session.say("#room", "hello");
      await peer.command("PRIVMSG");
      peer.send(`:irc.test CAP ann DEL :${lost}`);
      await pong(peer);
      await session.until((s) => s.said("#room")[0] === "<ann> hello");
      session.say("#room", "again");
      const again = await peer.command("PRIVMSG");
      assert.equal(again.tags.has("label"), !lost.includes("labeled-response"));
    });

  it("leave it sent, once, when message-tags is taken back and the echo has no label", async () => {
    const { session, peer } = await start(LABELS);
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send(":irc.test CAP ann DEL :message-tags", ":ann!u@h PRIVMSG #room :hello");
    await pong(peer);
    await peer.settle();
    assert.deepEqual(session.said("#room"), ["<ann> hello"]);
    session.say("#room", "again");
    assert.equal((await peer.command("PRIVMSG")).tags.size, 0);
  });

  it("let the refusal that still comes count", async () => {
    const { session, peer } = await start(LABELS);
    session.say("#room", "hello");
    await peer.command("PRIVMSG");
    peer.send(":irc.test CAP ann DEL :labeled-response", ":irc.test 404 ann #room :No");
    await session.until((s) => s.said("#room")[0] === "<ann> hello (failed)");
  });

  it("confirm each by what was promised when it was sent", async () => {
    const { session, peer } = await start(["cap-notify", "message-tags"]);
    session.say("#room", "one");
    await peer.command("PRIVMSG");
    const question = await peer.command("PING");
    peer.send(":irc.test CAP ann NEW :echo-message batch labeled-response");
    const asked = await peer.command("CAP");
    peer.send(`:irc.test CAP ann ACK :${asked.params[1]!}`);
    await peer.settle();
    session.say("#room", "two");
    const label = (await peer.command("PRIVMSG")).tags.get("label")!;
    peer.send(`:irc.test PONG irc.test ${question.params[0]!}`);
    await session.until((s) => s.said("#room")[0] === "<ann> one");
    assert.deepEqual(session.said("#room"), ["<ann> one", "<ann> two (pending)"]);
    peer.send(`@label=${label} :ann!u@h PRIVMSG #room :two`);
    await session.until((s) => s.said("#room")[1] === "<ann> two");
  });
});

describe("recipients", () => {
  it("of several names have a conversation each, and each gets a message of its own, once", async () => {
    const { session, peer } = await start();
    session.say("bob,carl,,#room,BOB,@dave", "hi");
    const targets = (await peer.settle())
      .filter((line) => line.startsWith("PRIVMSG"))
      .map((line) => line.split(" ")[1]);
    assert.deepEqual(targets, ["BOB", "carl", "#room", "dave"]);
    assert.deepEqual([...session.state.buffers.keys()], ["", "#room", "bob", "carl", "dave"]);
  });

  it("that are too many are refused before anything is sent", async () => {
    const { session, peer } = await start();
    const many = Array.from({ length: 30 }, (_, i) => `nick${i}`).join(",");
    assert.throws(() => {
      session.say(many, "hi");
    }, /at most 20/);
    for (const none of [",", ",,", "@", ":x", "a b"])
      assert.throws(() => {
        session.say(none, "hi");
      }, /not a name/);
    assert.ok(!(await peer.settle()).some((line) => line.startsWith("PRIVMSG")));
  });

  for (const isupport of [["STATUSMSG=@+"], [], ["PREFIX=(qaohv)~&@%+"]])
    it(`of rank in a channel belong to it, with ${isupport.join(" ") || "nothing announced"}`, async () => {
      const { session, peer } = await start([], { isupport });
      session.say("@#room", "for operators");
      assert.equal((await peer.command("PRIVMSG")).params[0], "@#room");
      peer.send(
        ":bob!u@h PRIVMSG @#room :among us",
        ":bob!u@h NOTICE +#room :for all with a voice",
        ":bob!u@h PRIVMSG @+#room :both",
      );
      await session.until((s) => s.said("#room").length === 4);
      assert.deepEqual([...session.state.buffers.keys()], ["", "#room"]);
      assert.deepEqual(session.said("#room").slice(0, 3), [
        "<bob> among us",
        "<bob> for all with a voice",
        "<bob> both",
      ]);
      const prefixes = session
        .buffer("#room")
        .entries.flatMap((entry) => (entry.kind === "message" ? [entry.statusPrefix] : []));
      assert.deepEqual(prefixes, ["@", "+", "+", "@"]);
    });

  it("of a rank that is not announced for messages belong to their channel", async () => {
    const isupport = ["PREFIX=(qaohv)~&@%+", "STATUSMSG=@+", "CHANTYPES=#&"];
    const { session, peer } = await start([], { isupport });
    peer.send(
      ":bob!u@h PRIVMSG %#room :half",
      ":bob!u@h PRIVMSG ~#room :owners",
      ":bob!u@h PRIVMSG ~@#room :both",
    );
    await session.until((s) => s.said("#room").length === 3);
    assert.deepEqual([...session.state.buffers.keys()], ["", "#room"]);
  });

  it("of an operator to everyone are shown with the server's", async () => {
    const { session, peer } = await start([], {});
    peer.send(
      ":oper!u@h PRIVMSG $$*.test :all servers",
      ":oper!u@h PRIVMSG $* :all of you",
      ":oper!u@h NOTICE $$irc.test :this one",
      ":ann!u@h PRIVMSG $$*.test :ours",
    );
    await session.until((s) => s.said("").length === 4);
    assert.deepEqual([...session.state.buffers.keys()], ["", "#room"]);
    assert.equal(session.said("")[0], "<oper> all servers");
  });

  it("of rank are told from what everyone reads, also in an echo and in a history", async () => {
    const caps = ["message-tags", "echo-message", "batch", "labeled-response"];
    const { session, peer } = await start([...caps, "server-time"], {
      isupport: ["PREFIX=(ohv)@%+"],
    });
    session.say("@#room", "ours");
    const { tags } = await peer.command("PRIVMSG");
    peer.send(
      `@label=${tags.get("label")!};msgid=m1 :ann!u@h PRIVMSG @#room :ours`,
      "BATCH +b chathistory #room",
      "@batch=b;msgid=m0;time=2026-01-01T00:00:00.000Z :bob!u@h PRIVMSG %#room :before",
      "BATCH -b",
      "@msgid=m2 :bob!u@h PRIVMSG #room :for all",
    );
    await session.until((s) => s.said("#room").length === 3);
    const prefixes = session
      .buffer("#room")
      .entries.flatMap((entry) => (entry.kind === "message" ? [entry.statusPrefix] : []));
    assert.deepEqual(prefixes, ["%", "@", undefined]);
  });

  it("are channels where + begins a channel's name", async () => {
    const { session, peer } = await start([], { isupport: ["CHANTYPES=#+"] });
    session.say("+room", "hi");
    assert.equal((await peer.command("PRIVMSG")).params[0], "+room");
    assert.equal(session.buffer("+room").kind, "channel");
  });

  it("at a server of services are the service, and masks of operators are no one", async () => {
    const { session, peer } = await start();
    session.say("NickServ@services.test", "IDENTIFY x");
    session.say("$*.test", "maintenance at noon", "notice");
    assert.equal((await peer.command("PRIVMSG")).params[0], "NickServ@services.test");
    assert.equal((await peer.command("NOTICE")).params[0], "$*.test");
    assert.deepEqual([...session.state.buffers.keys()], ["", "#room", "nickserv"]);
    peer.send(":irc.test 402 ann services.test :No such server");
    await session.until((s) => s.said("NickServ")[0] === "<ann> IDENTIFY x (failed)");
  });
});

describe("a change of our own host", () => {
  const HOST = "a-very-long-host-name.which-was-set.by-services.example.org";
  const bytes = (text: string) =>
    Buffer.byteLength(`:ann!services@${HOST} PRIVMSG #room :${text}\r\n`);

  for (const change of [
    `:irc.test 396 ann ${HOST} :is now your displayed host`,
    `:ann!u@h CHGHOST services ${HOST}`,
  ])
    for (const when of ["while a message waits", "while it is on its way"])
      it(`loses no text ${when}: ${change.split(" ")[1]!}`, async () => {
        const { session, peer } = await start(["chghost", "userhost-in-names"]);
        const text = Array.from({ length: 150 }, (_, i) => `word${i}`).join(" ");
        if (when === "while a message waits") peer.send(change);
        if (when === "while a message waits") await peer.settle();
        session.say("#room", text);
        const sent = (await peer.settle()).filter((line) => line.startsWith("PRIVMSG"));
        const texts = sent.map((line) => line.slice(line.indexOf(":") + 1));
        for (const piece of texts) assert.ok(bytes(piece) <= 512, `${bytes(piece)} bytes`);
        assert.ok(text.startsWith(texts.join("")));
      });

  it("is known by 396", async () => {
    const { session, peer } = await start();
    peer.send(":irc.test 396 ann staff@cloak.example :is now your displayed host");
    await session.until((s) => s.state.users.get("ann")?.host === "cloak.example");
    assert.equal(session.state.users.get("ann")?.user, "staff");
  });
});

describe("a refusal in few words", () => {
  for (const answer of [
    "417 ann :Input line was too long",
    "487 ann :Error! No longer supported",
    "FAIL * RATE_LIMITED :slow",
    "404 ann :Cannot send to channel",
    "404 bob :Cannot send",
    "404 ann bob",
    "481 ann :Permission denied",
    "451 * :You have not registered",
    "926 ann bob :No",
  ])
    it(`is of the message that was sent: ${answer}`, async () => {
      const { session, peer } = await joined(await startScripted());
      session.say("bob", "hello");
      await peer.command("PRIVMSG");
      peer.send(`:irc.test ${answer}`);
      await session.until((s) => s.rows("bob").includes("<ann> hello (failed)"));
    });
});
