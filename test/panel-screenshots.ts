// The panel alone, in each theme and width, and in states that a conversation of a few minutes does not have. To be looked
// at; `npm run screenshots` makes them.
import path from "node:path";
import type { RowView, ViewState } from "../src/bridge/view.js";
import { png } from "./support/pictures.js";
import { panels, type Panel } from "./webview/support/panel.js";
import { THEMES, type ThemeName } from "./webview/support/themes.js";
import {
  event,
  general,
  member,
  message,
  nothing,
  person,
  showing,
  spaced,
  view,
} from "./webview/support/views.js";

const directory = path.resolve(import.meta.dirname, "screenshots");
const LONG_ERROR = "The connection was lost before the server confirmed this. It may have arrived.";

const WIDTHS = [240, 320, 480, 900];

const LONG_NICK = "verylongnickname_of_somebody";

const rows: readonly RowView[] = spaced([
  event("join", "bob", "bob joined"),
  message(
    "bob",
    "Morning! The build is **green** again, see [docs](https://example.org) and `npm test`",
  ),
  message("bob", "a second line of the same person"),
  message(
    LONG_NICK,
    'Look:\n```ts\nconst clock = fakeClock();\nawait clock.advance("30 s"); // a line that is wider than a narrow panel\n```',
  ),
  message("carla", "> a quotation\n\n- one\n- two\n\n|name|value|\n|-|-|\n|c|d|"),
  message("bob", "ann: can you look?", { mention: true }),
  message("ann", "On it.", { own: true }),
  message("ann", "Done.", { own: true }),
  message("bob", "makes coffee", { form: "action" }),
  message("bot", "deployed", { form: "notice", address: "bot@10.0.0.7" }),
  message(
    "bob",
    "\x0304red\x0f \x0308yellow\x0f \x0301black\x0f \x0300white\x0f \x0301,08on yellow\x0f \x1funderline\x0f \x1estrike\x0f \x11mono\x0f \x16reverse\x0f \x02bold\x0f \x1ditalic\x0f",
  ),
  message("carla", "only for operators", { visibleTo: "operator" }),
  event("topic", "carla", 'carla set the topic to "Release 2.4 on Thursday"'),
  message("ann", "being sent", { own: true, status: "pending" }),
  message("ann", "not sent", { own: true, status: "failed", error: "No such nick" }),
]);

const talk = showing(
  {
    topic: "Release 2.4 on Thursday",
    rows,
    unreadFrom: rows[5]?.id,
    people: [
      person("ann"),
      person("bob", { displayName: "Robert Bobson the Third" }),
      person("carla", { avatar: "fox" }),
      person(LONG_NICK, { displayName: "Somebody Else" }),
      person("bot"),
    ],
    members: [
      member("ann", { isSelf: true, role: "host" }),
      member("bob", { away: true, awayMessage: "lunch" }),
      member("carla", { role: "operator" }),
      member(LONG_NICK),
      member("bot", { isBot: true }),
    ],
    audience: 4,
  },
  {
    conversations: [
      ...view.conversations,
      { id: "#dev", name: "#dev", kind: "channel", unread: 3, mentions: 1 },
      { id: "#ops", name: "#ops", kind: "channel", unread: 130, mentions: 0 },
      {
        id: "#long",
        name: "#a-channel-with-a-very-long-name-indeed",
        kind: "channel",
        unread: 200,
        mentions: 120,
      },
      { id: "bob", name: "bob", kind: "direct", unread: 1, mentions: 1 },
    ],
  },
);

const offline = (connection: ViewState["connection"]): ViewState => ({
  ...talk,
  connection,
  current: { ...talk.current!, canSend: false, members: [], audience: 0 },
});

const failed = showing({
  rows: spaced([
    message("ann", "hello", { own: true, status: "failed", error: LONG_ERROR }),
    message("ann", "and more", { own: true, status: "failed", error: undefined }),
    message("ann", "being sent", { own: true, status: "pending" }),
    message("carla", "only for operators", { visibleTo: "operator" }),
  ]),
});

interface State {
  readonly view: ViewState;
  readonly width?: number;
  readonly prepare?: (panel: Panel) => Promise<void>;
}

