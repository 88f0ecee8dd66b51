// A tree view whose nodes are made anew from state whenever that changes.
import * as vscode from "vscode";
import { Disposable } from "../disposable.js";
import { inert, inertOptional } from "./inert.js";

/** What a row of a tree shows, and its children. Commands of its context menu are given the node. */
export interface TreeNode {
  /** Without an id of its own a node that changes while the tree is being drawn is lost to it. */
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly icon: vscode.ThemeIcon | vscode.Uri;
  /** Line by line. */
  readonly tooltip?: readonly string[];
  /** What screen readers say instead of the label and the description. */
  readonly spoken?: string;
  readonly contextValue?: string;
  /** What a click runs. */
  readonly command?: vscode.Command;
  /** Shown expanded. */
  readonly children?: readonly TreeNode[];
}

/** Shows what `nodes` gives. Refreshes are gathered: however often state changes, at most one in `REFRESH_MS`. */
export class NodeTree extends Disposable implements vscode.TreeDataProvider<TreeNode> {
  private readonly changed = this.register(new vscode.EventEmitter<undefined>());
  private timer: NodeJS.Timeout | undefined;
  private readonly view: vscode.TreeView<TreeNode>;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    id: string,
    private readonly nodes: () => readonly TreeNode[],
  ) {
    super();
    this.view = this.register(vscode.window.createTreeView(id, { treeDataProvider: this }));
  }

  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire(undefined);
    }, REFRESH_MS);
  }

  /** A line above the nodes. */
  setMessage(message: string | undefined): void {
    this.view.message = inertOptional(message);
  }

  /** The number on the view's icon; 0: none. */
  setBadge(value: number, tooltip: string): void {
    const { badge } = this.view;
    const shown = inert(tooltip);
    if (value === (badge?.value ?? 0) && (value === 0 || shown === badge?.tooltip)) return;
    this.view.badge = value === 0 ? undefined : { value, tooltip: shown };
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = new vscode.TreeItem(
      inert(node.label),
      node.children === undefined
        ? vscode.TreeItemCollapsibleState.None
        : vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = node.id;
    item.iconPath = node.icon;
    if (node.description !== undefined) item.description = inert(node.description);
    if (node.tooltip !== undefined) item.tooltip = node.tooltip.map(inert).join("\n");
    if (node.spoken !== undefined) item.accessibilityInformation = { label: inert(node.spoken) };
    if (node.contextValue !== undefined) item.contextValue = node.contextValue;
    if (node.command !== undefined) item.command = node.command;
    return item;
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return [...(node === undefined ? this.nodes() : (node.children ?? []))];
  }

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }
}

const REFRESH_MS = 50;
