// What is unread: one count, and the same words beside it, in the tree, on its icon and in the status bar.
import { strict as assert } from "node:assert";
import { FoldedMap } from "../../src/irc/casemapping.js";
import type { ChatBuffer, ChatState } from "../../src/client/model.js";
import {
  conversationUnreadText,
  unreadSign,
  unreadText,
  unreadTotal,
} from "../../src/extension/unread.js";

describe("what is unread", () => {
  it("is the sum of what the tree shows, and says how much of it is for us", () => {
    const counts: Record<string, [ChatBuffer["kind"], number, number]> = {
      "#busy": ["channel", 31, 1],
      "#quiet": ["channel", 0, 0],
      bob: ["direct", 2, 2],
      "": ["server", 5, 0],
    };
    const buffers = new FoldedMap<ChatBuffer>("ascii");
    for (const [name, [kind]] of Object.entries(counts))
      buffers.set(name, { name, kind } as ChatBuffer);
    const unread = (id: string) => {
      const [, count = 0, mentions = 0] = counts[id] ?? [];
      return { unread: count, mentions };
    };
    const total = unreadTotal({ state: { buffers } as unknown as ChatState, unread });
    assert.deepEqual(total, { unread: 33, mentions: 3 });
    assert.equal(unreadText(total), "33 unread, 3 for you");
    assert.equal(unreadSign(total), "3");
    assert.equal(unreadSign({ unread: 31, mentions: 0 }), "Parley •");
    assert.equal(unreadText({ unread: 31, mentions: 0 }), "31 unread");
  });

  it("is the same number in the tree and on the tab of a direct message with notices", () => {
    const text = (unread: number, mentions: number) =>
      conversationUnreadText("direct", { unread, mentions });
    assert.equal(text(2, 2), "2 unread");
    assert.equal(text(3, 2), "3 unread, 2 for you");
    assert.equal(text(3, 0), "3 unread");
    assert.equal(
      conversationUnreadText("channel", { unread: 2, mentions: 2 }),
      "2 unread, 2 for you",
    );
  });
});
