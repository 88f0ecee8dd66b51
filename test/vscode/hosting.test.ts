// The host's side, as others on the wire see it. One server for all tests: they follow each other.
import { strict as assert } from "node:assert";
import { connect, type TLSSocket } from "node:tls";
import * as vscode from "vscode";
import { parseAddress, type ServerAddress } from "../../src/client/address.js";
import { Peer, SocketLink } from "../support/peer.js";
import { isFree } from "../support/ports.js";
import { setSetting } from "./support/extension.js";

async function invite(): Promise<ServerAddress> {
  await vscode.commands.executeCommand("parley.copyInviteLink");
  const parsed = parseAddress(await vscode.env.clipboard.readText());
  assert.ok("address" in parsed, "the clipboard holds no invite link");
  return parsed.address;
}

function connectTo({ hosts, port }: ServerAddress): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hosts[0], port, rejectUnauthorized: false }, () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Resolves when the only tab has this title: VS Code tells of a change a moment after it was made. */
function onlyTab(title: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const titles = vscode.window.tabGroups.all.flatMap(({ tabs }) =>
        tabs.map((tab) => tab.label),
      );
      if (titles.join() !== title) return;
      subscription.dispose();
      resolve();
    };
    const subscription = vscode.window.tabGroups.onDidChangeTabs(look);
    look();
  });
}

describe("hosting", () => {
  let address: ServerAddress;
  let socket: TLSSocket;
  let bob: Peer;

  before(async () => {
    await setSetting("nick", "ann");
    await vscode.commands.executeCommand("parley.hostServer", { scope: "machine", port: 0 });
    address = await invite();
  });

  after(async () => {
    await vscode.commands.executeCommand("parley.stopServer", { force: true });
    socket.destroy();
    await setSetting("nick", undefined);
  });

  it("the panel is open on the room", () => onlyTab("#general"));

  it("the invite link names the certificate that is really shown", async () => {
    socket = await connectTo(address);
    bob = new Peer(new SocketLink(socket));

    const shown = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
    assert.equal(shown, address.fingerprint);
  });

  it("without the link's token nobody comes in", async () => {
    const stranger = new Peer(new SocketLink(await connectTo(address)));
    stranger.send("NICK eve", "USER eve 0 * :eve");

    await stranger.until(/ 464 /);
    stranger.link.end();
  });

  it("with it, a peer finds the host in the room", async () => {
    bob.send(`PASS ${address.token ?? ""}`);
    await bob.register("bob");
    bob.send("JOIN #general");

    const [names] = (await bob.until(/ 366 /)).filter((line) => line.includes(" 353 "));
    assert.match(names ?? "", /~ann/);
  });

  it("the host's nick is its installation's, which has logged in by its certificate", async () => {
    bob.send("WHOIS ann");

    const lines = await bob.until(/ 318 /);
    assert.ok(lines.some((line) => line.includes(" 330 bob ann ann ")));
  });

  it("hosting twice in one window is refused, and the first server stays", async () => {
    await vscode.commands.executeCommand("parley.hostServer", { scope: "machine", port: 0 });

    assert.deepEqual((await invite()).port, address.port);
    assert.deepEqual(await bob.roundtrip(), []);
  });

  it("stopping tells everybody, ends their connections and frees the port", async () => {
    const rest = bob.rest();
    await vscode.commands.executeCommand("parley.stopServer", { force: true });

    const lines = await rest;
    assert.match(lines.at(-1) ?? "", /^ERROR :.*The host stopped the server/);
    assert.ok(lines.some((line) => / (NOTE|NOTICE) .*The host stopped the server/.test(line)));
    assert.ok(await isFree(address.port));
  });

  it("the panel stays, without a conversation", () => onlyTab("Parley"));
});
