// A log as a read-only text editor, with parts of its lines in colors.
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { inert } from "./inert.js";

export interface LogPart {
  readonly text: string;
  /** `#rrggbb` on light and on dark themes. */
  readonly color?: { readonly light: string; readonly dark: string };
}

export type LogLine = readonly LogPart[];

const SCHEME = "parley-log";
/** Its settings in package.json keep the editor from making links of what people wrote. */
const LANGUAGE = "parley-log";
/** Each color costs the editor a style sheet rule. */
const MAX_COLORS = 200;

interface Colored {
  readonly type: vscode.TextEditorDecorationType;
  readonly ranges: vscode.Range[];
}

/** Shows the lines it is given last, in one document. */
export class LogEditor extends Disposable implements vscode.TextDocumentContentProvider {
  private readonly changed = this.register(new vscode.EventEmitter<vscode.Uri>());
  private readonly uri: vscode.Uri;
  private text = "";
  private colors = new Map<string, Colored>();
  /** The editors that showed the end before the last update. */
  private following: vscode.TextEditor[] = [];
  readonly onDidChange = this.changed.event;

  constructor(
    title: string,
    /** Called when the document is not open any more. */
    private readonly onClosed: () => void,
  ) {
    super();
    this.uri = vscode.Uri.from({ scheme: SCHEME, path: `/${inert(title)}` });
    this.register(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (this.isOwn(document)) this.onClosed();
      }),
    );
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (!this.isOwn(document)) return;
        this.paint();
        this.following.splice(0).forEach(revealEnd);
      }),
    );
    this.register(
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.paint();
      }),
    );
  }

  async show(lines: readonly LogLine[]): Promise<void> {
    this.set(lines);
    const document = await vscode.workspace.openTextDocument(this.uri);
    // VS Code keeps a document for a while after its tab was closed, with what it had then.
    if (document.getText() !== this.text) this.changed.fire(this.uri);
    await vscode.languages.setTextDocumentLanguage(document, LANGUAGE);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    this.paint();
    revealEnd(editor);
  }

  /** Whoever reads the end goes on reading there. */
  update(lines: readonly LogLine[]): void {
    const before = this.text;
    this.following = this.editors().filter(showsEnd);
    this.set(lines);
    // A document that stays the same does not change, and its colors are new ones.
    if (this.text === before) this.paint();
    else this.changed.fire(this.uri);
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  override dispose(): void {
    this.forgetColors();
    super.dispose();
  }

  private set(lines: readonly LogLine[]): void {
    this.forgetColors();
    const texts = lines.map((line, row) => {
      let text = "";
      for (const part of line) {
        const shown = inert(part.text);
        if (part.color !== undefined)
          this.colored(part.color)?.ranges.push(
            new vscode.Range(row, text.length, row, text.length + shown.length),
          );
        text += shown;
      }
      return text;
    });
    this.text = texts.join("\n");
  }

  private colored({ light, dark }: NonNullable<LogPart["color"]>): Colored | undefined {
    const key = `${light} ${dark}`;
    let colored = this.colors.get(key);
    if (colored === undefined && this.colors.size < MAX_COLORS) {
      const type = vscode.window.createTextEditorDecorationType({
        light: { color: light },
        dark: { color: dark },
      });
      colored = { type, ranges: [] };
      this.colors.set(key, colored);
    }
    return colored;
  }

  private forgetColors(): void {
    for (const { type } of this.colors.values()) type.dispose();
    this.colors = new Map();
  }

  private editors(): readonly vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter(({ document }) => this.isOwn(document));
  }

  private isOwn(document: vscode.TextDocument): boolean {
    return document.uri.toString() === this.uri.toString();
  }

  private paint(): void {
    for (const editor of this.editors())
      for (const { type, ranges } of this.colors.values()) editor.setDecorations(type, ranges);
  }
}

function showsEnd({ document, visibleRanges }: vscode.TextEditor): boolean {
  return visibleRanges.some(({ end }) => end.line >= document.lineCount - 1);
}

function revealEnd(editor: vscode.TextEditor): void {
  const last = editor.document.lineCount - 1;
  editor.revealRange(new vscode.Range(last, 0, last, 0));
}
