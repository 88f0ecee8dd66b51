// The extension as VS Code has loaded it.
import * as vscode from "vscode";

export interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

export function parley(): vscode.Extension<unknown> & { readonly packageJSON: Manifest } {
  const extension = vscode.extensions.getExtension("parley-chat.parley");
  if (extension === undefined) throw new Error("VS Code has not loaded the extension");
  return extension;
}

/** Sets this person's settings for a test. */
export async function setSetting(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration("parley")
    .update(key, value, vscode.ConfigurationTarget.Global);
}
