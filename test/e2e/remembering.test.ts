// What Bob has not read, and where he is, outlives his window: a story, each test standing on the ones before it.
import { freePort } from "../support/ports.js";
import { answerNick, join, part, people, type Person } from "./people.js";

const channels = ["#general", "#design", "#ops", "#tea"];

describe("a window that comes back", () => {
  let ann: Person;
  let bob: Person;
  let invite: string;
  let port: string;

  const host = async () => {
    await ann.window.runCommand("Chat: Host Server");
    await ann.window.pick(/Who can join/, "Only this computer (for trying it out)");
    await ann.window.answer(/port to listen/i, port);
    await answerNick(ann, "ann", ann.panel.composer("#general"));
  };

  /** What waits for Bob, wherever he looks. */
  const isAsLeft = async () => {
    await bob.panel.tab("#design", "1 for you, 2 unread").waitFor();
    await bob.panel.tab("#ops", "1 unread").waitFor();
    await bob.panel.tab("#tea").waitFor();
    await bob.panel.tab("ann", "2 for you, 2 unread").waitFor();
  };

  before(async () => {
    ({ ann, bob } = await people());
    port = String(await freePort());
    await host();
    invite = await ann.window.copyInviteLink();
    await join(bob, invite, "bob");
    for (const channel of channels.slice(1)) {
      for (const { panel } of [ann, bob]) {
        await panel.say(channels[0] ?? "", `/join ${channel}`);
        await panel.composer(channel).waitFor();
        await panel.tab("#general").click();
        await panel.composer("#general").waitFor();
      }
    }
    await ann.panel.say("#general", "/topic #general tea at four");
    await ann.panel.text("tea at four").first().waitFor();
    await ann.panel.say("#general", "/msg #design first");
    await ann.panel.say("#general", "/msg #design bob: look");
    await ann.panel.say("#general", "/msg #ops careful");
    await ann.panel.say("#general", "/msg bob psst");
    await ann.panel.say("#general", "/msg bob hey");
    await isAsLeft();
  });

  after(async () => part(await people()));

  it("has all channels, direct messages and counts again after a reload", async () => {
    await bob.window.reload();
    await bob.panel.composer("#general").waitFor();

    await isAsLeft();
    await bob.panel.banner.waitFor({ state: "hidden" });
    await isAsLeft();
  });

  it("has them again after leaving and joining", async () => {
    await bob.window.runCommand("Chat: Leave");
    await bob.window.disconnected.waitFor();
    await join(bob, invite, "bob");

    await isAsLeft();
  });

  it("shows what was unread when it is opened, and that is read then", async () => {
    await bob.panel.tab("ann", "2 for you, 2 unread").click();
    await bob.panel.message("ann", "psst").waitFor();
    await bob.panel.message("ann", "hey").waitFor();
    await bob.panel.tab("ann").waitFor();
    await bob.window.reload();

    await bob.panel.message("ann", "hey").waitFor();
    await bob.panel.tab("ann").waitFor();
    await bob.panel.tab("#design", "1 for you, 2 unread").waitFor();
  });

  it("of the host is in all channels again after stopping and hosting, and shows the topic", async () => {
    await ann.window.runCommand("Chat: Stop Server");
    const question = ann.window.question(/Stop the server\?/);
    await question.getByRole("button", { name: "Stop Server" }).click();
    await ann.window.disconnected.waitFor();
    await host();

    for (const channel of channels) await ann.panel.tab(channel).waitFor();
    await ann.panel.text("tea at four").first().waitFor();
    await ann.panel.say("#general", "/msg #design still here");
    await ann.panel.tab("#design").click();
    await ann.panel.message("ann", "still here").waitFor();
  });

  it("finds what was said when the server comes back", async () => {
    // Not the one of a page of history that could not be loaded.
    await bob.panel.alert.getByRole("button", { name: "Try Again" }).click();

    await bob.panel.tab("#design", "1 for you, 3 unread").waitFor();
    await bob.panel.tab("#ops", "1 unread").waitFor();
  });
});
