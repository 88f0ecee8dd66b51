// What a host sees and does: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { open, readdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { parseAddress } from "../../src/client/address.js";
import { onCleanup } from "../support/cleanup.js";
import { freePort, isFree } from "../support/ports.js";
import { answerNick, join, part, people, type Person } from "./people.js";

describe("hosting", () => {
  let ann: Person;
  let bob: Person;
  let port = 0;

  before(async () => {
    ({ ann, bob } = await people());
    await ann.window.showViews();
  });

  after(async () => part(await people()));

  const client = (nick: string) =>
    ann.window
      .tree("Server")
      .getByRole("treeitem", { name: new RegExp(`^${nick} 127\\.0\\.0\\.1`) });

  it("a port that is no number, and one out of range, are told apart before anything starts", async () => {
    await ann.window.runCommand("Chat: Host Server");
    await ann.window.pick(/Who can join/, "Only this computer (for trying it out)");
    await ann.window.answer(/Port to listen/, "nine");
    await ann.window.answer(/Enter a port number/, "70000");

    const box = await ann.window.inputBox(/must be between 0 and 65535/);
    assert.equal(await box.inputValue(), "70000");
  });

  it("a port in use is told, and another one can be given at once", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    onCleanup(() => void other.close());
    const taken = (other.address() as AddressInfo).port;
    await ann.window.answer(/must be between 0 and 65535/, String(taken));
    const complaint = /in use by another program\. Choose another port/;
    await answerNick(ann, "ann", ann.window.page.getByText(complaint).first());
    const box = await ann.window.inputBox(complaint);
    assert.equal(await box.inputValue(), String(taken));
    await box.fill("0");
    await box.press("Enter");

    await ann.panel.composer("#general").waitFor();
  });

  it("the Server view shows the address and everyone connected", async () => {
    const invite = await ann.window.copyInviteLink();
    const parsed = parseAddress(invite);
    assert.ok("address" in parsed);
    ({ port } = parsed.address);
    await join(bob, invite, "bob");

    await ann.window.tree("Server").getByText(`127.0.0.1:${port}`).waitFor();
    await client("ann").waitFor();
    await client("bob").waitFor();
  });

  it("somebody is disconnected from there, and reads why", async () => {
    await client("bob").hover();
    await client("bob").getByRole("button", { name: "Disconnect Someone…" }).click();
    await ann.window.answer(/Reason shown to them/, "lunch time");

    await bob.panel.alert
      .filter({ hasText: "You were disconnected by the host: lunch time" })
      .waitFor();
    await client("bob").waitFor({ state: "hidden" });
  });

  it("and comes back with one click", async () => {
    await bob.panel.button("Try Again").click();

    await client("bob").waitFor();
    await bob.panel.alert.waitFor({ state: "hidden" });
  });

  it("stopping asks first, because somebody is there", async () => {
    await ann.window.runCommand("Chat: Stop Server");
    const question = ann.window.question(/Stop the server\? 1 person will be disconnected/);
    await question.getByRole("button", { name: "Cancel" }).click();
    await bob.panel.say("#general", "still here");

    await ann.panel.message("bob", "still here").waitFor();
  });

  it("stopped, the others read that the host stopped, and the port is free", async () => {
    await ann.window.runCommand("Chat: Stop Server");
    const question = ann.window.question(/Stop the server\? 1 person will be disconnected/);
    await question.getByRole("button", { name: "Stop Server" }).click();

    await bob.panel.alert.filter({ hasText: "The host stopped the server." }).waitFor();
    await bob.panel.message("bob", "still here").waitFor();
    assert.ok(await isFree(port));
    assert.equal(await ann.window.offersCommand("Chat: Stop Server"), false);
  });
});

describe("a host whose window reloads, on a port that was picked for them", () => {
  let ann: Person;
  let bob: Person;

  before(async () => {
    ({ ann, bob } = await people());
    await ann.window.runCommand("Chat: Host Server");
    await ann.window.pick(/Who can join/, "Only this computer (for trying it out)");
    await ann.window.answer(/Port to listen/, "0");
    await answerNick(ann, "ann", ann.panel.composer("#general"));
    await join(bob, await ann.window.copyInviteLink(), "bob");
    await bob.panel.say("#general", "before the reload");
    await ann.panel.message("bob", "before the reload").waitFor();
  });

  after(async () => part(await people()));

  it("hosts again by itself, with what was said before", async () => {
    await ann.window.reload();

    await ann.panel.message("bob", "before the reload").waitFor();
  });

  it("has everybody back without anybody doing anything", async () => {
    await bob.panel.alert.waitFor({ state: "hidden" });
    await ann.panel.user("bob").waitFor();
    await bob.panel.say("#general", "that was quick");

    await ann.panel.message("bob", "that was quick").waitFor();
  });
});

describe("a host whose history is damaged", () => {
  let ann: Person;
  let port: number;

  const host = async () => {
    await ann.window.runCommand("Chat: Host Server");
    await ann.window.pick(/Who can join/, "Only this computer (for trying it out)");
    await ann.window.answer(/Port to listen/, String(port));
    await answerNick(ann, "ann", ann.panel.composer("#general"));
  };

  before(async () => {
    ({ ann } = await people());
    port = await freePort();
    await host();
    await part(await people());
    const files = await readdir(ann.window.directory, { recursive: true });
    const file = files.find((name) => name.endsWith(path.join(String(port), "parley.sqlite")));
    assert.ok(file !== undefined);
    const damaged = await open(path.join(ann.window.directory, file), "r+");
    await damaged.write(Buffer.alloc(100));
    await damaged.close();
  });

  after(async () => part(await people()));

  it("is told so, with where the damaged file is, and hosts all the same", async () => {
    await host();

    const problem = ann.window.notification(/The chat server reports a problem: .* is damaged/);
    await problem.filter({ hasText: `parley.sqlite.damaged-` }).waitFor();
    await problem.getByRole("button", { name: "Show Log" }).waitFor();
    await ann.panel.say("#general", "all the same");
    await ann.panel.message("ann", "all the same").waitFor();
  });
});
