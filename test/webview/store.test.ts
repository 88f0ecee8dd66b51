import assert from "node:assert/strict";
import fc from "fast-check";
import type { MemberView, RowView } from "../../src/bridge/view.js";
import { arrivals, announcement, fromOthers } from "../../src/webview/arrivals.js";
import { complete, completionAt } from "../../src/webview/completion.js";
import {
  audienceWords,
  draftWords,
  obstacle,
  retryWords,
} from "../../src/webview/composer-words.js";
import { InputHistory } from "../../src/webview/input-history.js";
import {
  amountOf,
  itemsAround,
  lastItems,
  rangeFor,
  sameItems,
  type ItemRange,
} from "../../src/webview/item-range.js";
import { setStrings, t } from "../../src/webview/l10n.js";
import { readSaved, reduceView, rememberScroll, startingDraft } from "../../src/webview/store.js";
import { dayName, shortTime } from "../../src/webview/times.js";
import { event, general, member, message, MORNING, view } from "./support/views.js";

describe("the page's view", () => {
  it("is the snapshot with the updates after it", () => {
    const shown = reduceView(reduceView(undefined, { type: "snapshot", view }), {
      type: "updates",
      updates: [{ type: "connection", connection: { phase: "offline" } }],
    });
    assert.deepEqual(shown, { ...view, connection: { phase: "offline" } });
  });

  it("does not begin with an update", () => {
    assert.equal(
      reduceView(undefined, { type: "updates", updates: [{ type: "current", current: general }] }),
      undefined,
    );
  });
});

describe("what the page saved", () => {
  it("comes back", () => {
    const saved = {
      draft: { conversation: "#a", text: "x" },
      scroll: { "#a": { row: "r", at: 2, offset: 3 } },
      usersOpen: false,
    };
    assert.deepEqual(readSaved(JSON.parse(JSON.stringify(saved))), saved);
  });

  it("may be anything another version wrote", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { draft, usersOpen } = readSaved(value);
        assert.ok(draft === undefined || typeof draft.text === "string");
        assert.ok(usersOpen === undefined || typeof usersOpen === "boolean");
      }),
    );
    assert.deepEqual(
      readSaved({ draft: 1, scroll: { a: { row: 1 }, b: { row: "r", at: 0, offset: 1 } } }),
      {
        draft: undefined,
        scroll: { b: { row: "r", at: 0, offset: 1 } },
        usersOpen: undefined,
      },
    );
  });

  it("keeps the places of the fifty conversations left last", () => {
    let saved = readSaved(undefined);
    for (let n = 0; n < 60; n++)
      saved = rememberScroll(saved, `#${n}`, { row: "r", at: 0, offset: n });
    assert.equal(Object.keys(saved.scroll).length, 50);
    assert.equal(saved.scroll["#59"]?.offset, 59);
    assert.deepEqual(rememberScroll(saved, "#59", undefined).scroll["#59"], undefined);
  });

  it("has the newer draft of its own conversation only", () => {
    const saved = { ...readSaved(undefined), draft: { conversation: "#a", text: "newer" } };
    assert.equal(startingDraft(saved, { id: "#a", draft: "older" }), "newer");
    assert.equal(startingDraft(saved, { id: "#b", draft: "other" }), "other");
  });
});

