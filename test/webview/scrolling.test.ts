// The text one reads stays where it is, whatever scrolls the list and whatever changes around it.
import assert from "node:assert/strict";
import type { RowView, ViewState } from "../../src/bridge/view.js";
import { seenRows, watchRows } from "../support/row-watch.js";
import {
  add,
  drawn,
  GAP,
  isAtTop,
  place,
  resize,
  scrollTo,
  serveGaps,
  talk,
} from "./support/list.js";
import { panels, type Panel } from "./support/panel.js";
import { event, general, member, message, showing, spaced } from "./support/views.js";

/** So many words, each of them once in the list. */
const words = (name: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${name}${n}`).join(" ");

/** A message many screens high, with a paragraph, a block of code and a list in it. */
const TALL = message(
  "bob",
  [
    words("a", 600),
    `\`\`\`\n${Array.from({ length: 30 }, (_, n) => `code${n}`).join("\n")}\n\`\`\``,
    Array.from({ length: 50 }, (_, n) => `- item${n}`).join("\n"),
    words("z", 400),
  ].join("\n\n"),
);

const aroundTall = (): RowView[] => [...talk(40), TALL, ...talk(40, 50)];

interface Word {
  readonly word: string;
  readonly top: number;
}

/** The first word that stands on the screen as a whole, and how far below the list's upper edge. Runs in the browser. */
function firstWord(list: Element): Word {
  const edge = list.getBoundingClientRect().top;
  for (const text of list.querySelectorAll(".text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      for (const { 0: word, index } of (walker.currentNode as Text).data.matchAll(/\S*\d/g)) {
        const range = new Range();
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + word.length);
        const { top } = range.getBoundingClientRect();
        if (top >= edge) return { word, top: top - edge };
      }
    }
  }
  throw new Error("no words on screen");
}

/** How far a word stands below the list's upper edge. Runs in the browser. */
function topOfWord(list: Element, word: string): number {
  for (const text of list.querySelectorAll(".text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      const node = walker.currentNode as Text;
      const found = new RegExp(`(?<!\\S)${word}(?!\\S)`).exec(node.data);
      if (found === null) continue;
      const range = new Range();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + word.length);
      return range.getBoundingClientRect().top - list.getBoundingClientRect().top;
    }
  }
  throw new Error(`${word} is not drawn`);
}

async function assertStays({ log }: Panel, { word, top }: Word, by = 0): Promise<void> {
  const now = await log.evaluate(topOfWord, word);
  assert.ok(Math.abs(now - top - by) < 2, `${word}: ${top} → ${now}`);
}

/** Scrolls until this word of a drawn row stands at the upper edge. */
async function readAt(panel: Panel, word: string): Promise<Word> {
  const at = await panel.log.evaluate(topOfWord, word);
  await scrollTo(panel, (await place(panel)).top + at - 7);
  return panel.log.evaluate(firstWord);
}

/** Moves the wheel by these small steps, a frame each. */
async function touch(
  panel: Panel,
  deltas: readonly number[],
  between: (step: number) => void | Promise<void> = () => undefined,
): Promise<void> {
  const box = (await panel.log.boundingBox())!;
  await panel.page.mouse.move(box.x + 100, box.y + 100);
  for (const [step, delta] of deltas.entries()) {
    await panel.page.mouse.wheel(0, delta);
    await drawn(panel);
    await between(step);
  }
  await drawn(panel);
}

/** When the page has all rows of the host. */
async function shown(panel: Panel): Promise<void> {
  await panel.page.waitForFunction((count) => {
    const { view } = document.querySelector("chat-panel") as unknown as { view: ViewState };
    return view.current?.rows.length === count;
  }, panel.host.view.current!.rows.length);
  await drawn(panel);
}

const changed = (state: ViewState, rows: readonly RowView[]): ViewState => ({
  ...state,
  current: { ...state.current!, rows },
});

