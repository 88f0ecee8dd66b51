// Two people, each with a VS Code of their own. Starting one takes seconds and a few hundred megabytes, so the two stay
// open for all files of this suite. Each file brings them where it needs them (`meet`) and ends what it began (`part`);
// within a file the tests are one story in order: each stands on what the ones before it did.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Locator } from "playwright-core";
import { launchChromium } from "../support/chromium.js";
import { packageExtension } from "../vscode-host/package-extension.js";
import { Panel } from "./panel.js";
import { VSCodeWindow } from "./vscode-window.js";

const pictures = path.resolve(import.meta.dirname, "../../out/e2e");
const startTimeoutMs = 10 * 60_000;

export interface Person {
  readonly window: VSCodeWindow;
  readonly panel: Panel;
}

export interface People {
  readonly ann: Person;
  readonly bob: Person;
}

const closers: (() => Promise<unknown>)[] = [];
let opened: Promise<People> | undefined;

/** Ann's and Bob's windows, opened by the first who asks. */
export function people(): Promise<People> {
  opened ??= open();
  return opened;
}

async function open(): Promise<People> {
  const scratch = await mkdtemp(path.join(tmpdir(), "parley-e2e-"));
  closers.push(() => rm(scratch, { recursive: true, force: true, maxRetries: 3 }));
  const vsix = await packageExtension();
  const browser = await launchChromium();
  closers.push(() => browser.close());
  const ann = await person(browser, vsix, path.join(scratch, "ann"));
  const bob = await person(browser, vsix, path.join(scratch, "bob"));
  return { ann, bob };
}

async function person(browser: Browser, vsix: string, directory: string): Promise<Person> {
  const window = await VSCodeWindow.open({ browser, vsix, directory, isBare: true });
  closers.push(() => window.close());
  return { window, panel: new Panel(window.page) };
}

// The first window may have to install VS Code first.
before(async function () {
  this.timeout(startTimeoutMs);
  await people();
});

// What was on screen tells more of a failure than its words do.
afterEach(async function () {
  if (this.currentTest?.state !== "failed") return;
  const title = this.currentTest.fullTitle().replace(/[^a-z0-9]+/gi, "-");
  for (const [name, { window }] of Object.entries<Person>({ ...(await people()) })) {
    const file = path.join(pictures, `${title}-${name}.png`);
    await window.page.screenshot({ path: file });
    console.log(`    on screen: ${file}`);
  }
});

after(async () => {
  for (const close of closers.reverse()) await close();
});

/** Hosts on this machine, by the palette. Resolves with the invite link. */
export async function host(person: Person, nick = "ann"): Promise<string> {
  const { window, panel } = person;
  await window.runCommand("Chat: Host Server");
  await window.pick(/Who can join/, "Only this computer (for trying it out)");
  await window.answer(/Port to listen/, "0");
  await answerNick(person, nick, panel.composer("#general"));
  return window.copyInviteLink();
}

/** The same invitation by way of another port. */
export function throughPort(invite: string, port: number): string {
  return invite.replace(/port=\d+/, `port=${port}`);
}

/** Joins by the palette. Resolves when the room is on screen. */
export async function join(person: Person, address: string, nick: string): Promise<void> {
  await enterAddress(person, address, nick);
  await person.panel.composer("#general").waitFor();
}

/** Fills in the form of Chat: Join. */
export async function enterAddress(
  { window }: Person,
  address: string,
  nick: string,
): Promise<void> {
  await window.runCommand("Chat: Join");
  await window.answer(/Invite link, or the host's address/, address);
  await window.answer(/Your nick/, nick);
}

/** Ann hosts and Bob joins. Resolves with the invite link. */
export async function meet({ ann, bob }: People): Promise<string> {
  const invite = await host(ann);
  await join(bob, invite, "bob");
  await ann.panel.user("bob").waitFor();
  return invite;
}

/** Ends what both do, however far they came, so that the next story starts with two quiet windows. */
export async function part({ ann, bob }: People): Promise<void> {
  await Promise.all([bob.window.end(), ann.window.end()]);
}

/** Answers the question for a nick if it comes before `next` does: it is asked once in a person's life. */
export async function answerNick({ window }: Person, nick: string, next: Locator): Promise<void> {
  const question = window.page.getByText(/Your nick/).first();
  const isAsked = await Promise.race([
    question.waitFor().then(() => true),
    next.waitFor().then(() => false),
  ]);
  if (isAsked) await window.answer(/Your nick/, nick);
  await next.waitFor();
}
