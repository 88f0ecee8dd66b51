import assert from "node:assert/strict";
import { eventText, failureText } from "../../src/extension/words.js";

describe("the words for a failed connection", () => {
  for (const [detail, text] of [
    [
      "You are banned from this server",
      "You are banned from chat.example. Ask the host or an operator to let you in.",
    ],
    [
      "You are banned from this server: go away",
      "You are banned from chat.example (go away). Ask the host or an operator to let you in.",
    ],
    ["", "You are banned from chat.example. Ask the host or an operator to let you in."],
    [
      "K-lined: spam",
      "You are banned from chat.example (K-lined: spam). Ask the host or an operator to let you in.",
    ],
  ] as const)
    // prettier-ignore
    it(`say what to do about a ban, and its reason where one is given: “${detail}”`, () => {
      assert.equal(failureText({ code: "banned", detail }, "chat.example"), text);
    });
});

describe("the words for a changed certificate", () => {
  it("say where, and what to do", () => {
    const certificates = { fingerprint: "aa".repeat(32), expected: "bb".repeat(32) };
    const failure = {
      code: "certificate-changed",
      detail: "",
      host: "chat.example",
      port: 9898,
    } as const;
    const text = failureText({ ...failure, ...certificates }, "chat.example:9898");
    assert.match(text, /chat\.example, port 9898,.* Ask the host for a new invite link\./);
  });
});

describe("the words for what happened", () => {
  const mode = (modes: string) => eventText({ type: "mode", nick: "ann", modes }, "");
  for (const [modes, text] of [
    ["+k tea", "ann set a channel key"],
    ["-k *", "ann removed the channel's key"],
    ["-k tea", "ann removed the channel's key"],
    ["+lk 5 tea", "ann changed the mode: +lk 5 *"],
    ["+ko tea bob", "ann changed the mode: +ko * bob"],
    ["+o-k bob tea", "ann changed the mode: +o-k bob *"],
    ["+b k!*@*", "ann banned k!*@*"],
  ] as const)
    it(`show no key: ${modes}`, () => {
      assert.equal(mode(modes), text);
    });

  for (const [modes, text] of [
    ["+o bob", "ann made bob an operator"],
    ["-o bob", "ann took operator status from bob"],
    ["+v bob", "ann gave bob a voice"],
    ["-v bob", "ann took the voice from bob"],
    ["-b *!*@host", "ann lifted the ban on *!*@host"],
    ["+t", "ann let only operators set the topic"],
    ["-t", "ann let everyone set the topic"],
    ["+i", "ann made the channel invite-only"],
    ["-m", "ann let everyone talk here"],
    ["+l 5", "ann let no more than 5 people in"],
    ["-l", "ann removed the limit of people"],
    // Whom it is about was left out, or what it means is known to the server alone.
    ["+o", "ann changed the mode: +o"],
    ["+Z", "ann changed the mode: +Z"],
    ["+oo bob eve", "ann changed the mode: +oo bob eve"],
  ] as const)
    it(`say what a mode means: ${modes}`, () => {
      assert.equal(mode(modes), text);
    });

  for (const [reason, text] of [
    ["Connection lost: ECONNRESET", "bob left: the connection was lost"],
    ["Ping timeout: 240 seconds", "bob left: the connection was lost"],
    ["Read error: Connection reset by peer", "bob left: the connection was lost"],
    ["Remote host closed the connection", "bob left: the connection was lost"],
    ["Quit: Connection lost at last", "bob left: Connection lost at last"],
    ["Quit: ", "bob left"],
  ] as const)
    it(`say plainly why someone left: ${reason}`, () => {
      assert.equal(eventText({ type: "quit", nick: "bob", reason }, ""), text);
    });
});
