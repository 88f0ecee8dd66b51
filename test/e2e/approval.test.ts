// A host who lets people in one by one: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { enterAddress, host, part, people, type Person } from "./people.js";

describe("a host who lets people in", () => {
  let ann: Person;
  let bob: Person;
  let invite: string;

  before(async () => {
    ({ ann, bob } = await people());
    await ann.window.showViews();
  });

  after(async () => {
    await ann.window.set({ "parley.approveToJoin": false });
    await part(await people());
  });

  const server = () => ann.window.tree("Server");
  const waiting = () => server().getByRole("treeitem", { name: /^bob 127\.0\.0\.1(?!:)/ });

  it("turns that on while the server runs", async () => {
    invite = await host(ann);
    assert.equal(await ann.window.offersCommand("Chat: Approve"), false);
    await ann.window.runCommand("Chat: Require Approval to Join");
    await server()
      .getByRole("treeitem", { name: /^Approval needed/ })
      .waitFor();
  });

  it("is told who wants to join, who reads that they wait and says a line", async () => {
    await enterAddress(bob, invite, "bob");
    await bob.panel.text("Waiting for the host's approval…").first().waitFor();
    await bob.window.notification(/^Joining /).waitFor({ state: "hidden" });
    await ann.window.notification(/bob \(127\.0\.0\.1\) wants to join\./).waitFor();
    await bob.panel.lineToHost.fill("it is me");
    await bob.panel.button("Send").click();

    await bob.panel.text("The host reads: “it is me”").waitFor();
    await server()
      .getByRole("treeitem", { name: /^Waiting \(1\)/ })
      .waitFor();
    await waiting()
      .filter({ hasText: /“it is me”/ })
      .waitFor();
  });

  it("has all of it in the notification, which stays while they wait and goes when they go", async () => {
    const notification = ann.window.notification(/bob .* wants to join: “it is me”/);
    await notification.getByRole("link", { name: "Approve and Remember" }).waitFor();
    await notification.getByRole("link", { name: "Deny and Ban…" }).waitFor();
    await notification.getByRole("link", { name: "Deny…" }).click();
    await (await ann.window.inputBox(/Reason shown to them/)).press("Escape");
    await notification.waitFor();
    await bob.panel.button("Cancel").click();
    await notification.waitFor({ state: "hidden" });
    await enterAddress(bob, invite, "bob");
    await notification.waitFor({ state: "hidden" });
    await ann.window.notification(/bob \(127\.0\.0\.1\) wants to join\./).waitFor();
  });

  it("denies them from the view, and they read why", async () => {
    await waiting().hover();
    await waiting().getByRole("button", { name: "Deny…" }).click();
    await ann.window.answer(/Reason shown to them/, "not today");

    await bob.panel.alert.filter({ hasText: "did not let you in: not today" }).waitFor();
    await waiting().waitFor({ state: "hidden" });
    await ann.window.notification(/wants to join/).waitFor({ state: "hidden" });
  });

  it("finds them waiting again when they ask again and reload the window meanwhile", async () => {
    await bob.panel.button("Try Again").click();
    await waiting().waitFor();
    await ann.window.notification(/bob .* wants to join\. .*; denied before\)/).waitFor();
    await bob.window.reload();
    // Of the connection that the window had before.
    await ann.window.notification(/wants to join/).waitFor({ state: "hidden" });
    await bob.panel.text("Waiting for the host's approval…").first().waitFor();
    await server()
      .getByRole("treeitem", { name: /^Waiting \(1\)/ })
      .waitFor();
  });

  it("lets them in from the view, and both talk", async () => {
    await waiting().hover();
    await waiting().getByRole("button", { name: "Approve" }).click();

    await bob.panel.composer("#general").waitFor();
    await ann.panel.user("bob").waitFor();
    await bob.panel.say("#general", "thank you");
    await ann.panel.message("bob", "thank you").waitFor();
  });

  it("does not have to let them in again when they reload the window", async () => {
    await bob.window.reload();
    await bob.panel.composer("#general").waitFor();
    await bob.panel.message("bob", "thank you").waitFor();
  });
});
