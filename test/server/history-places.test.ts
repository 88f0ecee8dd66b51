import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Query, Reference, StoredMessage, Target } from "../../src/server/history/store.js";
import { openHistory, storedMessage } from "../support/history.js";

const BUFFERS = ["#a", "#b", "ann bob"] as const;

/** What is in the history, to the best of a plain list's knowledge. */
class Model {
  readonly messages: StoredMessage[] = [];

  find({ buffer, after, before, keep, limit, withEvents, without = [] }: Query): string[] {
    const found = this.messages.filter(
      (m) =>
        m.buffer === buffer &&
        (withEvents || m.command !== "JOIN") &&
        !without.includes(m.command) &&
        (after === undefined || this.isBetween(after, m)) &&
        (before === undefined || this.isBetween(m, before)),
    );
    const kept = keep === "oldest" ? found.slice(0, limit) : found.slice(-limit);
    return kept.map(({ msgid }) => msgid);
  }

  targets(after: number, before: number, keep: Query["keep"], limit: number): Target[] {
    const latest = BUFFERS.flatMap(
      (buffer) => this.messages.findLast((m) => m.buffer === buffer && m.command !== "JOIN") ?? [],
    );
    const found = latest
      .filter(({ time }) => time > after && time < before)
      .sort((a, b) => a.time - b.time);
    return (keep === "oldest" ? found.slice(0, limit) : found.slice(-limit)).map(
      ({ buffer, time }) => ({
        buffer,
        time,
      }),
    );
  }

  private isBetween(a: Reference | StoredMessage, b: Reference | StoredMessage): boolean {
    return this.numberOf(a) < this.numberOf(b);
  }

  private numberOf(at: Reference | StoredMessage): number {
    return "kind" in at && at.kind === "msgid"
      ? Number(at.msgid.slice(2))
      : (at as { time: number }).time;
  }
}

function commandOf(number: number): string {
  if (number % 5 === 0) return "JOIN";
  return number % 7 === 0 ? "REDACT" : "PRIVMSG";
}

const arbitraryBuffer = fc.constantFrom(...BUFFERS);
const arbitraryStep = fc.oneof(
  fc.record({ kind: fc.constant("say" as const), count: fc.integer({ min: 1, max: 900 }) }),
  fc.record({
    kind: fc.constant("remove" as const),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.constant({ kind: "remove last" as const }),
  fc.constant({ kind: "rest" as const }),
  fc.record({
    kind: fc.constant("targets" as const),
    after: fc.integer({ min: -1, max: 3000 }),
    length: fc.constantFrom(1, 10, 1000, Infinity),
    keep: fc.constantFrom("oldest" as const, "newest" as const),
    limit: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant("find" as const),
    buffer: arbitraryBuffer,
    keep: fc.constantFrom("oldest" as const, "newest" as const),
    limit: fc.integer({ min: 1, max: 700 }),
    withEvents: fc.boolean(),
    without: fc.subarray(["JOIN", "REDACT"]),
    after: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
    before: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
  }),
);

describe("the messages of a conversation", () => {
  it("are found wherever they stand, in whatever order they were said and taken back", () => {
    fc.assert(
      fc.property(fc.array(arbitraryStep, { minLength: 5, maxLength: 25 }), (steps) => {
        const { history } = openHistory();
        const model = new Model();
        let said = 0;
        const remove = (index: number) => {
          const [gone] = model.messages.splice(index, 1);
          if (gone !== undefined) history.remove(gone.buffer, gone.msgid);
        };
        for (const step of steps) {
          if (step.kind === "say") {
            for (let i = 0; i < step.count; i++) {
              said++;
              const buffer = BUFFERS[(said * 7) % 3] ?? "#a";
              const m = storedMessage(said, buffer, commandOf(said));
              model.messages.push(m);
              history.append(m);
            }
            history.commit();
          } else if (step.kind === "remove") {
            remove(Math.floor(step.place * model.messages.length));
          } else if (step.kind === "remove last") {
            remove(model.messages.length - 1);
          } else if (step.kind === "rest") {
            for (let i = 0; i < 3; i++) history.rest();
          } else if (step.kind === "targets") {
            const { after, length, keep, limit } = step;
            assert.deepEqual(
              history
                .targets("ann", ["#a", "#b"], { after, before: after + length }, keep, limit)
                .map(({ buffer, time }) => ({ buffer, time })),
              model.targets(after, after + length, keep, limit),
            );
          } else {
            const { after, before, ...rest } = step;
            const query: Query = {
              ...rest,
              after: after === undefined ? undefined : { kind: "time", time: after },
              before: before === undefined ? undefined : { kind: "time", time: before },
            };
            assert.deepEqual(
              history.find(query).map(({ msgid }) => msgid),
              model.find(query),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("can be read while the disk is full, however many were said before", () => {
    const { history, database } = openHistory();
    for (let n = 1; n <= 5000; n++) history.append(storedMessage(n, n % 2 === 0 ? "#a" : "#b"));
    history.commit();
    const { page_count: pages } = database.prepare("PRAGMA page_count").get() as {
      page_count: number;
    };
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const query = { buffer: "#a", keep: "newest", limit: 3, withEvents: true } as const;
    for (let again = 0; again < 2; again++)
      assert.deepEqual(
        history.find(query).map(({ time }) => time),
        [4996, 4998, 5000],
      );
    database.exec("PRAGMA max_page_count = 1000000");
    history.append(storedMessage(5001, "#a"));
    history.commit();
    assert.deepEqual(
      history.find({ ...query, limit: 4 }).map(({ time }) => time),
      [4996, 4998, 5000, 5001],
    );
  });

  it("are filed when there are many of them, whether anybody looks for them or not", () => {
    const { history, database } = openHistory();
    for (let n = 1; n <= 10_001; n++) history.append(storedMessage(n, BUFFERS[n % 3] ?? "#a"));
    history.commit();
    const { n } = database.prepare("SELECT count(*) AS n FROM places").get() as { n: number };
    assert.equal(n, 10_001);
  });
});
