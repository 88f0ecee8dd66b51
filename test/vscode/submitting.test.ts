// What becomes of a text that was typed into the panel.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import type { SubmitResult } from "../../src/bridge/protocol.js";
import { parseAddress } from "../../src/client/address.js";
import { ChatService } from "../../src/extension/chat-service.js";
import { Connector } from "../../src/extension/connector.js";
import { KnownServers } from "../../src/extension/known-servers.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { submit } from "../../src/extension/panel-actions.js";
import { Secrets } from "../../src/extension/secrets.js";
import { setSetting } from "./support/extension.js";
import { FakeMemento, noSecrets } from "./support/fake-memento.js";

const room = "#general";

/** Bob's chat, connected to the server that this window hosts. */
async function joinAsBob(log: vscode.LogOutputChannel): Promise<ChatService> {
  await vscode.commands.executeCommand("parley.copyInviteLink");
  const parsed = parseAddress(await vscode.env.clipboard.readText());
  assert.ok("address" in parsed, "the clipboard holds no invite link");
  const memento = new FakeMemento();
  const chat = new ChatService(new NetworkMemory(memento, noSecrets));
  const noKeyRing = { get: () => Promise.resolve(undefined) } as unknown as vscode.SecretStorage;
  const known = new KnownServers(memento, new Secrets(noKeyRing, () => undefined));
  const guest = { get: () => Promise.resolve(undefined) };
  const connector = new Connector(chat, known, guest, log);
  const { session, network } = await connector.create({
    address: parsed.address,
    nick: "bob",
    password: undefined,
  });
  await chat.adopt(session, network);
  session.start();
  return chat;
}

/** Resolves as soon as `holds` says so; looked at whenever the chat changes. */
function when(chat: ChatService, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      subscription.dispose();
      resolve();
    };
    const subscription = chat.onDidChange(look);
    look();
  });
}

function said(chat: ChatService): string[] {
  const entries = chat.state?.buffers.get(room)?.entries ?? [];
  return entries.flatMap((entry) =>
    entry.kind === "message" ? [`${entry.status} ${entry.nick}: ${entry.text}`] : [],
  );
}

/** Why a text was refused; empty when it was not. */
function refusal(result: SubmitResult): string {
  return result.accepted ? "" : (result.error ?? "");
}

describe("submitting", () => {
  let log: vscode.LogOutputChannel;
  let bob: ChatService;

  before(async () => {
    log = vscode.window.createOutputChannel("Parley test", { log: true });
    await setSetting("nick", "ann");
    await vscode.commands.executeCommand("parley.hostServer", { scope: "machine", port: 0 });
    bob = await joinAsBob(log);
    await when(bob, () => bob.isOnline && bob.current === room);
  });

  after(async () => {
    await bob.leave();
    bob.dispose();
    log.dispose();
    await vscode.commands.executeCommand("parley.stopServer", { force: true });
    await setSetting("nick", undefined);
    await setSetting("composer.quitWord", undefined);
  });

  it("a message is shown at once, and confirmed by the server", async () => {
    assert.deepEqual(await submit(bob, room, "hello"), { accepted: true });
    assert.deepEqual(said(bob), ["pending bob: hello"]);

    await when(bob, () => said(bob).join() === "sent bob: hello");
  });

  it("blank text is not sent, and says nothing about it", async () => {
    assert.deepEqual(await submit(bob, room, " \n "), { accepted: false, error: undefined });
  });

  it("a text that begins with two slashes is sent with one", async () => {
    await submit(bob, room, "//etc is a folder");

    await when(bob, () => said(bob).at(-1) === "sent bob: /etc is a folder");
  });

  it("an unknown command is refused with the nearest one, and is not sent", async () => {
    const before = said(bob);
    const result = await submit(bob, room, "/jion #design");

    assert.match(refusal(result), /\/join/);
    assert.deepEqual(said(bob), before);
  });

  it("a bare quit is a message for whoever wants that", async () => {
    await setSetting("composer.quitWord", "send");
    await submit(bob, room, "quit");

    await when(bob, () => said(bob).at(-1) === "sent bob: quit");
  });

  it("in a room one has left, the text is kept and the way back is told", async () => {
    void bob.session?.join("#design");
    await when(bob, () => bob.state?.buffers.get("#design")?.joined === true);
    bob.session?.part("#design");
    await when(bob, () => bob.state?.buffers.get("#design")?.joined !== true);
    const result = await submit(bob, "#design", "too late");

    assert.match(refusal(result), /\/join #design/);
  });

  it("while nothing is connected, the text is kept", async () => {
    const nobody = new ChatService(new NetworkMemory(new FakeMemento(), noSecrets));
    const result = await submit(nobody, room, "hello?");
    nobody.dispose();

    assert.match(refusal(result), /draft is saved/);
  });
});
