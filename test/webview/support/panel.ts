// The real page in a real browser, under the panel's own content security policy, with a host to talk to.
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { Messenger, type HostToPage, type PageToHost } from "../../../src/bridge/messenger.js";
import type { Requests, SubmitResult, ToHost } from "../../../src/bridge/protocol.js";
import type { Sound } from "../../../src/bridge/sounds.js";
import { fromPage } from "../../../src/bridge/validate.js";
import type { ViewState } from "../../../src/bridge/view.js";
import { ViewFeed } from "../../../src/bridge/view-feed.js";
import { PanelPages, type BrowserOptions, type PanelPage } from "./panel-pages.js";
import { THEMES, type ThemeName } from "./themes.js";
import { view as defaultView } from "./views.js";

const START_MS = 60_000;
/** How long a test may take; not reached when all is well, even on a busy machine. */
const TEST_MS = 40_000;

export interface PanelOptions extends BrowserOptions {
  readonly view?: ViewState;
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What an earlier page left in VS Code's state. */
  readonly saved?: unknown;
  readonly l10n?: Readonly<Record<string, string>>;
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

let pages: Promise<PanelPages> | undefined;

after(async () => {
  await (await pages)?.close();
});

/** To be called in a `describe`: gives the function that opens panels, and ends them after each test. */
export function panels(): (options?: PanelOptions) => Promise<Panel> {
  let opened: PanelPage[] = [];

  before(async function () {
    this.timeout(START_MS);
    pages ??= PanelPages.start();
    await pages;
  });

  beforeEach(function () {
    this.currentTest?.timeout(TEST_MS);
  });

  afterEach(async function () {
    const ending = opened;
    opened = [];
    // Something may still be under way in what a failed test leaves.
    const isReusable = this.currentTest?.state === "passed";
    const problems = await Promise.all(ending.map((it) => it.end({ isReusable })));
    assert.deepEqual(problems.flat(), [], "the page reported errors");
  });

  return async (options = {}) => {
    const { theme = "dark", width = 760, height = 620 } = options;
    if (pages === undefined) throw new Error("a panel is opened in a test");
    const panelPage = await (await pages).take(options);
    opened.push(panelPage);
    const { page } = panelPage;
    await page.setViewportSize({ width, height });
    const host = new FakeHost(options.view ?? defaultView, (envelope) => {
      panelPage.post(envelope);
    });
    await panelPage.show({
      theme,
      saved: options.saved,
      l10n: options.l10n ?? {},
      toHost: (data) => {
        host.arrive(data);
      },
    });
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

/** Runs in the browser. */
function changeTheme({ bodyClass, variables }: (typeof THEMES)[ThemeName]): void {
  const style = document.documentElement.style;
  for (const name of [...style]) style.removeProperty(name);
  for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
  document.body.className = bodyClass;
  document.body.dataset.vscodeThemeKind = bodyClass;
}
