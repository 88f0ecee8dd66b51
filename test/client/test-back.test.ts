// A member tries the server's addresses for its host: only for them, only those of the invite, and not all the time.
import { strict as assert } from "node:assert";
import { startServer, type TestServer } from "../support/server.js";
import { formatMessage, message, type Message } from "../../src/irc/message.js";
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
    const addresses = ["127.0.0.1", "203.0.113.9", "localhost"];
    const found = await host.testBack("ann", addresses, server.port);
    assert.deepEqual(
      found.map(({ address, port, outcome }) => [address, port, outcome.type]),
      [["127.0.0.1", server.port, "open"]],
    );
  });

  it("leaves nothing of it in the conversation, or in the history", async () => {
    const server = await startServer({ opers: [`${oper.name}:${oper.password}`] });
    const { host, member } = await together(server, ["127.0.0.1"]);
    await host.testBack("ann", ["127.0.0.1"], server.port);
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
    const answer = new Promise<void>((resolve) => (answered = resolve));
    const testBack = new TestBack({
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
      answer,
      begun: () => begun,
      pass: (ms: number) => (time += ms),
    };
  }

  it("is answered to the one who has asked", async () => {
    const { testBack, sent, answer } = side();
    testBack.take(question());
    await answer;
    assert.deepEqual(
      sent.map((line) => formatMessage(line)),
      ["@+parley/test-back-result=a1\\s127.0.0.1=refused TAGMSG bob"],
    );
  });

  it("is taken once a minute", () => {
    const { testBack, begun, pass } = side();
    testBack.take(question("a1"));
    testBack.take(question("a2"));
    pass(59_999);
    testBack.take(question("a3"));
    assert.equal(begun(), 1);
    pass(1);
    testBack.take(question("a4"));
    assert.equal(begun(), 2);
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
  const collector = testBackCollector((nick) => nick === "ann", "a1", ["192.168.1.20"], 9898);
  const answer = (result: string, nick = "ann") =>
    message("TAGMSG", ["host"], `${nick}!u@h`, new Map([["+parley/test-back-result", result]]));

  it("counts for the host's own addresses, with results that there are", () => {
    assert.deepEqual(
      collector.take(answer("a1 192.168.1.20=timed-out 10.0.0.1=reached 192.168.1.20=toString x")),
      {
        value: [
          {
            host: "192.168.1.20",
            address: "192.168.1.20",
            port: 9898,
            outcome: { type: "timed-out", code: "ETIMEDOUT" },
          },
        ],
      },
    );
  });

  it("is none of someone else's, and none to another question", () => {
    assert.equal(collector.take(answer("a1 192.168.1.20=reached", "eve")), undefined);
    assert.equal(collector.take(answer("a2 192.168.1.20=reached")), undefined);
  });
});
