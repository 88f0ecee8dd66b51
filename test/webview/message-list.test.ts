import assert from "node:assert/strict";
import type { RowView, ViewState } from "../../src/bridge/view.js";
import { parseColor, contrastRatio } from "../../src/bridge/contrast.js";
import { seenRows, watchRows } from "../support/row-watch.js";
import {
  add,
  drawn,
  GAP,
  isAtEnd,
  isAtTop,
  place,
  resize,
  savedAt,
  scrollTo,
  serveGaps,
  talk,
  wheel,
} from "./support/list.js";
import { panels } from "./support/panel.js";
import {
  event,
  general,
  message,
  MORNING,
  person,
  showing,
  spaced,
  view,
} from "./support/views.js";

describe("the message list", () => {
  const open = panels();

  for (const width of [240, 320])
    it(`the mark of a failed message stands beside its text at ${width} px`, async () => {
      const error =
        "The connection was lost before the server confirmed this. It may have arrived.";
      const { page } = await open({
        width,
        view: showing({
          rows: [
            message("ann", "hello", { own: true, status: "failed", error }),
            message("bob", "for few", { visibleTo: "operator" }),
          ],
        }),
      });
      for (const kind of ["failure", "visibility"]) {
        const line = page.locator(`message-row .${kind}`);
        const [mark, all] = await Promise.all([
          line.locator(".icon").boundingBox(),
          line.boundingBox(),
        ]);
        const text = await line.evaluate((element) => {
          const range = document.createRange();
          range.selectNodeContents(element.querySelector(":scope > span:not(.icon)")!);
          return range.getClientRects()[0]!.top;
        });
        assert.ok(mark !== null && all !== null);
        assert.ok(Math.abs(text - mark.y) < mark.height, `${kind}: ${text} beside ${mark.y}`);
        assert.ok(all.x + all.width <= width);
      }
    });

  it("is a log named after the conversation, its rows labelled with nick, time and text", async () => {
    const { page } = await open({ view: showing({ rows: [message("bob", "hello **there**")] }) });
    const log = page.getByRole("log", { name: "#general", exact: true });
    const row = log.getByRole("article", { name: "bob, 09:00, hello there", exact: true });
    await row.waitFor();
    const time = row.locator("time");
    assert.equal(await time.getAttribute("datetime"), new Date(MORNING).toISOString());
    assert.equal(await time.getAttribute("title"), "Friday, 20 November 2026 at 09:00:00");
  });

  it("shows picture or initials, display name, role and our own rows as ours", async () => {
    const { log } = await open({
      view: showing({
        rows: [message("ann", "mine", { own: true }), message("bob", "his")],
        people: [person("ann", { avatar: "fox", displayName: "Ann Lee" }), person("bob")],
      }),
    });
    const [mine, his] = await log.getByRole("article").all();
    assert.match(await mine!.innerText(), /ann\s+Ann Lee\s+09:00\s+mine/);
    assert.equal(await mine!.locator(".nick").getAttribute("title"), "ann\nAnn Lee\nhost");
    assert.match(await his!.innerText(), /B\s+bob\s+09:00\s+his/);
    const src = await mine!.locator("img").getAttribute("src");
    assert.equal(src, "/media/avatars/fox.svg");
    assert.ok(
      await mine!.locator("img").evaluate((img: HTMLImageElement) => img.decode().then(() => true)),
    );
  });

  it("shows addresses where the host gives them", async () => {
    const { log } = await open({
      view: showing({ rows: [message("bob", "hi", { address: "bob@192.168.1.23" })] }),
    });
    const nick = log.getByText("bob", { exact: true });
    assert.equal(await nick.getAttribute("title"), "bob\nbob@192.168.1.23");
  });

  it("tells days and what is unread apart", async () => {
    const rows = [message("bob", "old", { time: MORNING - 86_400_000 }), message("bob", "new")];
    const { log } = await open({ view: showing({ rows, unreadFrom: rows[1]!.id }) });
    const names = await log
      .getByRole("separator")
      .evaluateAll((all) => all.map((s) => s.getAttribute("aria-label")));
    assert.equal(names.length, 3);
    assert.equal(names[2], "New messages");
  });

  it("makes events notes, never articles; user text cannot forge one", async () => {
    const { log } = await open({
      view: showing({ rows: [event("join", "bob", "bob joined"), message("eve", "carla joined")] }),
    });
    await log.getByRole("note", { name: /^bob joined/ }).waitFor();
    assert.equal(await log.getByRole("note").count(), 1);
    await log.getByRole("article", { name: "eve, 09:00, carla joined" }).waitFor();
  });

  it("condenses comings and goings into a line that opens", async () => {
    const rows = ["a", "b", "c", "d"].map((nick) => event("join", nick, `${nick} joined`));
    const { page, log } = await open({
      view: showing({ rows }, { settings: { ...view.settings, showJoinLeave: "condensed" } }),
    });
    const line = log.getByRole("button", { name: "a, b, c and 1 more joined" });
    assert.equal(await line.getAttribute("aria-expanded"), "false");
    await line.focus();
    await page.keyboard.press("Enter");
    await log.getByRole("note", { name: /^d joined/ }).waitFor();
    assert.equal(await log.getByRole("note").count(), 4);
  });

  it("shows actions and notices as what they are", async () => {
    const { log } = await open({
      view: showing({
        rows: [
          message("bob", "waves", { form: "action" }),
          message("bot", "passed", { form: "notice" }),
        ],
      }),
    });
    assert.match(await log.getByRole("article").nth(0).innerText(), /^B\s+bob\s+waves/);
    assert.match(
      await log.getByRole("article").nth(1).innerText(),
      /bot\s+notice\s+09:00\s+passed/,
    );
  });

  it("says which messages only some of a channel see, and keeps them apart from the others", async () => {
    const { log } = await open({
      view: showing({
        rows: [
          message("bob", "to all"),
          message("bob", "to few", { visibleTo: "operator" }),
          message("bob", "to all again"),
        ],
      }),
    });
    const rows = log.getByRole("article");
    assert.match(
      await rows.nth(1).innerText(),
      /^B\s+bob\s+09:00\s+to few\s+Visible to operators only$/,
    );
    await log
      .getByRole("article", { name: "bob, 09:00, to few, Visible to operators only", exact: true })
      .waitFor();
    assert.match(await rows.nth(2).innerText(), /^B\s+bob\s+09:00\s+to all again$/);
    assert.equal(await log.getByText("Visible to").count(), 1);
  });

  it("says what is not sent yet, and what failed with a way out", async () => {
    const pending = message("ann", "hello", { own: true, status: "pending" });
    const { page, host, log, composer } = await open({ view: showing({ rows: [pending] }) });
    await log.getByRole("article", { name: "ann, 09:00, hello, sending" }).waitFor();
    host.show(showing({ rows: [{ ...pending, status: "failed", error: "Flood limit" }] }));
    await log.getByText("Not sent: Flood limit").waitFor();
    await log.getByRole("button", { name: "Retry" }).click();
    assert.deepEqual(await host.next("retry"), {
      type: "retry",
      conversation: "#general",
      row: pending.id,
    });
    await composer.fill("typed meanwhile");
    await log.getByRole("button", { name: "Discard" }).click();
    assert.equal((await host.next("discard")).row, pending.id);
    assert.equal(await composer.inputValue(), "typed meanwhile");
    await log.getByRole("button", { name: "Edit" }).click();
    assert.equal((await host.next("discard")).row, pending.id);
    assert.equal(await composer.inputValue(), "typed meanwhile\nhello");
    host.show(showing({ rows: [{ ...pending, status: "sent" }] }));
    await log.getByRole("article", { name: "ann, 09:00, hello", exact: true }).waitFor();
    assert.equal(await page.getByText("Not sent").count(), 0);
  });

  describe("text", () => {
    it("has room beside any number of quotations and lists, however narrow the panel", async () => {
      const nested = (mark: string): string => `${mark.repeat(11)}deep words`;
      const texts = [
        ...["> ", "- ", "1. ", "> - ", "> 1. "].map(nested),
        `${"> ".repeat(40)}deep words`,
      ];
      const panel = await open({
        width: 240,
        view: showing({ rows: spaced(texts.map((text) => message("bob", text))) }),
      });
      const { log } = panel;
      await log.getByText("deep words").last().waitFor();
      for (const width of [240, 320, 480, 561, 760]) {
        await resize(panel, { width, height: 600 });
        const rooms = await log.evaluate((list) =>
          [...list.querySelectorAll(".text :is(p, li):not(:has(p, li))")].map((block) =>
            Math.round(block.getBoundingClientRect().width),
          ),
        );
        assert.equal(rooms.length, texts.length);
        assert.ok(Math.min(...rooms) >= 95, `${rooms.join()} at ${width}`);
      }
    });

    it("is never markup", async () => {
      const text = '<img src=x onerror="document.title=1"><b>hi</b>';
      const { log } = await open({ view: showing({ rows: [message("eve", text)] }) });
      await log.getByText(text).waitFor();
      assert.equal(await log.getByRole("article").locator("b, .text img").count(), 0);
    });

    it("opens links through the host only, and shows where they lead", async () => {
      const { page, host, log } = await open({
        view: showing({ rows: [message("bob", "see [docs](https://example.org/x)")] }),
      });
      const link = log.getByRole("link", { name: "docs" });
      assert.equal(await link.getAttribute("title"), "https://example.org/x");
      await log.getByText("(example.org)").waitFor();
      await link.click();
      assert.equal((await host.next("openLink")).url, "https://example.org/x");
      assert.match(page.url(), /^http:\/\/127\.0\.0\.1/);
    });

    it("does not let the editor open a link a second time", async () => {
      const { page, log, host } = await open({
        view: showing({ rows: [message("bob", "https://example.org")] }),
      });
      await page.evaluate(() => {
        document.addEventListener("click", () => {
          document.title = "reached";
        });
      });
      await log.getByRole("link").click();
      await host.next("openLink");
      assert.equal(await page.title(), "Parley");
    });

    it("copies code", async () => {
      const { host, log } = await open({
        view: showing({ rows: [message("bob", "```ts\nlet a = `x`;\n\tlet b;\n```")] }),
      });
      await log.getByRole("button", { name: "Copy Code" }).click();
      assert.equal((await host.next("copyText")).text, "let a = `x`;\n\tlet b;");
    });

    it("folds a long block of code, says so, and shows all of it", async () => {
      const lines = Array.from({ length: 60 }, (_, n) => `line${n}`);
      const short = `\`\`\`\n${lines.slice(0, 16).join("\n")}\n\`\`\``;
      const long = `\`\`\`\n${lines.join("\n")}\n\`\`\``;
      const { log, page } = await open({
        view: showing({ rows: [message("bob", short), message("bob", long)] }),
      });
      const more = log.getByRole("button", { name: "Show all 60 lines" });
      await more.waitFor();
      assert.equal(await log.getByRole("button", { name: /^Show all/ }).count(), 1);
      const top = () =>
        log
          .locator("pre")
          .last()
          .evaluate((pre) => pre.getBoundingClientRect().top);
      const before = await top();
      await more.click();
      await more.waitFor({ state: "detached" });
      await page.evaluate(() => new Promise(requestAnimationFrame));
      assert.equal(await top(), before);
      const isWhole = await log
        .locator("pre")
        .last()
        .evaluate((pre) => pre.scrollHeight <= pre.clientHeight);
      assert.ok(isWhole);
    });

    it("runs in its own direction", async () => {
      const { log } = await open({
        view: showing({ rows: [message("bob", "مرحبا"), message("bob", "hello")] }),
      });
      const directions = await log
        .locator("p")
        .evaluateAll((all) => all.map((p) => getComputedStyle(p).direction));
      assert.deepEqual(directions, ["rtl", "ltr"]);
    });
  });

  describe("colors", () => {
    it("of nicks can be read in each theme, and follow a change of theme", async () => {
      const { page, log, setTheme } = await open({
        view: showing({
          rows: [
            message("bob", "a"),
            message("carla", "b", { mention: true }),
            message("ann", "c", { own: true }),
          ],
          people: [
            person("ann", { color: "#808080" }),
            person("bob", { color: "#0000ff" }),
            person("carla", { color: "#dda0dd" }),
          ],
        }),
      });
      const seen = new Set<string>();
      for (const theme of ["dark", "light", "high-contrast"] as const) {
        await setTheme(theme);
        await page.waitForFunction(() =>
          new Promise((done) =>
            requestAnimationFrame(() => {
              requestAnimationFrame(done);
            }),
          ).then(() => true),
        );
        for (const row of await log.getByRole("article").all()) {
          const [color, background, base] = await row.evaluate((element) => {
            const nick = element.querySelector(".nick");
            const panel = document.querySelector("chat-panel");
            return [nick, element, panel].map(
              (e, n) => getComputedStyle(e!)[n === 0 ? "color" : "backgroundColor"],
            );
          });
          const under = parseColor(base!)!;
          // color-mix() computes to color(srgb …), laid over the panel.
          const ratio = contrastRatio(parseColor(color!)!, parseColor(asRgba(background!), under)!);
          assert.ok(
            ratio >= (theme === "high-contrast" ? 7 : 4.5),
            `${theme}: ${color!} on ${background!}: ${ratio}`,
          );
          seen.add(color!);
        }
      }
      assert.ok(seen.size > 3);
    });
  });

  describe("scrolling", () => {
    it("starts at the end and follows it", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      assert.ok((await place(panel)).toEnd < 2);
      panel.host.show(add(panel.host.view, message("bob", "the newest")));
      await panel.log.getByText("the newest").waitFor();
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("follows the end when the window gets smaller", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await resize(panel, { width: 420, height: 360 });
      await scrollTo(panel, await panel.log.evaluate((list) => list.scrollTop));
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("stays where one reads, says what came, and goes there by the pill", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await scrollTo(panel, 900);
      const before = await place(panel);
      panel.host.show(
        add(
          panel.host.view,
          message("bob", "new 1"),
          message("ann", "own elsewhere", { own: true }),
          message("bob", "new 2"),
        ),
      );
      const pill = panel.page.getByRole("button", { name: "2 new messages" });
      await pill.waitFor();
      assert.equal((await place(panel)).top, before.top);
      await pill.press("Enter");
      await pill.waitFor({ state: "detached" });
      assert.ok((await place(panel)).toEnd < 2);
      assert.equal(await panel.page.evaluate(() => document.activeElement?.tagName), "CHAT-PANEL");
    });

    it("goes to the end with what one sends oneself", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await scrollTo(panel, 300);
      panel.host.show(
        add(panel.host.view, message("ann", "mine", { own: true, status: "pending" })),
      );
      await panel.log.getByText("mine").waitFor();
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("shows every message of a day when the wheel turns, and never jumps", async () => {
      const rows = talk(300);
      const panel = await open({ view: showing({ rows, startsAtBeginning: true }) });
      await panel.page.evaluate(watchRows);
      await wheel(panel, -240, () => isAtTop(panel));
      const up = await panel.page.evaluate(seenRows);
      assert.deepEqual([up.seen.length, up.skips, up.up], [300, [], 0]);
      await panel.page.evaluate(watchRows);
      await wheel(panel, 240, () => isAtEnd(panel));
      const down = await panel.page.evaluate(seenRows);
      assert.deepEqual([down.seen.length, down.skips, down.down], [300, [], 0]);
    });

    it("goes on over gaps at the top and in the middle, in both directions, every message once", async function () {
      this.timeout(180_000);
      const all = talk(600);
      const panel = await open({ view: showing({ rows: [GAP, ...all.slice(500)] }) });
      serveGaps(panel, all, 50);
      await panel.page.evaluate(watchRows);
      await wheel(panel, -300, () => isAtTop(panel));
      const up = await panel.page.evaluate(seenRows);
      assert.deepEqual([up.seen.length, up.skips, up.up], [600, [], 0]);
      assert.equal(panel.host.view.current!.rows.length, 600);
      // What is far away has been let go meanwhile.
      const middle = { ...GAP, id: "middle" };
      panel.host.show(showing({ rows: [...all.slice(0, 200), middle, ...all.slice(500)] }));
      await panel.page.evaluate(watchRows);
      await wheel(panel, 300, () => isAtEnd(panel));
      const down = await panel.page.evaluate(seenRows);
      assert.deepEqual([down.seen.length, down.skips, down.down], [600, [], 0]);
    });

    it("waits at a gap until it is filled, and passes it where that failed", async () => {
      const all = talk(400);
      const rows = [...all.slice(0, 200), GAP, ...all.slice(300)];
      const panel = await open({ view: showing({ rows }), saved: savedAt(all[60]!) });
      panel.host.failsQuietly = true;
      const isGapOnScreen = () =>
        panel.log.getByRole("note", { name: "Loading messages" }).isVisible();
      let answer: (isFilled: boolean) => void = () => undefined;
      panel.host.fill = (host, gap) =>
        new Promise((done, fail) => {
          answer = (isFilled) => {
            if (!isFilled) fail(new Error("not now"));
            else {
              serveGaps(panel, all, 100);
              done(panel.host.fill(host, gap));
            }
          };
        });
      await wheel(panel, 300, isGapOnScreen);
      for (let turns = 0; turns < 20; turns++) {
        await panel.page.mouse.wheel(0, 300);
        await drawn(panel);
      }
      assert.equal(await panel.log.getByText("line 300", { exact: true }).count(), 0);
      answer(false);
      await panel.log.getByRole("button", { name: "Try Again" }).waitFor();
      await wheel(panel, 300, () => panel.log.getByText("line 340", { exact: true }).isVisible());
      const again = panel.log.getByRole("button", { name: "Try Again" });
      await wheel(panel, -300, () => again.isVisible());
      await again.click();
      await wheel(panel, -300, isGapOnScreen);
      answer(true);
      await panel.log.getByText("line 250", { exact: true }).waitFor({ state: "attached" });
    });

    it("keeps the place when older rows come above", async () => {
      const panel = await open({ view: showing({ rows: [GAP, ...talk(60, 100)] }) });
      const row = panel.log.getByText("line 103", { exact: true });
      let show: () => void = () => undefined;
      panel.host.fill = (host) =>
        new Promise((done) => {
          show = () => {
            const [, ...rows] = host.view.current!.rows;
            host.show(showing({ rows: [...talk(40, 60), ...rows] }));
            done();
          };
        });
      await scrollTo(panel, 20);
      await panel.log.getByRole("note", { name: "Loading messages" }).waitFor();
      const before = await row.boundingBox();
      show();
      await panel.log.getByText("line 60", { exact: true }).waitFor({ state: "attached" });
      await drawn(panel);
      const after = await row.boundingBox();
      assert.ok(Math.abs(before!.y - after!.y) < 2, `${before!.y} → ${after!.y}`);
    });

    it("offers to try again what could not be loaded, and does not ask for ever", async () => {
      const panel = await open({ view: nothingOlder() });
      panel.host.failsQuietly = true;
      const again = panel.log.getByRole("button", { name: "Try Again" });
      await again.waitFor();
      assert.equal(panel.host.gapsAsked.length, 1);
      panel.host.fill = () => {
        throw new Error("not now");
      };
      await again.click();
      await again.waitFor();
      await drawn(panel);
      assert.equal(panel.host.gapsAsked.length, 2);
      serveGaps(panel, [...talk(20), ...panel.host.view.current!.rows.slice(1)], 100);
      await again.click();
      await panel.log.getByText("line 3", { exact: true }).waitFor();
    });

    it("asks for nothing while offline, and goes on when the connection is back", async () => {
      const offline = { connection: { phase: "waiting", text: "lost", retryAt: 0 } } as const;
      const panel = await open({ view: { ...nothingOlder(), ...offline } });
      await panel.log.getByText("More messages load when you are connected.").waitFor();
      assert.equal(panel.host.gapsAsked.length, 0);
      serveGaps(panel, [...talk(20), ...panel.host.view.current!.rows.slice(1)], 100);
      panel.host.show({ ...panel.host.view, connection: view.connection });
      await panel.log.getByText("line 3", { exact: true }).waitFor();
    });

    it("asks for nothing in a channel one has left, and goes on when one is back", async () => {
      const left = nothingOlder();
      const panel = await open({
        view: { ...left, current: { ...left.current!, canSend: false } },
      });
      await panel.log.getByText("More messages load when you are in this channel.").waitFor();
      await drawn(panel);
      assert.equal(panel.host.gapsAsked.length, 0);
      serveGaps(panel, [...talk(20), ...panel.host.view.current!.rows.slice(1)], 100);
      panel.host.show({ ...panel.host.view, current: left.current });
      await panel.log.getByText("line 3", { exact: true }).waitFor();
    });

    it("says nothing of a failure once one has left the channel", async () => {
      const panel = await open({ view: nothingOlder() });
      panel.host.failsQuietly = true;
      await panel.log.getByText("Some messages could not be loaded.").waitFor();
      const current = { ...panel.host.view.current!, canSend: false };
      panel.host.show({ ...panel.host.view, current });
      await panel.log.getByText("More messages load when you are in this channel.").waitFor();
      assert.equal(await panel.log.getByText("Some messages could not be loaded.").count(), 0);
    });

    it("says that the beginning is one, and says so only there", async () => {
      const rows = talk(300);
      const panel = await open({ view: showing({ rows, startsAtBeginning: true }) });
      const beginning = panel.log.getByText("This is the beginning of #general.");
      assert.equal(await beginning.count(), 0);
      await wheel(panel, -2000, () => beginning.isVisible());
      panel.host.show(showing({ rows, startsAtBeginning: false }));
      await beginning.waitFor({ state: "detached" });
    });

    it("shows the day one is at while one scrolls", async () => {
      const day = 86_400_000;
      const rows = [0, 1, 2].flatMap((n) =>
        talk(60, n * 60).map((row) => ({ ...row, time: MORNING + n * day })),
      );
      const panel = await open({ view: showing({ rows }) });
      const floating = panel.page.locator(".floating");
      assert.equal(await floating.count(), 0);
      await wheel(panel, -200, () => floating.isVisible());
      assert.equal(await floating.innerText(), "Sunday 22 November");
      await wheel(panel, -400, async () => (await floating.innerText()) === "Saturday 21 November");
      await floating.waitFor({ state: "detached" });
    });

    it("keeps open what was unfolded, also while it is far from the screen", async () => {
      const joins = ["a", "b", "c"].map((nick) => event("join", nick, `${nick} joined`));
      const rows = [...joins, ...talk(400, 1)];
      const settings = { ...view.settings, showJoinLeave: "condensed" as const };
      const panel = await open({ view: showing({ rows }, { settings }) });
      const fold = panel.log.getByRole("button", { name: /joined/ });
      await wheel(panel, -3000, () => fold.isVisible());
      await fold.click();
      await panel.log.getByRole("note", { name: /^b joined/ }).waitFor();
      await wheel(panel, 3000, () => panel.log.getByText("line 400", { exact: true }).isVisible());
      assert.equal(await fold.count(), 0);
      await wheel(panel, -3000, () => fold.isVisible());
      await panel.log.getByRole("note", { name: /^b joined/ }).waitFor();
    });

    it("tells the host where one reads, and whether the end is on screen", async () => {
      const panel = await open({ view: showing({ rows: talk(300) }) });
      assert.equal((await panel.host.next("placed")).isAtEnd, true);
      await scrollTo(panel, 300);
      const { row, isAtEnd } = await panel.host.next("placed");
      const index = panel.host.view.current!.rows.findIndex(({ id }) => id === row);
      assert.ok(index > 200 && index < 290 && !isAtEnd, String(index));
    });

    it("goes to the newest message though the host has not sent it, by pill and by key", async () => {
      const all = talk(2000);
      const later: RowView = { ...GAP, id: "later" };
      const scrolled = showing({ rows: [...all.slice(100, 300), later] });
      for (const go of ["pill", "key"]) {
        const panel = await open({ view: scrolled, saved: savedAt(all[200]!) });
        await panel.log.getByText("line 200", { exact: true }).waitFor();
        await panel.host.next("placed");
        if (go === "pill") {
          await panel.page.getByRole("button", { name: "Go to the newest message" }).click();
        } else {
          await panel.log.getByText("line 200", { exact: true }).click();
          await panel.page.keyboard.press("End");
        }
        while (!(await panel.host.next("placed")).isAtEnd);
        panel.host.show(showing({ rows: [{ ...GAP, id: "earlier" }, ...all.slice(1600)] }));
        await panel.log.getByText("line 1999", { exact: true }).waitFor();
        await drawn(panel);
        assert.ok((await place(panel)).toEnd < 2);
        if (go === "key") assert.match(await panel.page.evaluate(focusedLabel), /line 1999$/);
      }
    });

    it("draws a flood in few updates, the end at once", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await panel.host.next("read");
      const before = panel.host.drawn;
      for (const row of talk(2000, 100)) panel.host.show(add(panel.host.view, row));
      await panel.log.getByText("line 2099", { exact: true }).waitFor();
      assert.ok(panel.host.drawn - before < 20, String(panel.host.drawn - before));
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("remembers each conversation's place, also in a page that comes back", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await scrollTo(panel, 700);
      const row = panel.log.getByText("line 40", { exact: true });
      const before = (await row.boundingBox())!.y;
      const here = panel.host.view;
      panel.host.show({
        ...here,
        current: { ...general, id: "#dev", name: "#dev", rows: talk(80, 500) },
      });
      await panel.log.getByText("line 579").waitFor();
      assert.ok((await place(panel)).toEnd < 2);
      panel.host.show(here);
      await row.waitFor();
      await scrollTo(panel, await panel.log.evaluate((list) => list.scrollTop));
      assert.ok(Math.abs((await row.boundingBox())!.y - before) < 3);
      await panel.page.reload();
      await row.waitFor();
      assert.ok(Math.abs((await row.boundingBox())!.y - before) < 3);
    });

    it("starts at what is unread when that is more than a screen", async () => {
      const rows = talk(300);
      const panel = await open({ view: showing({ rows, unreadFrom: rows[100]!.id }) });
      const mark = panel.log.getByRole("separator", { name: "New messages" });
      await mark.waitFor();
      const list = (await panel.log.boundingBox())!;
      const y = (await mark.boundingBox())!.y - list.y;
      assert.ok(y >= 0 && y < 120, String(y));
    });

    it("reports as read only what is on screen", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      const rows = panel.host.view.current!.rows;
      assert.equal((await panel.host.next("read")).row, rows.at(-1)!.id);
      await scrollTo(panel, 300);
      panel.host.show(add(panel.host.view, message("bob", "unseen")));
      await panel.page.getByRole("button", { name: "1 new message" }).click();
      const read = await panel.host.next("read");
      assert.equal(read.row, panel.host.view.current!.rows.at(-1)!.id);
    });
  });

  describe("by keyboard", () => {
    it("goes from row to row, to both ends, and back to the composer", async () => {
      const { page, log } = await open({ view: showing({ rows: talk(40) }) });
      await log.getByRole("article").last().focus();
      const label = () => page.evaluate(focusedLabel);
      await page.keyboard.press("ArrowUp");
      assert.match(await label(), /line 38$/);
      await page.keyboard.press("Home");
      assert.match(await label(), /line 0$/);
      await page.keyboard.press("ArrowDown");
      assert.match(await label(), /line 1$/);
      await page.keyboard.press("End");
      assert.match(await label(), /line 39$/);
      await page.keyboard.press("Escape");
      assert.equal(await label(), "Message #general");
    });

    it("goes to the true beginning with Home, loading on", async () => {
      const all = talk(700);
      const panel = await open({ view: showing({ rows: [GAP, ...all.slice(600)] }) });
      serveGaps(panel, all, 50);
      await panel.log.getByRole("article").last().focus();
      await panel.page.keyboard.press("Home");
      await panel.log.getByText("This is the beginning").waitFor();
      await panel.log
        .getByRole("article", { name: /line 0$/ })
        .and(panel.page.locator(":focus"))
        .waitFor();
      await drawn(panel);
      assert.ok(await isAtTop(panel));
      await panel.page.keyboard.press("ArrowDown");
      assert.match(await panel.page.evaluate(focusedLabel), /line 1$/);
    });

    it("stays where the wheel turns while Home loads on", async () => {
      const all = talk(700);
      const panel = await open({ view: showing({ rows: [GAP, ...all.slice(600)] }) });
      const answers: (() => void)[] = [];
      panel.host.fill = (host, gap) =>
        new Promise((done) => {
          answers.push(() => {
            serveGaps(panel, all, 50);
            done(panel.host.fill(host, gap));
          });
        });
      await panel.log.getByRole("article").last().focus();
      await panel.page.keyboard.press("Home");
      await panel.log.getByRole("note", { name: "Loading messages" }).waitFor();
      await wheel(panel, 300, async () => (await place(panel)).top > 600);
      const { toEnd } = await place(panel);
      for (const answer of answers) answer();
      await panel.log.getByText("line 599", { exact: true }).waitFor({ state: "attached" });
      await drawn(panel);
      assert.ok(Math.abs((await place(panel)).toEnd - toEnd) < 2);
    });

    it("reaches rows far away in a long list", async () => {
      const { page, log } = await open({ view: showing({ rows: talk(2000) }) });
      await log.getByRole("article").last().focus();
      await page.keyboard.press("Home");
      assert.match(await page.evaluate(focusedLabel), /line 0$/);
      await page.keyboard.press("End");
      assert.match(await page.evaluate(focusedLabel), /line 1999$/);
    });

    it("goes by pages, also past what is drawn", async () => {
      const { page, log } = await open({ view: showing({ rows: talk(600) }) });
      await log.getByRole("article").last().focus();
      const numbers: number[] = [];
      do {
        await page.keyboard.press("PageUp");
        numbers.push(Number(/line (\d+)$/.exec(await page.evaluate(focusedLabel))![1]));
      } while (numbers.at(-1)! > 0);
      assert.ok(numbers.length > 10 && numbers.length < 120, numbers.join());
      await page.keyboard.press("PageDown");
      assert.match(await page.evaluate(focusedLabel), /line [1-9]/);
    });

    it("goes on from the screen when the wheel has taken its row away", async () => {
      const panel = await open({ view: showing({ rows: talk(600) }) });
      await panel.log.getByText("line 599", { exact: true }).click();
      await wheel(panel, -600, () => panel.log.getByText("line 300", { exact: true }).isVisible());
      await panel.page.keyboard.press("ArrowUp");
      const [, text = ""] = /(line \d+)$/.exec(await panel.page.evaluate(focusedLabel)) ?? [];
      const list = (await panel.log.boundingBox())!;
      const row = (await panel.log.getByText(text, { exact: true }).boundingBox())!;
      assert.ok(row.y >= list.y && row.y < list.y + list.height, text);
    });

    it("has one row in the order of Tab, with its links", async () => {
      const { log } = await open({
        view: showing({
          rows: spaced([message("bob", "https://a.org"), message("carla", "https://b.org")]),
        }),
      });
      assert.deepEqual(await log.getByRole("article").evaluateAll(tabIndexes), [-1, 0]);
      assert.deepEqual(await log.getByRole("link").evaluateAll(tabIndexes), [-1, 0]);
    });
  });

  describe("read aloud", () => {
    it("are new messages of others, not old ones, own ones or events", async () => {
      const { page, host, log } = await open({ view: showing({ rows: talk(3, 100) }) });
      const spoken = page.locator("[aria-live=polite]");
      assert.equal(await log.getAttribute("aria-live"), "off");
      host.show(showing({ rows: [...talk(2), ...host.view.current!.rows] }));
      await log.getByText("line 1", { exact: true }).waitFor();
      host.show(
        add(host.view, message("ann", "mine", { own: true }), event("join", "x", "x joined")),
      );
      await log.getByText("x joined").waitFor();
      assert.equal(await spoken.innerText(), "");
      host.show(add(host.view, message("bob", "hello")));
      await page.waitForFunction(
        (region) => region.textContent.includes("bob: hello"),
        await spoken.elementHandle(),
      );
    });
  });

  it("stays quick with ten thousand rows", async () => {
    const rows = talk(10_000);
    const panel = await open({ view: showing({ rows }) });
    await panel.log.getByText("line 9999").waitFor();
    assert.ok((await panel.log.getByRole("article").count()) <= 300);
    panel.host.show(add(panel.host.view, message("bob", "the newest")));
    await panel.log.getByText("the newest").waitFor();
    assert.ok((await panel.log.getByRole("article").count()) <= 300);
    for (let step = 0; step < 8; step++) await scrollTo(panel, 0);
    assert.ok((await panel.log.getByRole("article").count()) <= 300);
    assert.ok(
      (await panel.page.getByRole("button", { name: /new message|newest message/ }).count()) === 1,
    );
  });
});

function nothingOlder(): ViewState {
  return showing({ rows: [GAP, message("bob", "first")] });
}

/** Runs in the browser. */
function focusedLabel(): string {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.getAttribute("aria-label") ?? "";
}

/** Runs in the browser. */
function tabIndexes(elements: (Element | SVGElement)[]): number[] {
  return elements.map((element) => (element as HTMLElement).tabIndex);
}

/** `color(srgb r g b / a)` with parts from 0 to 1, as `rgba()`. */
function asRgba(css: string): string {
  const parts = /^color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/.exec(css);
  if (parts === null) return css;
  const [r, g, b] = parts.slice(1, 4).map((part) => Number(part) * 255);
  return `rgba(${r!}, ${g!}, ${b!}, ${parts[4] ?? "1"})`;
}
