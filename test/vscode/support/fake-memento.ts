import type * as vscode from "vscode";

/** Secrets that are never kept. */
export const noSecrets = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

/** Keeps what it is given for as long as it lives. */
export class FakeMemento implements vscode.Memento {
  private readonly values = new Map<string, unknown>();
  keys(): readonly string[] {
    return [...this.values.keys()];
  }
  get<T>(key: string, fallback?: T): T {
    return (this.values.get(key) ?? fallback) as T;
  }
  update(key: string, value: unknown): Promise<void> {
    // As VS Code does: what is kept is JSON.
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
}
