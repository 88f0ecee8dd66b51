import assert from "node:assert/strict";
import fc from "fast-check";
import { applyUpdate, diffView } from "../../src/bridge/diff.js";
import type {
  ConversationView,
  MemberView,
  MessageRow,
  RowView,
  ViewState,
  ViewUpdate,
} from "../../src/bridge/view.js";

function row(id: string, more: Partial<MessageRow> = {}): MessageRow {
  return {
    kind: "message",
    id,
    time: 0,
    from: "ann",
    nick: "ann",
    text: id,
    form: "message",
    own: false,
    mention: false,
    status: "sent",
    error: undefined,
    address: undefined,
    ...more,
  };
}

const member: MemberView = {
  key: "ann",
  role: undefined,
  away: false,
  awayMessage: "",
  isBot: false,
  isSelf: false,
  account: undefined,
  address: undefined,
};

const general: ConversationView = {
  id: "#general",
  name: "#general",
  kind: "channel",
  topic: "",
  canSend: true,
  audience: 1,
  members: [member],
  people: [],
  rows: ["a", "b", "c"].map((id) => row(id)),
  startsAtBeginning: false,
  unreadFrom: undefined,
  draft: "",
};

const view: ViewState = {
  connection: { phase: "offline" },
  isAudited: false,
  self: undefined,
  conversations: [],
  current: general,
  settings: { sendKey: "enter", showJoinLeave: "all", timeFormat: "auto" },
  commands: [],
};

function withRows(rows: readonly RowView[]): ViewState {
  return { ...view, current: { ...general, rows } };
}

/** What the rows updates of a step say, as `start-deleted+inserted`. */
function rowSteps(from: ViewState, to: ViewState): string[] {
  return diffView(from, to).map((update) =>
    update.type === "rows"
      ? `${update.start}-${update.deleted}+${update.inserted.map(({ id }) => id).join()}`
      : update.type,
  );
}

describe("view updates", () => {
  it("are none between a view and itself, or an equal one", () => {
    assert.deepEqual(diffView(view, view), []);
    assert.deepEqual(diffView(view, structuredClone(view)), []);
  });

  const d = row("d");
  const [a, b, c] = general.rows as [RowView, RowView, RowView];
  const steps: [string, RowView[], string[]][] = [
    ["a row that came", [a, b, c, d], ["3-0+d"]],
    ["a row that went from pending to sent", [a, row("b", { status: "failed" }), c], ["1-1+b"]],
    ["a row that was taken away", [a, c], ["1-1+"]],
    ["older rows", [row("x"), row("y"), a, b, c], ["0-0+x,y"]],
    ["a full list that drops its oldest", [b, c, d], ["0-1+", "2-0+d"]],
    ["older rows and a new one", [row("x"), a, b, c, d], ["0-0+x", "4-0+d"]],
    ["rows that have all gone", [], ["0-3+"]],
  ];
  for (const [title, rows, expected] of steps) {
    it(`name only what changed: ${title}`, () => {
      assert.deepEqual(rowSteps(view, withRows(rows)), expected);
    });
  }

  it("bring another conversation whole", () => {
    const next = { ...view, current: { ...general, id: "#dev", name: "#dev" } };
    assert.deepEqual(diffView(view, next), [{ type: "current", current: next.current }]);
  });

  it("leave the draft to the page while its conversation is on screen", () => {
    assert.deepEqual(diffView(view, { ...view, current: { ...general, draft: "typed" } }), []);
  });

  it("take the unread mark away although JSON drops what is undefined", () => {
    const before = { ...view, current: { ...general, unreadFrom: "b" } };
    assert.equal(travel(before, view).current?.unreadFrom, undefined);
  });

  it("are ignored where there is no conversation", () => {
    const empty = { ...view, current: undefined };
    const update: ViewUpdate = { type: "rows", start: 0, deleted: 0, inserted: [row("a")] };
    assert.deepEqual(applyUpdate(empty, update), empty);
  });

  it("added to a snapshot equal the later snapshot", () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 2, maxLength: 6 }), (states) => {
        let shown = states[0]!;
        for (const [index, next] of states.slice(1).entries()) {
          shown = travel(states[index]!, next, shown);
          assert.deepEqual(json(withoutDraft(shown)), json(withoutDraft(next)));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What the page shows after the step from `from` to `to` has crossed as JSON. */
function travel(from: ViewState, to: ViewState, shown: ViewState = from): ViewState {
  return (json(diffView(from, to)) as ViewUpdate[]).reduce(applyUpdate, shown);
}

function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function withoutDraft(state: ViewState): ViewState {
  return state.current === undefined
    ? state
    : { ...state, current: { ...state.current, draft: "" } };
}

const few = fc.constantFrom("a", "b", "c");
const maybe = fc.option(few, { nil: undefined });

// Few ids and values, so that lists often share rows, heads and tails.
const rowsOf: fc.Arbitrary<RowView[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 12 }),
      status: fc.constantFrom("sent", "pending"),
      error: maybe,
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .chain((rows) => fc.boolean().map((sort) => (sort ? rows.toSorted((x, y) => x.id - y.id) : rows)))
  .map((rows) =>
    rows.map(({ id, status, error }) => row(String(id), { status: status as "sent", error })),
  );

const conversations: fc.Arbitrary<ConversationView> = fc
  .record({
    id: fc.constantFrom("#a", "#b"),
    topic: few,
    canSend: fc.boolean(),
    audience: fc.nat(2),
    startsAtBeginning: fc.boolean(),
    unreadFrom: maybe,
    draft: few,
    rows: rowsOf,
    members: fc.array(fc.record({ key: few, away: fc.boolean(), address: maybe }), {
      maxLength: 3,
    }),
    people: fc.array(few, { maxLength: 2 }),
  })
  .map((some) => ({
    ...general,
    ...some,
    name: some.id,
    members: some.members.map((one) => ({ ...member, ...one })),
    people: some.people.map((nick) => ({
      key: nick,
      nick,
      displayName: undefined,
      color: undefined,
      avatar: undefined,
      picture: undefined,
    })),
  }));

const views: fc.Arbitrary<ViewState> = fc.record({
  connection: fc.oneof(
    fc.constant({ phase: "offline" as const }),
    few.map((text) => ({ phase: "waiting" as const, text, retryAt: 1 })),
  ),
  isAudited: fc.boolean(),
  self: fc.option(
    few.map((nick) => ({ nick, away: false, isHosting: false, takesPictures: false })),
    { nil: undefined },
  ),
  conversations: fc.array(
    few.map((id) => ({ id, name: id, kind: "channel" as const, unread: 0, mentions: 0 })),
    { maxLength: 3 },
  ),
  current: fc.option(conversations, { nil: undefined }),
  settings: fc.constantFrom(view.settings, { ...view.settings, sendKey: "ctrlEnter" as const }),
  commands: fc.array(
    few.map((name) => ({ name, usage: `/${name}`, description: "" })),
    { maxLength: 2 },
  ),
});
