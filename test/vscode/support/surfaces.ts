// Everything VS Code would show, recorded instead of shown. A person's answers are given by the test.
import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { onCleanup } from "../../support/cleanup.js";
// Each test file is a bundle of its own: without its hooks nothing would be put back.
import "../../support/hooks.js";

/** A place of VS Code's that shows text. */
export type Surface =
  | "notification"
  | "modal"
  | "modal detail"
  | "button"
  | "pick title"
  | "pick placeholder"
  | "pick label"
  | "pick description"
  | "pick detail"
  | "input title"
  | "input prompt"
  | "input placeholder"
  | "input problem"
  | "input button"
  | "progress title"
  | "progress message"
  | "status text"
  | "status tooltip"
  | "status name"
  | "status message"
  | "tree label"
  | "tree description"
  | "tree tooltip"
  | "tree message"
  | "badge tooltip"
  | "spoken label"
  | "tab title"
  | "editor"
  | "log";

export interface Shown {
  readonly surface: Surface;
  readonly text: string;
}

/** What a person does with an input box; undefined: Escape. */
export type Typing = (box: {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  readonly step: number | undefined;
}) => string | undefined;

/** These may have several lines. */
const MULTILINE: ReadonlySet<Surface> = new Set(["modal detail", "tree tooltip", "editor", "log"]);
/** Here our own icon may stand first. */
const ICONIC: ReadonlySet<Surface> = new Set(["status text", "status message"]);

// As VS Code has them: base/common/linkedText.ts, base/common/iconLabels.ts.
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
/** After a text that changes there may be links of our own. */
const OWN_LINKS = /(?:(?: ·)? \[[\w …]+\]\(command:parley\.\w+(?:\.\w+)?\?[\w%.-]+ "[\w …]+"\))+$/;
const ICON = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;

/** Fails where VS Code would take `text` for more than text, or show it as another one. */
export function assertInert({ surface, text }: Shown): void {
  const where = `${surface}: ${JSON.stringify(text)}`;
  const words = wordsOf({ surface, text });
  // The log is plain text to VS Code.
  if (surface !== "log") {
    assert.doesNotMatch(words, LINK, `a link in the ${where}`);
    assert.doesNotMatch(words, ICON, `an icon in the ${where}`);
  }
  const lines = MULTILINE.has(surface) ? words.split("\n") : [words];
  for (const line of lines) assert.doesNotMatch(line, UNSEEN, `something unseen in the ${where}`);
}

/** Without the icon or the links that are our own. */
function wordsOf({ surface, text }: Shown): string {
  if (surface === "progress message") return text.replace(OWN_LINKS, "");
  return ICONIC.has(surface) ? text.replace(/^\$\([a-z~-]+\) /, "") : text;
}

type Functions = Record<string, (...args: never[]) => unknown>;

/** Stands in for `vscode.window` and `vscode.commands` until the test ends. */
export class Surfaces {
  readonly shown: Shown[] = [];
  readonly commands = new Map<string, (...args: unknown[]) => unknown>();
  readonly trees = new Map<string, vscode.TreeDataProvider<unknown>>();
  readonly pages: FakePanel[] = [];
  uriHandler: vscode.UriHandler | undefined;
  serializer: vscode.WebviewPanelSerializer | undefined;
  /** What the person types. */
  typing: Typing = () => undefined;
  /** Which button of a message the person clicks. */
  clicking: (text: string, buttons: readonly string[]) => string | undefined = () => undefined;
  /** Cancels what takes a while. */
  isImpatient = false;
  /** Cancels it when its message is one of these. */
  isImpatientAt: RegExp | undefined;
  /** Whether the person presses the button of an input box, before they type. */
  pressing = false;
  /** How much is shown as taking a while, and has not ended. */
  running = 0;
  /** Is told what is reported of it. */
  reporting: (message: string) => void = () => undefined;
  /** Which row the person picks. */
  picking: (labels: readonly string[]) => number | undefined = () => undefined;

  constructor() {
    this.replace(
      vscode.window as unknown as Functions,
      this.window(),
      /^(show|create|set|with|register)/,
    );
    this.replace(vscode.commands, {
      registerCommand: (name: string, run: (...args: unknown[]) => unknown) => {
        this.commands.set(name, run);
        return new vscode.Disposable(() => undefined);
      },
      executeCommand: (name: string, ...args: unknown[]) =>
        Promise.resolve(this.commands.get(name)?.(...args)),
    });
  }

  run(command: string, ...args: unknown[]): Promise<unknown> {
    const run = this.commands.get(`parley.${command}`);
    assert.ok(run !== undefined, `there is no command ${command}`);
    return Promise.resolve(run(...args));
  }

  /** Draws every tree as VS Code does. */
  async drawTrees(): Promise<void> {
    for (const provider of this.trees.values()) await this.drawNodes(provider, undefined);
  }

