// The page plays what it is told to, one sound at a time.
import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { wav } from "../../media/sounds/make.js";
import { SOUNDS } from "../../src/bridge/sounds.js";
import { panels } from "./support/panel.js";

interface Heard {
  readonly file: string;
  readonly volume: number;
}

/** Notes each sound that begins, and how many were playing at once at most. */
async function listen(
  page: Page,
): Promise<{ heard: () => Promise<Heard[]>; silence: () => Promise<void> }> {
  await page.evaluate(() => {
    const heard: { file: string; volume: number }[] = [];
    Object.assign(window, { heard });
    document.addEventListener(
      "playing",
      ({ target }) => {
        const { src, volume } = target as HTMLAudioElement;
        heard.push({ file: src.split("/").at(-1) ?? "", volume: Math.round(volume * 100) / 100 });
      },
      true,
    );
  });
  return {
    heard: () => page.evaluate(() => (window as unknown as { heard: Heard[] }).heard),
    silence: async () => {
      await page.waitForFunction(() =>
        [...document.querySelectorAll("audio")].every(({ paused, ended }) => paused || ended),
      );
    },
  };
}

describe("sounds on the page", () => {
  const open = panels();

  it("each is played, in its volume", async () => {
    const { page, host } = await open();
    const { heard, silence } = await listen(page);
    for (const [i, sound] of SOUNDS.entries()) {
      host.playSound(sound, (i + 1) / 10);
      await page.waitForFunction(
        (count) => (window as unknown as { heard: Heard[] }).heard.length === count,
        i + 1,
      );
      await silence();
    }

    assert.deepEqual(
      await heard(),
      SOUNDS.map((sound, i) => ({ file: `${sound}.wav`, volume: (i + 1) / 10 })),
    );
  });

  it("are never two at once: what comes while one is playing is not played", async () => {
    const { page, host } = await open();
    const { heard, silence } = await listen(page);
    host.playSound("connect", 0.5);
    for (let i = 0; i < 20; i++) host.playSound("messageIn", 0.5);
    await page.waitForFunction(() => (window as unknown as { heard: Heard[] }).heard.length > 0);
    assert.equal(await page.locator("audio").count(), 1);
    await silence();
    assert.deepEqual(
      (await heard()).map(({ file }) => file),
      ["connect.wav"],
    );
    host.playSound("messageIn", 0.5);
    await page.waitForFunction(() => (window as unknown as { heard: Heard[] }).heard.length === 2);
  });

  it("nothing is played until the host says so", async () => {
    const { page, host } = await open();
    const { heard } = await listen(page);
    host.show({ ...host.view });
    host.focusComposer();

    assert.deepEqual(await heard(), []);
    assert.equal(
      await page.locator("audio").evaluate((audio: HTMLAudioElement) => audio.paused),
      true,
    );
  });

  it("are the files that their script makes, and small", async () => {
    for (const sound of SOUNDS) {
      const file = await readFile(path.resolve("media/sounds", `${sound}.wav`));
      assert.ok(file.equals(wav(sound)), sound);
      assert.ok(file.length < 16_384, sound);
    }
  });
});
