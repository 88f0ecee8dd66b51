import assert from "node:assert/strict";
import type { ChatBuffer, ChatState, Entry, MessageEntry, User } from "../../src/client/model.js";
import { FoldedMap } from "../../src/irc/casemapping.js";
import { ViewModel, type ViewContext } from "../../src/extension/view-model.js";

function user(nick: string, change: Partial<User> = {}): User {
  return {
    nick,
    user: "u",
    host: "h",
    account: undefined,
    realname: undefined,
    away: undefined,
    isOperator: false,
    isBot: false,
    online: true,
    metadata: new Map(),
    ...change,
  };
}

function said(id: string, nick: string, text: string): MessageEntry {
  return {
    kind: "message",
    id,
    msgid: id,
    time: 1000,
    nick,
    text,
    form: "message",
    own: false,
    mention: false,
    status: "sent",
    error: undefined,
    address: undefined,
  };
}

function channel(entries: readonly Entry[], members: readonly [string, string][]): ChatBuffer {
  return {
    name: "#General",
    kind: "channel",
    joined: true,
    topic: "",
    topicSetBy: undefined,
    members: new FoldedMap(
      "ascii",
      members.map(([nick, prefixes]) => [nick, { nick, prefixes }] as const),
    ),
    entries,
    startsAtBeginning: false,
    unread: 0,
    mentions: 0,
    unreadFrom: undefined,
  };
}

function state(buffer: ChatBuffer, users: readonly User[]): ChatState {
  return {
    nick: "ann",
    account: undefined,
    isAway: false,
    serverName: "parley",
    networkName: "",
    isupport: new Map([["CASEMAPPING", "ascii"]]),
    caps: new Set(),
    isAudited: false,
    users: new FoldedMap(
      "ascii",
      users.map((one) => [one.nick, one] as const),
    ),
    buffers: new FoldedMap("ascii", [[buffer.name, buffer] as const]),
  };
}

const context: ViewContext = {
  connection: { phase: "online", server: "localhost", details: [] },
  isHosting: false,
  session: 1,
  serverName: "Example",
  isOnline: true,
  settings: { sendKey: "enter", showJoinLeave: "all", timeFormat: "24h" },
  commands: [],
  current: "#general",
  rows: ({ entries }) => ({ entries, hasFirst: true }),
  unread: () => ({ unread: 0, mentions: 0 }),
  unreadFrom: undefined,
  draft: "half a thou",
};

