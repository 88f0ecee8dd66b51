// The chat panel of a window, found by role and name.
import type { Locator, Page } from "playwright-core";

export class Panel {
  constructor(private readonly page: Page) {}

  /** A webview is a frame in a frame; looked for anew each time, since a reload makes another one. */
  private get root() {
    return this.page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
  }

  /** The messages of a conversation. There only while the conversation is on screen. */
  log(conversation: string): Locator {
    return this.root.getByRole("log", { name: conversation, exact: true });
  }

  composer(conversation: string): Locator {
    return this.root.getByRole("textbox", { name: `Message ${conversation}`, exact: true });
  }

  /** What someone may say who waits to be let in. */
  get lineToHost(): Locator {
    return this.root.getByRole("textbox", { name: "One line to the host", exact: true });
  }

  /** Resolves when the cursor is in the composer: what opens before that would lose the focus to it. */
  async focused(conversation: string): Promise<void> {
    await this.composer(conversation).evaluate(
      (box) =>
        new Promise<void>((resolve) => {
          if (box.matches(":focus")) resolve();
          box.addEventListener("focus", () => {
            resolve();
          });
        }),
    );
  }

  get users(): Locator {
    return this.root.getByRole("list", { name: "Online Users", exact: true });
  }

  user(nick: string): Locator {
    return this.users.getByRole("button").filter({ hasText: new RegExp(`\\b${nick}\\b`) });
  }

  /** The tab of a conversation, with what is unread in it. */
  tab(conversation: string, unread?: string): Locator {
    const name = unread === undefined ? conversation : `${conversation}, ${unread}`;
    return this.root.getByRole("tab", { name, exact: true });
  }

  /** A message of somebody: its row is labelled with nick, time and text, and with what is not usual about it. */
  message(nick: string, text: string, note?: "sending" | "not sent"): Locator {
    const rest = note === undefined ? "" : `, ${note}`;
    const label = new RegExp(`^${escaped(nick)}, [^,]*\\d+:\\d\\d[^,]*, ${escaped(text)}${rest}$`);
    return this.root.getByRole("article", { name: label });
  }

  /** Something that happened, or the banner above: by its words. */
  text(words: string | RegExp): Locator {
    return this.root.getByText(words);
  }

  /** What stands above the messages while the connection is not there. */
  get banner(): Locator {
    return this.root.locator("connection-banner").getByRole("status");
  }

  /** Something that stands above the messages, by its words. */
  status(words: string): Locator {
    return this.root.getByRole("status").filter({ hasText: words });
  }

  get alert(): Locator {
    return this.root.getByRole("alert");
  }

  button(name: string): Locator {
    return this.root.getByRole("button", { name, exact: true });
  }

  async say(conversation: string, text: string): Promise<void> {
    const composer = this.composer(conversation);
    await composer.fill(text);
    await composer.press("Enter");
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
