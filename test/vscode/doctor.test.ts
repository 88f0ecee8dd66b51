// Chat: Why Can't They Join?, as the person meets it: from the palette, from a failed join, and while hosting.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import * as vscode from "vscode";
import { activate, deactivate } from "../../src/extension/extension.js";
import { formatInvite } from "../../src/client/address.js";
import { addressOf, newCertificate, startScripted } from "../client/scripted-peer.js";
import { onCleanup } from "../support/cleanup.js";
import { freePort } from "../support/ports.js";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parley, setSetting } from "./support/extension.js";
import { FakeMemento } from "./support/fake-memento.js";
import { assertInert, Surfaces } from "./support/surfaces.js";

async function start(): Promise<Surfaces> {
  const surfaces = new Surfaces();
  const storage = await mkdtemp(path.join(tmpdir(), "parley-doctor-"));
  onCleanup(() => rm(storage, { recursive: true, force: true }));
  const secrets = new Map<string, string>();
  const subscriptions: vscode.Disposable[] = [];
  await setSetting("nick", "ann");
  await vscode.env.clipboard.writeText("");
  activate({
    subscriptions,
    extensionUri: parley().extensionUri,
    globalState: new FakeMemento(),
    workspaceState: new FakeMemento(),
    globalStorageUri: vscode.Uri.file(storage),
    secrets: {
      get: (key: string) => Promise.resolve(secrets.get(key)),
      store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
    },
  } as unknown as vscode.ExtensionContext);
  onCleanup(async () => {
    await deactivate();
    vscode.Disposable.from(...subscriptions).dispose();
    await setSetting("nick", undefined);
  });
  return surfaces;
}

