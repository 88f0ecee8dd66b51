// The whole panel in every theme, judged by axe-core.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import type { ViewState } from "../../src/bridge/view.js";
import { png } from "../support/pictures.js";
import { panels } from "./support/panel.js";
import { THEMES, type ThemeName } from "./support/themes.js";
import { event, member, message, nothing, person, showing, spaced, view } from "./support/views.js";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly {
    readonly target: readonly unknown[];
    readonly failureSummary: string;
  }[];
}

/** What axe finds wrong, one line each. */
async function problems(page: Page): Promise<string[]> {
  // Evaluated, since the panel's content security policy forbids adding a script.
  await page.evaluate(await readFile(axe, "utf8"));
  const violations = await page.evaluate<Violation[]>(
    "axe.run(document, { rules: { 'page-has-heading-one': { enabled: true }, 'label-content-name-mismatch': { enabled: true } } }).then((result) => result.violations)",
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) =>
        `${impact} ${id} ${target.flat().join(" ")}: ${failureSummary}`,
    ),
  );
}

const rows = spaced([
  event("join", "bob", "bob joined"),
  event("topic", "ann", "ann set the topic"),
  message("bob", "**bold** *it* ~~no~~ `code` [docs](https://example.org) https://example.org/a"),
  message("carla", "> quote\n\n- a\n- b\n\n1. c\n\n|a|b|\n|-|-|\n|c|d|"),
  message("bob", "ann: look\n```ts\nlet a = 1;\n```", { mention: true }),
  message("ann", "mine", { own: true }),
  message("bob", "waves", { form: "action" }),
  message("bob", "notice", { form: "notice", address: "bob@10.0.0.7" }),
  message("bob", "\x034,4hidden\x0f \x0308yellow\x0f \x16reverse\x16 \x02bold"),
  message("bob", "among us", { visibleTo: "operator" }),
  message("ann", "going", { own: true, status: "pending" }),
  message("ann", "gone", { own: true, status: "failed", error: "No such nick" }),
]);

const talk = showing(
  {
    topic: "Release on Friday",
    rows,
    unreadFrom: rows[5]?.id,
    people: [person("ann"), person("bob", { displayName: "Bob B" }), person("carla")],
    members: [
      member("ann", { isSelf: true, role: "host" }),
      member("bob", { away: true, awayMessage: "lunch" }),
      member("carla", { isBot: true, role: "operator" }),
    ],
  },
  {
    conversations: [
      ...view.conversations,
      { id: "#dev", name: "#dev", kind: "channel", unread: 3, mentions: 1 },
      { id: "bob", name: "bob", kind: "direct", unread: 1, mentions: 1 },
    ],
  },
);

const closed: ViewState = {
  ...talk,
  current: { ...talk.current!, canSend: false, members: [] },
  connection: { phase: "closed", cause: "failed", text: "chat.example does not respond." },
};

const states: [string, ViewState][] = [
  ["a conversation", talk],
  ["nothing yet", nothing],
  ["a channel without others", showing({ audience: 0 })],
  [
    "the wait to be let in",
    {
      ...nothing,
      connection: {
        phase: "approval",
        text: "Waiting for the host's approval…",
        saidLine: undefined,
      },
    },
  ],
  [
    "a lost connection",
    showing(
      { canSend: false, rows },
      { connection: { phase: "waiting", text: "Connection lost.", retryAt: Date.now() + 60_000 } },
    ),
  ],
  ["a closed connection", closed],
];

describe("the panel is accessible", () => {
  const open = panels();

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    for (const [title, shown] of states) {
      it(`with ${title}, in the ${theme} theme`, async () => {
        const { page } = await open({ view: shown, theme });
        assert.deepEqual(await problems(page), []);
      });
    }
  }

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`where it is narrow, without and with the users over the messages, in the ${theme} theme`, async () => {
      const { page } = await open({ view: talk, theme, width: 240 });
      assert.deepEqual(await problems(page), []);
      await page.getByRole("button", { name: /Show Users/ }).click();
      assert.deepEqual(await problems(page), []);
    });

    it(`while a picture is chosen and cropped, in the ${theme} theme`, async () => {
      const { page, host } = await open({ view: talk, theme, width: 320 });
      host.choosePicture();
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a Picture…" }).click();
      assert.deepEqual(await problems(page), []);
      const buffer = png({ width: 64, height: 64 });
      await (await chooser).setFiles({ name: "me.png", mimeType: "image/png", buffer });
      await page.getByRole("slider", { name: "Zoom" }).waitFor();
      assert.deepEqual(await problems(page), []);
    });

    it(`when a message has been deleted, one was refused and one scrolls, in the ${theme} theme`, async () => {
      const { page, host, log, composer } = await open({ view: talk, theme, height: 400 });
      host.show({ ...talk, current: { ...talk.current!, rows: rows.toSpliced(2, 1) } });
      await log.getByText("docs").waitFor({ state: "detached" });
      host.answer = () => ({ accepted: false, error: "No such nick: dora" });
      await composer.fill("/msg dora hello");
      await page.keyboard.press("Enter");
      await page.getByText("No such nick: dora").waitFor();
      await log.hover();
      await page.mouse.wheel(0, -100);
      await page.locator(".floating").waitFor();
      assert.deepEqual(await problems(page), []);
    });
  }
});
