// The client in a browser's page: all of it but for the sockets is what runs in VS Code.
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import path from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { addressOf, newSession, type TestSession } from "../client/scripted-peer.js";
import { launchChromium } from "../support/chromium.js";
import { onCleanup } from "../support/cleanup.js";
import { listen } from "../support/listen.js";
import { startServer, type TestServer } from "../support/server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import type { SessionPage } from "./support/session-page.js";

const START_MS = 60_000;

declare const chat: SessionPage;

describe("a session in a page of a browser", () => {
  let browser: Browser;
  let script: string;

  before(async function () {
    this.timeout(START_MS);
    // For browsers, nothing of Node.js can be bundled.
    const { outputFiles } = await build({
      entryPoints: [path.join(import.meta.dirname, "support/session-page.ts")],
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
      target: "chrome138",
      logLevel: "warning",
    });
    script = outputFiles[0]!.text;
    browser = await launchChromium();
  });

  after(() => browser.close());

  /** A page of this machine, which our server lets in without a password. */
  async function openPage(port: number, nick: string): Promise<Page> {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><title>Chat</title><script>${script}</script>`);
    });
    const own = await listen(server);
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    onCleanup(async () => {
      await page.close();
      server.closeAllConnections();
      assert.deepEqual(problems, [], "the page reported errors");
    });
    await page.goto(
      `http://127.0.0.1:${own}/?${new URLSearchParams({ port: String(port), nick })}`,
    );
    return page;
  }

  async function bobOn(server: TestServer): Promise<TestSession> {
    const bob = newSession(addressOf(server.port), { nick: "bob", channels: ["#general"] });
    bob.start();
    await bob.online();
    return bob;
  }

  const heard = (page: Page, row: string) => page.evaluate((last) => chat.heard(last), row);

  it("talks to one in Node.js, and is talked to", async () => {
    const server = await startServer();
    const bob = await bobOn(server);
    const page = await openPage(server.port, "guest");
    assert.deepEqual((await page.evaluate(() => chat.online())).sort(), ["bob", "guest"]);

    await page.evaluate(() => {
      chat.say("hello from a page, grüße 🙂");
    });
    const hello = "<guest> hello from a page, grüße 🙂";
    await bob.until((s) => s.said("#general").at(-1) === hello);
    bob.say("#general", "one line\nand another");
    assert.deepEqual(await heard(page, "<bob> one line\nand another"), [
      hello,
      "<bob> one line\nand another",
    ]);
    assert.equal(await page.evaluate(() => chat.leave()), "left");
    await bob.until((s) => !s.buffer("#general").members.has("guest"));
  });

  it("shows what was said before it came", async () => {
    const server = await startServer();
    const bob = await bobOn(server);
    const lines = Array.from({ length: 20 }, (_, i) => `before ${i}`);
    for (const line of lines) bob.say("#general", line);
    await bob.until((s) => s.said("#general").every((row) => !row.endsWith("(pending)")));

    const page = await openPage(server.port, "guest");
    assert.deepEqual(
      await heard(page, "<bob> before 19"),
      lines.map((line) => `<bob> ${line}`),
    );
  });

  it("comes back when the connection was cut, and has what was said meanwhile", async () => {
    const server = await startServer();
    const bob = await bobOn(server);
    const proxy = await TcpProxy.start(server.port);
    onCleanup(() => proxy.close());
    const page = await openPage(proxy.port, "guest");
    await page.evaluate(() => chat.online());

    await proxy.cut();
    bob.say("#general", "are you there?");
    await proxy.mend();
    assert.deepEqual(await heard(page, "<bob> are you there?"), ["<bob> are you there?"]);
  });
});
