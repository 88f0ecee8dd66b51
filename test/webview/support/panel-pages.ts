// The pages in which tests open panels. A new page takes longer than most tests: one that a test leaves as it was goes on
// to the next test, which finds no trace of the first.
import type { Browser, BrowserContext, Keyboard, Mouse, Page } from "playwright-core";
import { launchChromium } from "../../support/chromium.js";
import { startSite, type Site } from "./site.js";
import { THEMES, type ThemeFixture, type ThemeName } from "./themes.js";

/** How long a page may take to answer; not reached when all is well, even on a busy machine. */
const PATIENCE_MS = 15_000;

/** What leaves no trace in the page's next document. After all else the page is not used again. */
const TRACELESS = {
  page: new Set<keyof Page>([
    "evaluate",
    "getByRole",
    "getByText",
    "locator",
    "reload",
    "screenshot",
    "setViewportSize",
    "title",
    "url",
    "waitForEvent",
    "waitForFunction",
  ]),
  keyboard: new Set<keyof Keyboard>(["insertText", "press", "type"]),
  mouse: new Set<keyof Mouse>(["click", "dblclick", "move", "wheel"]),
};

export interface BrowserOptions {
  /** Playwright hides scroll bars otherwise. */
  readonly hasScrollBars?: boolean;
  readonly contextOptions?: Parameters<Browser["newContext"]>[0];
}

export interface PanelDocument {
  readonly theme: ThemeName;
  /** What an earlier page left in VS Code's state. */
  readonly saved: unknown;
  readonly l10n: Readonly<Record<string, string>>;
  /** Takes what the panel says to its host. */
  readonly toHost: (data: unknown) => void;
}

/** A page of the browser, and the errors in it that no test was told of. */
interface Tab {
  readonly page: Page;
  readonly problems: string[];
}

/** One browser and one bundle for all files: they take seconds. */
export class PanelPages {
  /** Pages that no test has. */
  readonly idle: Tab[] = [];
  /** Who takes what a panel says, by the panel's number: the last words of one are not said to the next one's host. */
  readonly hosts = new Map<number, PanelDocument["toHost"]>();
  private context: Promise<BrowserContext> | undefined;
  private browserWithScrollBars: Promise<Browser> | undefined;
  private count = 0;

  private constructor(
    readonly site: Site,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<PanelPages> {
    return new PanelPages(await startSite(), await launchChromium());
  }

  /** A page for one test, which ends it. */
  async take({ hasScrollBars = false, contextOptions }: BrowserOptions): Promise<PanelPage> {
    const number = this.count++;
    if (!hasScrollBars && contextOptions === undefined) {
      this.context ??= this.newContext(this.browser);
      const tab = this.idle.pop() ?? (await newTab(await this.context));
      return new PanelPage(this, number, tab);
    }
    if (hasScrollBars)
      this.browserWithScrollBars ??= launchChromium({ ignoreDefaultArgs: ["--hide-scrollbars"] });
    const browser = (await this.browserWithScrollBars) ?? this.browser;
    const context = await this.newContext(browser, contextOptions);
    return new PanelPage(this, number, await newTab(context), context);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await (await this.browserWithScrollBars)?.close();
    await this.site.close();
  }

  private async newContext(
    browser: Browser,
    options?: BrowserOptions["contextOptions"],
  ): Promise<BrowserContext> {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.exposeFunction("toHost", (number: number, data: unknown) => {
      this.hosts.get(number)?.(data);
    });
    // tsx marks functions with a helper the browser does not have.
    await context.addInitScript("globalThis.__name = (f) => f");
    await context.addInitScript(setUp, THEMES);
    return context;
  }
}

/** A page as long as a test has it. */
export class PanelPage {
  readonly page: Page;
  private hasTraces = false;
  private hasEnded = false;
  private sending = Promise.resolve();

