// The chat of a window: which session it is, and what is typed into it.
import { strict as assert } from "node:assert";
import { ChatService } from "../../src/extension/chat-service.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { onCleanup } from "../support/cleanup.js";
import { FakeMemento, noSecrets } from "./support/fake-memento.js";
import { FakeSession } from "./support/fake-session.js";

const network = { key: "key", label: "example.org" };

function chatService(memento = new FakeMemento()): ChatService {
  const chat = new ChatService(new NetworkMemory(memento, noSecrets));
  onCleanup(() => {
    chat.dispose();
  });
  return chat;
}

describe("the chat of a window", () => {
  it("two leaves end one session, and none that is adopted between them", async () => {
    const chat = chatService();
    const [first, second] = [new FakeSession(), new FakeSession()];
    await chat.adopt(first.asSession(), network);
    const leaves = [chat.leave(), chat.leave()];
    await chat.adopt(second.asSession(), network);
    await Promise.all(leaves);

    assert.equal(chat.session, second);
    assert.deepEqual([first.isClosed, second.isClosed], [true, false]);
  });

  it("of two sessions that are adopted at the same time, one stays and the other is ended", async () => {
    const chat = chatService();
    const sessions = [new FakeSession(), new FakeSession(), new FakeSession()];
    await Promise.all(sessions.map((session) => chat.adopt(session.asSession(), network)));

    assert.equal(chat.session, sessions[2]);
    assert.deepEqual(
      sessions.map(({ isClosed }) => isClosed),
      [true, true, false],
    );
  });

  it("what is typed goes on with a person who takes another nick, though nothing was said yet", async () => {
    const chat = chatService();
    const session = new FakeSession();
    await chat.adopt(session.asSession(), network);
    session.draft.openBuffer("bob", "direct");
    session.draft.openBuffer("carl", "direct");
    chat.open("bob");
    chat.setDraft("bob", "half a thou");
    chat.setDraft("carl", "unseen");
    session.draft.renameBuffer("bob", "Rob");
    session.draft.renameBuffer("carl", "rob");
    session.changes.fire();

    assert.equal(chat.current, "rob");
    assert.equal(chat.draft("rob"), "half a thou\nunseen");
    assert.deepEqual([chat.draft("bob"), chat.draft("carl")], ["", ""]);
  });

  it("a conversation whose only message is discarded goes, unless something is typed there", async () => {
    const chat = chatService();
    const session = new FakeSession();
    await chat.adopt(session.asSession(), network);
    session.openDirect("bob");
    session.openDirect("carl");
    chat.open("carl");
    chat.setDraft("carl", "half a thou");
    for (const name of ["bob", "carl"]) chat.discard(name, "row");
    session.changes.fire();

    assert.deepEqual([...session.state.buffers.keys()].filter(Boolean), ["carl"]);
    assert.equal(chat.current, "carl");
    assert.equal(chat.draft("carl"), "half a thou");
  });

  it("a draft survives leaving and joining, and so does what was on screen", async () => {
    const memento = new FakeMemento();
    const before = chatService(memento);
    const open = (session: FakeSession) => {
      session.draft.openBuffer("#a", "channel");
      session.draft.openBuffer("bob", "direct");
      return session.asSession();
    };
    await before.adopt(open(new FakeSession()), network);
    before.open("bob");
    before.setDraft("bob", "half");
    await before.leave();
    const after = chatService(memento);
    await after.adopt(open(new FakeSession()), network);

    assert.deepEqual([after.current, after.draft("bob")], ["bob", "half"]);
  });

  it("what is on screen is kept at once, whatever becomes of the window", async () => {
    const memento = new FakeMemento();
    const open = (session: FakeSession) => {
      session.draft.openBuffer("#a", "channel");
      session.draft.openBuffer("#b", "channel");
      return session.asSession();
    };
    const before = chatService(memento);
    await before.adopt(open(new FakeSession()), network);
    before.open("#b");
    const after = chatService(memento);
    await after.adopt(open(new FakeSession()), network);

    assert.equal(after.current, "#b");
  });
});