/** A program on this computer that says `greeting`, and no more. */
async function startProgram(greeting: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).write(greeting);
    onCleanup(() => void socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onCleanup(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("Why Can't They Join?", () => {
  it("asks whether one hosts or joins, where to, and says what is there", async () => {
    const surfaces = await start();
    const port = await startProgram("SSH-2.0-OpenSSH_9.2\r\n");
    surfaces.picking = (labels) => labels.findIndex((label) => label.includes("want to join"));
    surfaces.typing = () => `127.0.0.1:${port}`;
    await surfaces.run("findOutWhy");

    assert.match(surfaces.texts("modal").join("\n"), /SSH server, not a chat server/);
    assert.match(surfaces.texts("modal detail").join("\n"), /What to do:\n.*\n/);
    assert.deepEqual(surfaces.texts("button").slice(-3), [
      "Copy Command",
      "Copy Report",
      "Run Again",
    ]);
  });

  it("copies a report that has no token and no fingerprint", async () => {
    const surfaces = await start();
    const tls = await newCertificate();
    const server = await startScripted({ tls });
    const fingerprint = "ab".repeat(32);
    const token = "quite-secret";
    const link = formatInvite(addressOf(server.port, { transport: "tls", fingerprint, token }));
    surfaces.clicking = (_text, buttons) => buttons.find((button) => button === "Copy Report");
    await surfaces.run("findOutWhy", link);

    assert.match(surfaces.texts("notification").join("\n"), /^The report was copied\./);
    const report = await vscode.env.clipboard.readText();
    assert.match(report, /This report contains addresses/);
    assert.match(report, new RegExp(`127\\.0\\.0\\.1:${server.port}`));
    for (const secret of [token, fingerprint, tls.fingerprint, "parley-chat.parley"])
      assert.ok(!report.includes(secret), report);
  });

  it("copies the one command that it shows, and says what it is for", async () => {
    const surfaces = await start();
    surfaces.clicking = (_text, buttons) => buttons.find((button) => button === "Copy Command");
    await surfaces.run("findOutWhy", `127.0.0.1:${await freePort()}`);

    const command = await vscode.env.clipboard.readText();
    const detail = surfaces.texts("modal detail").join("\n");
    assert.ok(detail.split("\n").includes(command), detail);
    assert.equal(detail.match(/^On .*:$/gm)?.length, 1, detail);
    assert.match(detail, /The report has more commands/);
    assert.deepEqual(surfaces.texts("pick label"), []);
    const [said = ""] = surfaces.texts("notification").slice(-1);
    assert.match(said, /^The command was copied\. On the host's computer/);
    assert.ok(said.endsWith(command), said);
  });

  it("shows the result again after a copy, for whoever wants to go on reading", async () => {
    const surfaces = await start();
    const presses = ["Copy Report", "Show Result", undefined];
    surfaces.clicking = (_text, buttons) => {
      const press = presses.shift();
      return buttons.find((button) => button === press);
    };
    await surfaces.run("findOutWhy", `127.0.0.1:${await freePort()}`);
    assert.equal(surfaces.texts("modal").length, 2);
  });

  it("says to who hosts no server any more what has the port they hosted on", async () => {
    const surfaces = await start();
    const port = await freePort();
    await surfaces.run("hostServer", { scope: "machine", port });
    await surfaces.run("stopServer", { force: true });
    surfaces.picking = (labels) => labels.findIndex((label) => label.includes("want to host"));
    await surfaces.run("findOutWhy");
    assert.match(surfaces.texts("modal").join("\n"), /is not hosting a server now/);
    assert.match(surfaces.texts("modal detail").join("\n"), new RegExp(`127\\.0\\.0\\.1:${port}`));
    assert.deepEqual(surfaces.texts("pick placeholder").slice(-1), ["What does not work?"]);
  });

  it("says to someone who is in the chat that they are, and what helps someone else", async () => {
    const surfaces = await start();
    const server = await startScripted();
    const joined = surfaces.run("join", `irc://127.0.0.1:${server.port}`);
    const peer = await server.accept();
    await peer.letIn(await peer.welcome(), "#general");
    await joined;
    const asked = surfaces.run("findOutWhy");
    const probed = await server.accept();
    await probed.command("CAP");
    probed.send(":irc.test CAP * LS :server-time");
    await asked;
    assert.match(surfaces.texts("modal").join("\n"), /You are connected to the server at 127/);
    assert.match(surfaces.texts("modal detail").join("\n"), /someone else cannot join/);
    assert.deepEqual(surfaces.texts("button").slice(-2), ["Copy Report", "Run Again"]);
  });

  it("looks again when asked to", async () => {
    const surfaces = await start();
    let count = 0;
    surfaces.clicking = (_text, buttons) =>
      count++ === 0 ? buttons.find((button) => button === "Run Again") : undefined;
    await surfaces.run("findOutWhy", `127.0.0.1:${await freePort()}`);
    assert.equal(surfaces.texts("modal").length, 2);
  });

  it("can be canceled, and then shows nothing", async () => {
    const surfaces = await start();
    surfaces.isImpatient = true;
    await surfaces.run("findOutWhy", `127.0.0.1:${await startProgram("")}`);
    assert.deepEqual(surfaces.texts("modal"), []);
  });

  it("is a button where a join has failed, and what was typed stays", async () => {
    const surfaces = await start();
    const port = await startProgram("SSH-2.0-OpenSSH_9.2\r\n");
    surfaces.pressing = true;
    const events: string[] = [];
    surfaces.typing = ({ value }) => void events.push(`asked again with ${value}`);
    surfaces.clicking = (text) => {
      if (text.includes("SSH server")) events.push("told");
      return undefined;
    };
    await surfaces.run("join", `127.0.0.1:${port}`);
    assert.deepEqual(surfaces.texts("input button"), ["Find Out Why"]);
    assert.deepEqual(events, ["told", `asked again with 127.0.0.1:${port}`]);
  });

  it("is offered to those who give up waiting", async () => {
    const surfaces = await start();
    const port = await freePort();
    const shown = new Promise<string>((resolve) => {
      surfaces.clicking = (text, buttons) => {
        if (buttons.includes("Run Again")) resolve(text);
        return buttons.find((button) => button === "Find Out Why");
      };
    });
    // Cancels when it is told that the next attempt comes later.
    surfaces.isImpatientAt = /Trying again/;
    await surfaces.run("join", `127.0.0.1:${port}`);
    surfaces.isImpatientAt = undefined;
    assert.match(await shown, /127\.0\.0\.1/);
  });

  it("looks at the server that is being joined, while that goes on", async () => {
    const surfaces = await start();
    const port = await freePort();
    let told: (text: string) => void = () => undefined;
    const retrying = new Promise<void>((resolve) => {
      surfaces.reporting = (message) => {
        if (message.includes("Trying again")) resolve();
      };
    });
    const joining = surfaces.run("join", `127.0.0.1:${port}`);
    await retrying;
    const result = new Promise<string>((resolve) => (told = resolve));
    surfaces.clicking = (text) => {
      told(text);
      return undefined;
    };
    await surfaces.run("findOutWhy");
    assert.match(await result, /^127\.0\.0\.1 is this computer itself/);
    assert.deepEqual(surfaces.texts("pick label"), []);
    await surfaces.run("stopReconnecting");
    await joining;
  });

  it("says of a server that lets in only this computer that it does", async () => {
    const surfaces = await start();
    await surfaces.run("hostServer", { scope: "machine", port: await freePort() });
    await surfaces.run("findOutWhy");
    assert.match(surfaces.texts("modal").join("\n"), /lets in only this computer/);
    assert.match(surfaces.texts("modal detail").join("\n"), /“This network”/);
  });

  it("shows others' words as words", async () => {
    const surfaces = await start();
    const name = "a [fix](command:x) $(heart) \u202e";
    const server = await startScripted({ tls: await newCertificate(name) });
    const address = addressOf(server.port, { transport: "tls", fingerprint: "0".repeat(64) });
    await surfaces.run("findOutWhy", formatInvite(address));
    assert.ok(surfaces.texts("modal detail").length > 0);
    for (const one of surfaces.shown) assertInert(one);
  });
});
