// The real page in a real browser, under the panel's own content security policy, with a host to talk to.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build, type BuildOptions } from "esbuild";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { Messenger, type HostToPage, type PageToHost } from "../../../src/bridge/messenger.js";
import type { Requests, SubmitResult, ToHost } from "../../../src/bridge/protocol.js";
import type { Sound } from "../../../src/bridge/sounds.js";
import { fromPage } from "../../../src/bridge/validate.js";
import type { ViewState } from "../../../src/bridge/view.js";
import { ViewFeed } from "../../../src/bridge/view-feed.js";
import { launchChromium } from "../../support/chromium.js";
import { THEMES, type ThemeName } from "./themes.js";
import { view as defaultView } from "./views.js";

const root = path.resolve(import.meta.dirname, "../../..");
const START_MS = 60_000;
/** How long a page may take to answer, and a test; not reached when all is well, even on a busy machine. */
const PATIENCE_MS = 15_000;
const TEST_MS = 40_000;

export interface PanelOptions {
  readonly view?: ViewState;
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What an earlier page left in VS Code's state. */
  readonly saved?: unknown;
  readonly l10n?: Readonly<Record<string, string>>;
  /** Playwright hides scroll bars otherwise. */
  readonly hasScrollBars?: boolean;
  readonly contextOptions?: Parameters<Browser["newContext"]>[0];
}

export interface Panel {
  readonly page: Page;
  readonly host: FakeHost;
  /** The message list. */
  readonly log: Locator;
  readonly composer: Locator;
  readonly setTheme: (theme: ThemeName) => Promise<void>;
}

/** The extension's end of the bridge, with the real messenger, feed and checks. */
export class FakeHost {
  readonly got: ToHost[] = [];
  /** How many updates the page has drawn. */
  drawn = 0;
  readonly submitted: Requests["submit"]["params"][] = [];
  readonly invalid: string[] = [];
  answer: (params: Requests["submit"]["params"]) => SubmitResult | Promise<SubmitResult> = () => ({
    accepted: true,
  });
  /** What the host of the server was told. */
  readonly knocked: string[] = [];
  knockError: string | undefined;
  /** What the page asks for is given from here. */
  readonly pictures = new Map<string, string | Promise<string>>();
  readonly picturesAsked: string[] = [];
  readonly picturesSet: Buffer[] = [];
  pictureError: string | Promise<string> | undefined;
  /** The gaps that were asked for. */
  readonly gapsAsked: Requests["loadGap"]["params"][] = [];
  /** Whether a handler of a request is meant to fail. */
  failsQuietly = false;
  /** Shows what belongs into a gap. */
  fill: (host: FakeHost, gap: Requests["loadGap"]["params"]) => void | Promise<void> = () =>
    undefined;
  private readonly waiting: { type: string; resolve: (message: ToHost) => void }[] = [];
  private receive: (message: unknown) => void = () => undefined;
  private readonly messenger: Messenger<HostToPage, PageToHost>;
  private readonly feed = new ViewFeed(
    () => this.view,
    (message) => {
      this.messenger.notify(message);
    },
  );

  constructor(
    public view: ViewState,
    post: (message: unknown) => void,
  ) {
    const take = (message: ToHost): void => {
      this.take(message);
    };
    this.messenger = new Messenger<HostToPage, PageToHost>(
      {
        post,
        listen: (listener) => {
          this.receive = listener;
          return () => undefined;
        },
      },
      {
        messages: {
          ready: (message) => {
            take(message);
            this.feed.start();
          },
          drawn: () => {
            this.drawn++;
            this.feed.drawn();
          },
          openConversation: take,
          openDirectMessage: take,
          closeConversation: take,
          placed: take,
          read: take,
          draftChanged: take,
          retry: take,
          discard: take,
          openLink: take,
          copyText: take,
          runCommand: take,
        },
        requests: {
          submit: (params) => {
            this.submitted.push(params);
            return this.answer(params);
          },
          picture: async ({ id }) => {
            this.picturesAsked.push(id);
            return { data: await this.pictures.get(id) };
          },
          setPicture: async ({ picture }) => {
            this.picturesSet.push(Buffer.from(picture, "base64"));
            return { error: await this.pictureError };
          },
          knock: ({ text }) => {
            this.knocked.push(text);
            return { error: this.knockError };
          },
          loadGap: async (gap) => {
            this.gapsAsked.push(gap);
            await this.fill(this, gap);
            await this.feed.flushed();
            return {};
          },
        },
        check: fromPage,
        onInvalid: (reason) => this.invalid.push(reason),
        onError: (error) => {
          if (!this.failsQuietly) throw error;
        },
      },
    );
  }

