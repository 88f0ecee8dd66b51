import * as vscode from "vscode";

export interface InputOptions {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  readonly step?: number;
  readonly totalSteps?: number;
  /** What is wrong with what the person gave before; shown until the value changes. */
  readonly problem?: string | undefined;
  /** What is wrong with a value, for people; undefined: nothing. */
  readonly validate: (value: string) => string | undefined;
}

/**
 * Asks for a line of text. Unlike `showInputBox`, it can open with a problem already shown, so that a refused value
 * stays where it was typed. Resolves with undefined when the person gives up.
 */
export function askText(options: InputOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createInputBox();
    box.title = options.title;
    box.prompt = options.prompt;
    box.value = options.value;
    box.placeholder = options.placeholder;
    box.password = options.password ?? false;
    box.step = options.step;
    box.totalSteps = options.totalSteps;
    box.ignoreFocusOut = true;
    box.validationMessage = options.problem;
    let answer: string | undefined;
    box.onDidChangeValue((value) => {
      // An empty box is no mistake until it is sent.
      box.validationMessage = value === "" ? undefined : options.validate(value);
    });
    box.onDidAccept(() => {
      const problem = options.validate(box.value);
      box.validationMessage = problem;
      if (problem !== undefined) return;
      answer = box.value;
      box.hide();
    });
    box.onDidHide(() => {
      box.dispose();
      resolve(answer);
    });
    box.show();
  });
}
