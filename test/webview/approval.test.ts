import assert from "node:assert/strict";
import { panels } from "./support/panel.js";
import { nothing, view } from "./support/views.js";

const waiting = {
  phase: "approval",
  text: "Waiting for the host's approval…",
  saidLine: undefined,
} as const;

describe("someone who has to be let in", () => {
  const open = panels();

  it("reads that they wait, says one line to the host, and sees what the host reads", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    await page.getByRole("heading", { name: "Waiting for the host's approval…" }).waitFor();
    const box = page.getByRole("textbox", { name: "One line to the host" });
    await box.fill("it is me");
    await box.press("Enter");
    await page.getByRole("button", { name: "Send" }).waitFor();
    assert.deepEqual(host.knocked, ["it is me"]);
    host.show({ ...nothing, connection: { ...waiting, saidLine: "it is me" } });
    await page.getByText("The host reads: “it is me”").waitFor();
    await box.waitFor({ state: "detached" });
  });

  it("keeps what they typed when the host did not get it, and reads why", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    host.knockError = "The server did not answer. Try again.";
    const box = page.getByRole("textbox", { name: "One line to the host" });
    await box.fill("it is me");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").getByText("The server did not answer. Try again.").waitFor();
    assert.equal(await box.inputValue(), "it is me");
    await box.fill("it is me!");
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  it("keeps a line that is too long whole, says the limit, and sends it once it is shorter", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    const box = page.getByRole("textbox", { name: "One line to the host" });
    await box.fill("é".repeat(300));
    const problem = "The host can read at most 300 bytes. Shorten your line by 300.";
    await page.getByRole("alert").getByText(problem).waitFor();
    await box.press("Enter");
    assert.equal(await box.inputValue(), "é".repeat(300));
    await box.fill("é".repeat(150));
    await page.getByRole("alert").waitFor({ state: "detached" });
    await box.press("Enter");
    await page.getByRole("button", { name: "Send" }).waitFor();
    assert.deepEqual(host.knocked, ["é".repeat(150)]);
  });

  it("who is banned is not asked to try again first", async () => {
    const text = "You are banned from chat.example until the host lifts that.";
    const connection = { phase: "closed", cause: "banned", text } as const;
    const { page } = await open({ view: { ...nothing, connection } });
    const alert = page.getByRole("alert");
    await alert.getByRole("button", { name: "Try Again" }).waitFor();
    const labels = await alert.locator("vscode-button").allTextContents();
    assert.deepEqual(
      labels.map((label) => label.trim()),
      ["Join…", "Try Again"],
    );
  });

  it("who meets a changed certificate sees both, and is not asked to try again first", async () => {
    const connection = {
      phase: "closed",
      cause: "certificate-changed",
      text: "The certificate of chat.example is not the one Parley expects.",
      facts: [
        { name: "Expected", value: "AA:BB" },
        { name: "Found", value: "CC:DD" },
      ],
    } as const;
    const { page } = await open({ view: { ...nothing, connection } });
    const alert = page.getByRole("alert");
    await alert.getByText("AA:BB").waitFor();
    assert.match((await alert.innerText()).replace(/\s+/g, " "), /Expected: AA:BB Found: CC:DD/);
    const labels = await alert.locator("vscode-button").allTextContents();
    assert.deepEqual(
      labels.map((label) => label.trim()),
      ["Join…", "Find Out Why", "Try Again"],
    );
  });

  it("sends nothing that is empty", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    const box = page.getByRole("textbox", { name: "One line to the host" });
    await box.fill("  ");
    await page.getByRole("button", { name: "Send" }).click();
    await box.fill("now");
    await box.press("Enter");
    await page.getByRole("button", { name: "Send" }).waitFor();
    assert.deepEqual(host.knocked, ["now"]);
  });

  it("sends nothing by the Enter that ends a word of an input method", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    const box = page.getByRole("textbox", { name: "One line to the host" });
    await box.fill("かな");
    await box.evaluate((input) => {
      input.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true }),
      );
    });
    await box.fill("かな!");
    await box.press("Enter");
    await page.getByRole("button", { name: "Send" }).waitFor();

    assert.deepEqual(host.knocked, ["かな!"]);
  });

  it("can give up", async () => {
    const { page, host } = await open({ view: { ...nothing, connection: waiting } });
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await host.next("runCommand")).command, "parley.leave");
  });

  it("goes on reading the conversation they were in before the connection was lost", async () => {
    const { page } = await open({ view: { ...view, connection: waiting } });
    await page.getByRole("heading", { name: "Waiting for the host's approval…" }).waitFor();
    await page.getByRole("log", { name: "#general" }).waitFor();
  });

  it("has what the host's server says shown as text", async () => {
    const saidLine = "<b>x</b>\u202eexe";
    const { page } = await open({ view: { ...nothing, connection: { ...waiting, saidLine } } });
    await page.getByText("The host reads: “<b>x</b>").waitFor();
    assert.ok(!(await page.getByText("The host reads").textContent())?.includes("\u202e"));
  });
});
