import assert from "node:assert/strict";
import fc from "fast-check";
import {
  channelNameProblem,
  nextNick,
  nickProblem,
  normalizeNick,
  NICK_MAX_BYTES,
  type NameProblem,
} from "../../src/irc/names.js";
import { utf8Length } from "../../src/irc/utf8.js";
import { anyText } from "./arbitraries.js";

const nicks: [nick: string, problem: NameProblem | undefined][] = [
  ["ann", undefined],
  ["Zoë", undefined],
  ["李雷", undefined],
  ["Анна", undefined],
  ["نور", undefined],
  ["วิทยา", undefined],
  ["श्री", undefined],
  ["_ann-2", undefined],
  ["[ann]`\\^{}|", undefined],
  ["a".repeat(64), undefined],
  ["é".repeat(32), undefined],
  ["", "empty"],
  ["a".repeat(65), "too-long"],
  ["é".repeat(33), "too-long"],
  ["2ann", "bad-start"],
  ["005", "bad-start"],
  ["٣ann", "bad-start"],
  ["-ann", "bad-start"],
  ["\u0301ann", "bad-start"],
  ["an n", "bad-character"],
  ["an\u00a0n", "bad-character"],
  ["#ann", "bad-character"],
  ["@ann", "bad-character"],
  ["+ann", "bad-character"],
  ["~ann", "bad-character"],
  [":ann", "bad-character"],
  ["ann!a@h", "bad-character"],
  ["a*n", "bad-character"],
  ["a?n", "bad-character"],
  ["a,b", "bad-character"],
  ["irc.example", "bad-character"],
  ["a\nb", "bad-character"],
  ["a\ud800", "bad-character"],
  ["ann👍", "bad-character"],
  ["ann\u200b", "bad-character"],
  ["ann\u202e", "bad-character"],
  ["ann\u3164", "bad-character"],
  ["ann\ufe0f", "bad-character"],
  ["Zoe\u0308", "bad-character"],
  ["a" + "\u0301\u0302\u0303\u0304\u0306\u0307", "bad-character"],
  ["NickServ", "reserved"],
  ["Server", "reserved"],
  ["host", "reserved"],
  ["ｓerver", "reserved"],
  ["Ѕуѕtеm", "reserved"],
  ["hostess", undefined],
];

describe("nicks", () => {
  for (const [nick, problem] of nicks) {
    it(`${JSON.stringify(nick).slice(0, 30)} ${problem ?? "is fine"}`, () => {
      assert.equal(nickProblem(nick), problem);
    });
  }

  it("are taken as they were meant: without outer spaces, the accent on its letter", () => {
    assert.equal(normalizeNick(" Zoe\u0308 "), "Zoë");
    assert.equal(nickProblem(normalizeNick("Zoe\u0308")), undefined);
  });

  it("can be mistaken for no channel, mask, prefix, list, number or server", () => {
    const unit = fc.oneof(fc.constantFrom(...Array.from("aZ9_-|é李Анн\u0301")), anyText);
    const short = fc.string({ unit, minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(short.map(normalizeNick), (nick) => {
        fc.pre(nickProblem(nick) === undefined);
        assert.doesNotMatch(nick, /[\s#&+%@~!*?,:.$/\p{C}]|^\p{N}/u);
      }),
      { numRuns: 300 },
    );
  });
});

describe("nextNick", () => {
  const cases: [nick: string, next: string][] = [
    ["ann", "ann2"],
    ["ann2", "ann3"],
    ["ann9", "ann10"],
    ["ann99", "ann100"],
    ["ann0", "ann1"],
    ["agent007", "agent008"],
    ["agent009", "agent010"],
    ["a2b", "a2b2"],
    ["Zoë", "Zoë2"],
    ["李雷", "李雷2"],
    ["a".repeat(64), `${"a".repeat(63)}2`],
    [`${"a".repeat(63)}9`, `${"a".repeat(62)}10`],
    ["é".repeat(32), `${"é".repeat(31)}2`],
    ["👍".repeat(16), `${"👍".repeat(15)}2`],
    ["ann999999999", "ann1000000000"],
  ];
  for (const [nick, next] of cases) {
    it(`${nick.slice(0, 16)} (${nick.length}) gives ${next.slice(-12)}`, () => {
      assert.equal(nextNick(nick), next);
    });
  }

  it("keeps a server's own limit", () => {
    assert.equal(nextNick("annabelle", 9), "annabell2");
  });

  it("gives another nick each time, all valid where the first was", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zé李]{1,40}[0-9]{0,4}$/), (first) => {
        fc.pre(nickProblem(first) === undefined);
        const seen = new Set([first]);
        for (let nick = first, i = 0; i < 20; i++) {
          nick = nextNick(nick);
          assert.equal(nickProblem(nick), undefined);
          assert.ok(!seen.has(nick));
          seen.add(nick);
        }
      }),
    );
  });

  it("never throws and keeps the limit", () => {
    fc.assert(
      fc.property(anyText, (nick) => {
        assert.ok(utf8Length(nextNick(nick)) <= NICK_MAX_BYTES);
      }),
    );
  });
});

describe("channel names", () => {
  const channels: [name: string, problem: NameProblem | undefined][] = [
    ["#general", undefined],
    ["#общий", undefined],
    ["#c++", undefined],
    ["##", undefined],
    ["#🎉-party", undefined],
    ["#❤️", undefined],
    ["", "empty"],
    ["#", "empty"],
    ["general", "bad-start"],
    ["&local", "bad-start"],
    [`#${"a".repeat(64)}`, "too-long"],
    ["#a b", "bad-character"],
    ["#a,b", "bad-character"],
    ["#a:b", "bad-character"],
    ["#a\x07", "bad-character"],
    ["#*", "bad-character"],
    ["#a\u200b", "bad-character"],
    ["#a\u3000b", "bad-character"],
    ["#a\ufe0f", "bad-character"],
    ["#a\ud800", "bad-character"],
    ["#e\u0301", "bad-character"],
  ];
  for (const [name, problem] of channels) {
    it(`${JSON.stringify(name).slice(0, 20)} ${problem ?? "is fine"}`, () => {
      assert.equal(channelNameProblem(name), problem);
    });
  }
});
