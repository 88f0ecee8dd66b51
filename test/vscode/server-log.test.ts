// The host's view of the log of everything that is said.
import { strict as assert } from "node:assert";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { ServerLog, tailOf } from "../../src/extension/server-log.js";
import { onCleanup } from "../support/cleanup.js";

const TIME = "2026-01-02T03:04:05.678Z";

async function logFile(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-log-"));
  onCleanup(() => rm(folder, { recursive: true }));
  const file = path.join(folder, "audit.log");
  await writeFile(file, text);
  return file;
}

function serverLog(file: string | undefined): ServerLog {
  const audit = { isOn: true, file };
  const state = { phase: "running", listeners: [], fingerprint: "", clients: [], audit, since: 0 };
  const log = new ServerLog({ state: undefined }, { state: state as never });
  onCleanup(async () => {
    log.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
  return log;
}

/** The document, as soon as it reads like this. */
async function shown(wanted: RegExp): Promise<vscode.TextDocument> {
  const find = () =>
    vscode.workspace.textDocuments.find(
      (document) => document.uri.scheme === "parley-log" && wanted.test(document.getText()),
    );
  const changes = new vscode.EventEmitter<void>();
  const subscription = vscode.workspace.onDidChangeTextDocument(() => {
    changes.fire();
  });
  try {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wait = changes.event(() => {
          wait.dispose();
          resolve();
        });
      });
    }
  } finally {
    subscription.dispose();
  }
}

/** Resolves when the last line is on screen. */
async function atEnd(): Promise<void> {
  const isAtEnd = (editor: vscode.TextEditor | undefined) =>
    editor?.document.uri.scheme === "parley-log" &&
    editor.visibleRanges.some(({ end }) => end.line >= editor.document.lineCount - 1);
  await new Promise<void>((resolve) => {
    const subscription = vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
      if (!isAtEnd(textEditor)) return;
      subscription.dispose();
      resolve();
    });
    if (!isAtEnd(vscode.window.activeTextEditor)) return;
    subscription.dispose();
    resolve();
  });
}

describe("the server log", () => {
  it("shows who said what to whom, with the time as people here write it, and grows", async () => {
    const file = await logFile(
      `${TIME} * ann joined #general\n${TIME} ann -> bob: hello [x](command:y) $(heart)\n    | more\n`,
    );
    const log = serverLog(file);
    assert.equal(await log.show(), true);
    const document = await shown(/ann -> bob: hello/);
    const [joined = "", said = "", more] = document.getText().split("\n");
    assert.match(joined, /2026|26/);
    assert.doesNotMatch(joined, /T03:/);
    assert.match(joined, / ann joined #general$/);
    assert.match(said, / ann -> bob: hello \[x\]\u200a\(command:y\) \$\u200a\(heart\)$/);
    assert.equal(more, "    | more");
    assert.equal(document.languageId, "parley-log");
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, "/Server Log");
    await appendFile(file, `${TIME} bob -> ann: hello yourself\n`);
    await shown(/bob -> ann: hello yourself$/);
  });

  it("is nothing where there is no file", async () => {
    const file = await logFile("");
    await rm(file);
    assert.equal(await serverLog(file).show(), false);
    assert.equal(await serverLog(undefined).show(), false);
  });

  it("shows the end of a huge file, in whole lines, and says so", async () => {
    const line = `${TIME} ann -> #general: ${"x".repeat(200)}`;
    const file = await logFile(`${line}\n`.repeat(20_000));
    const tail = await tailOf(file);
    assert.equal(tail?.isWhole, false);
    assert.ok(tail.lines.length > 1_000 && tail.lines.length <= 2_000);
    assert.ok(tail.lines.every((one) => one === line));
    await serverLog(file).show();
    const document = await shown(/^Older lines are not shown\. Chat: Open Server Log File opens/);
    assert.equal(document.lineCount, tail.lines.length + 1);
    await atEnd();
  });

  it("is at its newest line each time it is opened, though VS Code had kept an older text", async () => {
    const file = await logFile(`${TIME} ann -> #general: old\n`.repeat(500));
    const log = serverLog(file);
    await log.show();
    await atEnd();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await appendFile(file, `${TIME} ann -> #general: new\n`.repeat(500));
    await log.show();
    await shown(/: new$/);
    await atEnd();
  });

  it("leaves out a line that is still being written", async () => {
    const tail = await tailOf(await logFile("one\ntwo\nthr"));
    assert.deepEqual(tail, { lines: ["one", "two"], isWhole: true });
  });
});
