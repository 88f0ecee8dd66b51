// The view of online users.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { ChatService } from "../../src/extension/chat-service.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { OnlineUsersView } from "../../src/extension/views/online-users.js";
import { onCleanup } from "../support/cleanup.js";
import { FakeMemento, noSecrets } from "./support/fake-memento.js";
import { FakeSession } from "./support/fake-session.js";
import { Surfaces } from "./support/surfaces.js";

describe("the view of online users", () => {
  function show() {
    const surfaces = new Surfaces();
    const chat = new ChatService(new NetworkMemory(new FakeMemento(), noSecrets));
    const view = new OnlineUsersView(chat, vscode.Uri.file("/"), {
      onDidLoad: new vscode.EventEmitter<void>().event,
      peek: () => undefined,
    });
    onCleanup(() => {
      view.dispose();
      chat.dispose();
    });
    return { surfaces, chat, tree: surfaces.trees.get("parley.onlineUsers") };
  }

  it("is drawn anew when someone has changed, and not for what is said", async () => {
    const { chat, tree } = show();
    const nicks = async () =>
      ((await tree?.getChildren()) ?? []).map((node) => (node as { nick: string }).nick);
    let refreshes = 0;
    const drawn = new Promise<void>((resolve) =>
      tree?.onDidChangeTreeData?.(() => {
        refreshes++;
        resolve();
      }),
    );
    const session = new FakeSession();
    session.draft.openBuffer("#a", "channel");
    session.draft.updateUser("bob", { online: true });
    await chat.adopt(session.asSession(), { key: "key", label: "example.org" });
    await drawn;
    assert.deepEqual(await nicks(), ["ann", "bob"]);

    for (let i = 0; i < 5; i++) {
      session.draft.addEntry("#a", {
        kind: "event",
        id: String(i),
        time: i,
        event: { type: "info", text: "said" },
      });
      session.changes.fire();
    }
    // Longer than refreshes are gathered for.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(refreshes, 1);
    session.draft.updateUser("carl", { online: true });
    session.changes.fire();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(refreshes, 2);
    assert.deepEqual(await nicks(), ["ann", "bob", "carl"]);
  });

  it("says how to see someone when we are in no channel", async () => {
    const { surfaces, chat } = show();
    const session = new FakeSession();
    session.draft.openBuffer("#a", "channel");
    session.draft.updateUser("bob", { online: true });
    await chat.adopt(session.asSession(), { key: "key", label: "example.org" });
    assert.deepEqual(surfaces.texts("tree message"), []);
    for (const nick of ["ann", "bob"]) session.draft.updateUser(nick, { online: false });
    session.changes.fire();
    assert.deepEqual(surfaces.texts("tree message"), [
      "Join a channel to see who is online in it.",
    ]);
  });
});
