// A log as a read-only text editor, with parts of its lines in colors.
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { inert } from "./inert.js";

/** `#rrggbb` on light and on dark themes. */
interface Color {
  readonly light: string;
  readonly dark: string;
}

export interface LogPart {
  readonly text: string;
  readonly color?: Color;
}

export type LogLine = readonly LogPart[];

const SCHEME = "parley-log";
/** Its settings in package.json keep the editor from making links of what people wrote. */
const LANGUAGE = "parley-log";
/** Each color costs the editor a style sheet rule. */
const MAX_COLORS = 200;

interface Colored {
  readonly type: vscode.TextEditorDecorationType;
  readonly ranges: readonly vscode.Range[];
}

/** Shows the lines it is given last, in one document. */
export class LogEditor extends Disposable implements vscode.TextDocumentContentProvider {
  private readonly changed = this.register(new vscode.EventEmitter<vscode.Uri>());
  private readonly uri: vscode.Uri;
  private text = "";
  private colors: ReadonlyMap<string, Colored> = new Map();
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
    const selection = endOf(document);
    const editor = await vscode.window.showTextDocument(document, { preview: false, selection });
    this.paint();
    revealEnd(editor);
    if (document.getText() !== this.text) this.following.push(editor);
  }

  /** Whoever reads the end goes on reading there. */
  update(lines: readonly LogLine[]): void {
    const before = this.text;
    this.following = this.editors().filter(showsEnd);
    this.set(lines);
    // A document that stays the same does not change, but its colors may be others.
    if (this.text === before) this.paint();
    else this.changed.fire(this.uri);
  }

  provideTextDocumentContent(): string {
    return this.text;
  }

  override dispose(): void {
    for (const { type } of this.colors.values()) type.dispose();
    super.dispose();
  }

  private set(lines: readonly LogLine[]): void {
    const found = new Map<string, { readonly color: Color; readonly ranges: vscode.Range[] }>();
    const texts = lines.map((line, row) => {
      let text = "";
      for (const part of line) {
        const shown = inert(part.text);
        if (part.color !== undefined) {
          const range = new vscode.Range(row, text.length, row, text.length + shown.length);
          const key = `${part.color.light} ${part.color.dark}`;
          const known = found.get(key);
          if (known !== undefined) known.ranges.push(range);
          else if (found.size < MAX_COLORS) found.set(key, { color: part.color, ranges: [range] });
        }
        text += shown;
      }
      return text;
    });
    this.text = texts.join("\n");
    // Those that are used again stay: making one is work for the editor.
    const before = this.colors;
    this.colors = new Map(
      Array.from(found, ([key, { color, ranges }]) => [
        key,
        { type: before.get(key)?.type ?? decorationOf(color), ranges },
      ]),
    );
    for (const [key, { type }] of before) if (!found.has(key)) type.dispose();
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

function decorationOf({ light, dark }: Color): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    light: { color: light },
    dark: { color: dark },
  });
}

function showsEnd({ document, visibleRanges }: vscode.TextEditor): boolean {
  return visibleRanges.some(({ end }) => end.line >= document.lineCount - 1);
}

function revealEnd(editor: vscode.TextEditor): void {
  editor.revealRange(endOf(editor.document));
}

/** The beginning of the last line. */
function endOf({ lineCount }: vscode.TextDocument): vscode.Range {
  return new vscode.Range(lineCount - 1, 0, lineCount - 1, 0);
}
