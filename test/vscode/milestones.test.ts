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

  // VS Code never ticks a step whose key is true when it first reads the walkthrough: test/e2e looks at what it ticks.
  it("is told what was done in an earlier window, but not before it is on screen", () => {
    const told: unknown[] = [];
    new Surfaces().commands.set("setContext", (key, value) => told.push([key, value]));
    const memento = new FakeMemento();
    for (let i = 0; i < 2; i++) {
      const milestones = new Milestones(memento);
      milestones.reach("hasHosted");
      milestones.dispose();
    }
    assert.deepEqual(told, [
      ["parley.hasHosted", false],
      ["parley.hasHosted", false],
    ]);
  });
});