const STATES: Readonly<Record<string, State>> = {
  lost: {
    view: offline({
      phase: "waiting",
      text: "The connection to chat.example was lost.",
      retryAt: Date.now() + 60_000,
    }),
  },
  closed: {
    view: offline({
      phase: "closed",
      cause: "failed",
      text: "chat.example accepts connections but does not respond.",
    }),
    width: 240,
  },
  "lost-narrow": {
    view: offline({
      phase: "waiting",
      text: "The connection to chat.example was lost.",
      retryAt: Date.now() + 60_000,
      wasOnline: true,
    }),
    width: 240,
  },
  "starting-narrow": {
    view: offline({ phase: "starting", text: "Starting the server again…" }),
    width: 240,
  },
  "failed-240": { view: failed, width: 240 },
  "failed-320": { view: failed, width: 320 },
  "not-connected": { view: offline({ phase: "offline" }), width: 320 },
  nothing: { view: nothing },
  alone: {
    view: showing({
      rows: [event("join", "ann", "ann joined")],
      audience: 0,
      members: [general.members[0]!],
    }),
  },
  "users-narrow": {
    view: talk,
    width: 240,
    prepare: async ({ page }) => {
      await page.getByRole("button", { name: /Show Users/ }).click();
    },
  },
  deleted: {
    view: talk,
    prepare: async ({ host, log }) => {
      const current = host.view.current!;
      host.show({ ...talk, current: { ...current, rows: current.rows.toSpliced(1, 1) } });
      await log.getByText("The build is").waitFor({ state: "detached" });
    },
  },
  composing: {
    view: talk,
    width: 320,
    prepare: async ({ composer }) => {
      await composer.pressSequentially("/m");
      await composer.press("End");
    },
  },
  "scrolled-up": {
    view: talk,
    prepare: async ({ page, host, log }) => {
      await log.hover();
      await page.mouse.wheel(0, -120);
      const current = host.view.current!;
      host.show({
        ...talk,
        conversations: talk.conversations.map((c) => ({ ...c, unread: 12 })),
        current: { ...current, rows: [...current.rows, message("bob", "news")] },
      });
      await page.getByRole("button", { name: "12 new messages" }).waitFor();
    },
  },
  "picture-choose": {
    view: { ...talk, self: { ...talk.self!, takesPictures: false } },
    prepare: async (panel) => {
      await choosePicture(panel, Buffer.from("<svg>"));
      await panel.page.getByRole("alert").filter({ hasText: "SVG" }).waitFor();
    },
  },
  "picture-crop": { view: talk, prepare: cropPicture },
  "picture-crop-narrow": { view: talk, width: 240, prepare: cropPicture },
  refused: {
    view: talk,
    width: 320,
    prepare: async ({ page, host, composer }) => {
      host.answer = () => ({ accepted: false, error: "No such nick: dora" });
      await composer.fill("/msg dora hello");
      await page.keyboard.press("Enter");
      await page.getByText("No such nick: dora").waitFor();
    },
  },
};

async function choosePicture({ page, host }: Panel, buffer: Buffer): Promise<void> {
  host.choosePicture();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a Picture…" }).click();
  await (await chooser).setFiles({ name: "me.png", mimeType: "image/png", buffer });
}

async function cropPicture(panel: Panel): Promise<void> {
  const bands = (x: number, y: number) => [x, y * 2, 255 - x, 255] as const;
  await choosePicture(panel, png({ width: 256, height: 128, color: bands }));
  await panel.page.getByRole("slider", { name: "Zoom" }).waitFor();
}

async function photograph({ page }: Panel, name: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
  await page.screenshot({ path: path.join(directory, `panel-${name}.png`) });
}

describe("screenshots of the panel", function () {
  this.timeout(120_000);
  const open = panels();

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`${theme}: widths`, async () => {
      const panel = await open({ view: talk, theme, width: 900, height: 1000 });
      for (const width of WIDTHS) {
        await panel.page.setViewportSize({ width, height: width < 400 ? 1200 : 900 });
        await panel.log.locator(".code-tools").first().hover();
        await photograph(panel, `${theme}-${width}`);
      }
    });
    for (const [name, { view: state, width = 480, prepare }] of Object.entries(STATES)) {
      it(`${theme}: ${name}`, async () => {
        const panel = await open({ view: state, theme, width, height: 700 });
        await prepare?.(panel);
        await photograph(panel, `${theme}-${name}`);
      });
    }
  }
});
