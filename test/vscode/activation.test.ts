import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { manifestCommands, parley } from "./support/extension.js";

// Read before any test of any file runs: they use what activates the extension.
const wasActive = parley().isActive;

describe("activation", () => {
  it("a window in which nobody chats does not run the extension", () => {
    assert.equal(wasActive, false);
  });

  it("the first use activates it, and every command of the manifest exists", async function () {
    const extension = parley();
    const started = performance.now();
    await extension.activate();
    const took = performance.now() - started;

    const known = await vscode.commands.getCommands(true);
    const missing = manifestCommands().filter((command) => !known.includes(command));
    assert.deepEqual(missing, []);
    // For the report: a slow machine is no failure.
    if (this.test !== undefined) this.test.title += ` (activated in ${took.toFixed(0)} ms)`;
  });
});
