// No hand on the mouse: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import type { Frame, Page } from "playwright-core";
import { eventually } from "./eventually.js";
import { meet, part, people, type Person } from "./people.js";

describe("by keyboard alone", () => {
  let ann: Person;
  let bob: Person;
  let page: Page;
  let keys: Page["keyboard"];

  before(async () => {
    ({ ann, bob } = await people());
    await meet({ ann, bob });
    ({ page } = ann.window);
    keys = page.keyboard;
    await ann.window.runCommand("View: Close All Editors");
  });

  after(async () => part(await people()));

  /** Tab, or Shift+Tab, until the keyboard is in something with this name. */
  async function tabTo(key: "Tab" | "Shift+Tab", name: RegExp): Promise<void> {
    const passed: string[] = [];
    const most = 20;
    while (passed.length < most) {
      await keys.press(key);
      const focused = await focusedName(await ann.window.panel());
      if (name.test(focused)) return;
      passed.push(focused);
    }
    assert.fail(`${key} does not lead to ${String(name)}, but to ${passed.join(" | ")}`);
  }

  it("the palette opens the panel, with the cursor where one writes", async () => {
    await keys.press("F1");
    await page.getByRole("textbox", { name: /command to run/ }).fill(">Chat: Open Panel");
    await page
      .getByRole("option", { name: /^Chat: Open Panel/ })
      .first()
      .waitFor();
    await keys.press("Enter");
    await ann.panel.composer("#general").waitFor();

    await eventually("the composer has the keyboard", async () => {
      return (await focusedName(await ann.window.panel())) === "Message #general";
    });
  });

  it("Enter sends, and the cursor stays", async () => {
    await keys.type("no mouse today");
    await keys.press("Enter");
    await bob.panel.message("ann", "no mouse today").waitFor();
    await keys.type("two lines");
    await keys.press("Shift+Enter");
    await keys.type("in one message");
    assert.equal(await ann.panel.composer("#general").inputValue(), "two lines\nin one message");
    await keys.press("Enter");

    await bob.panel.message("ann", "two lines in one message").waitFor();
  });

  it("the messages are walked through with the arrow keys, and Escape leads back", async () => {
    await bob.panel.say("#general", "the last one");
    await ann.panel.message("bob", "the last one").waitFor();
    await tabTo("Shift+Tab", /^bob, .*, the last one$/);
    await keys.press("ArrowUp");
    const above = await focusedName(await ann.window.panel());
    await keys.press("Home");
    const first = await focusedName(await ann.window.panel());
    await keys.press("Escape");

    assert.match(above, /^ann, /);
    assert.notEqual(first, above);
    assert.equal(await focusedName(await ann.window.panel()), "Message #general");
  });

  it("a direct message is opened from the list of users and sent", async () => {
    await tabTo("Tab", /ann you host$/);
    await keys.press("ArrowDown");
    assert.match(await focusedName(await ann.window.panel()), /bob$/);
    await keys.press("Enter");
    await ann.panel.composer("bob").waitFor();
    await eventually("the composer has the keyboard", async () => {
      return (await focusedName(await ann.window.panel())) === "Message bob";
    });
    await keys.type("just us");
    await keys.press("Enter");

    await bob.panel.tab("ann", "1 for you, 1 unread").waitFor();
  });

  it("and the way back to the room is a key in the tabs", async () => {
    await tabTo("Shift+Tab", /^bob$/);
    await keys.press("Home");
    await keys.press("Enter");

    await ann.panel.composer("#general").waitFor();
  });
});

/** The accessible name of what has the keyboard in the panel, however deep in shadow trees. */
function focusedName(panel: Frame): Promise<string> {
  return panel.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const label = element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    return label.replace(/\s+/g, " ").trim();
  });
}
