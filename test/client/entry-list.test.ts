import { strict as assert } from "node:assert";
import fc from "fast-check";
import { EntryList } from "../../src/client/entry-list.js";
import type { MessageEntry } from "../../src/client/model.js";

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

const ids = (list: EntryList) => list.entries.map((row) => row.id);

describe("the rows of a buffer", () => {
  it("take a piece of history in where what is known shows that it belongs", () => {
    const list = new EntryList([], 100);
    for (const n of [1, 2, 6]) list.add(entry(n));
    list.add(entry(99, "pending"));
    const fresh = list.insert([2, 3, 4, 6, 7].map((n) => entry(n)));
    assert.deepEqual(
      fresh.map((row) => row.id),
      ["m3", "m4", "m7"],
    );
    assert.deepEqual(ids(list), ["m1", "m2", "m3", "m4", "m6", "m7", "own99"]);
  });

  it("keep an older page before all, also where the clock stood still", () => {
    const list = new EntryList([], 100);
    const at = (n: number) => ({ ...entry(n), time: 5 });
    for (const n of [4, 5]) list.add(at(n));
    list.prepend([1, 2, 3].map(at));
    assert.deepEqual(ids(list), ["m1", "m2", "m3", "m4", "m5"]);
  });

  it("drop the oldest, but never what is still to be sent; scrolling back makes room, up to a limit", () => {
    const list = new EntryList([], 3);
    list.add({ ...entry(0, "failed") });
    for (const n of [101, 102, 103, 104]) list.add(entry(n));
    assert.deepEqual(ids(list), ["own0", "m103", "m104"]);
    list.prepend([98, 99, 100].map((n) => entry(n)));
    assert.equal(list.entries.length, 6);
    assert.ok(list.hasRoom);
    list.prepend(Array.from({ length: 50 }, (_, n) => entry(n)));
    assert.equal(list.entries.length, 15);
    assert.ok(!list.hasRoom);
  });

  it("are each there once, with what is pending at the end, whatever happens in which order", () => {
    const number = fc.integer({ min: 0, max: 40 });
    const step = fc.oneof(
      fc.record({ does: fc.constant("hear" as const), n: number }),
      fc.record({ does: fc.constant("say" as const), n: number }),
      fc.record({ does: fc.constant("confirm" as const), n: number }),
      fc.record({ does: fc.constant("fail" as const), n: number }),
      fc.record({ does: fc.constant("retry" as const), n: number }),
      fc.record({ does: fc.constant("history" as const), n: number }),
      fc.record({ does: fc.constant("handOut" as const), n: number }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new EntryList([], 1_000);
        let shown = list.entries;
        let copy = [...shown];
        for (const { does, n } of steps) {
          if (does === "hear" && !list.knows(`m${n}`)) list.add(entry(n));
          if (does === "say" && !list.knows(`own${n}`)) list.add(entry(n, "pending"));
          if (does === "confirm") list.change(`own${n}`, { status: "sent" });
          if (does === "fail") list.change(`own${n}`, { status: "failed" });
          if (does === "retry") list.change(`own${n}`, { status: "pending" });
          if (does === "history") list.insert([n, n + 1, n + 2].map((k) => entry(k)));
          if (does === "handOut") {
            assert.deepEqual(shown, copy, "what was handed out never changes");
            list.handOut();
            shown = list.entries;
            copy = [...shown];
          }
          assert.equal(new Set(ids(list)).size, list.entries.length);
          const states = list.entries.map(
            (row) => row.kind === "message" && row.status === "pending",
          );
          assert.deepEqual(
            states,
            states.toSorted((a, b) => Number(a) - Number(b)),
          );
        }
        assert.deepEqual(shown, copy, "what was handed out never changes");
      }),
    );
  });
});