describe("the rows drawn of a long list", () => {
  const items = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({ key: String(from + n) }));

  /** So many items of one weight. */
  const even = (count: number, weight = 50) => Array.from({ length: count }, () => weight);
  /** Lists of short and of very long items. */
  const weights = fc.oneof(
    fc.integer({ min: 1, max: 20_000 }).map((count) => even(count)),
    fc.array(fc.constantFrom(0, 50, 2_000, 16_000, 65_536), { minLength: 1, maxLength: 400 }),
  );

  it("are at most some hundreds, fewer of long ones, and go on from where one is in both directions", () => {
    fc.assert(
      fc.property(weights, fc.array(fc.boolean()), (weights, steps) => {
        const count = weights.length;
        let range = lastItems(weights);
        let visible: ItemRange = { start: Math.max(range.start, count - 20), end: count };
        for (const up of steps) {
          const start = up
            ? Math.max(range.start, visible.start - 30)
            : Math.max(0, Math.min(range.end, visible.end + 30) - 20);
          visible = { start, end: Math.min(range.end, start + 20) };
          range = rangeFor(visible, range, weights);
          assert.equal(rangeFor(visible, range, weights), range, "it moves on for ever");
          assert.ok(range.start >= 0 && range.end <= count && range.end - range.start <= 300);
          assert.ok(range.start <= visible.start && visible.end <= range.end);
          const sides = [
            [range.start === 0, amountOf({ start: range.start, end: visible.start }, weights)],
            [range.end === count, amountOf({ start: visible.end, end: range.end }, weights)],
          ] as const;
          for (const [isAll, beyond] of sides) {
            assert.ok(isAll || beyond.items >= 25 || beyond.weight >= 10_000);
            assert.ok(beyond.weight <= 100_000 + 65_536);
          }
        }
      }),
    );
  });

  it("stay the same objects while there is enough of them on both sides", () => {
    const range = { start: 100, end: 220 };
    const weights = even(1000);
    assert.equal(rangeFor({ start: 150, end: 170 }, range, weights), range);
    assert.deepEqual(rangeFor({ start: 110, end: 130 }, range, weights), { start: 50, end: 190 });
    assert.deepEqual(rangeFor({ start: 500, end: 520 }, { start: 0, end: 900 }, even(900)), {
      start: 440,
      end: 580,
    });
  });

  it("are as many as stand on the screen now, and more above, while the end is followed", () => {
    assert.deepEqual(lastItems(even(1000)), { start: 900, end: 1000 });
    assert.deepEqual(lastItems(even(1000, 16_000)), { start: 998, end: 1000 });
    const screen = { items: 28, weight: 28 * 16_000 };
    assert.deepEqual(lastItems(even(1000, 16_000), screen), { start: 970, end: 1000 });
  });

  it("are around the one that is wanted", () => {
    assert.deepEqual(itemsAround(500, even(1000)), { start: 440, end: 561 });
    assert.deepEqual(itemsAround(0, even(1000)), { start: 0, end: 61 });
    assert.deepEqual(itemsAround(5, even(10)), { start: 0, end: 10 });
    assert.deepEqual(itemsAround(5, even(10, 65_536)), { start: 4, end: 7 });
  });

  it("stay the same when others come before, after or between them, or go", () => {
    const range = { start: 10, end: 20 };
    assert.deepEqual(sameItems(range, items(0, 50), items(-5, 60)), { start: 15, end: 25 });
    assert.deepEqual(sameItems(range, items(0, 50), items(5, 60)), { start: 5, end: 15 });
    assert.deepEqual(sameItems(range, items(0, 50), items(12, 60)), { start: 0, end: 8 });
    const between = [...items(0, 15), ...items(100, 130), ...items(15, 50)];
    assert.deepEqual(sameItems(range, items(0, 50), between), { start: 10, end: 50 });
    assert.deepEqual(sameItems(range, items(0, 50), items(100, 300)), undefined);
  });
});

describe("news", () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => message("bob", text));

  it("is what came after the last row", () => {
    assert.deepEqual(arrivals([a!], [a!, b!, c!]), [b, c]);
  });

  it("is not what came before: older rows are not read out", () => {
    assert.deepEqual(arrivals([c!], [a!, b!, c!]), []);
    assert.deepEqual(arrivals([], [a!, b!]), []);
  });

  it("is not what was there before and is only sent now", () => {
    const gap: RowView = { kind: "gap", id: "g", time: 0 };
    assert.deepEqual(arrivals([a!, gap], [a!, b!, c!]), []);
  });

  it("is not a row that only changed, or the row before one that went", () => {
    assert.deepEqual(arrivals([a!, b!], [a!, { ...b!, status: "failed" }]), []);
    assert.deepEqual(arrivals([a!, b!], [a!]), []);
  });

  it("of others is read out, of many counted", () => {
    const own = message("ann", "mine", { own: true });
    const joined = event("join", "bob", "bob joined");
    assert.equal(announcement(fromOthers([own, joined, a!, b!])), "bob: a\nbob: b");
    assert.equal(announcement([a!, b!, c!, a!]), "4 new messages");
  });
});

describe("completion", () => {
  const offered = (text: string, caret = text.length) =>
    completionAt(text, caret, ["bob", "Bert", "carla"], view.commands)?.options.map(
      ({ label }) => label,
    );

  it("offers commands at the beginning, nicks anywhere", () => {
    assert.deepEqual(offered("/m"), ["/me <text>", "/msg <nick> <text>"]);
    assert.deepEqual(offered("hi @b"), ["@bob", "@Bert"]);
    assert.deepEqual(offered("@"), ["@bob", "@Bert", "@carla"]);
  });

  it("offers nothing in words, addresses, or where the only choice stands already", () => {
    for (const text of ["hello", "ann@b", "a /m", "/msg bo", "@nobody", "@carla", "/quit"]) {
      assert.equal(offered(text), undefined, text);
    }
  });

  it("looks at what stands before the caret", () => {
    assert.deepEqual(offered("hi @ca, how are you", 6), ["@carla"]);
  });

  it("puts the choice in place and the caret behind it", () => {
    const found = completionAt("hi @ca how", 6, ["carla"], [])!;
    assert.deepEqual(complete("hi @ca how", found, found.options[0]!), {
      text: "hi @carla how",
      caret: 10,
    });
  });
});

