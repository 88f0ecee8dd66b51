import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Row } from "../../src/client/entry-identity.js";
import type { EventEntry, MessageEntry } from "../../src/client/model.js";
import { Timeline } from "../../src/client/timeline.js";
import type { TimelineLimits } from "../../src/client/timeline-bounds.js";
import type { Place } from "../../src/client/timeline-merge.js";

function entry(n: number, status: MessageEntry["status"] = "sent"): MessageEntry {
  return {
    kind: "message",
    id: status === "sent" ? `m${n}` : `own${n}`,
    msgid: status === "sent" ? `m${n}` : undefined,
    time: n,
    nick: "bob",
    text: String(n),
    form: "message",
    own: status !== "sent",
    mention: false,
    status,
    error: undefined,
    address: undefined,
  };
}

function join(n: number): EventEntry {
  return {
    kind: "event",
    id: `join${n}`,
    time: n,
    event: { type: "join", nick: `n${n}`, address: undefined },
  };
}

function newTimeline(
  limits: Partial<TimelineLimits> = {},
  hasHistory = true,
  redacted: ReadonlySet<string> = new Set(),
): Timeline {
  let ids = 0;
  return new Timeline([], false, {
    limits: { maxEntries: 10_000, maxBytes: 1e9, ...limits },
    newId: () => `gap${++ids}`,
    hasHistory: () => hasHistory,
    redacted,
  });
}

const NOWHERE: Place = { next: "nothing" };
const ids = (timeline: Timeline) =>
  timeline.entries.map((row) => (row.kind === "gap" ? "…" : row.id));
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const gaps = (timeline: Timeline) =>
  timeline.entries.filter(({ kind }) => kind === "gap").map(({ id }) => id);

/** A timeline that has heard 1 and 2, was away, and heard 6. */
function interrupted(): Timeline {
  const timeline = newTimeline();
  for (const n of [1, 2]) timeline.add(entry(n));
  timeline.beginAbsence();
  timeline.add(entry(6));
  return timeline;
}

