// Ann's own picture, as she and Bob and another program see it: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { connect } from "node:tls";
import type { Locator } from "playwright-core";
import { parseAddress } from "../../src/client/address.js";
import { onCleanup } from "../support/cleanup.js";
import { Peer, SocketLink } from "../support/peer.js";
import { exif, jpeg } from "../support/pictures.js";
import { ask, avatarOf } from "../support/pictures-http.js";
import { eventually } from "./eventually.js";
import { meet, part, people, type Person } from "./people.js";

const PLACE = "52.5163 N 13.3777 E";

describe("a picture of one's own", () => {
  let ann: Person;
  let bob: Person;
  let invite: string;

  before(async () => {
    ({ ann, bob } = await people());
    await ann.window.showViews();
    await bob.window.showViews();
    invite = await meet({ ann, bob });
  });

  after(async () => part(await people()));

  const picture = (where: Locator) => where.locator("own-picture img");

  it("is chosen from the profile, cropped, and seen by both in the list and beside what was said", async () => {
    await ann.window.runCommand("Chat: Set Profile…");
    await ann.window.pick(/Select what to change/, "Picture");
    await ann.window.pick(/Your picture/, "A picture of your own…");
    const chooser = ann.window.page.waitForEvent("filechooser");
    await ann.panel.button("Choose a Picture…").click();
    const buffer = jpeg({
      width: 800,
      height: 600,
      shade: (x, y) => (x + y) % 100,
      segments: [exif(PLACE)],
    });
    await (await chooser).setFiles({ name: "me.jpg", mimeType: "image/jpeg", buffer });
    await ann.panel.button("Use This Picture").click();
    await ann.panel.button("Use This Picture").waitFor({ state: "hidden" });

    for (const { panel } of [ann, bob]) await picture(panel.user("ann")).waitFor();
    await ann.panel.say("#general", "do you see me?");
    await picture(bob.panel.message("ann", "do you see me?")).waitFor();
  });

  it("stands in the view of online users", async () => {
    const row = bob.window.tree("Online Users").getByRole("treeitem", { name: /^ann/ });
    await eventually("the row has the picture", async () => {
      const icon = row.locator(".custom-view-tree-node-item-icon");
      const image = await icon.evaluate((element) => getComputedStyle(element).backgroundImage);
      const [, svg = ""] = /base64,([^"')]+)/.exec(image) ?? [];
      return Buffer.from(svg, "base64").includes("data:image/jpeg");
    });
  });

  it("is there again after a reload of whoever sees it", async () => {
    await bob.window.reload();
    await picture(bob.panel.user("ann")).waitFor();
  });

  it("is there again when its owner, and the server with them, is back from a reload", async () => {
    await ann.window.reload();
    await picture(ann.panel.user("ann")).waitFor();
    await picture(ann.panel.message("ann", "do you see me?")).waitFor();
  });

  it("is an address that another program can load, without the place it was taken at", async () => {
    const parsed = parseAddress(invite);
    assert.ok("address" in parsed);
    const { port, token } = parsed.address;
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    onCleanup(() => {
      socket.destroy();
    });
    const peer = new Peer(new SocketLink(socket));
    peer.send(`PASS ${token ?? ""}`);
    await peer.register("wendy", "draft/metadata-3");
    const url = (await avatarOf(peer, "ann")) ?? "";
    const { status, headers, body } = await ask("GET", url);
    assert.deepEqual([status, headers["content-type"]], [200, "image/jpeg"]);
    assert.ok(body.length > 500 && !body.includes(PLACE) && !body.includes("Exif"));
  });

  it("can be taken back", async () => {
    await ann.window.runCommand("Chat: Set Profile…");
    await ann.window.pick(/Select what to change/, "Picture");
    await ann.window.pick(/Your picture/, "Initials");
    await ann.window.dismiss(/Select what to change/);

    for (const { panel } of [ann, bob])
      await panel.user("ann").locator("own-picture").waitFor({ state: "detached" });
  });
});
