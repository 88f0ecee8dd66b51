import assert from "node:assert/strict";
import { applyUpdate } from "../../src/bridge/diff.js";
import type { ToWebview } from "../../src/bridge/protocol.js";
import type { ViewState } from "../../src/bridge/view.js";
import { ViewFeed } from "../../src/bridge/view-feed.js";
import { message, nothing, showing, view } from "../webview/support/views.js";

/** A feed whose view is set by hand, and the page at its other end. */
class Rig {
  view = view;
  readonly sent: ToWebview[] = [];
  page: ViewState | undefined;
  readonly feed = new ViewFeed(
    () => this.view,
    (message) => {
      this.sent.push(message);
      if (message.type === "snapshot") this.page = message.view;
      if (message.type === "updates")
        this.page = this.page && message.updates.reduce(applyUpdate, this.page);
    },
  );

  async show(next: ViewState): Promise<void> {
    this.view = next;
    this.feed.changed();
    await Promise.resolve();
  }
}

describe("the feed of a page", () => {
  it("begins with a snapshot when the page listens, and sends nothing before", async () => {
    const rig = new Rig();
    await rig.show(nothing);
    assert.deepEqual(rig.sent, []);
    rig.feed.start();
    assert.deepEqual(rig.sent, [{ type: "snapshot", view: nothing }]);
  });

  it("merges all that happens while the page draws into one update", async () => {
    const rig = new Rig();
    rig.feed.start();
    for (let n = 0; n < 500; n++) {
      const rows = [...(rig.view.current?.rows ?? []), message("bob", `${n}`)];
      await rig.show(showing({ rows }));
    }
    assert.equal(rig.sent.length, 1);
    rig.feed.drawn();
    assert.equal(rig.sent.length, 2);
    assert.deepEqual(rig.page, rig.view);
    rig.feed.drawn();
    assert.equal(rig.sent.length, 2);
  });

  it("sends at once what changes when everything is drawn, one turn's changes together", async () => {
    const rig = new Rig();
    rig.feed.start();
    rig.feed.drawn();
    rig.view = showing({ topic: "one" });
    rig.feed.changed();
    await rig.show(showing({ topic: "two" }));
    assert.equal(rig.sent.length, 2);
    assert.equal(rig.page?.current?.topic, "two");
  });

  it("does not wait for the drawing of what was no change", async () => {
    const rig = new Rig();
    rig.feed.start();
    rig.feed.drawn();
    await rig.show({ ...view });
    await rig.show(showing({ topic: "new" }));
    assert.equal(rig.page?.current?.topic, "new");
  });

  it("starts anew with a page that listens again, whatever the one before has drawn", async () => {
    const rig = new Rig();
    rig.feed.start();
    rig.feed.stop();
    await rig.show(nothing);
    rig.feed.drawn();
    assert.equal(rig.sent.length, 1);
    rig.feed.start();
    assert.deepEqual(rig.page, nothing);
  });

  it("tells when everything has been sent, also when the page goes", async () => {
    const rig = new Rig();
    rig.feed.start();
    await rig.feed.flushed();
    await rig.show(nothing);
    const order: string[] = [];
    const flushed = rig.feed.flushed().then(() => order.push("flushed"));
    await Promise.resolve();
    order.push("drawn");
    rig.feed.drawn();
    await flushed;
    assert.deepEqual(order, ["drawn", "flushed"]);
    await rig.show(view);
    const gone = rig.feed.flushed();
    rig.feed.stop();
    await gone;
  });
});
