// A VS Code that has just got Parley.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launchChromium } from "../support/chromium.js";
import { packageExtension } from "../vscode-host/package-extension.js";
import { VSCodeWindow } from "./vscode-window.js";

describe("a first window", () => {
  let window: VSCodeWindow;
  const closers: (() => Promise<unknown>)[] = [];

  before(async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "parley-e2e-"));
    closers.push(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    const browser = await launchChromium();
    closers.push(() => browser.close());
    const settings = { "workbench.welcomePage.walkthroughs.openOnInstall": true };
    const vsix = await packageExtension();
    window = await VSCodeWindow.open({ browser, vsix, directory, settings });
    closers.push(() => window.close());
  });

  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  it("shows the views, the walkthrough and the status bar item, before anything was done", async () => {
    const { page } = window;
    await page.getByRole("heading", { name: "Online Users" }).waitFor();
    await page.getByRole("heading", { name: "Chat where you code", level: 2 }).waitFor();
    await window.disconnected.waitFor();
  });

  it("finds steps done that were done while the walkthrough was not there", async () => {
    const { page } = window;
    await window.runCommand("View: Close All Editors");
    await window.runCommand("Chat: Host Server");
    await window.pick(/Who can join/, "Only this computer (for trying it out)");
    await window.answer(/Port to listen/, "0");
    await window.answer(/Your nick/, "ann");
    await page.getByRole("button", { name: "Parley: hosting on" }).waitFor();
    await window.runCommand("Chat: Stop Server");
    await window.disconnected.waitFor();
    await window.runCommand("View: Close All Editors");
    await window.reload();
    await window.runCommand("Welcome: Open Walkthrough...");
    await window.pick(/walkthrough/i, "Chat where you code");
    const step = page.locator(".getting-started-step", { hasText: "Host a server" });
    await step.locator(".codicon.complete").first().waitFor();
  });
});
