import * as vscode from "vscode";
import { handOver, show } from "./question-focus.js";
import { inert, inertOptional } from "./inert.js";

/** A row to choose. The icon is a name of VS Code's, or a picture. */
export interface PickItem {
  readonly label: string;
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly icon?: string | vscode.Uri;
}

export interface PickOptions {
  readonly title: string;
  readonly placeHolder?: string;
  readonly ignoreFocusOut?: boolean;
  readonly matchOnDescription?: boolean;
}

/** Resolves with the chosen one of `items`; undefined: given up. */
export function showQuickPick<T extends PickItem>(
  items: readonly T[],
  { title, placeHolder, ignoreFocusOut = false, matchOnDescription = false }: PickOptions,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly item: T }>();
    pick.title = inert(title);
    pick.placeholder = inertOptional(placeHolder);
    pick.ignoreFocusOut = ignoreFocusOut;
    pick.matchOnDescription = matchOnDescription;
    pick.items = items.map((item) => ({ ...row(item), item }));
    pick.onDidAccept(() => {
      const [active] = pick.activeItems;
      if (active === undefined) return;
      resolve(active.item);
      handOver(pick);
    });
    pick.onDidHide(() => {
      pick.dispose();
      // Unless it was answered before.
      resolve(undefined);
    });
    void show(pick);
  });
}

function row({ label, description, detail, icon }: PickItem): vscode.QuickPickItem {
  return {
    label: inert(label),
    ...(description !== undefined && { description: inert(description) }),
    ...(detail !== undefined && { detail: inert(detail) }),
    ...(icon !== undefined && {
      iconPath: typeof icon === "string" ? new vscode.ThemeIcon(icon) : icon,
    }),
  };
}

/** A row of a list one can also type into. */
export interface LivePickItem extends PickItem {
  /** It is what was typed: always shown, and the one that Enter takes. */
  readonly isTyped?: boolean;
  /** Enter does nothing; the row says why. */
  readonly isRefused?: boolean;
}

export interface LivePickOptions<T extends LivePickItem> {
  readonly title: string;
  /** Asked for again when `loading` settles. */
  readonly placeHolder: () => string;
  readonly matchOnDetail?: boolean;
  /** The list shows that it is busy until then. */
  readonly loading: Promise<void>;
  /** The rows for what is typed so far. Asked for again when that changes, and when `loading` settles. */
  readonly items: (typed: string) => readonly T[];
}

/** Resolves with the chosen row; undefined: given up. Rejects if `loading` does. */
export async function showLivePick<T extends LivePickItem>(
  options: LivePickOptions<T>,
): Promise<T | undefined> {
  type Row = vscode.QuickPickItem & { readonly item: T };
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = inert(options.title);
  pick.matchOnDetail = options.matchOnDetail ?? false;
  pick.busy = true;
  /** The rows for what is typed; `active` stays the row that Enter takes, unless another one is what was typed. */
  const fill = (active?: Row) => {
    pick.placeholder = inert(options.placeHolder());
    pick.items = options.items(pick.value).map((item): Row => {
      return { ...row(item), alwaysShow: item.isTyped === true, item };
    });
    const next =
      pick.items.find(({ item }) => item.isTyped) ??
      pick.items.find(({ label }) => label === active?.label);
    if (next !== undefined) pick.activeItems = [next];
  };
  pick.onDidChangeValue(() => {
    fill();
  });
  let isShown = true;
  const chosen = new Promise<T | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const [active] = pick.activeItems;
      if (active === undefined || active.item.isRefused === true) return;
      resolve(active.item);
      handOver(pick);
    });
    pick.onDidHide(() => {
      isShown = false;
      pick.dispose();
      resolve(undefined);
    });
  });
  const loaded = options.loading.then(() => {
    if (!isShown) return;
    pick.busy = false;
    fill(pick.activeItems[0]);
  });
  fill();
  await show(pick);
  try {
    return await Promise.race([chosen, loaded.then(() => chosen)]);
  } catch (error) {
    pick.hide();
    throw error;
  }
}
