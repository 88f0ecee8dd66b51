import assert from "node:assert/strict";
import type { ConversationSummary, ViewState } from "../../src/bridge/view.js";
import { panels } from "./support/panel.js";
import { event, member, message, nothing, person, showing, spaced, view } from "./support/views.js";

describe("the panel", () => {
  const open = panels();

  it("offers to host or join where there is nothing yet", async () => {
    const { page, host } = await open({ view: nothing });
    await page.getByRole("heading", { name: "Chat where you code" }).waitFor();
    await page.getByRole("button", { name: "Host Server" }).click();
    assert.equal((await host.next("runCommand")).command, "parley.hostServer");
    await page.getByRole("button", { name: "Join…" }).click();
    assert.equal((await host.next("runCommand")).command, "parley.join");
  });

  it("shows the steps of connecting", async () => {
    const connecting = { phase: "connecting", text: "Registering as ann…" } as const;
    const { page } = await open({ view: { ...nothing, connection: connecting } });
    await page.getByRole("status").getByText("Registering as ann…").waitFor();
  });

  it("says as long as it is so that everything is logged, also while it connects and in a narrow panel", async () => {
    const words =
      "Everything said on this server is logged by the host, including direct messages.";
    const connecting = { phase: "connecting", text: "Registering as ann…" } as const;
    const { page, host } = await open({
      width: 240,
      view: { ...showing({}), isAudited: true, connection: connecting },
    });
    const banner = page.getByRole("status").filter({ hasText: words });
    await banner.waitFor();
    assert.equal(await banner.getByRole("button").count(), 0);
    assert.deepEqual(await page.evaluate(stickingOut), []);
    host.show({ ...view, isAudited: true });
    await page.getByRole("status").getByText("Registering as ann…").waitFor({ state: "detached" });
    await banner.waitFor();
    host.show(view);
    await banner.waitFor({ state: "detached" });
  });

  it("waits for the first guest and offers the invite link", async () => {
    const { page, host } = await open({ view: showing({ audience: 0 }) });
    await page.getByRole("heading", { name: "Waiting for others to join #general" }).waitFor();
    await page.getByRole("button", { name: "Copy Invite Link" }).click();
    assert.equal((await host.next("runCommand")).command, "parley.copyInviteLink");
    host.show(view);
    await page.getByRole("heading", { name: /^Waiting/ }).waitFor({ state: "detached" });
  });

  it("has the conversation, its topic, our nick and the connection in its header", async () => {
    const { page } = await open({ view: showing({ topic: "Release on Friday" }) });
    const header = page.getByRole("banner");
    await header.getByRole("heading", { name: "#general" }).waitFor();
    await header.getByText("Release on Friday").waitFor();
    await header.getByRole("button", { name: "ann Connected" }).waitFor();
  });

  it("shows the connection's details, copies them, and closes by Escape", async () => {
    const details = [
      { name: "Local address", value: "127.0.0.1:50000" },
      { name: "Fingerprint", value: "ab".repeat(32) },
    ];
    const { page, host } = await open({
      view: { ...view, connection: { phase: "online", server: "127.0.0.1:9898", details } },
    });
    await page.getByRole("button", { name: "ann Connected" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Connection details" });
    await dialog.getByText("127.0.0.1:50000").waitFor();
    await dialog.getByText("127.0.0.1:9898").waitFor();
    await dialog.getByRole("button", { name: "Copy Fingerprint" }).click();
    assert.equal((await host.next("copyText")).text, "ab".repeat(32));
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "ann Connected" }).click();
    await dialog.getByRole("button", { name: "Leave" }).click();
    assert.equal((await host.next("runCommand")).command, "parley.leave");
    await dialog.waitFor({ state: "hidden" });
  });

  it("the topic's links lead somewhere, and its Markdown is not raw", async () => {
    const { page, host } = await open();
    host.show({
      ...view,
      current: { ...view.current!, topic: "Welcome to **our** chat https://x.org $(heart)" },
    });
    const topic = page.locator(".topic");
    await topic.getByRole("link", { name: "https://x.org" }).click();
    assert.equal((await host.next("openLink")).url, "https://x.org");
    assert.equal(await topic.innerText(), "Welcome to our chat https://x.org $(heart)");
    host.show({ ...view, current: { ...view.current!, topic: "# not a heading" } });
    await topic.getByText("# not a heading").waitFor();
  });

  describe("banners", () => {
    const talk = (connection: ViewState["connection"]) =>
      showing({ canSend: false }, { connection });

    it("count down to the next try, and let one try now or stop", async () => {
      const { page, host } = await open({
        view: talk({ phase: "waiting", text: "Connection lost.", retryAt: Date.now() + 60_000 }),
      });
      const banner = page.getByRole("status");
      await banner.getByText("Connection lost.").waitFor();
      const seconds = banner.getByRole("timer");
      const first = await seconds.innerText();
      assert.match(first, /^Trying again in (60|5\d) seconds$/);
      await page.waitForFunction((before) => {
        const list = document
          .querySelector("chat-panel")
          ?.shadowRoot?.querySelector("connection-banner");
        const text = list?.shadowRoot?.querySelector("[role=timer]")?.textContent;
        return text !== undefined && text !== before;
      }, first);
      await page.getByRole("button", { name: "Reconnect Now" }).click();
      assert.equal((await host.next("runCommand")).command, "parley.reconnectNow");
      await page.getByRole("button", { name: "Stop" }).click();
      assert.equal((await host.next("runCommand")).command, "parley.stopReconnecting");
    });

    it("do not stop the attempt when Reconnect Now is pressed twice", async () => {
      const { page, host } = await open();
      host.show(
        talk({ phase: "waiting", text: "The connection was lost.", retryAt: Date.now() + 60_000 }),
      );
      const reconnect = page.getByRole("button", { name: "Reconnect Now" });
      await reconnect.press("Enter");
      assert.equal((await host.next("runCommand")).command, "parley.reconnectNow");
      host.show(talk({ phase: "connecting", text: "Connecting…" }));
      await reconnect.waitFor({ state: "detached" });
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Stop" }).click();

      assert.equal((await host.next("runCommand")).command, "parley.stopReconnecting");
      assert.deepEqual(
        host.got.filter(({ type }) => type === "runCommand"),
        [],
      );
    });

    it("say that the host stopped, aloud, and let one try again", async () => {
      const { page, host } = await open();
      host.show(talk({ phase: "closed", cause: "host-stopped", text: "ann stopped the server." }));
      await page.getByRole("alert").getByText("ann stopped the server.").waitFor();
      await page.getByRole("button", { name: "Try Again" }).click();
      assert.equal((await host.next("runCommand")).command, "parley.reconnectNow");
      host.show(view);
      await page.getByRole("alert").waitFor({ state: "detached" });
    });

    it("offer to find out why, while it is tried again", async () => {
      const { page, host } = await open();
      const text = "No server answers at 10.1.2.3.";
      for (const connection of [
        { phase: "waiting", text, retryAt: Date.now() + 60_000 },
        { phase: "connecting", text, isRetry: true },
      ] as const) {
        host.show(talk(connection));
        await page.getByRole("status").getByText(text).waitFor();
        await page.getByRole("button", { name: "Find Out Why" }).click();
        assert.equal((await host.next("runCommand")).command, "parley.findOutWhy");
      }
      host.show(talk({ phase: "connecting", text: "Connecting for the first time…" }));
      await page.getByText("Connecting for the first time…").waitFor();
      assert.equal(await page.getByRole("button", { name: "Find Out Why" }).count(), 0);
    });

    it("say what begins, and offer no other way in meanwhile", async () => {
      const { page, host } = await open();
      host.show(
        showing(
          { canSend: false },
          { connection: { phase: "starting", text: "Starting the server again…" } },
        ),
      );
      await page.getByRole("status").getByText("Starting the server again…").waitFor();
      host.show({ ...nothing, connection: { phase: "starting", text: "Starting the server…" } });
      await page.getByRole("status").getByText("Starting the server…").waitFor();
      assert.equal(await page.getByRole("button", { name: /Host Server|Join/ }).count(), 0);
    });

    it("keep the talk on screen when we have left", async () => {
      const { page, log } = await open({
        view: showing(
          { canSend: false, rows: [message("bob", "still here")] },
          { connection: { phase: "offline" } },
        ),
      });
      await page.getByRole("status").getByText("You are not connected.").waitFor();
      await log.getByText("still here").waitFor();
    });
  });

  describe("online users", () => {
    const people = showing({
      people: [person("ann"), person("bob", { displayName: "Bob B" }), person("weebot")],
      members: [
        member("ann", { isSelf: true, role: "host" }),
        member("bob", {
          away: true,
          awayMessage: "lunch",
          account: "robert",
          address: "bob@10.0.0.7",
        }),
        member("weebot", { isBot: true, role: "operator" }),
      ],
    });

    it("are a list that says who is who", async () => {
      const { page } = await open({ view: people });
      const list = page.getByRole("list", { name: "Online Users", exact: true });
      const entries = await list.getByRole("listitem").allInnerTexts();
      assert.deepEqual(
        entries.map((entry) => entry.replace(/\s+/g, " ").trim()),
        ["A ann you host", "BB bob Bob B away", "W weebot bot operator"],
      );
      assert.match(
        (await list.getByRole("button", { name: /^bob/ }).getAttribute("title")) ?? "",
        /Verified as robert\nbob@10\.0\.0\.7\nAway: lunch/,
      );
    });

    it("open a direct message by click and by Enter, ourselves the profile", async () => {
      const { page, host } = await open({ view: people });
      await page.getByRole("list").getByRole("button", { name: /^bob/ }).click();
      assert.equal((await host.next("openDirectMessage")).nick, "bob");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assert.equal((await host.next("openDirectMessage")).nick, "weebot");
      await page.keyboard.press("Home");
      await page.keyboard.press("Enter");
      assert.equal((await host.next("runCommand")).command, "parley.setProfile");
    });

    it("fold away where there is room, and stay so in a page that comes back", async () => {
      const { page } = await open({ view: people });
      const list = page.getByRole("list", { name: "Online Users" });
      await list.waitFor();
      await page.getByRole("button", { name: "Hide Users (3)" }).click();
      await list.waitFor({ state: "detached" });
      await page.reload();
      await page.getByRole("button", { name: "Show Users (3)" }).waitFor();
      assert.equal(await list.count(), 0);
    });

    it("lie over the messages where there is little, and go by Escape", async () => {
      const { page } = await open({ view: people, width: 300 });
      const list = page.getByRole("list", { name: "Online Users" });
      assert.equal(await list.count(), 0);
      await page.getByRole("button", { name: "Show Users (3)" }).click();
      await list.getByRole("button", { name: /^bob/ }).focus();
      await page.keyboard.press("Escape");
      await list.waitFor({ state: "detached" });
    });

    it("follow who comes and goes", async () => {
      const { page, host } = await open({ view: people });
      const items = page.getByRole("list", { name: "Online Users" }).getByRole("listitem");
      await items.nth(2).waitFor();
      const current = people.current!;
      host.show({ ...people, current: { ...current, members: current.members.slice(0, 2) } });
      await items.nth(2).waitFor({ state: "detached" });
      assert.equal(await items.count(), 2);
    });
  });

  describe("conversations", () => {
    it("with the server have one name, and take commands", async () => {
      const name = "Server messages";
      const { page } = await open({
        view: showing(
          { id: "", name, kind: "server", canSend: false },
          {
            conversations: [
              ...view.conversations,
              { id: "", name, kind: "server", unread: 0, mentions: 0 },
            ],
          },
        ),
      });
      await page.getByRole("tab", { name, exact: true }).waitFor();
      await page.getByRole("heading", { name, exact: true }).waitFor();
      await page.getByRole("textbox", { name: "Enter a command", exact: true }).waitFor();
    });

    const several = showing(
      {},
      {
        conversations: [
          { id: "#general", name: "#general", kind: "channel", unread: 0, mentions: 0 },
          { id: "#dev", name: "#dev", kind: "channel", unread: 120, mentions: 2 },
          { id: "bob", name: "bob", kind: "direct", unread: 3, mentions: 3 },
        ],
      },
    );

    it("are tabs with what is unread", async () => {
      const { page } = await open({ view: several });
      const tabs = page.getByRole("tablist", { name: "Conversations" }).getByRole("tab");
      assert.deepEqual(
        await tabs.evaluateAll((all) => all.map((tab) => tab.getAttribute("aria-label"))),
        ["#general", "#dev, 2 for you, 120 unread", "bob, 3 for you, 3 unread"],
      );
      assert.equal(await tabs.nth(0).getAttribute("aria-selected"), "true");
      // Counted is what is for us: two of 120.
      assert.match(await tabs.nth(1).innerText(), /#dev\s+2$/);
      assert.equal(await tabs.nth(0).locator(".badge, .dot").count(), 0);
    });

    it("mark what is for nobody in particular with a dot, not with a number", async () => {
      const { page } = await open({
        view: showing({}, { conversations: [several.conversations[0]!, unreadFor("#dev", 7, 0)] }),
      });
      const tab = page.getByRole("tab", { name: "#dev, 7 unread" });
      await tab.locator(".dot").waitFor();
      assert.match(await tab.innerText(), /^#dev\s*$/);
    });

    it("are a list of nothing but tabs, within a landmark", async () => {
      const { page } = await open({ view: several });
      const list = page.getByRole("navigation", { name: "Conversations" }).getByRole("tablist");
      assert.deepEqual(
        await list.evaluate((tabs) =>
          [...tabs.children].map((child) => child.getAttribute("role")),
        ),
        ["tab", "tab", "tab"],
      );
      const close = (await page.getByRole("button", { name: "Close bob" }).boundingBox())!;
      const tab = (await page.getByRole("tab", { name: /^bob/ }).boundingBox())!;
      assert.ok(close.x > tab.x && close.x + close.width <= tab.x + tab.width);
      assert.ok(close.y >= tab.y && close.y + close.height <= tab.y + tab.height);
    });

    it("open by click, and by keyboard", async () => {
      const { page, host } = await open({ view: several });
      await page.getByRole("tab", { name: /^#dev/ }).click();
      assert.equal((await host.next("openConversation")).conversation, "#dev");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      assert.equal((await host.next("openConversation")).conversation, "bob");
    });

    it("of direct messages close, by button and by Delete; channels do not", async () => {
      const { page, host } = await open({ view: several });
      await page.getByRole("button", { name: "Close bob" }).click();
      assert.equal((await host.next("closeConversation")).conversation, "bob");
      assert.equal(await page.getByRole("button", { name: /^Close #/ }).count(), 0);
      await page.getByRole("tab", { name: "#general" }).press("Delete");
      await page.getByRole("tab", { name: /^bob/ }).press("Delete");
      assert.equal((await host.next("closeConversation")).conversation, "bob");
      assert.deepEqual(
        host.got.filter(({ type }) => type === "closeConversation"),
        [],
      );
    });

    it("need no tabs while there is one", async () => {
      const { page } = await open();
      assert.equal(await page.getByRole("tablist").count(), 0);
    });
  });

  it("claims to know nobody while offline, and drops an error with its cause", async () => {
    const { page, host, composer } = await open({ view: showing({}) });
    const offline = { phase: "waiting", text: "lost", retryAt: 0 } as const;
    host.show(
      showing({ canSend: false, audience: 0, members: [], people: [] }, { connection: offline }),
    );
    const users = page.getByRole("button", { name: "Hide Users", exact: true });
    await users.waitFor();
    assert.equal((await users.innerText()).trim(), "");
    assert.equal(await page.getByText(/ · 0|no one else/).count(), 0);
    await composer.fill("hello");
    await composer.press("Enter");
    await page.getByRole("alert").getByText("Not connected yet").waitFor();
    assert.equal(await page.getByText(/nobody else/).count(), 0);
    host.show(showing({}));
    await page.getByRole("alert").waitFor({ state: "detached" });
    assert.equal(await composer.inputValue(), "hello");
  });

  it("speaks the editor's language", async () => {
    const { page } = await open({ l10n: { "Message {0}": "Nachricht an {0}", Send: "Senden" } });
    await page.getByRole("textbox", { name: "Nachricht an #general", exact: true }).waitFor();
    await page.getByRole("button", { name: "Senden" }).waitFor();
  });

  it("can be used by keyboard alone: Tab goes through its parts", async () => {
    const { page } = await open({
      view: showing({
        rows: spaced([message("bob", "one"), message("carla", "two https://e.org")]),
      }),
    });
    const stops: string[] = [];
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press("Tab");
      stops.push(await page.evaluate(focusedName));
    }
    assert.deepEqual(stops, [
      "button Connection details",
      "button Hide Users (3)",
      "message-row carla, 09:01, two https://e.org",
      "a https://e.org",
      "textarea Message #general",
      "button ann",
    ]);
  });

  it("shows where the focus is, in every theme", async () => {
    const { page, setTheme } = await open({ view: showing({ rows: [message("bob", "one")] }) });
    for (const theme of ["dark", "light", "high-contrast"] as const) {
      await setTheme(theme);
      await page.getByRole("log").getByRole("article").focus();
      await page.keyboard.press("ArrowUp");
      const outline = await page
        .getByRole("article")
        .evaluate((row) => getComputedStyle(row).outlineStyle);
      assert.equal(outline, "solid", theme);
    }
  });

  it("fits 280 pixels: nothing sticks out, whatever people call themselves", async () => {
    const long = "W".repeat(64);
    const rtl = "م".repeat(64);
    const rows = spaced([
      message(long, "x".repeat(400)),
      message(rtl, "مرحبا " + "ا".repeat(300)),
      message("ann", "`" + "y".repeat(300) + "`", { own: true }),
      message("bob", "```\n" + "z".repeat(300) + "\n```"),
      message("bob", "|" + "a|".repeat(40) + "\n|" + "-|".repeat(40)),
      event("join", long, `${long} joined`),
      message(long, "waves", { form: "action" }),
      message("ann", "later", { own: true, status: "failed", error: "e".repeat(200) }),
    ]);
    const people = [person("ann", { displayName: "D".repeat(64) }), person(long), person(rtl)];
    const { page } = await open({
      width: 280,
      view: showing(
        {
          name: "#" + "c".repeat(63),
          topic: "t".repeat(300),
          rows,
          people,
          members: [member("ann", { isSelf: true }), member(long)],
        },
        { self: { nick: long, away: true, isHosting: false, takesPictures: true } },
      ),
    });
    await page.getByRole("button", { name: /^Show Users/ }).click();
    await page.getByRole("list", { name: "Online Users" }).waitFor();
    assert.deepEqual(await page.evaluate(stickingOut), []);
  });

  for (const [reducedMotion, moving] of [
    ["no-preference", 1],
    ["reduce", 0],
  ] as const) {
    it(
      moving ? "shows by motion that it connects" : "stands still for people who want that",
      async () => {
        const { page } = await open({
          view: { ...nothing, connection: { phase: "connecting", text: "Connecting…" } },
          contextOptions: { reducedMotion, forcedColors: "active" },
        });
        await page.getByRole("status").getByText("Connecting…").waitFor();
        assert.equal(await page.evaluate(animationCount), moving);
      },
    );
  }
});

/** Runs in the browser: a document does not count what moves in shadow roots. */
function animationCount(): number {
  function count(root: Document | ShadowRoot): number {
    let sum = root.getAnimations().length;
    for (const { shadowRoot } of root.querySelectorAll("*"))
      if (shadowRoot) sum += count(shadowRoot);
    return sum;
  }
  return count(document);
}

/** Runs in the browser: the innermost element with the focus. */
function focusedName(): string {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const name =
    element?.getAttribute("aria-label") ??
    element?.getAttribute("href") ??
    element?.querySelector(".nick")?.textContent ??
    element?.getAttribute("title");
  return `${element?.tagName.toLowerCase() ?? "nothing"} ${name?.trim() ?? ""}`;
}

/** Runs in the browser: elements that reach beyond the window and are not cut off by one that scrolls or hides. */
function stickingOut(): string[] {
  const found: string[] = [];
  function visit(root: ParentNode, limit: number): void {
    for (const child of root.children) {
      const { right, width } = child.getBoundingClientRect();
      const { overflowX, display } = getComputedStyle(child);
      if (display !== "contents" && width > 1 && right > limit + 1) {
        found.push(`${child.tagName} ${child.className} ${right}`);
      }
      if (overflowX !== "visible") continue;
      visit(child, limit);
      if (child.shadowRoot) visit(child.shadowRoot, limit);
    }
  }
  visit(document.body, innerWidth);
  const panel = document.querySelector("chat-panel")?.shadowRoot;
  if (panel) visit(panel, innerWidth);
  const list = panel?.querySelector("message-list")?.shadowRoot?.querySelector(".content");
  if (list) visit(list, innerWidth);
  return found;
}

function unreadFor(name: string, unread: number, mentions: number): ConversationSummary {
  return { id: name, name, kind: "channel", unread, mentions };
}
