// A server that means ill, in a real window: what it says is text, and nothing but text.
import { strict as assert } from "node:assert";
import type { Locator } from "playwright-core";
import { startScripted } from "../client/scripted-peer.js";
import { enterAddress, part, people, type Person } from "./people.js";

const LINK = "[fix](command:workbench.action.openSettings?%5B%22x%22%5D)";
const NAME = `$(heart)${LINK}`;
/** One that may stand in a name for people to read, with what turns the reading direction. */
const TOPIC = `Pay \u202e42 ${NAME}`;

/** As it is read: what makes it inert is as narrow as a space can be. */
function read(text: string): string {
  return text.replaceAll("\u200a", "");
}

describe("words of a hostile server", () => {
  let bob: Person;

  before(async () => {
    ({ bob } = await people());
  });

  after(async () => {
    await part(await people());
  });

  /** Fails where VS Code has made more than text of anything in `place`. */
  async function assertPlain(place: Locator): Promise<void> {
    await place.first().waitFor();
    assert.equal(await place.locator(".codicon-heart").count(), 0);
    assert.equal(await place.locator('a[href^="command:"], a[href^="https:"]').count(), 0);
  }

  it("are text in what is wrong with an invite", async () => {
    const invite = `vscode://parley-chat.parley/join?host=192.0.2.1&port=${encodeURIComponent(LINK)}`;
    await bob.window.runCommand("Chat: Join");
    await bob.window.answer(/Invite link, or the host's address/, invite);
    const problem = bob.window.page.locator(".quick-input-message");

    await assertPlain(problem.filter({ hasText: "command:workbench" }));
    await bob.window.page.keyboard.press("Escape");
  });

  it("are text in the trees, in lists and in titles", async () => {
    const { page } = bob.window;
    const server = await startScripted();
    await enterAddress(bob, `irc://127.0.0.1:${server.port}`, "bob");
    const peer = await server.accept();
    const nick = await peer.welcome();
    await peer.letIn(nick, "#general", NAME);
    await bob.panel.composer("#general").waitFor();
    const channel = `#${NAME}`;
    peer.send(
      `:bob!u@h JOIN ${channel}`,
      `:irc.test 353 bob = ${channel} :bob ${NAME}`,
      `:irc.test 366 bob ${channel} :End`,
      `:irc.test 332 bob ${channel} :${TOPIC}`,
    );
    await bob.window.showViews();
    const row = bob.window.tree("Conversations").getByRole("treeitem", { name: "heart" });

    await assertPlain(row);
    assert.equal(read((await row.locator(".label-name").textContent()) ?? ""), channel);
    await assertPlain(bob.window.tree("Online Users").getByRole("treeitem", { name: "heart" }));

    await bob.window.runCommand("Chat: Open Conversation…");
    const option = page.getByRole("option", { name: "heart" });

    await assertPlain(option);
    assert.equal(read((await option.locator(".label-name").textContent()) ?? ""), `#${NAME}`);
    assert.ok(read((await option.textContent()) ?? "").includes(TOPIC.replace("\u202e", "\ufffd")));
    await option.click();
    await assertPlain(page.getByRole("tab", { name: "heart" }));
  });
});