  arrive(message: unknown): void {
    this.receive(message);
  }

  /** Shows the next view the way the extension does: by updates. */
  show(next: ViewState): void {
    this.view = next;
    this.feed.changed();
  }

  playSound(sound: Sound, volume: number): void {
    this.messenger.notify({ type: "playSound", sound, volume });
  }

  choosePicture(): void {
    this.messenger.notify({ type: "choosePicture" });
  }

  focusComposer(): void {
    this.messenger.notify({ type: "focusComposer" });
  }

  /** The first message of this type, come or still to come; each is given once. */
  async next<T extends ToHost["type"]>(type: T): Promise<Extract<ToHost, { type: T }>> {
    const index = this.got.findIndex((message) => message.type === type);
    const message =
      index === -1
        ? await new Promise<ToHost>((resolve) => this.waiting.push({ type, resolve }))
        : this.got.splice(index, 1)[0];
    return message as Extract<ToHost, { type: T }>;
  }

  private take(message: ToHost): void {
    const index = this.waiting.findIndex(({ type }) => type === message.type);
    if (index === -1) this.got.push(message);
    else this.waiting.splice(index, 1)[0]?.resolve(message);
  }
}

interface Pages {
  readonly browser: Browser;
  /** For all pages that want nothing else: they share a process, which starts once. */
  readonly context: BrowserContext;
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** One browser and one bundle for all files: they take seconds. */
let pages: Promise<Pages> | undefined;
let scrollBarBrowser: Promise<Browser> | undefined;

after(async () => {
  await (await pages)?.close();
  await (await scrollBarBrowser)?.close();
});

function browserWithScrollBars(): Promise<Browser> {
  scrollBarBrowser ??= launchChromium({ ignoreDefaultArgs: ["--hide-scrollbars"] });
  return scrollBarBrowser;
}

async function startPages(): Promise<Pages> {
  const files = await bundle();
  const server = createServer((request, response) => {
    void serve(files, request.url ?? "/").then(({ type, body }) => {
      response.writeHead(body === undefined ? 404 : 200, { "content-type": type }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await launchChromium({ args: ["--renderer-process-limit=1"] });
  return {
    browser,
    context: await newContext(browser),
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newContext(
  browser: Browser,
  options?: Parameters<Browser["newContext"]>[0],
): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/** To be called in a `describe`: gives the function that opens panels, and closes them after each test. */
export function panels(): (options?: PanelOptions) => Promise<Panel> {
  let opened: (BrowserContext | Page)[] = [];
  let problems: string[] = [];

  before(async function () {
    this.timeout(START_MS);
    pages ??= startPages();
    await pages;
  });

  beforeEach(function () {
    this.currentTest?.timeout(TEST_MS);
  });

  afterEach(async () => {
    await Promise.all(opened.map((it) => it.close()));
    opened = [];
    const seen = problems;
    problems = [];
    assert.deepEqual(seen, [], "the page reported errors");
  });

  return async (options = {}) => {
    const { theme = "dark", width = 760, height = 620 } = options;
    if (pages === undefined) throw new Error("a panel is opened in a test");
    const { origin } = await pages;
    const browser =
      options.hasScrollBars === true ? await browserWithScrollBars() : (await pages).browser;
    const isOrdinary = options.hasScrollBars !== true && options.contextOptions === undefined;
    const context = isOrdinary
      ? (await pages).context
      : await newContext(browser, options.contextOptions);
    const page = await context.newPage();
    opened.push(isOrdinary ? page : context);
    await page.setViewportSize({ width, height });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (entry) => {
      if (entry.type() === "error") problems.push(entry.text());
    });
    let sending = Promise.resolve();
    const host = new FakeHost(options.view ?? defaultView, (envelope) => {
      sending = sending.then(() =>
        page
          .evaluate((data) => {
            window.postMessage(data, "*");
          }, envelope)
          .catch(() => undefined),
      );
    });
    await page.exposeFunction("toHost", (data: unknown) => {
      host.arrive(data);
    });
    // tsx marks functions with a helper the browser does not have.
    await page.addInitScript("globalThis.__name = (f) => f");
    await page.addInitScript(pageSetup, { theme: THEMES[theme], saved: options.saved });
    const query = new URLSearchParams({
      bodyClass: THEMES[theme].bodyClass,
      l10n: JSON.stringify(options.l10n ?? {}),
    });
    await page.goto(`${origin}/?${query}`);
    await page.locator("chat-panel header").waitFor();
    return {
      page,
      host,
      log: page.getByRole("log"),
      composer: page.getByRole("textbox", { name: /^Message / }),
      setTheme: (name) => page.evaluate(changeTheme, THEMES[name]),
    };
  };
}

/** What VS Code does in a webview before the page's own script runs. Runs in the browser. */
function pageSetup({ theme, saved }: { theme: (typeof THEMES)[ThemeName]; saved: unknown }): void {
  const scope = window as unknown as { toHost: (data: unknown) => void };
  if (saved !== undefined && sessionStorage.getItem("state") === null) {
    sessionStorage.setItem("state", JSON.stringify(saved));
  }
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (data: unknown) => {
        scope.toHost(data);
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

/** Runs in the browser. */
function changeTheme({ bodyClass, variables }: (typeof THEMES)[ThemeName]): void {
  const style = document.documentElement.style;
  for (const name of [...style]) style.removeProperty(name);
  for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
  document.body.className = bodyClass;
  document.body.dataset.vscodeThemeKind = bodyClass;
}

type Files = ReadonlyMap<string, Uint8Array>;

async function bundle(): Promise<Files> {
  const { bundles } = createRequire(import.meta.url)(path.join(root, "esbuild.js")) as {
    bundles: BuildOptions[];
  };
  const options = bundles.find(({ entryPoints }) => entryPoints && "webview" in entryPoints);
  const result = await build({ ...options, absWorkingDir: root, write: false as const });
  return new Map(
    result.outputFiles.map((file) => [`/dist/${path.basename(file.path)}`, file.contents]),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".wav": "audio/wav",
};

async function serve(
  files: Files,
  url: string,
): Promise<{ type: string; body: Uint8Array | string | undefined }> {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (pathname === "/") return { type: "text/html", body: html(searchParams) };
  const type = TYPES[path.extname(pathname)] ?? "text/plain";
  const folder = /^\/media\/(?:avatars|sounds)\//.exec(pathname)?.[0];
  if (folder !== undefined) {
    const file = path.join(root, folder, path.basename(pathname));
    return { type, body: await readFile(file).catch(() => undefined) };
  }
  return { type, body: pathname === "/favicon.ico" ? "" : files.get(pathname) };
}

/** As the extension writes it. */
function html(query: URLSearchParams): string {
  const escape = (text: string | null): string =>
    (text ?? "").replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const source = "'self'";
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-abc'",
    `style-src ${source}`,
    `img-src ${source} data:`,
    `font-src ${source}`,
    `media-src ${source}`,
  ].join("; ");
  const bodyClass = escape(query.get("bodyClass"));
  return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Parley</title>
<link rel="stylesheet" href="/dist/webview.css">
</head>
<body class="${bodyClass}" data-vscode-theme-kind="${bodyClass}" data-media="/media" data-l10n="${escape(query.get("l10n"))}">
<script nonce="abc" src="/dist/webview.js"></script>
</body>
</html>`;
}