describe("scrolling", () => {
  const open = panels();

  describe("in a message higher than the screen", () => {
    for (const word of ["a300", "code12", "item30", "z200"]) {
      it(`keeps the line at the top when the panel gets narrower and wider again: ${word}`, async () => {
        const panel = await open({ view: showing({ rows: aroundTall() }) });
        await panel.log.getByText("line 89", { exact: true }).waitFor();
        const first = await readAt(panel, word);
        for (const width of [753, 700, 420, 300, 240, 340, 600, 900, 760]) {
          await resize(panel, { width, height: 620 });
          await assertStays(panel, first);
        }
      });
    }

    it("keeps it when the panel gets lower and higher, when the message fails and is sent", async () => {
      const rows = aroundTall();
      const panel = await open({ view: showing({ rows }) });
      await panel.log.getByText("line 89", { exact: true }).waitFor();
      const first = await readAt(panel, "a300");
      for (const height of [300, 500, 760]) {
        await resize(panel, { width: 760, height });
        await assertStays(panel, first);
      }
      const failed = { ...TALL, status: "failed", error: "x" } as const;
      panel.host.show(
        changed(
          panel.host.view,
          rows.map((row) => (row === TALL ? failed : row)),
        ),
      );
      await panel.log.getByText("Not sent: x").waitFor({ state: "attached" });
      await drawn(panel);
      await assertStays(panel, first);
      panel.host.show(changed(panel.host.view, rows));
      await panel.log.getByText("Not sent: x").waitFor({ state: "detached" });
      await drawn(panel);
      await assertStays(panel, first);
    });

    it("keeps it when what comes before takes its head, and when rows above it change", async () => {
      const rows = aroundTall();
      const panel = await open({ view: showing({ rows }) });
      await panel.log.getByText("line 89", { exact: true }).waitFor();
      const first = await readAt(panel, "a300");
      const before = message("bob", "just before", { time: TALL.time });
      const above = rows.slice(0, 40).map((row) => ({ ...row, status: "failed", error: "x" }));
      panel.host.show(
        changed(panel.host.view, [...(above as RowView[]), before, ...rows.slice(40)]),
      );
      await panel.log.getByText("just before").waitFor({ state: "attached" });
      await drawn(panel);
      await assertStays(panel, first);
    });

    it("keeps what follows when the message is deleted", async () => {
      const rows = aroundTall();
      const panel = await open({ view: showing({ rows }) });
      await panel.log.getByText("line 89", { exact: true }).waitFor();
      await readAt(panel, "z390");
      const below = await panel.log.evaluate(topOfWord, "z399");
      const next = await panel.log
        .getByText("line 50", { exact: true })
        .evaluate((row) => row.getBoundingClientRect().top);
      assert.ok(below > 0 && next > 0);
      panel.host.show(
        changed(
          panel.host.view,
          rows.map((row) => (row === TALL ? { ...TALL, text: "gone" } : row)),
        ),
      );
      await panel.log.getByText("gone", { exact: true }).waitFor({ state: "attached" });
      await drawn(panel);
      const now = await panel.log
        .getByText("line 50", { exact: true })
        .evaluate((row) => row.getBoundingClientRect().top);
      assert.ok(Math.abs(now - next) < 2, `${next} → ${now}`);
    });

    it("finds the line again in a page that comes back with another width", async () => {
      const panel = await open({ view: showing({ rows: aroundTall() }) });
      await panel.log.getByText("line 89", { exact: true }).waitFor();
      const first = await readAt(panel, "a300");
      await panel.host.next("placed");
      await panel.page.waitForFunction(() =>
        (sessionStorage.getItem("state") ?? "").includes("#general"),
      );
      await resize(panel, { width: 420, height: 620 });
      await panel.page.reload();
      await panel.log.getByText("line 50", { exact: true }).waitFor({ state: "attached" });
      await drawn(panel);
      await assertStays(panel, first);
    });

    it("shows all of it by each of the keys", async function () {
      this.timeout(120_000);
      for (const [key, back] of [
        ["PageUp", "PageDown"],
        ["ArrowUp", "ArrowDown"],
      ] as const) {
        const panel = await open({ view: showing({ rows: [...talk(3), TALL, ...talk(3, 50)] }) });
        await panel.log.getByRole("article").last().focus();
        for (const way of [key, back]) {
          const seen = new Set<string>();
          for (let at = -1; ;) {
            for (const word of await panel.log.evaluate(wordsOnScreen)) seen.add(word);
            const { top } = await place(panel);
            const isThere = (await focusedText(panel)) === (way === key ? "line 0" : "line 52");
            if (isThere && top === at) break;
            at = top;
            await panel.page.keyboard.press(way);
            await drawn(panel);
          }
          const missing = TALL.text.match(/\w+\d/g)!.filter((word) => !seen.has(word));
          // The code has a scroller of its own, of which only the first lines are in sight.
          assert.deepEqual(
            missing.filter((word) => !word.startsWith("code")),
            [],
            way,
          );
        }
      }
    });
  });

  describe("by a touchpad, a few pixels at a time", () => {
    it("leaves the end, also while others talk", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      const row = panel.log.getByText("line 76", { exact: true });
      const before = (await row.boundingBox())!.y;
      await touch(panel, Array<number>(40).fill(-1), (step) => {
        panel.host.show(add(panel.host.view, message("bob", `news ${step}`)));
      });
      await shown(panel);
      await drawn(panel);
      // The first of them may come before the first step.
      const rowHeight = (await row.boundingBox())!.height;
      const moved = (await row.boundingBox())!.y - before;
      assert.ok(moved > 40 - 2 * rowHeight && moved <= 41, String(moved));
      await panel.page.getByRole("button", { name: /new message/ }).waitFor();
    });

    it("comes back to the end and follows it again", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await touch(panel, Array<number>(15).fill(-4));
      assert.ok((await place(panel)).toEnd > 55);
      await touch(panel, Array<number>(16).fill(4));
      panel.host.show(add(panel.host.view, message("bob", "the newest")));
      await panel.log.getByText("the newest").waitFor();
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("goes up over a page of history that comes meanwhile, and never jumps", async () => {
      const all = talk(300);
      const panel = await open({ view: showing({ rows: [GAP, ...all.slice(240)] }) });
      let isAsked: () => void = () => undefined;
      const asked = new Promise<void>((done) => (isAsked = done));
      let fill: () => void = () => undefined;
      const filled = new Promise<void>((done) => (fill = done));
      serveGaps(panel, all, 60);
      const serve = panel.host.fill;
      panel.host.fill = async (host, gap) => {
        isAsked();
        await filled;
        await serve(host, gap);
      };
      await scrollTo(panel, 150);
      await asked;
      await panel.page.evaluate(watchRows);
      await touch(panel, Array<number>(70).fill(-3), (step) => {
        if (step === 20) fill();
      });
      const { skips, up, down } = await panel.page.evaluate(seenRows);
      assert.deepEqual([skips, up], [[], 0]);
      assert.ok(down <= 12, `${down} px in one frame`);
    });
  });

  describe("by the scroll bar", () => {
    /** Takes the thumb and drags it by `step` pixels until `until`. */
    async function drag(
      panel: Panel,
      step: number,
      until: (moves: number) => Promise<boolean> | boolean,
    ): Promise<void> {
      const thumb = await panel.log.evaluate(thumbOf);
      await panel.page.mouse.move(thumb.x, thumb.y);
      await panel.page.mouse.down();
      let y = thumb.y;
      for (let moves = 0; !(await until(moves)); moves++) {
        assert.ok(moves < 600, "the list does not move");
        await panel.page.mouse.move(thumb.x, (y += step));
        await drawn(panel);
      }
      await panel.page.mouse.up();
    }

    it("drags up to the beginning over what is not drawn yet, and no message is left out", async function () {
      this.timeout(120_000);
      const rows = talk(200);
      const panel = await open({
        hasScrollBars: true,
        view: showing({ rows, startsAtBeginning: true }),
      });
      assert.ok((await panel.log.getByRole("article").count()) < rows.length);
      await panel.page.evaluate(watchRows);
      await drag(panel, -16, () => isAtTop(panel));
      const { seen, skips, up } = await panel.page.evaluate(seenRows);
      assert.deepEqual([seen.length, skips, up], [200, [], 0]);
    });

    it("drags on while pages of history come at the top, and no message is left out", async function () {
      this.timeout(120_000);
      const all = talk(200);
      const panel = await open({
        hasScrollBars: true,
        view: showing({ rows: [GAP, ...all.slice(140)] }),
      });
      serveGaps(panel, all, 40);
      await panel.page.evaluate(watchRows);
      await drag(panel, -16, () => isAtTop(panel));
      const { seen, skips, up } = await panel.page.evaluate(seenRows);
      assert.deepEqual([seen.length, skips, up], [200, [], 0]);
    });

    it("stays under the pointer while it is held and others talk", async () => {
      const panel = await open({
        hasScrollBars: true,
        view: showing({ rows: talk(300), startsAtBeginning: true }),
      });
      await drag(panel, -4, async (moves) => {
        if (moves < 30) return false;
        const first = await panel.log.evaluate(firstWord);
        for (let n = 0; n < 5; n++) {
          panel.host.show(add(panel.host.view, message("bob", `news ${n}`)));
          await shown(panel);
          await drawn(panel);
        }
        await assertStays(panel, first);
        return true;
      });
    });
  });

  describe("while something changes", () => {
    it("keeps what a key or a drag has just done, of which the page has not been told", async () => {
      const panel = await open({ view: showing({ rows: talk(200) }) });
      await scrollTo(panel, 1500);
      const first = await panel.log.evaluate(firstWord);
      await panel.log.evaluate(async (list) => {
        const panelElement = document.querySelector("chat-panel") as unknown as {
          view: ViewState;
          updateComplete: Promise<unknown>;
        };
        list.scrollTop -= 200;
        const { view } = panelElement;
        const current = view.current!;
        panelElement.view = { ...view, current: { ...current, rows: [...current.rows] } };
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      });
      await assertStays(panel, first, 200);
    });

    it("keeps the text though a row above grows in the same frame", async () => {
      const panel = await open({ view: showing({ rows: talk(200) }) });
      await scrollTo(panel, 1500);
      const first = await panel.log.evaluate(firstWord);
      await panel.log.evaluate(async (list) => {
        list.querySelector<HTMLElement>("message-row")!.style.paddingTop = "150px";
        list.scrollTop -= 30;
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      });
      await assertStays(panel, first, 30);
    });

    it("keeps the text when the window changes its width, and when rows above change their height", async () => {
      const rows = spaced(
        Array.from({ length: 120 }, (_, n) => message("bob", words(`w${n}x`, 60))),
      );
      const panel = await open({ view: showing({ rows }) });
      await scrollTo(panel, 6000);
      const first = await panel.log.evaluate(firstWord);
      for (const width of [420, 300, 800]) {
        await resize(panel, { width, height: 620 });
        await assertStays(panel, first);
      }
      const index = rows.findIndex(({ text }) => text.includes(`${first.word} `));
      panel.host.show(
        changed(
          panel.host.view,
          rows.map((row, n) =>
            n < index ? { ...row, status: "failed" as const, error: "x" } : row,
          ),
        ),
      );
      await panel.log.getByText("Not sent: x").first().waitFor({ state: "attached" });
      await drawn(panel);
      await assertStays(panel, first);
    });

    it("keeps the end while what is written grows and shrinks", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      for (const lines of [1, 8, 3, 12, 1]) {
        await panel.composer.fill("a\n".repeat(lines));
        await drawn(panel);
        assert.ok((await place(panel)).toEnd < 2, `${lines} lines`);
      }
      panel.host.show(add(panel.host.view, message("bob", "the newest")));
      await panel.log.getByText("the newest").waitFor();
      assert.ok((await place(panel)).toEnd < 2);
    });

    it("keeps the end when a letter is typed and taken back", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      await panel.composer.focus();
      for (const key of ["a", "Backspace", "b", "c", "Backspace", "Backspace"]) {
        await panel.page.keyboard.press(key);
        await drawn(panel);
        assert.ok((await place(panel)).toEnd < 1, key);
      }
      panel.host.show(add(panel.host.view, message("bob", "the newest")));
      await panel.log.getByText("the newest").waitFor();
      assert.ok((await place(panel)).toEnd < 1);
    });

    it("keeps the end when the list is higher for a moment and the browser cuts its place off", async () => {
      const panel = await open({ view: showing({ rows: talk(80) }) });
      for (const pixels of [1, 2, 10, 23]) {
        await panel.log.evaluate((list, higher) => {
          const box = list as HTMLElement;
          box.style.marginBottom = `${-higher}px`;
          box.getBoundingClientRect();
          box.style.marginBottom = "";
        }, pixels);
        await drawn(panel);
        assert.ok((await place(panel)).toEnd < 1, `${pixels} pixels`);
      }
    });

    it("keeps the text while what is written grows, people come and go, and the topic changes", async () => {
      const panel = await open({ view: showing({ rows: talk(200) }) });
      await scrollTo(panel, 1500);
      const first = await panel.log.evaluate(firstWord);
      await panel.composer.fill("a\n".repeat(12));
      await drawn(panel);
      await assertStays(panel, first);
      const { view } = panel.host;
      panel.host.show({
        ...view,
        current: {
          ...view.current!,
          topic: "new topic",
          members: [...general.members, member("dora")],
          rows: [...view.current!.rows, event("join", "dora", "dora joined")],
        },
      });
      await panel.page.getByText("new topic").waitFor();
      await drawn(panel);
      await assertStays(panel, first);
    });

    it("keeps the text where it is on screen while a banner comes above the list and goes, and the end at the end", async () => {
      const panel = await open({ view: showing({ rows: talk(200) }) });
      const { view } = panel.host;
      const banner = panel.page.getByText("The connection was lost.");
      const waiting = {
        phase: "waiting",
        text: "The connection was lost.",
        retryAt: Date.now() + 3_600_000,
      } as const;
      const come = async () => {
        panel.host.show({ ...view, connection: waiting });
        await banner.waitFor();
        await drawn(panel);
      };
      const go = async () => {
        panel.host.show(view);
        await banner.waitFor({ state: "detached" });
        await drawn(panel);
      };
      await come();
      assert.ok((await place(panel)).toEnd < 1, "with the banner");
      await go();
      assert.ok((await place(panel)).toEnd < 1, "without it");
      await scrollTo(panel, 1500);
      const { word } = await panel.log.evaluate(firstWord);
      const onScreen = async () =>
        (await panel.log.evaluate(topOfWord, word)) +
        (await panel.log.evaluate((list) => list.getBoundingClientRect().top));
      const before = await onScreen();
      for (const change of [come, go, come, go]) {
        await change();
        assert.ok(Math.abs((await onScreen()) - before) <= 1, `${await onScreen()}, was ${before}`);
      }
    });

    it("keeps the text when the day or the unread mark above it goes", async () => {
      const rows = talk(120);
      const panel = await open({ view: showing({ rows, unreadFrom: rows[90]!.id }) });
      await panel.log.getByRole("separator", { name: "New messages" }).waitFor();
      await panel.log.getByText("line 100", { exact: true }).scrollIntoViewIfNeeded();
      await scrollTo(panel, (await place(panel)).top + 260);
      const first = await panel.log.evaluate(firstWord);
      panel.host.show(changed(panel.host.view, [rows[0]!, ...rows.slice(80)]));
      await drawn(panel);
      panel.host.show({
        ...panel.host.view,
        current: { ...panel.host.view.current!, unreadFrom: undefined },
      });
      await panel.log
        .getByRole("separator", { name: "New messages" })
        .waitFor({ state: "detached" });
      await drawn(panel);
      await assertStays(panel, first);
    });
  });

  it("by Home and End goes to both ends, by Page Up and Page Down leaves no message out", async () => {
    const rows = spaced(talk(150));
    const panel = await open({ view: showing({ rows, startsAtBeginning: true }) });
    await panel.log.getByRole("article").last().focus();
    await panel.page.evaluate(watchRows);
    while ((await focusedText(panel)) !== "line 0") {
      await panel.page.keyboard.press("PageUp");
      await drawn(panel);
    }
    const up = await panel.page.evaluate(seenRows);
    assert.deepEqual([up.seen.length, up.skips], [150, []]);
    await panel.page.keyboard.press("End");
    await drawn(panel);
    assert.ok((await place(panel)).toEnd < 2);
    await panel.page.keyboard.press("Home");
    await drawn(panel);
    assert.equal((await place(panel)).top, 0);
  });
});