describe("view model", () => {
  it("a user's text never becomes an event row, however it is written", () => {
    const forgeries = [
      "*** bob Connected ***",
      "bob (10.0.0.7) Joined",
      ">>join|bob|1.2.3.4",
      "bob left",
    ];
    const buffer = channel(
      forgeries.map((text, i) => said(String(i), "bob", text)),
      [["bob", ""]],
    );

    const { current } = new ViewModel().next(state(buffer, [user("bob")]), context);

    assert.deepEqual(
      current?.rows.map((row) => [row.kind, row.kind === "message" && row.text]),
      forgeries.map((text) => ["message", text]),
    );
  });

  it("the owner's prefix is the host's badge, and the host comes first", () => {
    const buffer = channel(
      [],
      [
        ["ann", ""],
        ["Zoe", "~@"],
        ["bob", "+"],
      ],
    );

    const { current } = new ViewModel().next(state(buffer, []), context);

    assert.deepEqual(
      current?.members.map(({ key, role }) => [key, role]),
      [
        ["zoe", "host"],
        ["bob", "voice"],
        ["ann", undefined],
      ],
    );
  });

  it("a message for some of a channel says for whom, also with a prefix no role is known for", () => {
    const rows = ["@", "+", "!"].map((statusPrefix, i) => ({
      ...said(String(i), "bob", "psst"),
      statusPrefix,
    }));
    const buffer = channel([...rows, said("all", "bob", "hi")], [["bob", "@"]]);

    const { current } = new ViewModel().next(state(buffer, []), context);

    assert.deepEqual(
      current?.rows.map((row) => row.kind === "message" && row.visibleTo),
      ["operator", "voice", "operator", undefined],
    );
  });

  it("the audience is everybody else", () => {
    const buffer = channel(
      [],
      [
        ["ann", ""],
        ["bob", ""],
        ["carl", ""],
      ],
    );

    assert.equal(new ViewModel().next(state(buffer, []), context).current?.audience, 2);
  });

  it("somebody who spoke and is gone still has a face, from metadata that names no address", () => {
    const buffer = channel([said("1", "bob", "bye")], [["ann", ""]]);
    const bob = user("bob", {
      online: false,
      metadata: new Map([
        ["avatar", "https://example.org/track.png"],
        ["color", "slateblue"],
        ["display-name", "Bob"],
      ]),
    });

    const { current } = new ViewModel().next(state(buffer, [bob]), context);

    assert.deepEqual(
      current?.people.find(({ key }) => key === "bob"),
      {
        key: "bob",
        nick: "bob",
        displayName: "Bob",
        color: "#6a5acd",
        avatar: undefined,
        picture: undefined,
      },
    );
  });

  it("rows are those the page holds, and begin at the beginning only with the first of all", () => {
    const buffer = {
      ...channel([said("1", "bob", "a"), said("2", "bob", "b")], []),
      startsAtBeginning: true,
    };
    const shown = (hasFirst: boolean) =>
      new ViewModel().next(state(buffer, []), {
        ...context,
        rows: ({ entries }) => ({ entries: entries.slice(1), hasFirst }),
      }).current;

    assert.deepEqual(
      shown(false)?.rows.map(({ id }) => id),
      ["2"],
    );
    assert.deepEqual(
      [shown(false)?.startsAtBeginning, shown(true)?.startsAtBeginning],
      [false, true],
    );
  });

  it("the server is called as people know it, not as it calls itself", () => {
    const events = [
      { type: "connected", server: "parley" },
      { type: "mode", nick: "parley", modes: "+o ann" },
      { type: "topic", nick: "parley", topic: "Tea" },
      { type: "kick", nick: "bob", by: "parley", reason: "" },
    ] as const;
    const entries = events.map(
      (event, i) => ({ kind: "event", id: `${i}`, time: 0, event }) as const,
    );
    const texts = (model: ViewModel, serverName: string) =>
      model
        .next(state(channel(entries, []), []), { ...context, serverName })
        .current?.rows.map((row) => row.kind === "event" && row.text);
    const model = new ViewModel();

    assert.deepEqual(texts(model, "127.0.0.1"), [
      "Connected to 127.0.0.1",
      "127.0.0.1 made ann an operator",
      "127.0.0.1 set the topic: Tea",
      "bob was removed by 127.0.0.1",
    ]);
    assert.equal(texts(model, "Example")?.[0], "Connected to Example");
  });

  it("that we were removed ourselves stands out, and speaks to us", () => {
    const kick = (nick: string, reason: string) =>
      ({
        kind: "event",
        id: nick + reason,
        time: 1000,
        event: { type: "kick", nick, by: "bob", reason },
      }) as const;
    const buffer = channel([kick("Ann", "behave"), kick("ann", ""), kick("carl", "spam")], []);
    const { current } = new ViewModel().next(state(buffer, [user("ann")]), context);
    assert.deepEqual(
      current?.rows.map((row) => row.kind === "event" && [row.event, row.text]),
      [
        ["error", "You were removed by bob: behave"],
        ["error", "You were removed by bob"],
        ["kick", "carl was removed by bob: spam"],
      ],
    );
  });

  it("the conversation with the server has one name", () => {
    const server = { ...channel([], []), name: "", kind: "server" } as const;
    const view = new ViewModel().next(state(server, []), { ...context, current: "" });

    assert.equal(view.current?.name, "Server messages");
    assert.deepEqual(
      view.conversations.map(({ name }) => name),
      ["Server messages"],
    );
  });

  it("unchanged entries give the same rows", () => {
    const first = said("1", "bob", "a");
    const model = new ViewModel();
    const before = model.next(state(channel([first], []), []), context).current?.rows[0];
    const after = model.next(state(channel([first, said("2", "bob", "b")], []), []), context);

    assert.equal(after.current?.rows[0], before);
  });

  it("a message leaves the list of members as it is", () => {
    const members = channel([], [["ann", "~"]]);
    const talk = { ...members, entries: [said("1", "ann", "hi")] };
    const before = state(members, [user("ann")]);
    const after = {
      ...before,
      buffers: new FoldedMap("ascii", [[talk.name, talk] as const]),
    };
    const model = new ViewModel();
    const first = model.next(before, context).current?.members;

    assert.equal(model.next(after, context).current?.members, first);
  });

  it("nothing can be sent to a room that was left, or while offline", () => {
    const left = { ...channel([], []), joined: false };

    assert.equal(new ViewModel().next(state(left, []), context).current?.canSend, false);
    assert.equal(
      new ViewModel().next(state(channel([], []), []), { ...context, isOnline: false }).current
        ?.canSend,
      false,
    );
  });
});
