// What the person has done at least once: the walkthrough ticks its steps by it. VS Code ticks a step when its context key
// becomes true while it knows the walkthrough, which it does from the first time a window shows its welcome page. A key that is
// true by then never ticks anything in that window. So the keys are false until a welcome page has been there for a moment.
import * as vscode from "./vscode.js";
import { Disposable } from "./disposable.js";
import { hasWelcomePage, onDidChangeTabs } from "./ui/welcome-page.js";

const ALL = ["hasHosted", "hasInvited", "hasJoined", "hasSpoken", "hasProfile"] as const;

export type Milestone = (typeof ALL)[number];

const KEY = "milestones";
/** A page that has just been opened is still being made, and its walkthroughs are read meanwhile. */
const SETTLE_MS = 1500;

export class Milestones extends Disposable {
  private readonly reached: Set<string>;
  /** Whether VS Code reacts to the keys. */
  private isWatched = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly memento: vscode.Memento) {
    super();
    this.reached = new Set(memento.get<readonly string[]>(KEY));
    this.publishAll();
    this.register(
      onDidChangeTabs((isWelcomePage) => {
        this.look(isWelcomePage);
      }),
    );
    this.look(hasWelcomePage());
  }

  reach(milestone: Milestone): void {
    if (this.reached.has(milestone)) return;
    this.reached.add(milestone);
    this.publish(milestone);
    void this.memento.update(KEY, [...this.reached]);
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }

  private look(isWelcomePage: boolean): void {
    if (!isWelcomePage) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.watch(false);
    } else if (!this.isWatched)
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.watch(true);
      }, SETTLE_MS);
  }

  private watch(isWatched: boolean): void {
    if (isWatched === this.isWatched) return;
    this.isWatched = isWatched;
    this.publishAll();
  }

  private publishAll(): void {
    for (const milestone of ALL) if (this.reached.has(milestone)) this.publish(milestone);
  }

  private publish(milestone: Milestone): void {
    void vscode.commands.executeCommand("setContext", `parley.${milestone}`, this.isWatched);
  }
}
