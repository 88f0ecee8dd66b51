import assert from "node:assert/strict";
import type { ChatBuffer, Entry } from "../../src/client/model.js";
import { ReadingPlace } from "../../src/extension/reading-place.js";
import { EARLIER_ROWS, LATER_ROWS } from "../../src/extension/row-window.js";
import { FoldedMap } from "../../src/irc/casemapping.js";

function entries(from: number, to: number): Entry[] {
  return Array.from({ length: to - from }, (_, n) => ({
    kind: "event",
    id: `e${from + n}`,
    time: from + n,
    event: { type: "info", text: "" },
  }));
}

function buffer(all: readonly Entry[], more: Partial<ChatBuffer> = {}): ChatBuffer {
  return {
    name: "#a",
    kind: "channel",
    joined: true,
    topic: "",
    topicSetBy: undefined,
    members: new FoldedMap("ascii"),
    entries: all,
    startsAtBeginning: true,
    unread: 0,
    mentions: 0,
    unreadFrom: undefined,
    ...more,
  };
}

/** The ids of the first and the last row, without the gaps at the edges. */
function ends(place: ReadingPlace, of: ChatBuffer): [string, string] {
  const rows = place.rows(of).entries.filter(({ kind }) => kind !== "gap");
  return [rows[0]!.id, rows.at(-1)!.id];
}

describe("the rows a page holds", () => {
  const long = buffer(entries(0, 20_000));

  it("are some hundreds of twenty thousand, with a gap for the rest", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    const { entries: rows, hasFirst } = place.rows(long);
    assert.equal(rows.length, 401);
    assert.deepEqual([rows[0]!.id, rows.at(-1)!.id, hasFirst], [EARLIER_ROWS, "e19999", false]);
  });

  it("go on over each edge up to the beginning and down again, never more than some hundreds", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    place.movedOnScreen(long, "e19650");
    let steps = 0;
    for (; !place.rows(long).hasFirst; steps++) {
      assert.ok(place.crossEdge(long, EARLIER_ROWS));
      assert.ok(place.rows(long).entries.length <= 802);
    }
    assert.deepEqual(ends(place, long)[0], "e0");
    assert.ok(steps < 60);
    while (place.rows(long).entries.some(({ id }) => id === LATER_ROWS)) {
      assert.ok(place.crossEdge(long, LATER_ROWS));
      assert.ok(place.rows(long).entries.length <= 802);
    }
    assert.deepEqual(ends(place, long)[1], "e19999");
  });

  it("follow the end only while it is on screen: what arrives takes nothing away from who reads", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    place.movedOnScreen(long, undefined);
    const later = buffer(entries(0, 21_000));
    assert.deepEqual(ends(place, later), ["e20600", "e20999"]);
    place.movedOnScreen(later, "e20650");
    const muchLater = buffer(entries(0, 30_000));
    assert.deepEqual(ends(place, muchLater), ["e20250", "e21049"]);
  });

  it("stay at the end when the page asks for more of it before it knows that it is there", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    place.movedOnScreen(long, undefined);
    assert.ok(place.crossEdge(long, LATER_ROWS));
    assert.deepEqual(ends(place, buffer(entries(0, 21_000))), ["e20600", "e20999"]);
  });

  for (const [edge, unreadFrom] of [
    [LATER_ROWS, "e1000"],
    [EARLIER_ROWS, "e1799"],
  ] as const)
    it(`stay where one reads when the gap at the edge is filled: ${edge.split(" ")[0]}`, () => {
      const place = new ReadingPlace();
      const gap: Entry = { kind: "gap", id: "gap", time: Infinity };
      const gapped = buffer([...entries(0, 1400), gap, ...entries(1400, 3000)], { unreadFrom });
      place.open("#a", gapped);
      assert.ok(place.crossEdge(gapped, edge));
      const [first, last] = ends(place, buffer(entries(0, 3000)));
      assert.deepEqual([first, last], ["e999", "e1798"]);
    });

  it("stand around the unread mark, or where the conversation was left", () => {
    const place = new ReadingPlace();
    const unread = buffer(long.entries, { unreadFrom: "e5000" });
    place.open("#a", unread);
    assert.deepEqual(ends(place, unread), ["e4600", "e5399"]);
    place.moved("#a", "e9000");
    place.open("#a", unread);
    assert.deepEqual(ends(place, unread), ["e8600", "e9399"]);
    place.renamed("#a", "#b");
    place.open("#b", unread);
    assert.deepEqual(ends(place, unread), ["e8600", "e9399"]);
    place.moved("#b", undefined);
    place.open("#b", buffer(long.entries));
    assert.deepEqual(ends(place, long)[1], "e19999");
  });

  it("stay where they are when the row they stand around goes", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    place.movedOnScreen(long, "e10000");
    const without = buffer(long.entries.filter(({ id }) => id !== "e10000"));
    assert.deepEqual(ends(place, without), ["e9600", "e10400"]);
  });

  it("are asked of the server where the gap is not their own edge", () => {
    const place = new ReadingPlace();
    place.open("#a", long);
    assert.equal(place.crossEdge(long, "some gap"), false);
  });

  it("put no second gap beside one of the server's", () => {
    const gap: Entry = { kind: "gap", id: "g", time: 0 };
    const all = buffer([...entries(0, 100), gap, ...entries(100, 499)]);
    const place = new ReadingPlace();
    place.open("#a", all);
    const { entries: rows } = place.rows(all);
    assert.deepEqual(
      rows.filter(({ kind }) => kind === "gap").map(({ id }) => id),
      ["g"],
    );
  });
});
