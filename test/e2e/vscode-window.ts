// One person's VS Code: a server of their own with the packaged extension installed, and a window in a browser.
// Everything is found by role and name, as a screen reader finds it.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Browser, BrowserContext, Frame, Locator, Page } from "playwright-core";
import {
  installExtension,
  quietSettings,
  startVSCodeServer,
  writeKeybindings,
  writeSettings,
  type VSCodeServer,
} from "../vscode-host/vscode-server.js";

/**
 * VS Code's own time. On two busy cores a reloaded window takes up to a minute until its extension host runs, which is
 * long before Parley's first line does.
 */
const readyTimeoutMs = 100_000;
const answerTimeoutMs = 30_000;
/** How long the palette may take before it is looked whether it is still there. */
const paletteTimeoutMs = 3000;

/** A person's key for ending all they do: the palette needs seconds for the same. */
const endKey = "Control+Alt+Shift+F12";
const endCommands = {
  commands: [
    "workbench.action.closeQuickOpen",
    { command: "parley.stopServer", args: { force: true } },
    "parley.leave",
    "workbench.action.closeAllEditors",
    "notifications.clearAll",
  ],
};

export interface WindowOptions {
  readonly browser: Browser;
  readonly vsix: string;
  /** The person's own folder; made if missing. */
  readonly directory: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The name of the folder that is open. */
  readonly folder?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Whether VS Code's own extensions are left out. */
  readonly isBare?: boolean;
}