  constructor(
    private readonly pages: PanelPages,
    private readonly number: number,
    private readonly tab: Tab,
    private readonly ownContext?: BrowserContext,
  ) {
    const { page } = tab;
    const { keyboard, mouse } = page;
    this.page = this.watched(page, TRACELESS.page, {
      keyboard: this.watched(keyboard, TRACELESS.keyboard),
      mouse: this.watched(mouse, TRACELESS.mouse),
    });
  }

  async show({ theme, saved, l10n, toHost }: PanelDocument): Promise<void> {
    this.pages.hosts.set(this.number, toHost);
    const query = new URLSearchParams({
      number: String(this.number),
      theme,
      bodyClass: THEMES[theme].bodyClass,
      l10n: JSON.stringify(l10n),
      ...(saved !== undefined && { saved: JSON.stringify(saved) }),
    });
    const { page, problems } = this.tab;
    // Until the new document is there, errors are those of the last test's.
    page.once("framenavigated", () => problems.splice(0));
    await page.goto(`${this.pages.site.origin}/?${query}`);
  }

  /** Says something to the panel, in order; nothing is said any more when the test is over. */
  post(envelope: unknown): void {
    this.sending = this.sending.then(async () => {
      if (this.hasEnded) return;
      await this.tab.page
        .evaluate((data) => {
          window.postMessage(data, "*");
        }, envelope)
        .catch(() => undefined);
    });
  }

  /** Gives the page back. Resolves with the errors that the panel reported. */
  async end({ isReusable }: { isReusable: boolean }): Promise<string[]> {
    this.hasEnded = true;
    const { page, problems } = this.tab;
    if (this.ownContext !== undefined) {
      await this.ownContext.close();
    } else if (!isReusable || this.hasTraces) {
      await page.close();
    } else {
      await page.mouse.move(-1, -1);
      this.pages.idle.push(this.tab);
    }
    await this.sending;
    this.pages.hosts.delete(this.number);
    return problems.splice(0);
  }

  /** `target`, with some properties of its own, that notes when something else than what is `traceless` is asked for. */
  private watched<T extends object>(
    target: T,
    traceless: ReadonlySet<PropertyKey>,
    own: Partial<T> = {},
  ): T {
    return new Proxy(target, {
      get: (_, key) => {
        if (Object.hasOwn(own, key)) return Reflect.get(own, key) as unknown;
        this.hasTraces ||= !traceless.has(key);
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

async function newTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (entry) => {
    if (entry.type() === "error") problems.push(entry.text());
  });
  return { page, problems };
}

/** What VS Code does in a webview before the page's own script runs. Runs in the browser. */
function setUp(themes: Readonly<Record<string, ThemeFixture>>): void {
  const { searchParams } = new URL(location.href);
  const theme = themes[searchParams.get("theme") ?? ""]!;
  const number = searchParams.get("number") ?? "";
  const scope = window as unknown as { toHost: (number: number, data: unknown) => void };
  // Unlike a reload, another panel begins with nothing.
  if (window.name !== number) {
    window.name = number;
    sessionStorage.clear();
    localStorage.clear();
  }
  const saved = searchParams.get("saved");
  if (saved !== null && sessionStorage.getItem("state") === null)
    sessionStorage.setItem("state", saved);
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (data: unknown) => {
        scope.toHost(Number(number), data);
      },
      getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") as unknown,
      setState: (state: unknown) => {
        sessionStorage.setItem("state", JSON.stringify(state));
      },
    }),
  });
  // The script runs before there is a root element to carry them.
  const observer = new MutationObserver(() => {
    const style = document.documentElement.style;
    for (const [name, value] of Object.entries(theme.variables)) style.setProperty(name, value);
    observer.disconnect();
  });
  observer.observe(document, { childList: true });
  Object.assign(window, {
    // For tests that wait for what stands in the composer.
    box: () =>
      document
        .querySelector("chat-panel")
        ?.shadowRoot?.querySelector("chat-composer")
        ?.shadowRoot?.querySelector("textarea") ?? undefined,
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(
      `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    );
  });
}
