// A member tries the server's addresses for its host: only for them, only those of the invite, and not all the time.
import { strict as assert } from "node:assert";
import { startServer, type TestServer } from "../support/server.js";
import { formatMessage, message, type Message } from "../../src/irc/message.js";
import { probe } from "../../src/client/net/doctor/probe.js";
import { TestBack, testBackCollector, type TestBackPort } from "../../src/client/test-back.js";
import { addressOf, newSession } from "./scripted-peer.js";

const oper = { name: "host", password: "quite-a-secret" };

async function together(server: TestServer, hosts: readonly string[]) {
  const { port, fingerprint } = server;
  const own = addressOf(port, { transport: "tls", fingerprint, channels: ["#room"] });
  const host = newSession(own, { nick: "hanna", oper });
  host.start();
  await host.online();
  const member = newSession({ ...own, hosts }, { nick: "ann" });
  member.start();
  await member.online();
  await member.until(() => member.state.users.get("hanna")?.isOperator === true);
  return { host, member };
}

describe("a member who is asked by the host", () => {
  it("says which of the invite's addresses they reach, and tries no others", async () => {
    const server = await startServer({ opers: [`${oper.name}:${oper.password}`] });
    const { host } = await together(server, ["127.0.0.1", "203.0.113.9", "localhost"]);
    const found = await host.testBack("ann", server.port);
    assert.deepEqual(
      found.map(({ address, port, outcome }) => [address, port, outcome.type]),
      [["127.0.0.1", server.port, "open"]],
    );
  });

  it("answers when they are asked again soon after", async () => {
    const server = await startServer({ opers: [`${oper.name}:${oper.password}`] });
    const { host } = await together(server, ["127.0.0.1"]);
    const ask = () => host.testBack("ann", server.port);
    const first = await ask();
    assert.deepEqual(await ask(), first);
    assert.equal(first.length, 1);
  });

  it("says which address they came by, also when it is none of the host's", async () => {
    const server = await startServer({ opers: [`${oper.name}:${oper.password}`] });
    const { host } = await together(server, ["127.0.0.1"]);
    const [found] = await host.testBack("ann", 1);
    assert.deepEqual(
      [found?.address, found?.port, found?.outcome.type],
      ["127.0.0.1", server.port, "open"],
    );
  });

  it("leaves nothing of it in the conversation, or in the history", async () => {
    const server = await startServer({ opers: [`${oper.name}:${oper.password}`] });
    const { host, member } = await together(server, ["127.0.0.1"]);
    await host.testBack("ann", server.port);
    assert.equal(member.state.buffers.get("hanna"), undefined);
    assert.equal(host.state.buffers.get("ann"), undefined);
  });
});

