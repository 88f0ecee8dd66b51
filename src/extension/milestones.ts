// What the person has done at least once: the walkthrough ticks its steps by it. VS Code looks at events only from the first
// time it shows a walkthrough in a window, so each milestone is a context key that is kept, and stays true.
import * as vscode from "./vscode.js";

const ALL = ["hasHosted", "hasInvited", "hasJoined", "hasSpoken", "hasProfile"] as const;

export type Milestone = (typeof ALL)[number];

const KEY = "milestones";

export class Milestones {
  private readonly reached: Set<string>;

  constructor(private readonly memento: vscode.Memento) {
    this.reached = new Set(memento.get<readonly string[]>(KEY));
    for (const milestone of ALL) if (this.reached.has(milestone)) publish(milestone);
  }

  reach(milestone: Milestone): void {
    if (this.reached.has(milestone)) return;
    this.reached.add(milestone);
    publish(milestone);
    void this.memento.update(KEY, [...this.reached]);
  }
}

function publish(milestone: Milestone): void {
  void vscode.commands.executeCommand("setContext", `parley.${milestone}`, true);
}