  /** The texts of a surface. */
  texts(surface: Surface): string[] {
    return this.shown.flatMap((shown) => (shown.surface === surface ? [shown.text] : []));
  }

  private async drawNodes(
    provider: vscode.TreeDataProvider<unknown>,
    parent: unknown,
  ): Promise<void> {
    for (const node of (await provider.getChildren(parent)) ?? []) {
      const item = await provider.getTreeItem(node);
      this.record("tree label", labelText(item.label));
      this.record("tree description", item.description);
      this.record("tree tooltip", item.tooltip);
      this.record("spoken label", item.accessibilityInformation?.label);
      await this.drawNodes(provider, node);
    }
  }

  private record(surface: Surface, text: unknown): void {
    if (text === undefined || typeof text === "boolean") return;
    assert.ok(typeof text === "string", `the ${surface} is not plain text`);
    this.shown.push({ surface, text });
  }

  /** Replaces what is named in `fakes`; what else `pattern` names fails the test that calls it. */
  private replace(target: Functions, fakes: object, pattern?: RegExp): void {
    const before = new Map(Object.entries(Object.getOwnPropertyDescriptors(target)));
    const names = [...before.keys()].filter((name) => pattern?.test(name) ?? name in fakes);
    for (const name of names) {
      const fake: unknown = Object.entries(fakes).find(([known]) => known === name)?.[1];
      Object.defineProperty(target, name, {
        ...before.get(name),
        value:
          fake ??
          (() => {
            throw new Error(`nobody records what ${name} shows`);
          }),
      });
    }
    onCleanup(() => {
      for (const name of names) Object.defineProperty(target, name, before.get(name)!);
    });
  }

  private window(): object {
    return {
      showInformationMessage: this.message,
      showWarningMessage: this.message,
      showErrorMessage: this.message,
      createQuickPick: () => this.quickPick(),
      createInputBox: () => this.inputBox(),
      withProgress: (
        {
          title,
          cancellable,
        }: Omit<vscode.ProgressOptions, "cancellable"> & { cancellable?: unknown },
        task: (progress: object, token: vscode.CancellationToken) => Promise<unknown>,
      ) => {
        this.record("progress title", title);
        if (typeof cancellable === "string") this.record("button", cancellable);
        const cancellation = new vscode.CancellationTokenSource();
        const report = ({ message }: { message?: string }) => {
          this.record("progress message", message);
          this.reporting(message ?? "");
          if (this.isImpatient || this.isImpatientAt?.test(message ?? "") === true)
            cancellation.cancel();
        };
        this.running++;
        return task({ report }, cancellation.token).finally(() => {
          this.running--;
        });
      },
      createStatusBarItem: () => this.statusItem(),
      setStatusBarMessage: (text: string) => {
        this.record("status message", text);
      },
      createTreeView: (id: string, options: vscode.TreeViewOptions<unknown>) => {
        this.trees.set(id, options.treeDataProvider);
        return this.recording(
          { badge: undefined, dispose: () => undefined },
          {
            message: (text) => {
              this.record("tree message", text);
            },
            badge: (badge) => {
              this.record("badge tooltip", (badge as vscode.ViewBadge | undefined)?.tooltip);
            },
          },
        );
      },
      createWebviewPanel: (_type: string, title: string) => {
        this.record("tab title", title);
        return this.panel();
      },
      showTextDocument: (document: vscode.TextDocument) => {
        this.record("editor", document.getText());
        return Promise.resolve({ document, revealRange: () => undefined });
      },
      createTextEditorDecorationType: () => ({ dispose: () => undefined }),
      createOutputChannel: () => {
        const write = (text: string | Error) => {
          this.record("log", text);
        };
        const nothing = () => undefined;
        return {
          debug: write,
          info: write,
          warn: write,
          error: write,
          show: nothing,
          dispose: nothing,
        };
      },
      registerUriHandler: (handler: vscode.UriHandler) => {
        this.uriHandler = handler;
        return new vscode.Disposable(() => undefined);
      },
      registerWebviewPanelSerializer: (
        _type: string,
        serializer: vscode.WebviewPanelSerializer,
      ) => {
        this.serializer = serializer;
        return new vscode.Disposable(() => undefined);
      },
    };
  }

  private readonly message = (text: string, ...rest: (string | vscode.MessageOptions)[]) => {
    const options = rest.find((part) => typeof part !== "string");
    this.record(options?.modal === true ? "modal" : "notification", text);
    this.record("modal detail", options?.detail);
    const actions = rest.filter((part) => typeof part === "string");
    for (const action of actions) this.record("button", action);
    return Promise.resolve(this.clicking(text, actions));
  };

