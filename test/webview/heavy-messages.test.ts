// Many messages, each made to be as much work as it can be, in one list. What is drawn at a time is counted, not timed.
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { MessageRow } from "../../src/bridge/view.js";
import { panels, type Panel } from "./support/panel.js";
import { message, showing, spaced } from "./support/views.js";

const LENGTH = 16_000;

const filled = (piece: string, length = LENGTH): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

const tableRow = (cell: string): string => `|${`${cell}|`.repeat(40)}\n`;

const KINDS: Readonly<Record<string, string>> = {
  "spans of code": filled("`a` "),
  quotes: `${filled("> ", 4000)}a`,
  "lists in lists": Array.from({ length: 150 }, (_, n) => `${" ".repeat(n)}- a`).join("\n"),
  "a long table": tableRow("a") + tableRow("-") + tableRow("a").repeat(180),
  "marks on letters": filled(`a${"\u0301".repeat(100)}`),
  "marks on all letters": filled(`م${"\u064b".repeat(9)}`),
  "a word of 64 KB": "w".repeat(65_536),
  links: filled("https://e.org/a "),
  "links with words": filled("[a](https://e.org/a) "),
  lines: filled("a\n"),
  "a long block of code": `\`\`\`\n${filled("a\n")}\`\`\``,
  "a wide block of code": `\`\`\`\n${filled("a b ", 65_536)}\n\`\`\``,
  colors: filled("\x034,5a\x0312,3b "),
  emoji: filled("👩‍👩‍👧‍👦"),
  "two directions": filled("مرحبا hello "),
  "nothing to see": filled("\u200d"),
  "soft hyphens": filled("a\u00ad"),
  spaces: filled(" a"),
};

const heavy = (text: string, n: number): MessageRow =>
  message("bob", `begin ${n}\n\n${text}\n\nend ${n}`);

/** The heavy message of this number. */
function rowOf({ log }: Panel, n: number): Locator {
  return log.locator(".text").filter({ hasText: new RegExp(`end ${n}\\s*$`) });
}

/** How much of the list is in the page. */
function drawn({ log }: Panel): Promise<{ elements: number; characters: number }> {
  return log.evaluate((list) => ({
    elements: list.querySelectorAll("*").length,
    characters: list.textContent.length,
  }));
}

async function assertBounded(panel: Panel): Promise<void> {
  const { elements, characters } = await drawn(panel);
  assert.ok(elements <= 6_000, `${elements} elements`);
  assert.ok(characters <= 500_000, `${characters} characters`);
}

/** Messages of which less is drawn than was said. Runs in the browser. */
function cutOff(rows: (Element | SVGElement)[]): string[] {
  const letters = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0;
  return rows.flatMap((element) => {
    const { row } = element as Element & { row: { text: string } };
    const said = row.text.replace(/\]\(\S+\)/g, "]");
    const shown = element.querySelector(".text")?.textContent ?? "";
    const [, n = ""] = /^begin (\d+)/.exec(row.text) ?? [];
    const isWhole = shown.startsWith(`begin ${n}`) && /end \d+\s*$/.test(shown);
    return isWhole && letters(shown) >= letters(said) ? [] : [row.text.slice(0, 60)];
  });
}

describe("a list of heavy messages", () => {
  const open = panels();

  const lists: readonly (readonly [name: string, count: number, texts: readonly string[]])[] = [
    ["all kinds", 200, Object.values(KINDS)],
    ["high ones", 50, [KINDS["spans of code"]!, KINDS.lines!]],
    ["low ones", 50, [KINDS["nothing to see"]!, KINDS["marks on letters"]!]],
    ["words of 64 KB", 30, [KINDS["a word of 64 KB"]!]],
  ];
  for (const [name, count, texts] of lists) {
    it(`is drawn in parts, each message as a whole: ${name}`, async () => {
      const rows = spaced(
        Array.from({ length: count }, (_, n) => heavy(texts[n % texts.length]!, n)),
      );
      const panel = await open({ view: showing({ rows }) });
      const { page, log, composer } = panel;
      const look = async (n: number): Promise<void> => {
        await rowOf(panel, n).waitFor();
        await assertBounded(panel);
        assert.deepEqual(await log.getByRole("article").evaluateAll(cutOff), []);
      };
      await look(count - 1);
      await log.getByRole("article").last().focus();
      await page.keyboard.press("Home");
      await look(0);
      await page.keyboard.press("PageDown");
      await page.keyboard.press("ArrowDown");
      await assertBounded(panel);
      await page.keyboard.press("End");
      await look(count - 1);
      await composer.fill("still here");
      panel.host.show(showing({ rows: [...rows, heavy("news", count)] }));
      await look(count);
      assert.equal(await composer.inputValue(), "still here");
    });
  }

  it("does not come at once, though a screen of short ones was there", async () => {
    const short = spaced(Array.from({ length: 100 }, (_, n) => message("bob", `short ${n}`)));
    const panel = await open({ view: showing({ rows: short }) });
    await panel.log.getByText("short 99", { exact: true }).waitFor();
    let most = 0;
    await panel.page.exposeFunction("sawCharacters", (count: number) => {
      most = Math.max(most, count);
    });
    await panel.log.evaluate((list) => {
      const { sawCharacters } = window as unknown as { sawCharacters: (count: number) => void };
      new MutationObserver(() => {
        sawCharacters(list.textContent.length);
      }).observe(list, { childList: true, subtree: true });
    });
    const rows = Array.from({ length: 30 }, (_, n) => heavy(KINDS["a word of 64 KB"]!, n));
    panel.host.show(showing({ rows: [...short, ...rows] }));
    await rowOf(panel, 29).waitFor();
    await assertBounded(panel);
    assert.ok(most <= 500_000, `${most} characters`);
  });
});
