import assert from "node:assert/strict";
import { panels } from "./support/panel.js";
import { general, nothing, person, member, showing, view } from "./support/views.js";

describe("the composer", () => {
  const open = panels();

  it("is a text box named after the conversation, and says whom it reaches", async () => {
    const { page, host } = await open();
    const box = page.getByRole("textbox", { name: "Message #general", exact: true });
    await box.waitFor();
    assert.equal(await box.getAttribute("placeholder"), "Message #general");
    await page.getByText("to #general – 2 people").waitFor();
    host.show(showing({ id: "bob", name: "bob", kind: "direct", audience: 1 }));
    await page.getByRole("textbox", { name: "Message bob", exact: true }).waitFor();
    await page.getByText("to bob").waitFor();
  });

  it("sends by Enter, clears when accepted, keeps the focus", async () => {
    const { page, host, composer } = await open();
    await composer.fill("hello");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(host.submitted, [{ conversation: "#general", text: "hello" }]);
    await page.keyboard.type("more");
    assert.equal(await composer.inputValue(), "more");
  });

  it("sends by the button", async () => {
    const { page, host, composer } = await open();
    await composer.fill("hello");
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForFunction(isEmpty);
    assert.equal(host.submitted[0]?.text, "hello");
    await page.keyboard.type("x");
    assert.equal(await composer.inputValue(), "x");
  });

  it("asks before a block of code becomes several messages, and keeps the text meanwhile", async () => {
    const { page, host, composer } = await open();
    const error = "The code block is too long for one message.";
    host.answer = ({ isConfirmed }) =>
      isConfirmed === true
        ? { accepted: true }
        : { accepted: false, error, confirm: "Send as 3 Messages" };
    await composer.fill("```\ncode");
    await composer.press("Enter");
    await page.getByRole("alert").getByText(error).waitFor();
    await page.getByRole("button", { name: "Keep Editing" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    assert.equal(await composer.inputValue(), "```\ncode");
    await composer.press("Enter");
    await page.getByRole("button", { name: "Send as 3 Messages" }).click();
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ isConfirmed }) => isConfirmed),
      [undefined, undefined, true],
    );
  });

  it("breaks the line by Shift+Enter, and trims line ends at the end", async () => {
    const { page, host, composer } = await open();
    await composer.pressSequentially("one");
    await composer.press("Shift+Enter");
    await composer.pressSequentially("two");
    await composer.press("Shift+Enter");
    assert.equal(await composer.inputValue(), "one\ntwo\n");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.equal(host.submitted[0]?.text, "one\ntwo");
  });

  it("sends a text with thousands of blank lines in it, without those around it", async () => {
    const { host, composer, page } = await open();
    const text = `a${"\n".repeat(2000)}x`;
    await composer.fill(`\n\n${text} \n\n `);
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    await composer.fill("  b  ");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      [text, "  b  "],
    );
  });

  it("sends by Ctrl+Enter and breaks the line by Enter when set so", async () => {
    const { page, host, composer } = await open({
      view: { ...view, settings: { ...view.settings, sendKey: "ctrlEnter" } },
    });
    await composer.pressSequentially("one");
    await composer.press("Enter");
    await composer.pressSequentially("two");
    await composer.press("Control+Enter");
    await page.waitForFunction(isEmpty);
    assert.equal(host.submitted[0]?.text, "one\ntwo");
  });

  it("sends nothing blank", async () => {
    const { host, composer, page } = await open();
    await composer.fill(" \n ");
    await composer.press("Enter");
    assert.ok(await page.getByRole("button", { name: "Send" }).isDisabled());
    await composer.fill("end");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      ["end"],
    );
  });

  it("does not send while an input method composes a word", async () => {
    const { page, host, composer } = await open();
    await composer.focus();
    await composer.evaluate((box) => {
      box.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }),
      );
    });
    await composer.fill("かな");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      ["かな"],
    );
  });

  it("does not send by the Enter that ends a word in Safari, which reports it after the end", async () => {
    const { page, host, composer } = await open();
    await composer.fill("かな");
    await composer.evaluate((box) => {
      box.dispatchEvent(new CompositionEvent("compositionend", { data: "かな", bubbles: true }));
      box.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true }),
      );
    });
    await composer.press("End");
    await page.keyboard.type("!");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      ["かな!"],
    );
  });

  it("keeps the text and says why when the host refuses", async () => {
    const { page, host, composer } = await open();
    host.answer = () => ({ accepted: false, error: "No such nick: bobb" });
    await composer.fill("/msg bobb hi");
    await composer.press("Enter");
    await page.getByRole("alert").getByText("No such nick: bobb").waitFor();
    assert.equal(await composer.inputValue(), "/msg bobb hi");
    await composer.press("x");
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  it("keeps the text when the host asked and was told no", async () => {
    const { page, host, composer } = await open();
    host.answer = () => ({ accepted: false, error: undefined });
    await composer.fill("quit");
    await composer.press("Enter");
    host.answer = () => ({ accepted: true });
    await composer.press("!");
    assert.equal(await composer.inputValue(), "quit!");
    assert.equal(await page.getByRole("alert").count(), 0);
  });

  it("keeps the text and says so when the host fails", async () => {
    const { page, host, composer } = await open();
    const failure = Promise.reject(new Error("host broke"));
    failure.catch(() => undefined);
    host.failsQuietly = true;
    host.answer = () => failure;
    await composer.fill("hello");
    await composer.press("Enter");
    await page.getByRole("alert").getByText("host broke").waitFor();
    assert.equal(await composer.inputValue(), "hello");
  });

  it("keeps what is typed while a message is on its way", async () => {
    const { page, host, composer } = await open();
    let accept: () => void = () => undefined;
    host.answer = () =>
      new Promise(
        (resolve) =>
          (accept = () => {
            resolve({ accepted: true });
          }),
      );
    await composer.pressSequentially("one");
    await composer.press("Enter");
    await composer.pressSequentially(" two");
    accept();
    await page.waitForFunction(() => box()?.value === " two" || undefined);
    assert.equal(host.submitted.length, 1);
  });

  it("sends both of two messages typed faster than the host answers", async () => {
    const { page, host, composer } = await open();
    const answers: (() => void)[] = [];
    const accepted = { accepted: true } as const;
    host.answer = () =>
      new Promise((resolve) =>
        answers.push(() => {
          resolve(accepted);
        }),
      );
    await composer.pressSequentially("one");
    await composer.press("Enter");
    await composer.pressSequentially("two");
    await composer.press("Enter");
    host.answer = () => accepted;
    answers[0]?.();
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      ["one", "two"],
    );
  });

  it("says that the connection was lost and when it is tried again, and speaks of no draft where nothing is typed", async () => {
    const retryAt = Date.now() + 60_000;
    const lost = { phase: "waiting", text: "Lost", retryAt, wasOnline: true } as const;
    const { page, host, composer } = await open({
      view: showing({ canSend: false }, { connection: lost }),
    });
    const under = page.locator("#audience");
    await under.getByText(/^\s*Connection lost\. Reconnecting in \d+ s\.\s*$/).waitFor();
    await composer.fill("hello");
    await under.getByText(/Reconnecting in \d+ s\. Your draft is saved\./).waitFor();
    const connecting = { phase: "connecting", text: "Connecting", wasOnline: true } as const;
    host.show(showing({ canSend: false }, { connection: connecting }));
    await under.getByText(/^\s*Reconnecting… Your draft is saved\./).waitFor();
    await composer.fill("");
    await under.getByText(/^\s*Reconnecting…\s*$/).waitFor();
  });

  it("takes text while nothing can be sent, says why, and loses none of it", async () => {
    const waiting = { phase: "waiting", text: "Lost", retryAt: Date.now() + 60_000 } as const;
    const { page, host, composer } = await open({
      view: showing({ canSend: false }, { connection: waiting }),
    });
    await page.getByText(/Not connected yet\. Trying again in \d+ s\./).waitFor();
    await composer.fill("hello");
    await composer.press("Enter");
    await page.getByRole("alert").getByText("Not connected yet. Your draft is saved.").waitFor();
    assert.equal(await composer.inputValue(), "hello");
    assert.equal((await host.next("draftChanged")).text, "hello");
    host.show(view);
    await page.getByText("to #general – 2 people").waitFor();
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.deepEqual(
      host.submitted.map(({ text }) => text),
      ["hello"],
    );
  });

  it("keeps a text that is too long to send, and says how long it may be", async () => {
    const { page, host, composer } = await open();
    await composer.fill("x".repeat(100_001));
    await composer.press("Enter");
    await page.getByRole("alert").getByText("At most 100000 can be sent at once.").waitFor();
    assert.equal((await composer.inputValue()).length, 100_001);
    await composer.blur();
    await composer.fill("short");
    assert.equal((await host.next("draftChanged")).text, "short");
    assert.deepEqual([host.submitted, host.invalid], [[], []]);
  });

  it("takes commands while nothing can be said", async () => {
    const { page, host, composer } = await open({ view: showing({ canSend: false }) });
    await page.getByText("You are not in #general.").waitFor();
    await composer.fill("/join #general");
    await composer.press("Enter");
    await page.waitForFunction(isEmpty);
    assert.equal(host.submitted[0]?.text, "/join #general");
  });

  it("leads back into a channel one has left or was removed from", async () => {
    const { page, host } = await open({ view: showing({ canSend: false }) });
    await page.getByRole("button", { name: "Rejoin", exact: true }).click();

    assert.equal((await host.next("runCommand")).command, "parley.rejoin");
  });

  describe("drafts", () => {
    const dev = { ...general, id: "#dev", name: "#dev" };

    it("are told to the host after a pause, and at once when the focus leaves", async () => {
      const { host, composer } = await open();
      await composer.fill("half a thou");
      assert.deepEqual(await host.next("draftChanged"), {
        type: "draftChanged",
        conversation: "#general",
        text: "half a thou",
      });
      await composer.fill("half a thought");
      await composer.blur();
      assert.equal((await host.next("draftChanged")).text, "half a thought");
    });

    it("belong to their conversation", async () => {
      const { host, composer, page } = await open();
      await composer.fill("for general");
      host.show({ ...view, current: { ...dev, draft: "for dev" } });
      assert.deepEqual(await host.next("draftChanged"), {
        type: "draftChanged",
        conversation: "#general",
        text: "for general",
      });
      await page.waitForFunction(() => box()?.value === "for dev" || undefined);
      host.show({ ...view, current: { ...general, draft: "for general" } });
      await page.waitForFunction(() => box()?.value === "for general" || undefined);
    });

    it("survive the page", async () => {
      const { page, composer } = await open();
      await composer.fill("typed just now");
      await page.reload();
      await composer.waitFor();
      assert.equal(await composer.inputValue(), "typed just now");
    });

    it("are gone once sent, also for a page that comes back", async () => {
      const { page, host, composer } = await open();
      await composer.fill("hello");
      await composer.press("Enter");
      await page.waitForFunction(isEmpty);
      const texts = [await host.next("draftChanged")].map(({ text }) => text);
      while (texts.at(-1) !== "") texts.push((await host.next("draftChanged")).text);
      await page.reload();
      await composer.waitFor();
      assert.equal(await composer.inputValue(), "");
    });

    it("stay when updates of the same conversation come", async () => {
      const { host, composer, page } = await open();
      await composer.fill("typing");
      host.show(showing({ topic: "new topic", draft: "stale" }));
      await page.getByText("new topic").waitFor();
      assert.equal(await composer.inputValue(), "typing");
    });
  });

  describe("completion", () => {
    const people = showing({
      people: [person("ann"), person("bob"), person("bert")],
      members: [member("ann", { isSelf: true }), member("bob"), member("bert")],
    });

    it("offers nicks in a list box the arrow keys go through", async () => {
      const { page, composer } = await open({ view: people });
      await composer.pressSequentially("hi @b");
      const options = page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
      assert.deepEqual(await options.allInnerTexts().then((all) => all.map((s) => s.trim())), [
        "@bob",
        "@bert",
      ]);
      assert.equal(
        await composer.getAttribute("aria-activedescendant"),
        await options.nth(0).getAttribute("id"),
      );
      await composer.press("ArrowDown");
      assert.equal(
        await composer.getAttribute("aria-activedescendant"),
        await options.nth(1).getAttribute("id"),
      );
      await composer.press("Enter");
      assert.equal(await composer.inputValue(), "hi @bert ");
      assert.equal(await page.getByRole("listbox").count(), 0);
    });

    it("offers commands with their use, and takes one by Tab", async () => {
      const { page, composer } = await open();
      await composer.pressSequentially("/n");
      await page.getByRole("option", { name: "/nick <nick>" }).waitFor();
      await composer.press("Tab");
      assert.equal(await composer.inputValue(), "/nick ");
    });

    it("sends a command that is typed in full", async () => {
      const { page, host, composer } = await open();
      await composer.pressSequentially("/me");
      await composer.press("Enter");
      await page.waitForFunction(isEmpty);
      assert.equal(host.submitted[0]?.text, "/me");
    });

    it("goes away by Escape and leaves the text", async () => {
      const { page, composer } = await open();
      await composer.pressSequentially("/m");
      await composer.press("Escape");
      assert.equal(await page.getByRole("listbox").count(), 0);
      assert.equal(await composer.inputValue(), "/m");
    });

    it("can be clicked", async () => {
      const { page, composer } = await open();
      await composer.pressSequentially("/m");
      await page.getByRole("option", { name: "/msg" }).click();
      assert.equal(await composer.inputValue(), "/msg ");
    });
  });

  it("brings back what was sent by the arrow up", async () => {
    const { page, composer } = await open();
    for (const text of ["one", "two"]) {
      await composer.fill(text);
      await composer.press("Enter");
      await page.waitForFunction(isEmpty);
    }
    await composer.press("ArrowUp");
    await composer.press("ArrowUp");
    assert.equal(await composer.inputValue(), "one");
    await composer.press("ArrowDown");
    await composer.press("ArrowDown");
    assert.equal(await composer.inputValue(), "");
  });

  it("grows with the text, up to a part of the panel", async () => {
    const { composer, page } = await open({ height: 500 });
    const height = () => composer.evaluate((box) => box.getBoundingClientRect().height);
    const one = await height();
    await composer.fill("a\nb\nc");
    assert.ok((await height()) > 2 * one - 15);
    await composer.fill("a\n".repeat(200));
    assert.ok((await height()) <= 0.4 * 500 + 1);
    assert.ok(await page.getByRole("button", { name: "Send" }).isVisible());
  });

  it("gets the focus when the host says so, and only then", async () => {
    const { page, host } = await open();
    const focused = () => page.evaluate(() => document.activeElement?.tagName);
    assert.equal(await focused(), "BODY");
    host.focusComposer();
    await page.waitForFunction(() => document.activeElement?.tagName === "CHAT-PANEL");
  });

  it("is not there without a conversation", async () => {
    const { composer } = await open({ view: nothing });
    assert.equal(await composer.count(), 0);
  });
});

/** Runs in the browser: see support/panel.ts. */
declare function box(): HTMLTextAreaElement | undefined;

function isEmpty(): boolean | undefined {
  return box()?.value === "" || undefined;
}
