// Two people who talk: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { eventually } from "./eventually.js";
import { answerNick, part, people, type Person } from "./people.js";

describe("talking", () => {
  let ann: Person;
  let bob: Person;

  before(async () => {
    ({ ann, bob } = await people());
    await ann.window.showViews();
    await bob.window.showViews();
  });

  after(async () => part(await people()));

  it("whoever hosts is asked where and on which port, and as whom if that is not known", async () => {
    await ann.window.runCommand("Chat: Host Server");
    await ann.window.pick(/Who can join/, "Only this computer (for trying it out)");
    await ann.window.answer(/Port to listen/, "0");
    await answerNick(ann, "ann", ann.panel.composer("#general"));

    await ann.window.notification(/You are hosting on 127\.0\.0\.1:\d+/).waitFor();
  });

  it("alone, the host sees how to invite others", async () => {
    await ann.panel.text("Waiting for others to join #general").waitFor();
    await ann.panel.button("Copy Invite Link").waitFor();
    await ann.window.tree("Server").getByText("Running: waiting for others…").waitFor();
  });

  it("only the host's palette stops the server", async () => {
    assert.equal(await ann.window.offersCommand("Chat: Stop Server"), true);
    assert.equal(await bob.window.offersCommand("Chat: Stop Server"), false);
  });

  it("with the invite link another window is in the room", async () => {
    const invite = await ann.window.copyInviteLink();
    await bob.window.runCommand("Chat: Join");
    await bob.window.answer(/Invite link, or the host's address/, invite);
    await bob.window.answer(/Your nick/, "bob");

    await bob.panel.composer("#general").waitFor();
    await ann.panel.user("bob").waitFor();
    await ann.panel.text("Waiting for others to join #general").waitFor({ state: "hidden" });
  });

  it("each message is a row with nick, time and text, on both sides", async () => {
    await ann.panel.say("#general", "hello bob, welcome");
    await bob.panel.message("ann", "hello bob, welcome").waitFor();
    await bob.panel.say("#general", "thank you");

    await ann.panel.message("bob", "thank you").waitFor();
    assert.equal(await ann.panel.log("#general").getByRole("article").count(), 2);
    assert.equal(await bob.panel.log("#general").getByRole("article").count(), 2);
  });

  it("a text that looks like an event, or like markup, is a message like any other", async () => {
    const forgery = "*** eve joined <img src=x onerror=alert(1)>";
    await bob.panel.say("#general", forgery);

    const row = ann.panel.message("bob", forgery);
    await row.waitFor();
    assert.equal(await row.getByRole("img").count(), 0);
  });

  it("everybody sees who is online, and who the host is", async () => {
    const inAnns = ann.window.tree("Online Users").getByRole("treeitem");
    const inBobs = bob.window.tree("Online Users").getByRole("treeitem");
    await inAnns.nth(1).waitFor();
    await inBobs.nth(1).waitFor();

    assert.deepEqual(await names(inAnns), ["ann, you, host", "bob"]);
    assert.deepEqual(await names(inBobs), ["ann, host", "bob, you"]);
  });

  it("a click on a person opens a direct message, which the other sees as unread", async () => {
    await ann.window.tree("Online Users").getByRole("treeitem", { name: "bob" }).click();
    await ann.panel.say("bob", "between us");

    await ann.panel.message("ann", "between us").waitFor();
    await bob.window
      .tree("Conversations")
      .getByRole("treeitem", { name: "ann, 1 unread" })
      .waitFor();
    await bob.panel.tab("ann", "1 for you, 1 unread").waitFor();
    // The room is still on screen: nothing takes the place of what one reads.
    assert.ok(await bob.panel.log("#general").isVisible());
  });

  it("opened, it is read, and can be answered", async () => {
    await bob.window.tree("Conversations").getByRole("treeitem", { name: /^ann/ }).click();
    await bob.panel.message("ann", "between us").waitFor();
    await bob.panel.say("ann", "just us two");

    await ann.panel.message("bob", "just us two").waitFor();
    await bob.window.tree("Conversations").getByRole("treeitem", { name: "ann" }).waitFor();
    await back(ann);
    await back(bob);
    assert.equal(await ann.panel.message("bob", "just us two").count(), 0);
  });

  it("a color that is changed is seen by others at once", async () => {
    const before = await color(ann, "bob");
    await bob.window.runCommand("Chat: Set Profile…");
    await bob.window.pick(/Select what to change/, "Color");
    await bob.window.pick(/color of your name/, "red");
    await bob.window.dismiss(/Select what to change/);

    await eventually("bob has another color in ann's panel", async () => {
      return (await color(ann, "bob")) !== before;
    });
  });

  it("a display name is shown beside the nick, and can be taken back", async () => {
    await bob.window.runCommand("Chat: Set Profile…");
    await bob.window.pick(/Select what to change/, "Display name");
    await bob.window.answer(/Name shown next to your nick/, "Robert");
    await ann.window.tree("Online Users").getByRole("treeitem", { name: "bob, Robert" }).waitFor();
    await bob.window.pick(/Select what to change/, "Display name");
    await bob.window.answer(/Name shown next to your nick/, "");
    await bob.window.dismiss(/Select what to change/);

    await ann.window
      .tree("Online Users")
      .getByRole("treeitem", { name: "bob", exact: true })
      .waitFor();
  });

  it("a new nick is told to everybody and stays with what was said", async () => {
    await bob.panel.say("#general", "/nick rob");
    await ann.panel.user("rob").waitFor();
    await bob.panel.say("#general", "/nick bob");

    await ann.panel.user("bob").waitFor();
    await ann.panel.message("bob", "thank you").waitFor();
  });

  it("a slash command that does not exist keeps its text and names the nearest one", async () => {
    await bob.panel.say("#general", "/jion #design");

    await bob.panel.alert.filter({ hasText: "/join" }).waitFor();
    assert.equal(await bob.panel.composer("#general").inputValue(), "/jion #design");
    await bob.panel.composer("#general").fill("");
  });

  it("a bare quit asks, and keeps the text when the question is put away", async () => {
    await bob.panel.say("#general", "quit");
    await bob.window.question(/Leave the chat, or send “quit” as a message\?/).waitFor();
    await bob.window.page.keyboard.press("Escape");

    assert.equal(await bob.panel.composer("#general").inputValue(), "quit");
  });

  it("a bare quit can be a message", async () => {
    await bob.panel.composer("#general").press("Enter");
    await bob.window
      .question(/Leave the chat/)
      .getByRole("button", { name: "Send as Message" })
      .click();

    await ann.panel.message("bob", "quit").waitFor();
  });

  it("a bare quit can mean leaving; the others see it", async () => {
    await bob.panel.say("#general", "exit");
    await bob.window
      .question(/Leave the chat/)
      .getByRole("button", { name: "Leave the Chat" })
      .click();

    await bob.window.disconnected.waitFor();
    await ann.panel.user("bob").waitFor({ state: "hidden" });
    await ann.panel.text(/bob left/).waitFor();
  });
});

async function names(items: ReturnType<Person["panel"]["log"]>): Promise<(string | null)[]> {
  return Promise.all((await items.all()).map((item) => item.getAttribute("aria-label")));
}

async function back({ panel }: Person): Promise<void> {
  await panel.tab("#general").click();
  await panel.composer("#general").waitFor();
}

function color({ panel }: Person, nick: string): Promise<string> {
  return panel
    .user(nick)
    .locator(".initials")
    .evaluate((element) => getComputedStyle(element).backgroundColor);
}
