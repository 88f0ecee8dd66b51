import * as vscode from "vscode";
import type { ConnectedClient } from "../../server/control.js";
import type { ChatService } from "../chat-service.js";
import { connectionDetails } from "../connection-view.js";
import { Disposable } from "../disposable.js";
import type { EmbeddedServer, HostingState } from "../embedded-server.js";
import type { Hosting } from "../hosting.js";
import { fingerprintText } from "../words.js";
import { NodeTree, type Node } from "./tree-view.js";

/** What a node of the Server view stands for, for the commands of its context menu. */
export interface ServerNode extends Node {
  /** What Copy Address copies. */
  readonly address?: string;
  readonly client?: ConnectedClient;
}

/** The hosted server: its state, addresses and clients; otherwise the connection to somebody else's. */
export class ServerView extends Disposable {
  private readonly tree = this.register(new NodeTree("parley.server", () => this.nodes()));

  constructor(
    private readonly chat: ChatService,
    private readonly server: EmbeddedServer,
    private readonly hosting: Hosting,
  ) {
    super();
    this.register(
      chat.onDidChange(() => {
        this.tree.refresh();
      }),
    );
    this.register(
      server.onDidChange(() => {
        this.tree.refresh();
      }),
    );
  }

  private nodes(): Node[] {
    const { state } = this.server;
    switch (state.phase) {
      case "running":
        return [
          this.stateNode(state),
          this.addressesNode(),
          certificateNode(state.fingerprint),
          clientsNode(state.clients),
        ];
      case "starting":
        return [leaf(vscode.l10n.t("Starting…"), "loading~spin")];
      case "stopping":
        return [leaf(vscode.l10n.t("Stopping…"), "loading~spin")];
      case "stopped":
        return this.connectionNodes();
    }
  }

  private stateNode(state: HostingState & { phase: "running" }): Node {
    const others = state.clients.length - 1;
    return leaf(
      others > 0 ? vscode.l10n.t("Running") : vscode.l10n.t("Running: waiting for others…"),
      "broadcast",
      sinceText(state.since),
    );
  }

  private addressesNode(): Node {
    const item = new vscode.TreeItem(
      vscode.l10n.t("Addresses"),
      vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = "addresses";
    item.iconPath = new vscode.ThemeIcon("globe");
    return { item, children: this.hosting.addresses().map(addressNode) };
  }

  private connectionNodes(): Node[] {
    const { network, status } = this.chat;
    if (network === undefined) return [];
    const state = leaf(network.label, status.phase === "online" ? "pass" : "debug-disconnect");
    return [
      state,
      ...connectionDetails(status).map(({ name, value }) => leaf(name, "info", value)),
    ];
  }
}

function addressNode(address: string): ServerNode {
  const node = leaf(address, "link");
  node.item.id = `address:${address}`;
  node.item.contextValue = "address";
  node.item.tooltip = vscode.l10n.t("Others can join at {0}", address);
  return { ...node, address };
}

/** Other IRC clients ask for it. */
function certificateNode(fingerprint: string): ServerNode {
  const address = fingerprintText(fingerprint);
  const node = leaf(vscode.l10n.t("Certificate (SHA-256)"), "shield", address);
  node.item.contextValue = "address";
  return { ...node, address };
}

function clientsNode(clients: readonly ConnectedClient[]): Node {
  const item = new vscode.TreeItem(
    vscode.l10n.t("Connected clients"),
    vscode.TreeItemCollapsibleState.Expanded,
  );
  item.id = "clients";
  item.description = String(clients.length);
  item.iconPath = new vscode.ThemeIcon("organization");
  return { item, children: clients.map(clientNode) };
}

function clientNode(client: ConnectedClient): ServerNode {
  const address = client.address.includes(":")
    ? `[${client.address}]:${client.port}`
    : `${client.address}:${client.port}`;
  const name = client.nick === "*" ? vscode.l10n.t("(registering)") : client.nick;
  const notes = [address];
  if (!client.secure) notes.push(vscode.l10n.t("not encrypted"));
  const node = leaf(name, client.isOperator ? "shield" : "person", notes.join(" · "));
  node.item.tooltip = [name, ...notes, sinceText(client.since)].join("\n");
  node.item.id = `client:${client.id}`;
  node.item.contextValue = client.isOperator ? "client.host" : "client.other";
  return { ...node, client, address };
}

function leaf(label: string, icon: string, description?: string): Node {
  const item = new vscode.TreeItem(label);
  // Without an id of its own a node that changes while the tree is being drawn is lost to it.
  item.id = label;
  item.iconPath = new vscode.ThemeIcon(icon);
  if (description !== undefined) {
    item.description = description;
    item.tooltip = `${label}: ${description}`;
  }
  return { item };
}

/** `time` is in ms since the epoch. */
function sinceText(time: number): string {
  const clock = new Date(time).toLocaleTimeString(vscode.env.language, { timeStyle: "short" });
  return vscode.l10n.t("since {0}", clock);
}
