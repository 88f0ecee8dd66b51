import type * as vscode from "./vscode.js";

/**
 * Secrets in VS Code's SecretStorage. Where the system's key ring refuses, they are kept for this session only,
 * and `onDegraded` is called once: a refused key ring must not keep anyone from talking.
 */
export class Secrets {
  private readonly session = new Map<string, string>();
  private degraded = false;

  constructor(
    private readonly storage: vscode.SecretStorage,
    private readonly onDegraded: (error: unknown) => void,
  ) {}

  async get(key: string): Promise<string | undefined> {
    const known = this.session.get(key);
    if (known !== undefined) return known;
    try {
      return await this.storage.get(key);
    } catch (error) {
      this.degrade(error);
      return undefined;
    }
  }

  async set(key: string, value: string): Promise<void> {
    try {
      await this.storage.store(key, value);
    } catch (error) {
      this.session.set(key, value);
      this.degrade(error);
    }
  }

  async delete(key: string): Promise<void> {
    this.session.delete(key);
    try {
      await this.storage.delete(key);
    } catch (error) {
      this.degrade(error);
    }
  }

  private degrade(error: unknown): void {
    if (this.degraded) return;
    this.degraded = true;
    this.onDegraded(error);
  }
}