/** The text of the row the keyboard is in. */
function focusedText({ page }: Panel): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.querySelector(".text")?.textContent.slice(0, 20) ?? "";
  });
}

/** Runs in the browser. */
function wordsOnScreen(list: Element): string[] {
  const edges = list.getBoundingClientRect();
  return [...list.querySelectorAll(".text")].flatMap((text) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      for (const { 0: word, index } of (walker.currentNode as Text).data.matchAll(/\S*\d/g)) {
        const range = new Range();
        range.setStart(walker.currentNode, index);
        range.setEnd(walker.currentNode, index + word.length);
        const { top, bottom } = range.getBoundingClientRect();
        if (top >= edges.top - 1 && bottom <= edges.bottom + 1) found.push(word);
      }
    }
    return found;
  });
}

/** Where the middle of the thumb is. Runs in the browser. */
function thumbOf(list: Element): { x: number; y: number } {
  const { right, top, height } = list.getBoundingClientRect();
  const bar = (list as HTMLElement).offsetWidth - list.clientWidth;
  if (bar === 0) throw new Error("no scroll bar");
  const part = list.clientHeight / list.scrollHeight;
  const middle = (list.scrollTop + list.clientHeight / 2) / list.scrollHeight;
  if (part * height < 20) throw new Error("a small thumb");
  return { x: right - bar / 2, y: top + height * middle };
}
