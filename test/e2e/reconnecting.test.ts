// Bob's network, which the test holds up, cuts and mends: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { parseAddress } from "../../src/client/address.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { host, join, part, people, throughPort, type Person } from "./people.js";

const room = "#general";

describe("reconnecting", () => {
  let ann: Person;
  let bob: Person;
  let network: TcpProxy;

  before(async () => {
    ({ ann, bob } = await people());
    const invite = await host(ann);
    const parsed = parseAddress(invite);
    assert.ok("address" in parsed);
    network = await TcpProxy.start(parsed.address.port);
    await join(bob, throughPort(invite, network.port), "bob");
    await ann.panel.user("bob").waitFor();
  });

  after(async () => {
    await part(await people());
    await network.close();
  });

  it("a message shows that it is being sent until the server has it", async () => {
    network.hold();
    await bob.panel.say(room, "slowly");
    await bob.panel.message("bob", "slowly", "sending").waitFor();
    assert.equal(await ann.panel.message("bob", "slowly").count(), 0);
    network.release();

    await bob.panel.message("bob", "slowly").waitFor();
    await ann.panel.message("bob", "slowly").waitFor();
    assert.equal(await bob.panel.message("bob", "slowly", "sending").count(), 0);
  });

  it("a broken connection is told, with a countdown to the next attempt", async () => {
    await network.cut();

    await bob.panel.banner.filter({ hasText: /Trying again in \d+ seconds?/ }).waitFor();
    await bob.panel.button("Reconnect Now").waitFor();
  });

  it("what is typed meanwhile is not sent, and not lost", async () => {
    await bob.panel.say(room, "typed without a network");
    // Below the composer; the alert before that goes as soon as the next attempt begins.
    await bob.panel
      .text(/Your draft is saved\./)
      .first()
      .waitFor();
    await ann.panel.say(room, "said meanwhile");
    await ann.panel.message("ann", "said meanwhile").waitFor();

    assert.equal(await bob.panel.composer(room).inputValue(), "typed without a network");
  });

  it("back again, what was missed is there exactly once", async () => {
    // While there is no network, so that no attempt of its own takes the button away.
    await bob.panel.button("Reconnect Now").click();
    await network.mend();
    await bob.panel.message("ann", "said meanwhile").waitFor();
    await bob.panel.banner.waitFor({ state: "hidden" });

    assert.equal(await bob.panel.message("ann", "said meanwhile").count(), 1);
    assert.equal(await bob.panel.message("bob", "slowly").count(), 1);
  });

  it("what was typed is still there, and both directions work", async () => {
    await bob.panel.composer(room).press("Enter");
    await ann.panel.message("bob", "typed without a network").waitFor();
    await ann.panel.say(room, "welcome back");

    await bob.panel.message("ann", "welcome back").waitFor();
    assert.equal(await ann.panel.message("bob", "typed without a network").count(), 1);
  });

  it("a message that was on its way when the connection broke arrives exactly once", async () => {
    network.hold();
    await bob.panel.say(room, "into the gap");
    await bob.panel.message("bob", "into the gap", "sending").waitFor();
    await network.cut();
    await bob.panel.button("Reconnect Now").waitFor();
    network.release();
    await network.mend();
    // Without a hand: the countdown leads back by itself.
    await bob.panel.message("bob", "into the gap").waitFor();
    await bob.panel.say(room, "after the gap");
    await ann.panel.message("bob", "after the gap").waitFor();

    assert.equal(await ann.panel.message("bob", "into the gap").count(), 1);
    assert.equal(await bob.panel.message("bob", "into the gap").count(), 1);
  });

  it("reloading the window leads back into the chat, and keeps what was typed", async () => {
    await bob.panel.composer(room).fill("half a thou");
    await bob.window.reload();

    await bob.panel.banner.waitFor({ state: "hidden" });
    await bob.panel.composer(room).waitFor();
    assert.equal(await bob.panel.composer(room).inputValue(), "half a thou");
    await bob.panel.message("ann", "welcome back").waitFor();
    await bob.panel.say(room, "half a thought more");
    await ann.panel.message("bob", "half a thought more").waitFor();
  });
});
