import type * as vscode from "./vscode.js";

/** Something with parts that end when it ends. */
export class Disposable implements vscode.Disposable {
  private readonly parts: vscode.Disposable[] = [];
  protected isDisposed = false;

  /** Ends `part` together with this; at once, if this has ended already. */
  protected register<T extends vscode.Disposable>(part: T): T {
    if (this.isDisposed) part.dispose();
    else this.parts.push(part);
    return part;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    for (const part of this.parts.splice(0).reverse()) part.dispose();
  }
}
