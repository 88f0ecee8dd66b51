// How servers answer CAP REQ, in every way that has been seen.
import { strict as assert } from "node:assert";
import { Capabilities } from "../../src/client/capabilities.js";
import { parseMessage } from "../../src/irc/message.js";

/** A negotiation whose server has just listed `caps`. */
function listed(caps: string): { negotiation: Capabilities; sent: string[] } {
  const sent: string[] = [];
  const negotiation = new Capabilities((...words) => sent.push(words.join(" ")), true);
  negotiation.start();
  hear(negotiation, `CAP * LS :${caps}`);
  return { negotiation, sent };
}

function hear(negotiation: Capabilities, ...lines: readonly string[]): void {
  for (const line of lines) negotiation.handle(parseMessage(`:irc.test ${line}`)!);
}

const THREE = "batch server-time setname";

const grants: [how: string, answers: string[]][] = [
  ["as it was", [`CAP * ACK :${THREE}`]],
  ["with a space behind", [`CAP * ACK :${THREE} `]],
  ["in another order", ["CAP * ACK :setname batch server-time"]],
  ["without a nick", [`CAP ACK :${THREE}`]],
  ["in lower case", [`CAP ann ack :${THREE}`]],
  ["sticky", ["CAP * ACK :=batch =server-time =setname"]],
  ["with values", ["CAP * ACK :batch=1 server-time setname=x"]],
  ["over two marked lines", ["CAP * ACK * :batch", "CAP * ACK :server-time setname"]],
  ["that goes on, and never does", [`CAP * ACK * :${THREE}`]],
  ["over lines that all go on", ["CAP * ACK * :batch", "CAP * ACK * :server-time setname"]],
  ["over two marked lines and an empty one", [`CAP * ACK * :${THREE}`, "CAP * ACK :setname"]],
  ["over two unmarked lines", ["CAP * ACK :batch server-time", "CAP * ACK :setname"]],
  ["cut inside a name", ["CAP * ACK :batch server-ti"]],
  ["without repeating it", ["CAP * ACK :"]],
  ["with no list at all", ["CAP * ACK"]],
];

describe("a request for capabilities that is granted", () => {
  for (const [how, answers] of grants)
    it(`is settled by an answer ${how}`, () => {
      const { negotiation, sent } = listed(THREE);
      hear(negotiation, ...answers);
      assert.ok(negotiation.isSettled);
      assert.deepEqual([...negotiation.enabled], THREE.split(" "));
      assert.deepEqual(sent, ["CAP LS 302", `CAP REQ ${THREE}`]);
    });

  it("is acknowledged where the server wants that", () => {
    const { negotiation, sent } = listed("~batch =server-time");
    hear(negotiation, "CAP * ACK :~batch =server-time");
    assert.ok(negotiation.isSettled);
    assert.deepEqual(sent.slice(1), ["CAP REQ batch server-time", "CAP ACK batch"]);
    assert.deepEqual([...negotiation.enabled], ["batch", "server-time"]);
  });

  it("is not settled by half of an answer, nor by a capability taken away meanwhile", () => {
    const { negotiation } = listed(THREE);
    hear(negotiation, "CAP * ACK * :batch server-time", "CAP * ACK :-away-notify");
    assert.ok(!negotiation.isSettled);
    assert.deepEqual([...negotiation.enabled], []);
  });

  it("is taken back in part by a refusal behind it", () => {
    const { negotiation } = listed(THREE);
    hear(negotiation, "CAP * ACK :batch server-time", "CAP * NAK :setname");
    assert.deepEqual([...negotiation.enabled], ["batch", "server-time"]);
  });

  it("is one of several: each has its answer, and one that has none is passed over", () => {
    const { negotiation, sent } = listed("batch");
    hear(negotiation, "CAP * NEW :setname", "CAP * NEW :chghost", "CAP * NEW :chghost");
    assert.deepEqual(sent.slice(1), ["CAP REQ batch", "CAP REQ setname", "CAP REQ chghost"]);
    hear(negotiation, "CAP * ACK :batch", "CAP * ACK :chghost");
    assert.ok(negotiation.isSettled);
    assert.deepEqual([...negotiation.enabled], ["batch", "chghost"]);
  });
});

/** Every name we ask for anyone: far more than the 100 characters that a refusal repeats. */
const MANY =
  "account-notify account-tag away-notify batch chghost echo-message extended-join invite-notify " +
  "labeled-response message-tags multi-prefix server-time setname standard-replies userhost-in-names";

describe("a request for capabilities that is refused", () => {
  /** Plays a server that refuses whatever has one of `bad` in it, and tells as much as `repeat` leaves. */
  function play(bad: readonly string[], repeat: (list: string) => string): Capabilities {
    const { negotiation, sent } = listed(MANY);
    for (let at = 1; at < sent.length; at++) {
      const list = sent[at]!.replace("CAP REQ ", "");
      const isRefused = list.split(" ").some((cap) => bad.includes(cap));
      hear(negotiation, `CAP * ${isRefused ? "NAK" : "ACK"} :${isRefused ? repeat(list) : list}`);
    }
    assert.ok(sent.length < 50, `${sent.length} lines`);
    return negotiation;
  }

  const refusals: [how: string, bad: string[], repeat: (list: string) => string][] = [
    ["whole", ["setname"], (list) => list],
    ["by its first 100 characters", ["setname"], (list) => list.slice(0, 100)],
    ["by its first 100 characters, the last of them too", ["userhost-in-names"], (list) => list.slice(0, 100)],
    ["by nothing", ["account-notify", "setname"], () => ""],
    ["by the one that is refused", ["batch"], () => "batch"],
    ["by a word we never said", ["batch"], () => "what?"],
    ["with all of it", MANY.split(" "), (list) => list.slice(0, 100)],
  ]; // prettier-ignore
  for (const [how, bad, repeat] of refusals)
    it(`loses only what is not granted, when repeated ${how}`, () => {
      const negotiation = play(bad, repeat);
      assert.ok(negotiation.isSettled);
      const granted = MANY.split(" ").filter((cap) => !bad.includes(cap));
      assert.deepEqual([...negotiation.enabled].toSorted(), granted.toSorted());
    });
});

