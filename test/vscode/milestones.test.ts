// What ticks the steps of the walkthrough.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { Milestones, type Milestone } from "../../src/extension/milestones.js";
import { FakeMemento } from "./support/fake-memento.js";
import { Surfaces } from "./support/surfaces.js";

interface Walkthrough {
  readonly steps: readonly { readonly completionEvents: readonly string[] }[];
}

function stepEvents(): string[] {
  const manifest = vscode.extensions.getExtension("parley-chat.parley")?.packageJSON as {
    readonly contributes: { readonly walkthroughs: readonly Walkthrough[] };
  };
  return manifest.contributes.walkthroughs.flatMap(({ steps }) =>
    steps.flatMap(({ completionEvents }) => completionEvents),
  );
}

describe("the walkthrough", () => {
  const all: readonly Milestone[] = [
    "hasHosted",
    "hasInvited",
    "hasJoined",
    "hasSpoken",
    "hasProfile",
  ];

  it("has a step for each milestone", () => {
    assert.deepEqual(
      stepEvents(),
      all.map((milestone) => `onContext:parley.${milestone}`),
    );
  });

  it("finds what was done in an earlier window done", () => {
    const keys: unknown[] = [];
    new Surfaces().commands.set("setContext", (key) => keys.push(key));
    const memento = new FakeMemento();
    new Milestones(memento).reach("hasHosted");
    new Milestones(memento).reach("hasHosted");
    assert.deepEqual(keys, ["parley.hasHosted", "parley.hasHosted"]);
  });
});
