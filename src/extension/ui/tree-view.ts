// A tree view whose nodes are made anew from state whenever that changes.
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";

/** A TreeItem with its children. */
export interface Node {
  readonly item: vscode.TreeItem;
  readonly children?: readonly Node[];
}

/** Shows what `nodes` gives. Refreshes are gathered: however often state changes, at most one in `REFRESH_MS`. */
export class NodeTree extends Disposable implements vscode.TreeDataProvider<Node> {
  private readonly changed = this.register(new vscode.EventEmitter<undefined>());
  private timer: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<Node>;

  constructor(
    id: string,
    private readonly nodes: () => readonly Node[],
  ) {
    super();
    this.view = this.register(vscode.window.createTreeView<Node>(id, { treeDataProvider: this }));
  }

  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, REFRESH_MS);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.item;
  }

  getChildren(node?: Node): Node[] {
    return [...(node === undefined ? this.nodes() : (node.children ?? []))];
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }
}

const REFRESH_MS = 50;