describe("a question to test the server's addresses", () => {
  const fingerprint = "0".repeat(64);
  const id = (value: string) => new Map([["+parley/test-back", value]]);
  const question = (value = "a1") => message("TAGMSG", ["ann"], "bob!u@h", id(value));

  /** Someone's side of it, which tells how often it began to test, and what it answered. */
  function side(parts: Partial<TestBackPort> = {}) {
    let begun = 0;
    let time = 0;
    const sent: Message[] = [];
    let answered: () => void = () => undefined;
    const answers = async (count: number) => {
      while (sent.length < count) await new Promise<void>((resolve) => (answered = resolve));
    };
    const testBack = new TestBack({
      probe,
      address: addressOf(1, { transport: "tls", fingerprint }),
      now: () => time,
      connectedHost: () => {
        begun++;
        return "127.0.0.1";
      },
      isSelf: (nick) => nick === "ann",
      isOperator: () => true,
      send: (line) => {
        sent.push(line);
        answered();
      },
      onFault: (what, error) => assert.fail(`${what}: ${String(error)}`),
      ...parts,
    });
    return {
      testBack,
      sent,
      answers,
      begun: () => begun,
      pass: (ms: number) => (time += ms),
    };
  }

  it("is answered to the one who has asked", async () => {
    const { testBack, sent, answers } = side();
    testBack.take(question());
    await answers(1);
    assert.deepEqual(
      sent.map((line) => formatMessage(line)),
      ["@+parley/test-back-result=a1\\s1=port\\s127.0.0.1=refused TAGMSG bob"],
    );
  });

  it("is answered every time, by what was found less than ten seconds before", async () => {
    const { testBack, sent, begun, pass, answers } = side();
    testBack.take(question("a1"));
    testBack.take(question("a2"));
    await answers(2);
    pass(9999);
    testBack.take(question("a3"));
    await answers(3);
    assert.equal(begun(), 1);
    pass(1);
    testBack.take(question("a4"));
    await answers(4);
    assert.equal(begun(), 2);
    assert.deepEqual(
      sent.map(({ tags }) => tags.get("+parley/test-back-result")),
      ["a1", "a2", "a3", "a4"].map((asked) => `${asked} 1=port 127.0.0.1=refused`),
    );
  });

  for (const [what, line, parts] of [
    ["of someone who is not an operator", question(), { isOperator: () => false }],
    ["of oneself", message("TAGMSG", ["ann"], "ann!u@h", id("a1")), {}],
    [
      "at a server that was not joined by an invite",
      question(),
      { address: addressOf(1, { transport: "tls" }) },
    ],
    ["at a server without encryption", question(), { address: addressOf(1, { fingerprint }) }],
    ["in a channel", message("TAGMSG", ["#room"], "bob!u@h", id("a1")), {}],
    ["in a message", message("PRIVMSG", ["ann", "x"], "bob!u@h", id("a1")), {}],
    ["with an id that is none", question("a b"), {}],
    ["without an id", question(""), {}],
  ] as const)
    it(`${what} is not taken`, () => {
      const { testBack, begun } = side(parts);
      testBack.take(line);
      assert.equal(begun(), 0);
    });

  it("is forgotten when the connection ends", () => {
    const { testBack, sent } = side();
    testBack.take(question());
    testBack.disconnected();
    assert.deepEqual(sent, []);
  });
});

describe("an answer to the host", () => {
  const collector = testBackCollector((nick) => nick === "ann", "a1", 9898);
  const answer = (result: string, nick = "ann") =>
    message("TAGMSG", ["host"], `${nick}!u@h`, new Map([["+parley/test-back-result", result]]));

  it("tells addresses with results that there are, and which of them are the host's own", () => {
    const words =
      "a1 192.168.1.20=timed-out 10.0.0.1=reached 192.168.1.20=toString host.test=reached x";
    assert.deepEqual(collector.take(answer(words)), {
      value: [
        {
          host: "192.168.1.20",
          address: "192.168.1.20",
          port: 9898,
          outcome: { type: "timed-out", code: "ETIMEDOUT" },
        },
        {
          host: "10.0.0.1",
          address: "10.0.0.1",
          port: 9898,
          outcome: {
            type: "open",
            answer: {
              kind: "tls",
              certificate: "expected",
              origin: "self-made",
              protocol: "parley",
              issuer: "",
            },
          },
        },
      ],
    });
  });

  it("tells the port they tried, where that is another one", () => {
    for (const [words, port] of [
      ["a1 7000=port 192.168.1.20=refused", 7000],
      ["a1 70000=port 192.168.1.20=refused", 9898],
      ["a1 0x1=port 192.168.1.20=refused", 9898],
    ] as const) {
      const taken = collector.take(answer(words));
      assert.ok(typeof taken === "object" && "value" in taken);
      assert.deepEqual(
        taken.value.map((found) => found.port),
        [port],
      );
    }
  });

  it("has no more addresses than there may be", () => {
    const many = Array.from({ length: 50 }, (_, index) => `10.0.0.${index}=reached`).join(" ");
    const taken = collector.take(answer(`a1 ${many}`));
    assert.ok(typeof taken === "object" && "value" in taken);
    assert.equal(taken.value.length, 8);
  });

  it("is none of someone else's, and none to another question", () => {
    assert.equal(collector.take(answer("a1 192.168.1.20=reached", "eve")), undefined);
    assert.equal(collector.take(answer("a2 192.168.1.20=reached")), undefined);
  });
});
