// What somebody sees who has just installed Parley.
import { strict as assert } from "node:assert";
import { showFirstWindow } from "../../src/extension/first-window.js";
import { FakeMemento } from "./support/fake-memento.js";
import { Surfaces } from "./support/surfaces.js";
import type * as vscode from "vscode";

const OPEN = ["workbench.view.extension.parley", "workbench.action.openWalkthrough"];

/** Which of VS Code's commands a window runs. */
async function opened(memento: vscode.Memento, isWanted = true): Promise<string[]> {
  const surfaces = new Surfaces();
  const run: string[] = [];
  for (const command of OPEN) surfaces.commands.set(command, () => run.push(command));
  const first = showFirstWindow(memento, () => isWanted, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  first.dispose();
  return run;
}

describe("the first window", () => {
  it("shows Parley's views and the walkthrough, once", async () => {
    const memento = new FakeMemento();

    assert.deepEqual(await opened(memento), OPEN);
    assert.deepEqual(await opened(memento), []);
  });

  it("shows neither to people who want no walkthrough, or have come by an invite link", async () => {
    const memento = new FakeMemento();

    assert.deepEqual(await opened(memento, false), []);
    assert.deepEqual(await opened(memento), []);
  });

  it("that closes at once has shown nothing: the next one does", async () => {
    const memento = new FakeMemento();
    showFirstWindow(memento, () => true, 1000).dispose();

    assert.deepEqual(await opened(memento), OPEN);
  });
});