  /** The person types, and presses Enter; without anything typed they pick. */
  private quickPick(): object {
    const { changed, accepted, hidden, control } = quickInput();
    const record = (surface: Surface) => (text: unknown) => {
      this.record(surface, text);
    };
    let takesText = false;
    const pick = {
      title: "",
      value: "",
      items: [] as readonly vscode.QuickPickItem[],
      activeItems: [] as readonly vscode.QuickPickItem[],
      ...control,
      onDidChangeValue: (listener: (value: string) => void) => {
        takesText = true;
        return changed.event(listener);
      },
      show: () => {
        setImmediate(() => {
          const typed = takesText
            ? this.typing({ title: pick.title, prompt: "", value: "", step: undefined })
            : undefined;
          if (typed !== undefined) {
            pick.value = typed;
            changed.fire(typed);
          } else {
            const index = this.picking(pick.items.map(({ label }) => label));
            pick.activeItems = index === undefined ? [] : pick.items.slice(index, index + 1);
          }
          accepted.fire();
          hidden.fire();
        });
      },
    };
    return this.recording(pick, {
      title: record("pick title"),
      placeholder: record("pick placeholder"),
      items: (items) => {
        for (const { label, description, detail } of items as vscode.QuickPickItem[]) {
          this.record("pick label", label);
          this.record("pick description", description);
          this.record("pick detail", detail);
        }
      },
    });
  }

  private inputBox(): object {
    const { changed, accepted, hidden, control } = quickInput();
    const pressed = new vscode.EventEmitter<void>();
    const record = (surface: Surface) => (text: unknown) => {
      this.record(surface, text);
    };
    const box = {
      title: "",
      prompt: "",
      value: "",
      step: undefined,
      buttons: [] as readonly vscode.QuickInputButton[],
      ...control,
      onDidTriggerButton: pressed.event,
      show: () => {
        if (this.pressing && box.buttons.length > 0) {
          // Once: the box comes back.
          this.pressing = false;
          pressed.fire();
          return;
        }
        const typed = this.typing(box);
        setImmediate(() => {
          if (typed !== undefined) {
            box.value = typed;
            changed.fire(typed);
            accepted.fire();
          }
          hidden.fire();
        });
      },
    };
    return this.recording(box, {
      title: record("input title"),
      prompt: record("input prompt"),
      placeholder: record("input placeholder"),
      buttons: (buttons) => {
        for (const { tooltip } of buttons as vscode.QuickInputButton[])
          this.record("input button", tooltip);
      },
      validationMessage: record("input problem"),
    });
  }

  private statusItem(): object {
    return this.recording(
      { show: () => undefined, hide: () => undefined, dispose: () => undefined },
      {
        text: (text) => {
          this.record("status text", text);
        },
        tooltip: (text) => {
          this.record("status tooltip", text);
        },
        name: (text) => {
          this.record("status name", text);
        },
        accessibilityInformation: (spoken) => {
          this.record("spoken label", (spoken as vscode.AccessibilityInformation).label);
        },
      },
    );
  }

  /** A panel whose page is the test. */
  panel(): FakePanel {
    const received = new vscode.EventEmitter<unknown>();
    const posted: unknown[] = [];
    const panel = {
      visible: true,
      active: true,
      webview: {
        cspSource: "test:",
        html: "",
        options: {},
        asWebviewUri: (uri: vscode.Uri) => uri,
        onDidReceiveMessage: received.event,
        postMessage: (message: unknown) => {
          posted.push(message);
          return Promise.resolve(true);
        },
      },
      posted,
      receive: (message: unknown) => {
        received.fire(message);
      },
      onDidDispose: new vscode.EventEmitter<void>().event,
      onDidChangeViewState: new vscode.EventEmitter<void>().event,
      reveal: () => undefined,
      dispose: () => undefined,
    };
    this.pages.push(panel);
    return this.recording(panel, {
      title: (text) => {
        this.record("tab title", text);
      },
    });
  }

  /** `target`, which tells what some of its properties are set to. */
  private recording<T extends object>(
    target: T,
    setters: Readonly<Record<string, (value: unknown) => void>>,
  ): T {
    return new Proxy(target, {
      set: (object, name, value) => {
        setters[String(name)]?.(value);
        return Reflect.set(object, name, value);
      },
    });
  }
}

export interface FakePanel {
  /** What the host has sent to the page. */
  readonly posted: readonly unknown[];
  /** Gives the host a message of the page. */
  receive(message: unknown): void;
}

function labelText(label: string | vscode.TreeItemLabel | undefined): string | undefined {
  return typeof label === "object" ? label.label : label;
}

/** What quick picks and input boxes have in common, and how it is set off. */
function quickInput() {
  const changed = new vscode.EventEmitter<string>();
  const accepted = new vscode.EventEmitter<void>();
  const hidden = new vscode.EventEmitter<void>();
  const control = {
    onDidChangeValue: changed.event,
    onDidAccept: accepted.event,
    onDidHide: hidden.event,
    dispose: () => undefined,
    hide: () => {
      hidden.fire();
    },
  };
  return { changed, accepted, hidden, control };
}
