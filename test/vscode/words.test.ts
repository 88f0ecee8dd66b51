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
    ["+t", "ann changed the mode: +t"],
    ["+b k!*@*", "ann changed the mode: +b k!*@*"],
  ] as const)
    it(`show no key: ${modes}`, () => {
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