describe("what was sent before", () => {
  it("comes back by going up, and what was being written by going down", () => {
    const history = new InputHistory();
    history.add("one");
    history.add("two");
    assert.equal(history.previous("draft"), "two");
    assert.equal(history.previous("two"), "one");
    assert.equal(history.previous("one"), undefined);
    assert.equal(history.next("one"), "two");
    assert.equal(history.next("two"), "draft");
    assert.equal(history.next("draft"), undefined);
  });

  it("is a new beginning once it was changed", () => {
    const history = new InputHistory();
    history.add("one");
    assert.equal(history.previous(""), "one");
    assert.equal(history.next("one more"), undefined);
    assert.equal(history.previous("one more"), "one");
    assert.equal(history.next("one"), "one more");
  });
});

describe("the words around the composer", () => {
  const online = { phase: "online", server: "", details: [] } as const;
  const waiting = { phase: "waiting", text: "", retryAt: 0 } as const;

  it("tell whom a message reaches", () => {
    const words = (audience: number) =>
      audienceWords({ kind: "channel", name: "#general", audience, members: [], canSend: true });
    assert.equal(words(4), "to #general – 4 people");
    assert.equal(words(1), "to #general – 1 person");
    assert.equal(words(0), "to #general – no one else is here");
  });

  it("do not tell who is there while we are not", () => {
    const offline = { ...general, audience: 0, members: [], canSend: false };
    assert.equal(audienceWords(offline), "to #general");
  });

  it("tell when the one it reaches is away", () => {
    const words = (other: Partial<MemberView>) =>
      audienceWords({
        kind: "direct",
        name: "bob",
        audience: 1,
        canSend: true,
        members: [member("ann", { isSelf: true }), member("bob", other)],
      });
    assert.equal(words({}), "to bob");
    assert.equal(words({ away: true }), "to bob – away");
    assert.equal(words({ away: true, awayMessage: "lunch" }), "to bob – away: lunch");
  });

  it("tell why nothing can be sent, for each reason", () => {
    const blocked = { ...general, canSend: false };
    const reasons = [
      obstacle(blocked, waiting),
      obstacle(blocked, { ...waiting, wasOnline: true }),
      obstacle(blocked, { phase: "connecting", text: "" }),
      obstacle(blocked, { phase: "connecting", text: "", wasOnline: true }),
      obstacle(blocked, { phase: "approval", text: "", saidLine: undefined }),
      obstacle(blocked, { phase: "closed", cause: "kicked", text: "" }),
      obstacle(blocked, online),
      obstacle({ ...blocked, kind: "direct", name: "bob" }, online),
      obstacle({ ...blocked, kind: "server" }, online),
    ];
    assert.equal(new Set(reasons).size, reasons.length);
    assert.ok(!reasons.includes(undefined));
    assert.equal(obstacle(general, online), undefined);
  });

  it("tell when the connection is tried again, and of a draft only where there is one", () => {
    assert.equal(retryWords(waiting, 3), "Trying again in 3 s.");
    assert.equal(retryWords({ ...waiting, wasOnline: true }, 3), "Reconnecting in 3 s.");
    assert.equal(retryWords(waiting, 0), "Trying again…");
    assert.equal(retryWords(online, 0), "");
    assert.equal(draftWords(" \n"), "");
    assert.equal(draftWords("hello"), "Your draft is saved.");
  });
});

describe("times", () => {
  it("follow the setting", () => {
    const evening = new Date(2026, 10, 20, 21, 5).getTime();
    assert.equal(shortTime(evening, "24h", "en-US"), "21:05");
    assert.match(shortTime(evening, "12h", "en-GB"), /^9:05\spm$/i);
  });

  it("name today and yesterday, and the year only of another", () => {
    const day = 86_400_000;
    assert.equal(dayName(MORNING, MORNING, "en"), "Today");
    assert.equal(dayName(MORNING - day, MORNING, "en"), "Yesterday");
    assert.equal(dayName(MORNING - 3 * day, MORNING, "en"), "Tuesday, November 17");
    assert.equal(dayName(MORNING - 400 * day, MORNING, "en"), "Thursday, October 16, 2025");
  });
});

describe("strings", () => {
  afterEach(() => {
    setStrings(undefined);
  });

  it("are the table's, with arguments in their places", () => {
    setStrings(
      JSON.stringify({ "Message {0}": "Nachricht an {0}", "to {0} – {1} people": "{1} in {0}" }),
    );
    assert.equal(t("Message {0}", "#a"), "Nachricht an #a");
    assert.equal(t("to {0} – {1} people", "#a", 4), "4 in #a");
  });

  it("are English where there is no table, or a broken one", () => {
    for (const json of [undefined, "", "{", "null", '{"Send": 7}']) {
      setStrings(json);
      assert.equal(t("Send"), "Send");
    }
    assert.equal(t("constructor"), "constructor");
  });

  it("leave placeholders alone that have no argument", () => {
    assert.equal(t("{0} and {1}", "a"), "a and {1}");
  });
});
