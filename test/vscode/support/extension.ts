// The extension as VS Code has loaded it.
import * as vscode from "vscode";

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** The names of the manifest's commands. */
export function manifestCommands(): string[] {
  const manifest = parley().packageJSON as Manifest;
  return manifest.contributes.commands.map(({ command }) => command);
}

export function parley(): vscode.Extension<unknown> {
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
