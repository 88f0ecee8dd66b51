// npm run bench:ui: how the panel of a real VS Code window keeps up. One window, one server, one run: compare the figures
// of a run with each other, not with those of another machine.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import { Panel } from "../../test/e2e/panel.js";
import { VSCodeWindow } from "../../test/e2e/vscode-window.js";
import { launchChromium } from "../../test/support/chromium.js";
import { LongChannel } from "../../test/support/long-channel.js";
import { seenRows, watchRows } from "../../test/support/row-watch.js";
import { packageExtension } from "../../test/vscode-host/package-extension.js";
import { framesOf, keyDelays, rowOf, scroller, startFrames } from "./in-page.js";

const STORED = 2000;
const RATES = [10, 60, 200];
const RATE_SECONDS = 5;
const KEYS = 60;
const WHEEL_PX = 320;

interface Figure {
  readonly what: string;
  readonly value: string;
}

async function main(): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-bench-ui-"));
  const vsix = await packageExtension();
  const browser = await launchChromium();
  const channel = await LongChannel.start(STORED, (n) => `stored ${n}`);
  const window = await VSCodeWindow.open({ browser, vsix, directory: scratch });
  try {
    const page = await join(window, channel);
    const figures: Figure[] = [];
    for (const rate of RATES) figures.push(...(await flood(page, channel, rate)));
    figures.push(await typing(window, page, channel));
    figures.push(await switching(window, page, channel));
    figures.push(...(await scrollBack(window, page)));
    for (const { what, value } of figures) console.log(`${what.padEnd(52)} ${value}`);
  } finally {
    await window.close();
    await channel.stop();
    await browser.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function join(window: VSCodeWindow, channel: LongChannel): Promise<Frame> {
  await window.runCommand("Chat: Join");
  await window.answer(/Invite link, or the host's address/, channel.address);
  await window.answer(/Your nick/, "ann");
  await new Panel(window.page).composer(channel.name).waitFor();
  const page = await window.panel();
  // tsx marks functions with a helper the browser does not have.
  await page.evaluate("globalThis.__name = (f) => f");
  await page.waitForFunction(rowOf, `stored ${STORED - 1}`);
  return page;
}

/** Messages at a steady rate: how long after it was sent the last one is on screen, and the frames meanwhile. */
async function flood(page: Frame, channel: LongChannel, rate: number): Promise<Figure[]> {
  await page.evaluate(startFrames);
  const count = rate * RATE_SECONDS;
  const start = Date.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor(((Date.now() - start) / 1000) * rate) + 1);
    if (due > sent) {
      channel.say(...Array.from({ length: due - sent }, (_, n) => `at ${rate}: ${sent + n}`));
    }
    sent = Math.max(sent, due);
    await new Promise((done) => setTimeout(done, 4));
  }
  const lastSent = Date.now();
  await page.waitForFunction(rowOf, `at ${rate}: ${count - 1}`, { polling: "raf" });
  const late = (await page.evaluate(() => Date.now())) - lastSent;
  const frames = await page.evaluate(framesOf);
  return [
    { what: `${rate} messages a second: the last one is late by`, value: `${late} ms` },
    { what: `${rate} messages a second: frames a second`, value: frames.toFixed(0) },
  ];
}

/** From a key to the frame that shows it. */
async function typing(window: VSCodeWindow, page: Frame, channel: LongChannel): Promise<Figure> {
  await new Panel(window.page).composer(channel.name).click();
  await page.evaluate(keyDelays, true);
  for (let n = 0; n < KEYS; n++) await window.page.keyboard.press("a");
  const delays = (await page.evaluate(keyDelays, false)).sort((a, b) => a - b);
  for (let n = 0; n < KEYS; n++) await window.page.keyboard.press("Backspace");
  const at = (share: number): string => (delays[Math.floor(delays.length * share)] ?? 0).toFixed(1);
  return { what: "key to frame, p50 and p95", value: `${at(0.5)} and ${at(0.95)} ms` };
}

/** From the click on another conversation to its last row. */
async function switching(window: VSCodeWindow, page: Frame, channel: LongChannel): Promise<Figure> {
  const panel = new Panel(window.page);
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    await panel.tab("Server messages").click();
    await panel.composer(channel.name).waitFor({ state: "detached" });
    const start = Date.now();
    await page.evaluate((name) => {
      const tabs = document
        .querySelector("chat-panel")
        ?.shadowRoot?.querySelector("conversation-tabs")?.shadowRoot;
      tabs?.querySelector<HTMLElement>(`[data-id="${name}"]`)?.click();
    }, channel.name);
    await page.waitForFunction(rowOf, "at 200: 999", { polling: "raf" });
    times.push(Date.now() - start);
  }
  times.sort((a, b) => a - b);
  return { what: "switching to a long conversation, median", value: `${times[2] ?? 0} ms` };
}

/** By wheel through what was stored: how much of it is seen. */
async function scrollBack(window: VSCodeWindow, page: Frame): Promise<Figure[]> {
  const box = await (await page.frameElement()).boundingBox();
  if (box === null) throw new Error("the panel is not on screen");
  await window.page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  await page.evaluate(watchRows);
  await page.evaluate(startFrames);
  for (let n = 0; n < 2 * STORED && !(await page.evaluate(scroller)); n++) {
    await window.page.mouse.wheel(0, -WHEEL_PX);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const frames = await page.evaluate(framesOf);
  const { seen, skips } = await page.evaluate(seenRows);
  const stored = seen.filter((text) => text.startsWith("stored ")).length;
  return [
    { what: `scrolling back through ${STORED}: messages seen`, value: String(stored) },
    { what: `scrolling back through ${STORED}: frames a second`, value: frames.toFixed(0) },
    { what: `scrolling back through ${STORED}: places skipped`, value: String(skips.length) },
  ];
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
