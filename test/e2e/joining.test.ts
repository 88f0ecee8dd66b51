// What a person who joins gets wrong, or the network does, and what they are told.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { onCleanup } from "../support/cleanup.js";
import { startHeadlessServer, type HeadlessServer } from "../support/headless-server.js";
import { Peer, SocketLink } from "../support/peer.js";
import { freePort } from "../support/ports.js";
import { enterAddress, part, people, type Person } from "./people.js";

const addressPrompt = /Invite link, or the host's address/;

describe("joining", () => {
  let bob: Person;

  before(async () => {
    ({ bob } = await people());
  });

  afterEach(async () => {
    await part(await people());
  });

  /** The headless server on a port of its own, ended after the test. */
  async function serve(...args: readonly string[]): Promise<HeadlessServer> {
    const server = await startHeadlessServer(
      args.includes("--listen") ? args : ["--listen", "127.0.0.1:0", ...args],
    );
    onCleanup(() => server.stop());
    return server;
  }

  async function trust(): Promise<void> {
    const question = bob.window.question(/Trust this server\?/);
    await question.getByRole("button", { name: "Trust and Join" }).click();
  }

  it("a port out of range is told before anything is tried, and stays in the box", async () => {
    await bob.window.runCommand("Chat: Join");
    await bob.window.answer(addressPrompt, "host:99999");

    const box = await bob.window.inputBox(/The port must be between 1 and 65535/);
    assert.equal(await box.inputValue(), "host:99999");
  });

  it("something that is no chat server is named as such, and the address is kept", async () => {
    const http = createServer((_request, response) => response.end("a web page"));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    onCleanup(() => void http.close());
    const address = `127.0.0.1:${(http.address() as AddressInfo).port}`;
    await enterAddress(bob, address, "bob");

    const box = await bob.window.inputBox(/is not a chat server\. Check the address/);
    assert.equal(await box.inputValue(), address);
  });

  it("a computer that does not exist is named, and the address is kept", async () => {
    await enterAddress(bob, "no-such-computer.invalid", "bob");

    const box = await bob.window.inputBox(/No computer named no-such-computer\.invalid/);
    assert.equal(await box.inputValue(), "no-such-computer.invalid");
  });

  it("an unknown certificate is asked for, then the password; a wrong one is told", async () => {
    const { port, fingerprint } = await serve("--password", "sesame");
    await enterAddress(bob, `127.0.0.1:${port}`, "bob");
    const question = bob.window.question(/Trust this server\?/);
    const print = (fingerprint.toUpperCase().match(/../g) ?? []).join(":");
    await question.filter({ hasText: print }).waitFor();
    await trust();
    await bob.window.answer(/The server's password/, "wrong");
    const box = await bob.window.inputBox(/did not accept the password/);
    await box.fill("sesame");
    await box.press("Enter");

    await bob.panel.composer("#general").waitFor();
  });

  it("a nick in use is told, with another one to take", async () => {
    const { port } = await serve();
    const other = await connectPeer(port);
    await other.register("bob");
    await enterAddress(bob, `irc://127.0.0.1:${port}`, "bob");
    const box = await bob.window.inputBox(/The nick bob is in use\. Choose another/);
    const suggested = await box.inputValue();
    await box.press("Enter");

    assert.notEqual(suggested, "bob");
    await bob.panel.composer("#general").waitFor();
    await bob.panel.user(suggested).waitFor();
  });

  it("whoever is early waits, sees for how long, and is in as soon as the host is up", async () => {
    const port = await freePort();
    await enterAddress(bob, `irc://127.0.0.1:${port}`, "bob");
    const progress = bob.window.notification(/No server is listening at .*Trying again in \d+ s/);
    await progress.waitFor();
    await serve("--listen", `127.0.0.1:${port}`);

    await bob.panel.composer("#general").waitFor();
    await progress.waitFor({ state: "hidden" });
  });

  it("waiting can be cancelled, and the form is as it was the next time", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await enterAddress(bob, address, "robert");
    const progress = bob.window.notification(/No server is listening at /);
    await progress.getByRole("button", { name: "Cancel" }).click();
    await bob.window.runCommand("Chat: Join");
    const box = await bob.window.inputBox(addressPrompt);
    assert.equal(await box.inputValue(), address);
    await box.press("Enter");

    const nick = await bob.window.inputBox(/Your nick/);
    assert.equal(await nick.inputValue(), "robert");
  });
});

/** An unencrypted connection of a raw peer. */
async function connectPeer(port: number): Promise<Peer> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  onCleanup(() => void socket.destroy());
  return new Peer(new SocketLink(socket));
}
