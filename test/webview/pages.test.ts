// One test after the other has the same page: what the first leaves behind, the next does not find.
import { strict as assert } from "node:assert";
import type { Page } from "playwright-core";
import { drawn } from "./support/list.js";
import { panels } from "./support/panel.js";

describe("the page of a test", () => {
  const open = panels();
  /** The pages themselves, not what a test has of them. */
  let last: Page | undefined;
  const unlikeNew = new WeakSet<Page>();

  it("goes on to the next test", async () => {
    const { page, log, composer, host, setTheme } = await open({ height: 300, saved: { left: 1 } });
    last = log.page();
    await setTheme("light");
    await composer.fill("a draft");
    await log.hover();
    host.show({ ...host.view, current: undefined });
    await page.evaluate(() => {
      sessionStorage.setItem("left", "behind");
      localStorage.setItem("left", "behind");
      Object.assign(window, { left: "behind" });
    });
  });

  it("is then as new", async () => {
    const panel = await open();
    const { page, log, composer, host } = panel;
    assert.ok(log.page() === last);
    assert.equal(await composer.inputValue(), "");
    await drawn(panel);
    assert.deepEqual(await page.evaluate(leftBehind), {
      stored: [],
      hasGlobal: false,
      hovered: 0,
      focused: "BODY",
      height: 620,
      theme: "vscode-dark",
    });
    assert.deepEqual(
      host.got.filter(({ type }) => type === "draftChanged"),
      [],
    );
  });

  const lasting: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
    "a function that the page can call": (page) => page.exposeFunction("left", () => 0),
    "a script for each document": (page) => page.addInitScript(() => undefined),
    "other media": (page) => page.emulateMedia({ reducedMotion: "reduce" }),
    "another clock": (page) => page.clock.install(),
    "answers of its own": (page) => page.route("**/left", (route) => route.abort()),
    "what its context keeps": (page) => page.context().addCookies([]),
    "a button held down": (page) => page.mouse.down(),
    "a key held down": (page) => page.keyboard.down("Shift"),
  };

  for (const [name, leave] of Object.entries(lasting))
    it(`goes on to no other test with ${name}`, async () => {
      const { page, log } = await open();
      assert.ok(!unlikeNew.has(log.page()));
      unlikeNew.add(log.page());
      await leave(page);
    });

  it("is another one after that", async () => {
    const { log } = await open();
    assert.ok(!unlikeNew.has(log.page()));
  });
});

/** Runs in the browser. */
function leftBehind(): Record<string, unknown> {
  const stored = JSON.stringify([sessionStorage, localStorage]);
  return {
    stored: stored.match(/left|a draft/g) ?? [],
    hasGlobal: "left" in window,
    hovered: document.querySelectorAll(":hover").length,
    focused: document.activeElement?.tagName,
    height: innerHeight,
    theme: document.body.className,
  };
}
