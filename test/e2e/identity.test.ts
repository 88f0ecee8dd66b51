// Whose nick is whose: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { formatInvite } from "../../src/client/address.js";
import { onCleanup } from "../support/cleanup.js";
import { startHeadlessServer, type HeadlessServer } from "../support/headless-server.js";
import { Panel } from "./panel.js";
import { enterAddress, join, meet, part, people, type Person } from "./people.js";

describe("a nick and its owner", () => {
  let ann: Person;
  let bob: Person;
  let server: HeadlessServer;
  let invite = "";

  before(async () => {
    ({ ann, bob } = await people());
    server = await startHeadlessServer(["--listen", "127.0.0.1:0"]);
    const { port, fingerprint } = server;
    invite = formatInvite({
      hosts: ["127.0.0.1"],
      port,
      transport: "tls",
      path: "/",
      channels: ["#general"],
      fingerprint,
      token: undefined,
    });
    await join(ann, invite, "ann");
    await join(bob, invite, "bob");
    await bob.panel.user("ann").waitFor();
  });

  after(async () => {
    await part(await people());
    await server.stop();
  });

  async function leave({ window }: Person): Promise<void> {
    await window.runCommand("Chat: Leave");
    await window.disconnected.waitFor();
  }

  it("others see that somebody is who they were before", async () => {
    const title = await bob.panel.user("ann").getAttribute("title");
    assert.match(title ?? "", /^Verified as ann$/m);
  });

  it("after a reload the window is the same person, with the direct messages of that person", async () => {
    await bob.panel.say("#general", "/msg ann for you alone");
    await ann.panel.tab("bob", "1 for you, 1 unread").waitFor();
    await ann.window.reload();
    await ann.panel.composer("#general").waitFor();
    await ann.panel.banner.waitFor({ state: "hidden" });
    await ann.panel.say("#general", "/query bob");

    await ann.panel.message("bob", "for you alone").waitFor();
    await bob.panel.user("ann").waitFor();
  });

  it("while its owner is away, somebody else is refused the nick, and told why", async () => {
    await leave(ann);
    await leave(bob);
    await enterAddress(bob, invite, "ann");
    const box = await bob.window.inputBox(/The nick ann belongs to someone else on this server/);
    assert.equal(await box.inputValue(), "ann2");
    await box.press("Enter");

    await bob.panel.user("ann2").waitFor();
  });

  it("and its owner has it when they come back", async () => {
    await join(ann, invite, "ann");

    await bob.panel.user("ann").filter({ hasNotText: "ann2" }).waitFor();
    await ann.panel.user("ann2").waitFor();
  });

  it("a second window of the owner is here as well, by the next nick, without a question", async () => {
    const window = await ann.window.another();
    onCleanup(() => window.page.close());
    const second = { window, panel: new Panel(window.page) };
    await join(second, invite, "ann");
    await bob.panel.user("ann3").waitFor();
    await ann.panel.say("#general", "from the first");
    await second.panel.message("ann", "from the first").waitFor();
    await leave(ann);

    await bob.panel.text(/ann3 is now ann/).waitFor();
    await second.panel.say("#general", "from the second");
    await bob.panel.message("ann", "from the second").waitFor();
  });
});

describe("a host and a nick whose owner has lost the key", () => {
  let ann: Person;
  let bob: Person;

  before(async () => {
    const all = await people();
    ({ ann, bob } = all);
    await meet(all);
    await bob.window.runCommand("Chat: Leave");
    await bob.window.disconnected.waitFor();
    await ann.panel.user("bob").waitFor({ state: "hidden" });
  });

  after(async () => part(await people()));

  it("a nick that belongs to nobody is told as such, and can be corrected", async () => {
    await ann.window.runCommand("Chat: Release a Nick…");
    await ann.window.answer(/Nick of someone who has lost their key/, "rob");

    const box = await ann.window.inputBox(/This nick is not registered/);
    assert.equal(await box.inputValue(), "rob");
    await box.fill("bob");
    await box.press("Enter");
  });

  it("released, it is told that whoever takes it next owns it", async () => {
    await ann.window.notification(/The nick bob is free/).waitFor();
  });
});