export class VSCodeWindow {
  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly server: VSCodeServer,
    /** The person's own folder. */
    readonly directory: string,
  ) {}

  /** Resolves when the window is ready for commands. The caller closes it. */
  static async open(options: WindowOptions): Promise<VSCodeWindow> {
    const folders = { dataDirectory: path.join(options.directory, "data") };
    const folder = path.join(options.directory, options.folder ?? "folder");
    await mkdir(folder, { recursive: true });
    await writeSettings(folders, { ...quietSettings, ...options.settings });
    const key = endKey.toLowerCase().replace("control", "ctrl");
    await writeKeybindings(folders, [{ key, command: "runCommands", args: endCommands }]);
    await installExtension(folders, options.vsix);
    const server = await startVSCodeServer({ ...folders, isBare: options.isBare });
    const context = await options.browser.newContext({
      viewport: options.viewport ?? { width: 1280, height: 800 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(answerTimeoutMs);
    const window = new VSCodeWindow(await context.newPage(), context, server, options.directory);
    try {
      await window.show(folder);
      return window;
    } catch (error) {
      await window.close();
      throw error;
    }
  }

  /** One more window of the same person, on a folder of its own. It is closed with the first. */
  async another(): Promise<VSCodeWindow> {
    const { context, server, directory } = this;
    const folder = path.join(directory, "another folder");
    await mkdir(folder, { recursive: true });
    const window = new VSCodeWindow(await context.newPage(), context, server, directory);
    await window.show(folder);
    return window;
  }

  private async show(folder: string): Promise<void> {
    await this.page.goto(this.server.windowAddress(folder), { timeout: readyTimeoutMs });
    await this.ready();
  }

  /** "Developer: Reload Window". The browser's own reload would not let the window save its layout. */
  async reload(): Promise<void> {
    const hasPanel = (await this.findPanel()) !== undefined;
    const loaded = this.page.waitForEvent("load", { timeout: readyTimeoutMs });
    await this.runCommand("Developer: Reload Window");
    await loaded;
    await this.ready();
    // Parley's status bar item says that the extension host runs, and the panel's frame is made then.
    const status = this.page.getByRole("button", { name: /^Parley: / });
    await status.waitFor({ timeout: readyTimeoutMs });
    const panel = this.page.locator("iframe.webview").first();
    if (hasPanel) await panel.waitFor({ state: "attached", timeout: readyTimeoutMs });
  }

  /** Changes settings while the window is open, as from another window of the same person. */
  async set(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await writeSettings({ dataDirectory: path.join(this.directory, "data") }, settings);
  }

  /** The status bar's word that nothing is connected. */
  get disconnected(): Locator {
    return this.page.getByRole("button", { name: "Parley: not connected" });
  }

  /** Ends all that goes on, however far it came: a server, a chat, a question, editors, notifications. */
  async end(): Promise<void> {
    // Whatever asks for something: a dialog, an input box.
    for (let i = 0; i < 3; i++) await this.page.keyboard.press("Escape");
    await this.page.keyboard.press(endKey);
    await this.disconnected.waitFor();
    await this.page.locator(".tabs-container .tab").first().waitFor({ state: "hidden" });
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.server.stop();
  }

  private async ready(): Promise<void> {
    await this.page.getByRole("tab", { name: "Explorer" }).waitFor({ timeout: readyTimeoutMs });
    // The extension's own container says that extensions have been read.
    await this.viewsTab.waitFor({ timeout: readyTimeoutMs });
  }

  /** The chat panel's own tab may have the same name. */
  private get viewsTab(): Locator {
    return this.page
      .getByRole("tablist", { name: "Active View Switcher" })
      .getByRole("tab", { name: "Parley" });
  }

  /** Runs a command of the palette by its full title, such as "Chat: Join". */
  async runCommand(title: string): Promise<void> {
    // While the list is still being filtered, the first entry can be another one.
    const entry = this.quickInput.getByRole("option", { name: startOf(title) }).first();
    await this.inPalette(title, () => entry.click({ timeout: paletteTimeoutMs }));
  }

  /** Whether the palette offers a command now. */
  async offersCommand(title: string): Promise<boolean> {
    const entries = this.quickInput.getByRole("option");
    return this.inPalette(title, async (palette) => {
      await entries.first().waitFor({ timeout: paletteTimeoutMs });
      const entry = this.quickInput.getByRole("option", { name: startOf(title) });
      const count = await entry.count();
      await palette.press("Escape", { timeout: paletteTimeoutMs });
      await palette.waitFor({ state: "hidden" });
      return count > 0;
    });
  }

  /**
   * Opens the palette with what is typed into it, and does something there. A window that has just been loaded may not have
   * read its extensions' commands, and the list does not grow by itself; and what takes the focus meanwhile, such as a
   * panel that opens, closes the palette: then it is opened again.
   */
  private async inPalette<T>(typed: string, use: (palette: Locator) => Promise<T>): Promise<T> {
    const palette = this.quickPick(/command to run/);
    const deadline = Date.now() + answerTimeoutMs;
    for (;;) {
      try {
        // What was open before may still be closing, and would take the keys for itself.
        await this.quickInput.waitFor({ state: "hidden" });
        await this.page.keyboard.press("F1");
        await palette.fill(`>${typed}`, { timeout: paletteTimeoutMs });
        return await use(palette);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** Chooses the entry that starts with a label, in the quick pick with this placeholder. */
  async pick(placeholder: string | RegExp, label: string): Promise<void> {
    await this.quickPick(placeholder).waitFor({ timeout: answerTimeoutMs });
    await this.quickInput
      .getByRole("option", { name: startOf(label) })
      .first()
      .click({ timeout: answerTimeoutMs });
  }

  /** Puts the quick pick with this placeholder away, once it has come. */
  async dismiss(placeholder: string | RegExp): Promise<void> {
    const pick = this.quickPick(placeholder);
    await pick.waitFor();
    await pick.press("Escape");
    await pick.waitFor({ state: "hidden" });
  }

  /** Where VS Code asks and lists: the palette, quick picks and input boxes. */
  private get quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  /** The quick pick with this placeholder. */
  private quickPick(placeholder: string | RegExp): Locator {
    return this.quickInput.getByRole("textbox", { name: placeholder });
  }

  /** The input box that shows this prompt, or this complaint about what was typed. */
  async inputBox(prompt: string | RegExp): Promise<Locator> {
    await this.page.getByText(prompt).first().waitFor({ timeout: answerTimeoutMs });
    return this.page.getByRole("textbox").and(this.page.locator(":focus"));
  }

  /** Answers the input box that shows this prompt or complaint; without text, takes the value it suggests. */
  async answer(prompt: string | RegExp, text?: string): Promise<void> {
    const box = await this.inputBox(prompt);
    if (text !== undefined) await box.fill(text);
    await box.press("Enter");
  }

  /** A notification with this text. */
  notification(text: string | RegExp): Locator {
    return this.page.getByRole("dialog").filter({ hasText: text });
  }

  /** The modal question on screen. */
  question(text: string | RegExp): Locator {
    return this.page.getByRole("dialog").filter({ hasText: text });
  }

  /** Opens the side bar with Parley's views. */
  async showViews(): Promise<void> {
    const tab = this.viewsTab;
    if ((await tab.getAttribute("aria-expanded")) !== "true") await tab.click();
    await this.page.getByRole("heading", { name: "Online Users" }).waitFor();
  }

  /** A tree view of the side bar, by the view's name. */
  tree(name: string): Locator {
    return this.page.getByRole("tree", { name });
  }

  /** The page inside the chat panel, once there is one. */
  async panel(): Promise<Frame> {
    const deadline = Date.now() + answerTimeoutMs;
    for (;;) {
      const frame = await this.findPanel();
      if (frame !== undefined) return frame;
      if (Date.now() > deadline) throw new Error("no chat panel is open");
      await this.page.waitForTimeout(50);
    }
  }

  /** A webview is a frame in a frame; of several, the panel is the one with Parley's page. */
  private async findPanel(): Promise<Frame | undefined> {
    for (const frame of this.page.frames()) {
      if (frame.parentFrame()?.parentFrame() !== this.page.mainFrame()) continue;
      // A frame can go away while it is looked at.
      const title = await frame.title().catch(() => "");
      if (title === "Parley") return frame;
    }
    return undefined;
  }

  /** What the host sends to others. */
  async copyInviteLink(): Promise<string> {
    await this.runCommand("Chat: Copy Invite Link");
    await this.page.getByText("Invite link copied").first().waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}

/** An entry's accessible name: perhaps its icon's, the label, perhaps ", " and a description. */
function startOf(label: string): RegExp {
  const literal = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^([a-z-]+ )?${literal}(,|$)`);
}
