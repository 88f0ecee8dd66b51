// A host who logs everything, and what everyone sees of that: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import type { Locator } from "playwright-core";
import { join, meet, part, people, type Person } from "./people.js";

const WORDS = "Everything said on this server is logged by the host, including direct messages.";

/** The permanent banner of a person's panel. */
function banner({ panel }: Person): Locator {
  return panel.status(WORDS);
}

describe("a host who logs everything", () => {
  let ann: Person;
  let bob: Person;
  let invite = "";

  before(async () => {
    ({ ann, bob } = await people());
    invite = await meet({ ann, bob });
    await ann.window.showViews();
    await bob.panel.say("#general", "said before");
    await ann.panel.message("bob", "said before").waitFor();
  });

  after(async () => part(await people()));

  /** A line of the log, as it is on the host's screen. Monaco writes spaces that do not break. */
  const logLine = (text: string) =>
    ann.window.page
      .getByRole("code")
      .getByText(new RegExp(`${text.replaceAll(" ", "\\s")}$`))
      .first();

  it("is asked whether they mean it, and changes nothing if not", async () => {
    await ann.window.runCommand("Chat: Log Everything…");
    const question = ann.window.question(/Log everything said on your server, including direct/);
    await question.getByText(/What was said before is not logged/).waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await banner(bob).count(), 0);
  });

  it("is seen by everyone as soon as it is so", async () => {
    await ann.window.runCommand("Chat: Log Everything…");
    const question = ann.window.question(/Log everything said on your server/);
    await question.getByRole("button", { name: "Log Everything" }).click();
    await banner(ann).waitFor();
    await banner(bob).waitFor();
    await bob.window.notification(/The host of .* now logs everything said there/).waitFor();
    await bob.panel.text(/^From now on everything said on this server is logged/).waitFor();
    await ann.window.tree("Server").getByText("everything is logged").waitFor();
  });

  it("reads in the Server Log who says what to whom, but not what was said before", async () => {
    await bob.panel.say("#general", "to all");
    await bob.panel.say("#general", "/msg ann for you alone");
    await ann.window.runCommand("Chat: Show Server Log");
    await logLine("bob -> #general: to all").waitFor();
    await logLine("bob -> ann: for you alone").waitFor();
    assert.equal(await logLine("bob -> #general: said before").count(), 0);
  });

  it("sees people in their colors there", async () => {
    const line = logLine("bob -> ann: for you alone");
    const colorOf = (name: string) =>
      line
        .locator("span")
        .getByText(name, { exact: true })
        .evaluate((part) => getComputedStyle(part).color);
    const plain = await line.evaluate((whole) => getComputedStyle(whole).color);
    const colors = [await colorOf("bob"), await colorOf("ann"), plain];
    assert.equal(new Set(colors).size, 3, colors.join(" "));
  });

  it("is still seen after a reload", async () => {
    await bob.window.reload();
    await banner(bob).waitFor();
    await bob.panel.composer("#general").waitFor();
  });

  it("is seen by who joins later before they say anything", async () => {
    await bob.window.runCommand("Chat: Leave");
    await banner(bob).waitFor({ state: "hidden" });
    await join(bob, invite, "bob");
    await banner(bob).waitFor();
  });

  it("goes on after the host has come back", async () => {
    await ann.window.reload();
    await ann.panel.composer("#general").waitFor();
    await banner(ann).waitFor();
    await banner(bob).waitFor();
    await ann.panel.user("bob").waitFor();
    await bob.panel.say("#general", "after the restart");
    await ann.panel.message("bob", "after the restart").waitFor();
    await ann.window.runCommand("Chat: Show Server Log");
    await logLine("bob -> #general: after the restart").waitFor();
    await ann.window.runCommand("Chat: Open Panel");
    await ann.panel.focused("#general");
  });

  it("tells everyone when it ends", async () => {
    await ann.window.runCommand("Chat: Stop Logging Everything…");
    const question = ann.window.question(/Stop logging what is said on your server/);
    await question.getByRole("button", { name: "Stop Logging" }).click();
    await banner(bob).waitFor({ state: "hidden" });
    await banner(ann).waitFor({ state: "hidden" });
    await bob.panel.text("The host has stopped logging what is said on this server.").waitFor();
  });
});
