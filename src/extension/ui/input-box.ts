import * as vscode from "vscode";
import { handOver, show } from "./question-focus.js";
import { problemShown } from "./problems.js";
import { inert, inertOptional } from "./inert.js";

export interface InputOptions {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  /** What is wrong with what the person gave before; shown until the value changes. */
  readonly problem?: string | undefined;
  /** A button beside the title, which is given what is typed. The question is back once that is done. */
  readonly help?: {
    /** A name of VS Code's. */
    readonly icon: string;
    readonly label: string;
    readonly run: (value: string) => Promise<void>;
  };
  /** Takes the question back, as if the person had given up. */
  readonly signal?: AbortSignal | undefined;
  /** What is wrong with a value, for people; undefined: nothing. */
  readonly validate?: (value: string) => string | undefined;
}

/**
 * Asks for a line of text. Unlike `showInputBox`, it can open with a problem already shown, so that a refused value
 * stays where it was typed. Resolves with undefined when the person gives up.
 */
export function askText(options: InputOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const problemOf = (value: string) => inertOptional(options.validate?.(value));
    const box = vscode.window.createInputBox();
    box.title = inert(options.title);
    box.prompt = inert(options.prompt);
    box.value = options.value;
    box.placeholder = inertOptional(options.placeholder);
    box.password = options.password ?? false;
    box.step = options.step;
    box.totalSteps = options.totalSteps;
    box.ignoreFocusOut = true;
    box.validationMessage = inertOptional(options.problem);
    const { help } = options;
    let isAside = false;
    if (help !== undefined) {
      box.buttons = [{ iconPath: new vscode.ThemeIcon(help.icon), tooltip: inert(help.label) }];
      box.onDidTriggerButton(() => {
        isAside = true;
        box.hide();
      });
    }
    box.onDidChangeValue((value) => {
      // An empty box is no mistake until it is sent.
      box.validationMessage = value === "" ? undefined : problemOf(value);
    });
    box.onDidAccept(() => {
      const problem = problemOf(box.value);
      box.validationMessage = problem;
      if (problem !== undefined) {
        problemShown();
        return;
      }
      resolve(box.value);
      handOver(box);
    });
    const takeBack = () => {
      box.hide();
    };
    const end = () => {
      options.signal?.removeEventListener("abort", takeBack);
      box.dispose();
      // Unless it was answered before.
      resolve(undefined);
    };
    box.onDidHide(() => {
      if (!isAside || help === undefined) {
        end();
        return;
      }
      void help.run(box.value).finally(() => {
        isAside = false;
        if (options.signal?.aborted === true) end();
        else void show(box);
      });
    });
    void show(box).then(() => {
      options.signal?.addEventListener("abort", takeBack);
      if (options.problem !== undefined) problemShown();
      if (options.signal?.aborted === true) takeBack();
    });
  });
}
