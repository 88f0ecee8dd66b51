// npm run screenshots: three people talk in real windows, photographed in three themes. Pictures go to test/screenshots;
// with --readme to docs/images, where README.md shows them.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { Panel } from "./e2e/panel.js";
import { VSCodeWindow } from "./e2e/vscode-window.js";
import { launchChromium } from "./support/chromium.js";
import { packageExtension } from "./vscode-host/package-extension.js";

const projectRoot = path.resolve(import.meta.dirname, "..");
const viewport = { width: 1200, height: 760 };
/** Who reads the README on a phone downloads them. */
const maxBytes = 200_000;
const room = "#general";

const themes = {
  light: "Light Modern",
  dark: "Dark Modern",
  "high-contrast": "Dark High Contrast",
} as const;

interface Person {
  readonly window: VSCodeWindow;
  readonly panel: Panel;
}

const profiles = {
  maya: { "parley.profile.color": "plum", "parley.profile.avatar": "fox" },
  jonas: { "parley.profile.displayName": "Jonas Weber", "parley.profile.avatar": "owl" },
  priya: { "parley.profile.color": "darkcyan" },
} as const;

type Name = keyof typeof profiles;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { readme: { type: "boolean" } } });
  const directory = path.join(projectRoot, values.readme ? "docs/images" : "test/screenshots");
  await mkdir(directory, { recursive: true });
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-screenshots-"));
  const vsix = await packageExtension();
  const browser = await launchChromium();
  const people: Person[] = [];
  try {
    const open = async (name: Name): Promise<Person> => {
      const person = await openWindow(browser, vsix, path.join(scratch, name), name);
      people.push(person);
      return person;
    };
    const maya = await open("maya");
    await talk(maya, await open("jonas"), await open("priya"));
    await photograph(maya, directory);
  } finally {
    for (const { window } of people) await window.close();
    await browser.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openWindow(
  browser: Browser,
  vsix: string,
  directory: string,
  name: Name,
): Promise<Person> {
  const settings = {
    "parley.nick": name,
    "workbench.colorTheme": themes.light,
    ...profiles[name],
  };
  const window = await VSCodeWindow.open({
    browser,
    vsix,
    directory,
    settings,
    viewport,
    folder: "webshop",
  });
  return { window, panel: new Panel(window.page) };
}

/** A conversation that shows what the panel can show. */
async function talk(maya: Person, jonas: Person, priya: Person): Promise<void> {
  await maya.window.runCommand("Chat: Host Server");
  await maya.window.pick(/Who can join/, "Only this computer (for trying it out)");
  await maya.window.answer(/Port to listen/, "0");
  await maya.panel.composer(room).waitFor();
  const invite = await maya.window.copyInviteLink();
  await join(jonas, invite);
  await join(priya, invite);
  await maya.panel.user("priya").waitFor();

  const say = async (from: Person, text: string) => {
    await from.panel.say(room, text);
    // In order, as people talk.
    await maya.panel
      .log(room)
      .getByRole("article")
      .filter({ hasText: drawn(text) })
      .waitFor();
  };
  await maya.panel.say(room, "/topic Release 2.4 on Thursday");
  await maya.panel.text(/maya set the topic/).waitFor();
  await say(maya, "Morning! The build is **green** again.");
  await say(jonas, "Nice. The flaky one was `retries on timeout`, wasn't it?");
  await say(
    maya,
    'Yes, it slept for real. Now:\n```ts\nconst clock = fakeClock();\nawait clock.advance("30 s");\n```',
  );
  await say(priya, "Much better than waiting :)");
  await say(priya, "maya, can you look at https://example.org/review/118 before lunch?");
  await say(maya, "On it.");
  await say(jonas, "/me makes coffee");
  await jonas.panel.user("maya").click();
  await jonas.panel.say("maya", "one for you too?");
  await maya.panel.tab("jonas", "1 for you, 1 unread").waitFor();
  await priya.panel.say(room, "/away in a meeting");
  await maya.panel.user("priya").filter({ hasText: "away" }).waitFor();
}

async function join({ window, panel }: Person, invite: string): Promise<void> {
  await window.runCommand("Chat: Join");
  await window.answer(/Invite link, or the host's address/, invite);
  await window.answer(/Your nick/);
  await panel.composer(room).waitFor();
}

/** A message's first line as it reads when its Markdown has been drawn. */
function drawn(text: string): string {
  return text
    .replace(/^\/\w+ /, "")
    .replace(/\n[^]*/, "")
    .replace(/[*`]/g, "");
}

async function photograph({ window, panel }: Person, directory: string): Promise<void> {
  const { page } = window;
  await window.showViews();
  for (const [file, theme] of Object.entries(themes)) {
    await window.runCommand("Preferences: Color Theme");
    await page.getByRole("textbox", { name: /Select Color Theme/ }).fill(theme);
    await page.getByRole("option", { name: theme }).first().click();
    await window.runCommand("Notifications: Clear All Notifications");
    await panel.composer(room).click();
    await settled(page);
    await save(
      await page.screenshot({ animations: "disabled" }),
      path.join(directory, `${file}.png`),
    );
  }
}

/** When nothing fades or slides any more. */
async function settled(page: Page): Promise<void> {
  for (const frame of page.frames()) {
    await frame
      .evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)))
      .catch(() => undefined);
  }
}

async function save(picture: Buffer, file: string): Promise<void> {
  await writeFile(file, picture);
  const { length } = picture;
  console.log(`${path.relative(projectRoot, file)}: ${(length / 1000).toFixed(0)} KB`);
  if (length > maxBytes) throw new Error(`${file} is larger than ${maxBytes / 1000} KB`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
