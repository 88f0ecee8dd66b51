// The way around ui/ is closed: whoever takes it fails the lint or the types, and with them `npm test`.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";

const root = path.resolve(import.meta.dirname, "../..");

describe("text on VS Code's surfaces", () => {
  // The rules that keep it need no types; those that do would take a minute.
  const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

  async function refusals(code: string, file: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
    return (result?.messages ?? [])
      .filter(({ severity }) => severity === 2)
      .map(({ ruleId }) => ruleId ?? "")
      .filter((rule) => /restricted|require/.test(rule));
  }

  for (const code of [
    'import * as vscode from "vscode"; void vscode.window.showErrorMessage("x");',
    'import { window } from "vscode"; void window.showErrorMessage("x");',
    'import { window as w } from "vscode"; void w.showErrorMessage("x");',
    'import vscode from "vscode"; void vscode.window;',
    'import type * as vscode from "vscode"; export type X = vscode.Uri;',
    'import { type Uri } from "vscode"; export type X = Uri;',
    'import "vscode";',
    'export { window } from "vscode";',
    'export * from "vscode";',
    'export * as vscode from "vscode";',
    'import vscode = require("vscode"); void vscode.window;',
    'const vscode = require("vscode"); void vscode.window;',
    'const { window } = await import("vscode"); void window;',
    'import { createRequire } from "node:module"; void createRequire(__filename)("vscode");',
    'import { createRequire } from "module"; void createRequire(__filename)("vscode");',
  ]) {
    for (const file of ["src/extension/any.ts", "src/extension/commands/any.ts"])
      it(`${file} may not: ${code}`, async () => {
        assert.notDeepEqual(await refusals(code, file), []);
      });
  }

  it("ui/ and vscode.ts may", async () => {
    const code = 'import * as vscode from "vscode"; void vscode.window.showErrorMessage("x");';
    for (const file of ["src/extension/ui/any.ts", "src/extension/vscode.ts"])
      assert.deepEqual(await refusals(code, file), []);
  });

  it("others may use what vscode.ts has, and ui/", async () => {
    const code =
      'import * as vscode from "./vscode.js"; import { l10n } from "./ui/l10n.js"; void vscode.env; void l10n;';
    assert.deepEqual(await refusals(code, "src/extension/any.ts"), []);
  });

  it("vscode.ts has nothing that shows text", () => {
    const source = readFileSync(path.join(root, "src/extension/vscode.ts"), "utf8");
    const [values = ""] = /(?<=^export \{)[^}]*/m.exec(source) ?? [];
    const names = values.split(",").flatMap((name) => name.trim() || []);

    assert.doesNotMatch(source, /export \*/);
    assert.deepEqual(names.sort(), [
      "ConfigurationTarget",
      "Disposable",
      "EventEmitter",
      "FileSystemError",
      "FileType",
      "RelativePattern",
      "ThemeColor",
      "ThemeIcon",
      "UIKind",
      "Uri",
      "commands",
      "env",
      "workspace",
    ]);
  });
});