describe("a list of capabilities", () => {
  it("is asked for in lines that fit", () => {
    const { sent } = listed(`${MANY} cap-notify draft/chathistory draft/event-playback draft/metadata-3 draft/multiline draft/read-marker sasl znc.in/self-message`); // prettier-ignore
    for (const line of sent) assert.ok(line.length <= 450, line);
  });

  it("has earlier names only where the present ones are missing", () => {
    const bouncer =
      "soju.im/bouncer-networks soju.im/read soju.im/no-implicit-names soju.im/webpush";
    assert.deepEqual(listed(bouncer).sent.slice(1), ["CAP REQ soju.im/read"]);
    assert.deepEqual(listed(`soju.im/read draft/read-marker`).sent.slice(1), [
      "CAP REQ draft/read-marker",
    ]);
    assert.deepEqual(listed("znc.in/server-time-iso znc.in/playback znc.in/self-message").sent.slice(1), ["CAP REQ znc.in/server-time-iso znc.in/self-message"]); // prettier-ignore
  });

  it("is asked for again as far as something new makes it useful", () => {
    const { negotiation, sent } = listed("draft/multiline=max-bytes=4096 setname");
    hear(negotiation, "CAP * ACK :setname", "CAP * NEW :batch");
    assert.deepEqual(sent.slice(1), ["CAP REQ setname", "CAP REQ draft/multiline batch"]);
    hear(negotiation, "CAP * ACK :draft/multiline batch", "CAP * DEL :batch", "CAP * NEW :batch");
    assert.deepEqual(sent.slice(3), ["CAP REQ batch"]);
  });

  it("does not ask again for what was refused, whatever else is new", () => {
    const { negotiation, sent } = listed("setname");
    hear(negotiation, "CAP * NAK :setname", "CAP * NEW :batch", "CAP * ACK :batch");
    assert.deepEqual(sent.slice(1), ["CAP REQ setname", "CAP REQ batch"]);
    hear(negotiation, "CAP * NEW :setname");
    assert.deepEqual(sent.slice(3), ["CAP REQ setname"]);
  });

  it("is not asked for without end where the server answers nothing", () => {
    const { negotiation, sent } = listed("batch");
    for (let i = 0; i < 1000; i++) hear(negotiation, "CAP * NEW :setname", "CAP * DEL :setname");
    assert.ok(sent.length < 100);
    hear(negotiation, ...sent.map(() => "CAP * NAK :batch"), "CAP * NEW :setname");
    assert.equal(sent.at(-1), "CAP REQ setname");
  });

  it("may lose what is asked for before the answer comes", () => {
    const { negotiation } = listed(THREE);
    hear(negotiation, "CAP * DEL :setname", `CAP * ACK :${THREE}`);
    assert.ok(negotiation.isSettled);
    assert.deepEqual([...negotiation.enabled], ["batch", "server-time"]);
    const { negotiation: other } = listed("setname");
    hear(other, "CAP * DEL :setname", "CAP * NAK :setname");
    assert.ok(other.isSettled);
    assert.deepEqual([...other.enabled], []);
  });

  it("needs no answer when all that is asked for is lost", () => {
    for (const lost of [
      ["DEL :batch server-time setname"],
      ["DEL :setname batch", "DEL :server-time"],
    ]) {
      const { negotiation, sent } = listed(THREE);
      hear(negotiation, ...lost.map((line) => `CAP * ${line}`));
      assert.ok(negotiation.isSettled);
      hear(negotiation, "CAP * NEW :setname", "CAP * ACK :setname");
      assert.equal(sent.at(-1), "CAP REQ setname");
      assert.ok(negotiation.isSettled);
      assert.deepEqual([...negotiation.enabled], ["setname"]);
    }
  });

  it("loses labels with tags, and asks for both when they are back", () => {
    for (const line of ["CAP ann DEL :message-tags", "CAP ann ACK :-message-tags"]) {
      const { negotiation, sent } = listed("batch labeled-response message-tags");
      hear(negotiation, "CAP * ACK :batch labeled-response message-tags", line);
      assert.deepEqual([...negotiation.enabled], ["batch"]);
      hear(negotiation, "CAP ann NEW :message-tags");
      assert.deepEqual(sent.at(-1)?.split(" ").sort(), [
        "CAP",
        "REQ",
        "labeled-response",
        "message-tags",
      ]);
    }
  });

  it("keeps labels where there were no tags", () => {
    const { negotiation } = listed("batch labeled-response message-tags");
    hear(
      negotiation,
      "CAP * NAK :batch labeled-response message-tags",
      "CAP * ACK :batch labeled-response",
    );
    hear(negotiation, "CAP * NAK :message-tags", "CAP * DEL :message-tags");
    assert.ok(negotiation.enabled.has("labeled-response"));
  });

  it("ends in nothing where the server does not know how to ask", () => {
    const { negotiation } = listed(THREE);
    negotiation.requestUnknown();
    assert.ok(negotiation.isSettled);
    assert.deepEqual([...negotiation.enabled], []);
  });
});