describe("the timeline of a buffer", () => {
  it("takes a piece of history in where what is known shows that it belongs", () => {
    const timeline = newTimeline();
    for (const n of [1, 2, 6]) timeline.add(entry(n));
    timeline.add(entry(99, "pending"));
    const rows = [2, 3, 4, 6, 7].map((n) => entry(n));
    const fresh = timeline.insert({ rows, place: NOWHERE, isLast: false });
    assert.deepEqual(
      fresh.map((row) => row.id),
      ["m3", "m4", "m7"],
    );
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4", "m6", "m7", "own99"]);
  });

  it("marks where something may be missing when a line comes after an absence", () => {
    assert.deepEqual(ids(interrupted()), ["m1", "m2", "…", "m6"]);
  });

  it("marks nothing where the server keeps no history", () => {
    const timeline = newTimeline({}, false);
    timeline.add(entry(1));
    timeline.beginAbsence();
    timeline.add(entry(6));
    assert.deepEqual(ids(timeline), ["m1", "m6"]);
  });

  it("closes a gap with a page that reaches its other side, and with no other", () => {
    const timeline = interrupted();
    const gap = timeline.firstMissed!;
    const place: Place = { next: "after", gap };
    timeline.insert({ rows: [entry(3), entry(4)], place, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4", "…", "m6"]);
    timeline.insert({ rows: [entry(5), entry(6), entry(7)], place, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4", "m5", "m6", "m7"]);
    assert.equal(timeline.firstMissed, undefined);
  });

  it("closes a gap from its newer side as well", () => {
    const timeline = interrupted();
    const place: Place = { next: "before", gap: timeline.firstMissed! };
    timeline.insert({ rows: [entry(4), entry(5)], place, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m2", "…", "m4", "m5", "m6"]);
    timeline.insert({ rows: [entry(1), entry(2), entry(3)], place, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4", "m5", "m6"]);
  });

  it("closes a gap when the server has no more", () => {
    const timeline = interrupted();
    const place: Place = { next: "after", gap: timeline.firstMissed! };
    timeline.insert({ rows: [], place, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m6"]);
  });

  describe("keeps a gap when a page holds a line whose clock was ahead", () => {
    const late = (): MessageEntry => ({ ...entry(50), time: 300_000 });
    const page = () => [entry(7), entry(8), entry(9), late()];
    for (const order of [
      [1, 50, 2],
      [1, 2, 50],
      [50, 1, 2],
    ]) {
      const before = () => order.map((n) => (n === 50 ? late() : entry(n)));
      const heard = () => {
        const timeline = newTimeline();
        for (const row of before()) timeline.add(row);
        timeline.beginAbsence();
        return timeline;
      };
      for (const next of ["end", "after", "before"] as const)
        it(`which stood there as ${order.join(" ")}, at the page's place "${next}"`, () => {
          const timeline = heard();
          timeline.add(entry(9));
          const gap = timeline.firstMissed!;
          const place: Place = next === "end" ? { next } : { next, gap };
          timeline.insert({ rows: page(), place, isLast: false });
          const shown = ids(timeline);
          if (next === "after") assert.deepEqual(shown, ["m1", "m2", "m7", "m8", "m9", "m50"]);
          else assert.deepEqual(shown, ["m1", "m2", "…", "m7", "m8", "m9", "m50"]);
          checkShape(timeline);
        });

      it(`which stood there as ${order.join(" ")}, before anything else has come`, () => {
        const timeline = heard();
        timeline.insert({ rows: page(), place: { next: "end" }, isLast: false });
        assert.deepEqual(ids(timeline), ["m1", "m2", "…", "m7", "m8", "m9", "m50"]);
        const place: Place = { next: "after", gap: gaps(timeline)[0]! };
        timeline.insert({ rows: [3, 4, 5, 6, 7].map((n) => entry(n)), place, isLast: false });
        assert.deepEqual(ids(timeline), [...numbers(1, 9).map((n) => `m${n}`), "m50"]);
      });
    }
  });

  it("goes on from a page after which nothing has come yet", () => {
    const timeline = newTimeline();
    timeline.add(entry(1));
    timeline.beginAbsence();
    const place: Place = { next: "after", gap: timeline.firstMissed! };
    timeline.insert({ rows: [entry(2)], place, isLast: false });
    timeline.add(entry(5));
    assert.deepEqual(ids(timeline), ["m1", "m2", "…", "m5"]);
    timeline.insert({ rows: [entry(3), entry(4)], place, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4", "m5"]);
  });

  it("begins where the server has nothing before", () => {
    const timeline = newTimeline();
    timeline.beginAbsence();
    timeline.insert({ rows: [entry(3), entry(4)], place: { next: "end" }, isLast: false });
    assert.deepEqual(ids(timeline), ["…", "m3", "m4"]);
    assert.equal(timeline.startsAtBeginning, false);
    const place: Place = { next: "before", gap: gaps(timeline)[0]! };
    timeline.insert({ rows: [entry(1), entry(2)], place, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4"]);
    assert.equal(timeline.startsAtBeginning, true);
  });

  it("does not take our own coming in for a tie to what was said before it", () => {
    const timeline = newTimeline();
    timeline.beginAbsence();
    timeline.add(join(5));
    timeline.insert({ rows: [entry(1), entry(6)], place: { next: "end" }, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "join5", "m6"]);
    assert.equal(timeline.startsAtBeginning, true);
  });

  it("puts what we said but did not hear of where the server has it, not behind a later line", () => {
    const timeline = newTimeline();
    for (const n of [1, 2]) timeline.add(entry(n));
    timeline.add(entry(3, "pending"));
    timeline.beginAbsence();
    timeline.add(entry(5));
    const place: Place = { next: "after", gap: timeline.firstMissed! };
    const mine: MessageEntry = { ...entry(3, "pending"), status: "sent", msgid: "m3" };
    timeline.insert({ rows: [entry(2), mine, entry(4), entry(5)], place, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "m2", "own3", "m4", "m5"]);
  });

  it("has the server's order, also where lines came in another one", () => {
    const timeline = newTimeline();
    for (const n of [1, 3, 2, 4]) timeline.add(entry(n));
    timeline.insert({ rows: [1, 2, 3, 4].map((n) => entry(n)), place: NOWHERE, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m2", "m3", "m4"]);
  });

  it("knows lines without ids by time, nick and words, each as often as it was said", () => {
    const plain = (id: string, time: number, text: string): MessageEntry => ({
      ...entry(1),
      id,
      msgid: undefined,
      time,
      text,
    });
    const timeline = newTimeline();
    timeline.add(plain("a", 1, "ok"));
    timeline.add(plain("b", 1, "ok"));
    const rows = [
      plain("x", 1, "ok"),
      plain("y", 1, "ok"),
      plain("z", 1, "ok"),
      plain("w", 2, "no"),
    ];
    const fresh = timeline.insert({ rows, place: NOWHERE, isLast: false });
    assert.deepEqual(
      fresh.map(({ id }) => id),
      ["z", "w"],
    );
    assert.deepEqual(
      timeline.entries.map((row) => (row.kind === "message" ? row.text : "")),
      ["ok", "ok", "ok", "no"],
    );
  });

  it("knows what was sent without an echo when it finds it in the history", () => {
    const timeline = newTimeline();
    timeline.add(entry(1));
    timeline.add({ ...entry(5_000, "pending"), text: "hello" });
    timeline.change("own5000", { status: "sent", error: undefined });
    const stored: MessageEntry = { ...entry(9_000), text: "hello", own: true };
    timeline.insert({ rows: [entry(1), stored], place: { next: "end" }, isLast: true });
    assert.deepEqual(ids(timeline), ["m1", "own5000"]);
  });

  it("drops what was deleted, and does not take it back from a history", () => {
    const redacted = new Set<string>();
    const timeline = newTimeline({}, true, redacted);
    for (const n of [1, 2, 3]) timeline.add(entry(n));
    redacted.add("m2");
    timeline.redact("m2");
    timeline.insert({ rows: [1, 2, 3].map((n) => entry(n)), place: NOWHERE, isLast: false });
    assert.deepEqual(ids(timeline), ["m1", "m3"]);
  });
});

describe("a full timeline", () => {
  it("lets go the oldest, but never what is still to be sent, and says so by a gap", () => {
    const timeline = newTimeline({ maxEntries: 3 });
    timeline.add({ ...entry(0, "failed") });
    for (const n of [101, 102, 103, 104]) timeline.add(entry(n));
    assert.deepEqual(ids(timeline), ["own0", "…", "m103", "m104"]);
  });

  it("lets go comings and goings before anything that was said", () => {
    const timeline = newTimeline({ maxEntries: 20 });
    timeline.add({ ...entry(1), mention: true });
    for (const n of numbers(2, 300)) timeline.add(join(n));
    assert.deepEqual(ids(timeline), ["m1", ...numbers(282, 300).map((n) => `join${n}`)]);
    for (const n of numbers(301, 319)) timeline.add(entry(n));
    for (const n of numbers(320, 340)) timeline.add(join(n));
    assert.deepEqual(ids(timeline).slice(0, 20), ["m1", ...numbers(301, 319).map((n) => `m${n}`)]);
  });

  it("keeps an unread mention, however much is said after it", () => {
    const timeline = newTimeline({ maxEntries: 10 });
    timeline.add(entry(1));
    timeline.add({ ...entry(2), mention: true });
    timeline.unreadFrom = "m2";
    for (const n of numbers(3, 50)) timeline.add(entry(n));
    assert.deepEqual(ids(timeline), ["…", "m2", "…", ...numbers(42, 50).map((n) => `m${n}`)]);
    assert.equal(timeline.unreadFrom, "m2");
  });

  it("keeps the newest, and what is near to where the person looks", () => {
    const timeline = newTimeline({ maxEntries: 8 });
    for (const n of numbers(50, 57)) timeline.add(entry(n));
    for (let first = 50; first > 1; first -= 3) {
      const gap = gaps(timeline)[0];
      timeline.focus = ids(timeline).find((id) => id !== "…");
      const place: Place = gap === undefined ? NOWHERE : { next: "before", gap };
      const rows = numbers(Math.max(1, first - 3), first - 1).map((n) => entry(n));
      timeline.insert({ rows, place, isLast: first <= 4 });
      if (gaps(timeline).length === 0) break;
    }
    assert.ok(timeline.entries.length <= 10);
    assert.deepEqual(ids(timeline).slice(-2), ["m56", "m57"]);
  });

  it("is bounded in bytes", () => {
    const timeline = newTimeline({ maxBytes: 100_000 });
    for (const n of numbers(1, 50)) timeline.add({ ...entry(n), text: "x".repeat(10_000) });
    assert.ok(timeline.entries.length <= 6);
    assert.equal(ids(timeline).at(-1), "m50");
    timeline.add({ ...entry(51), text: "x".repeat(1_000_000) });
    assert.deepEqual(ids(timeline), ["…", "m51"]);
  });
});

describe("any interleaving of lines, pages and absences", () => {
  it("gives each entry once, with what is pending at the end, and never changes what was handed out", () => {
    const number = fc.integer({ min: 0, max: 40 });
    const step = fc.record({
      does: fc.constantFrom(
        "hear",
        "say",
        "confirm",
        "fail",
        "retry",
        "history",
        "handOut",
        "away",
        "redact",
      ),
      n: number,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isSmall) => {
        const timeline = newTimeline(isSmall ? { maxEntries: 6 } : {});
        let shown = timeline.entries;
        let copy = [...shown];
        for (const { does, n } of steps) {
          if (does === "hear" && !timeline.knows(`m${n}`)) timeline.add(entry(n));
          if (does === "say" && !timeline.knows(`own${n}`)) timeline.add(entry(n, "pending"));
          if (does === "confirm") timeline.change(`own${n}`, { status: "sent" });
          if (does === "fail") timeline.change(`own${n}`, { status: "failed" });
          if (does === "retry") timeline.change(`own${n}`, { status: "pending" });
          if (does === "away") timeline.beginAbsence();
          if (does === "redact") timeline.redact(`m${n}`);
          if (does === "history") {
            const rows = [n, n + 1, n + 2].map((k) => entry(k));
            timeline.insert({ rows, place: NOWHERE, isLast: false });
          }
          if (does === "handOut") {
            assert.deepEqual(shown, copy);
            timeline.handOut();
            shown = timeline.entries;
            copy = [...shown];
          }
          checkShape(timeline);
        }
        assert.deepEqual(shown, copy);
      }),
    );
  });

  it("gives the server's order, with gaps exactly where something is missing", () => {
    const step = fc.oneof(
      fc.constant({ does: "line" as const }),
      fc.constant({ does: "away" as const }),
      fc.constant({ does: "back" as const }),
      fc.record({
        does: fc.constant("page" as const),
        which: fc.nat(),
        side: fc.constantFrom("before" as const, "after" as const),
        length: fc.integer({ min: 1, max: 5 }),
      }),
      fc.constant({ does: "latest" as const }),
    );
    const run = fc.record({
      steps: fc.array(step, { maxLength: 80 }),
      hasIds: fc.boolean(),
      maxEntries: fc.constantFrom(8, 10_000),
    });
    fc.assert(
      fc.property(run, ({ steps, hasIds, maxEntries }) => {
        const server: Row[] = [];
        const timeline = newTimeline({ maxEntries });
        timeline.beginAbsence();
        let isHere = true;
        const line = (n: number): MessageEntry => ({
          ...entry(n),
          id: hasIds ? `m${n}` : `copy${n}-${Math.random()}`,
          msgid: hasIds ? `m${n}` : undefined,
          // Clocks stand still now and then.
          time: n - (n % 3),
        });
        for (const action of steps) {
          if (action.does === "away") {
            isHere = false;
            timeline.beginAbsence();
          } else if (action.does === "back") isHere = true;
          else if (action.does === "line") {
            server.push(entry(server.length + 1));
            if (isHere) timeline.add(line(server.length));
          } else if (!isHere) continue;
          else if (action.does === "latest") {
            const rows = server.slice(-3).map((row) => line(row.time));
            timeline.insert({ rows, place: { next: "end" }, isLast: server.length <= 3 });
          } else {
            const open = [...new Set([timeline.firstMissed ?? [], gaps(timeline)].flat())];
            const gap = open[action.which % Math.max(1, open.length)];
            if (gap === undefined) continue;
            // Without an entry to stand before or after, it is the newest that is asked for.
            if (timeline.around(gap)[action.side === "after" ? "before" : "after"].length === 0)
              continue;
            const page = pageOf(timeline, server.length, gap, action.side, action.length);
            timeline.focus = page.edge;
            timeline.insert({
              rows: page.numbers.map(line),
              place: { next: action.side, gap },
              isLast: page.isLast,
            });
          }
          checkShape(timeline);
          checkHoles(timeline, server.length, isHere);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const numberOf = (row: { text?: string }) => Number(row.text);

/** What a server with the messages 1 to `count` answers. */
function pageOf(
  timeline: Timeline,
  count: number,
  gap: string,
  side: "before" | "after",
  length: number,
): { numbers: number[]; isLast: boolean; edge: string | undefined } {
  const { before, after } = timeline.around(gap);
  if (side === "after") {
    const edge = before.at(-1);
    const from = edge === undefined ? 1 : numberOf(edge as MessageEntry) + 1;
    const to = Math.min(count, from + length - 1);
    return { numbers: numbers(from, to), isLast: to === count, edge: edge?.id };
  }
  const edge = after[0];
  const to = edge === undefined ? count : numberOf(edge as MessageEntry) - 1;
  const from = Math.max(1, to - length + 1);
  return { numbers: numbers(from, to), isLast: from === 1, edge: edge?.id };
}

function checkShape(timeline: Timeline): void {
  const { entries } = timeline;
  assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length, "each once");
  const isPending = entries.map((row) => row.kind === "message" && row.status === "pending");
  assert.deepEqual(
    isPending,
    isPending.toSorted((a, b) => Number(a) - Number(b)),
  );
  for (const [at, { kind }] of entries.entries())
    assert.ok(kind !== "gap" || entries[at + 1]?.kind !== "gap", "two gaps never touch");
}

function checkHoles(timeline: Timeline, count: number, isHere: boolean): void {
  let last = 0;
  // The first gap is not shown while it is asked for.
  const missed = timeline.firstMissed;
  let isAfterGap = missed !== undefined && timeline.around(missed).before.length === 0;
  const shown = timeline.entries.map((row) => (row.kind === "message" ? row.text : "…")).join(" ");
  for (const row of timeline.entries) {
    if (row.kind === "gap") {
      isAfterGap = true;
      continue;
    }
    const n = numberOf(row as MessageEntry);
    assert.ok(n > last, `the server's order: ${shown}`);
    assert.ok(isAfterGap || n === last + 1, `a gap where something is missing: ${shown}`);
    last = n;
    isAfterGap = false;
  }
  if (isHere && timeline.firstMissed === undefined && last > 0 && !isAfterGap)
    assert.equal(last, count, `the end: ${shown}`);
}
