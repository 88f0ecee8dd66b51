// Reads a long channel in a real window, by wheel: from the end up to the beginning, and down again.
import { strict as assert } from "node:assert";
import type { Frame } from "playwright-core";
import { LongChannel } from "../support/long-channel.js";
import { seenRows, watchRows, type RowWatch } from "../support/row-watch.js";
import { enterAddress, part, people, type Person } from "./people.js";

/** Less than half a screen: what goes by is seen, also when two turns come in one frame. */
const WHEEL_PX = 240;
/** Turns of the wheel for each message that are more than enough; with fewer the list is stuck. */
const TURNS_PER_MESSAGE = 1;
const MORE_TURNS = 300;

/** Messages of one line, of several, and with code, so that rows differ in height. */
export function textOf(n: number): string {
  if (n % 11 === 3) return `line ${n} ${"is long and goes on ".repeat(12)}`;
  return n % 17 === 5 ? `line ${n} with \`code\` in it` : `line ${n}`;
}

/** To be called in a `describe`. */
export function scrollsThrough(count: number, timeoutMs: number): void {
  let ann: Person;
  let channel: LongChannel;
  let page: Frame;

  before(async function () {
    this.timeout(timeoutMs);
    ({ ann } = await people());
    channel = await LongChannel.start(count, textOf);
    await enterAddress(ann, channel.address, "ann");
    await ann.panel.composer(channel.name).waitFor();
    await ann.panel
      .text(textOf(count - 1))
      .first()
      .waitFor();
    page = await ann.window.panel();
    // tsx marks functions with a helper the browser does not have.
    await page.evaluate("globalThis.__name = (f) => f");
  });

  after(async () => {
    await part(await people());
    await channel.stop();
  });

  it("by wheel, up to the beginning, which says that it is one: every message is seen, nothing jumps", async function () {
    this.timeout(timeoutMs);
    const seen = await turn(ann, page, -WHEEL_PX, count);
    assert.deepEqual([missing(seen, count), seen.skips], [[], []]);
    assert.ok(seen.up <= 1, `rows went up by ${seen.up} px while scrolling up`);
    await ann.panel.text(`This is the beginning of ${channel.name}.`).waitFor();
  });

  it("the page holds some hundreds of them", async () => {
    const { rows, drawn } = await page.evaluate(sizes);
    assert.ok(rows <= 900, `${rows} rows`);
    assert.ok(drawn <= 300, `${drawn} elements`);
  });

  it("and down again to the end", async function () {
    this.timeout(timeoutMs);
    const seen = await turn(ann, page, WHEEL_PX, count);
    assert.deepEqual([missing(seen, count), seen.skips], [[], []]);
    assert.ok(seen.down <= 1, `rows went down by ${seen.down} px while scrolling down`);
  });

  it("what is said while one is far up moves nothing, is counted, and is gone to by the button", async () => {
    await turn(ann, page, -WHEEL_PX, 20);
    const before = await page.evaluate(firstRow);
    channel.say("while you were away", "and another");
    const button = ann.panel.button("2 new messages");
    await button.waitFor();
    assert.deepEqual(await page.evaluate(firstRow), before);
    await button.click();
    await ann.panel.message("carla", "and another").waitFor();
    await button.waitFor({ state: "detached" });
  });
}

/** Turns the wheel until the list has nothing more, or `messages` are through. */
async function turn(
  { window }: Person,
  page: Frame,
  delta: number,
  messages: number,
): Promise<RowWatch> {
  const frame = await page.frameElement();
  const box = await frame.boundingBox();
  assert.ok(box !== null);
  await window.page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  await page.evaluate(watchRows);
  const turns = messages * TURNS_PER_MESSAGE + MORE_TURNS;
  for (let n = 0; n < turns && !(await page.evaluate(isThrough, delta < 0)); n++) {
    await window.page.mouse.wheel(0, delta);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    if (messages < 100 && n > messages) break;
  }
  await page.evaluate(() => new Promise(requestAnimationFrame));
  return page.evaluate(seenRows);
}

function missing({ seen }: RowWatch, count: number): string[] {
  const texts = new Set(seen);
  const all = Array.from({ length: count }, (_, n) => textOf(n).trim());
  return all.filter((text) => !texts.has(text) && !texts.has(`${text} `));
}

/** Whether the very end of the list in this direction is on screen. Runs in the browser. */
function isThrough(up: boolean): boolean {
  const root = document
    .querySelector("chat-panel")
    ?.shadowRoot?.querySelector("message-list")?.shadowRoot;
  const scroller = root?.querySelector(".scroller");
  if (root == null || scroller == null) return false;
  if (up) return scroller.scrollTop < 1 && root.querySelector(".beginning") !== null;
  const toEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  return toEnd < 1 && root.querySelector(".pill, history-gap") === null;
}

/** Runs in the browser. */
function sizes(): { rows: number; drawn: number } {
  const panel = document.querySelector("chat-panel") as unknown as {
    view: { current: { rows: unknown[] } };
    shadowRoot: ShadowRoot;
  };
  const list = panel.shadowRoot.querySelector("message-list")?.shadowRoot;
  return {
    rows: panel.view.current.rows.length,
    drawn: list?.querySelectorAll("[data-row]").length ?? 0,
  };
}

/** The first row on screen and where it stands. Runs in the browser. */
function firstRow(): { row: string | undefined; top: number } {
  const list = document
    .querySelector("chat-panel")
    ?.shadowRoot?.querySelector("message-list")?.shadowRoot;
  const edge = list?.querySelector(".scroller")?.getBoundingClientRect().top ?? 0;
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const first = rows.find((row) => row.getBoundingClientRect().bottom > edge);
  return { row: first?.dataset.row, top: Math.round(first?.getBoundingClientRect().top ?? 0) };
}
