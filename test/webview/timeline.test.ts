import assert from "node:assert/strict";
import type { RowView } from "../../src/bridge/view.js";
import { timeline, traffic, type TimelineItem } from "../../src/webview/timeline.js";
import { event, message, MORNING, spaced } from "./support/views.js";

const all = { showJoinLeave: "all", unreadFrom: undefined } as const;
const condensed = { ...all, showJoinLeave: "condensed" } as const;
const none = { ...all, showJoinLeave: "none" } as const;

/** Items in a word each; a message that has no picture of its own begins with `+`. */
function words(items: readonly TimelineItem[]): string[] {
  return items.map((item) => {
    switch (item.kind) {
      case "message":
        return (item.head ? "" : "+") + item.row.text;
      case "event":
        return `(${item.row.text})`;
      case "condensed":
        return `(${item.rows.length} moves)`;
      case "day":
      case "unread":
      case "gap":
        return item.kind;
    }
  });
}

function show(rows: readonly RowView[], options: Parameters<typeof timeline>[1] = all): string[] {
  return words(timeline(rows, options));
}

const join = (nick: string) => event("join", nick, `${nick} joined`);
const leave = (nick: string) => event("leave", nick, `${nick} left`);

describe("the timeline", () => {
  it("groups an author's messages within five minutes", () => {
    const rows = [
      message("ann", "a", { time: MORNING }),
      message("ann", "b", { time: MORNING + 299_999 }),
      message("ann", "c", { time: MORNING + 300_000 }),
      message("bob", "d", { time: MORNING + 300_001 }),
    ];
    assert.deepEqual(show(rows), ["day", "a", "+b", "c", "d"]);
  });

  it("begins a group after an action, a notice or an event", () => {
    const rows = [
      message("ann", "a"),
      message("ann", "waves", { form: "action" }),
      message("ann", "b"),
      message("ann", "c", { form: "notice" }),
      join("bob"),
      message("ann", "d", { form: "notice" }),
    ];
    assert.deepEqual(show(rows), ["day", "a", "waves", "b", "c", "(bob joined)", "d"]);
  });

  it("says each day once, and begins groups anew", () => {
    const rows = spaced(
      [message("ann", "a"), message("ann", "b")],
      2,
      new Date(2026, 10, 20, 23, 59).getTime(),
    );
    assert.deepEqual(show(rows), ["day", "a", "day", "b"]);
  });

  it("has unique keys even when days come out of order", () => {
    const day = 86_400_000;
    const times = [0, day, 0, day];
    const items = timeline(
      times.map((offset) => message("ann", "a", { time: MORNING + offset })),
      all,
    );
    const keys = items.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
  });

  it("puts the unread mark before its row", () => {
    const rows = [message("ann", "a"), message("ann", "b"), message("ann", "c")];
    assert.deepEqual(show(rows, { ...all, unreadFrom: rows[1]!.id }), [
      "day",
      "a",
      "unread",
      "b",
      "+c",
    ]);
  });

  it("puts the unread mark before the next row shown when its own is hidden", () => {
    const rows = [message("ann", "a"), join("bob"), message("ann", "b")];
    assert.deepEqual(show(rows, { ...none, unreadFrom: rows[1]!.id }), ["day", "a", "unread", "b"]);
    assert.deepEqual(show(rows.slice(0, 2), { ...none, unreadFrom: rows[1]!.id }), ["day", "a"]);
  });

  it("condenses runs of joins and leaves, and leaves one alone as it is", () => {
    const rows = [
      join("a"),
      join("b"),
      leave("a"),
      message("ann", "x"),
      join("c"),
      message("ann", "y"),
    ];
    assert.deepEqual(show(rows, condensed), ["day", "(3 moves)", "x", "(c joined)", "y"]);
  });

  it("condenses nothing but joins and leaves", () => {
    const rows = [join("a"), join("b"), event("topic", "a", "topic"), join("c"), join("d")];
    assert.deepEqual(show(rows, condensed), ["day", "(2 moves)", "(topic)", "(2 moves)"]);
  });

  it("ends a run at the unread mark", () => {
    const rows = [join("a"), join("b"), join("c"), join("d")];
    assert.deepEqual(show(rows, { ...condensed, unreadFrom: rows[2]!.id }), [
      "day",
      "(2 moves)",
      "unread",
      "(2 moves)",
    ]);
  });

  it("hides joins and leaves by setting, and nothing else", () => {
    const rows = [join("a"), message("ann", "x"), leave("a"), event("kick", "b", "b was kicked")];
    assert.deepEqual(show(rows, none), ["day", "x", "(b was kicked)"]);
  });

  it("never makes an event of what somebody typed", () => {
    const rows = [
      message("eve", ">> bob joined"),
      message("eve", "*** bob left", { form: "notice" }),
    ];
    assert.deepEqual(
      timeline(rows, condensed).map(({ kind }) => kind),
      ["day", "message", "message"],
    );
  });
});

describe("the words for a run", () => {
  it("tell who came, who left, who did both, and who is back", () => {
    const rows = [join("a"), join("b"), leave("b"), leave("c"), leave("d"), join("d")];
    assert.deepEqual(traffic(rows), { joined: ["a"], left: ["c"], passed: ["b"], returned: ["d"] });
  });
});
