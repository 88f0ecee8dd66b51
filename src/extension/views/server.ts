import * as vscode from "../vscode.js";
import { hostPort } from "../../irc/host-port.js";
import type { AuditState, ConnectedClient } from "../../server/control.js";
import type { ChatService } from "../chat-service.js";
import { connectionDetails } from "../connection-view.js";
import { Disposable } from "../disposable.js";
import { waitingIn, type EmbeddedServer, type HostingState } from "../embedded-server.js";
import type { Hosting } from "../hosting.js";
import { fingerprintText, preparationText } from "../words.js";
import { waitingNodes } from "./waiting.js";
import { NodeTree, type TreeNode } from "../ui/tree-view.js";
import { l10n } from "../ui/l10n.js";

/** What a node of the Server view stands for, for the commands of its context menu. */
export interface ServerNode extends TreeNode {
  /** What Copy Address copies. */
  readonly address?: string;
  readonly client?: ConnectedClient;
}

/** The hosted server: its state, addresses and clients; otherwise the connection to someone else's. */
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
        this.showBadge();
      }),
    );
  }

  private showBadge(): void {
    const count = waitingIn(this.server.state).length;
    this.tree.setBadge(
      count,
      count === 1 ? l10n.t("1 person wants to join") : l10n.t("{0} people want to join", count),
    );
  }

  private nodes(): TreeNode[] {
    const { state } = this.server;
    switch (state.phase) {
      case "running":
        return [
          this.stateNode(state),
          approvalNode(state.needsApproval),
          ...waitingNodes(state.waiting),
          this.addressesNode(),
          certificateNode(state.fingerprint),
          auditNode(state.audit),
          clientsNode(state.clients),
        ];
      case "starting":
        return [leaf(l10n.t("Starting…"), "loading~spin")];
      case "stopping":
        return [leaf(l10n.t("Stopping…"), "loading~spin")];
      case "stopped":
        return this.connectionNodes();
    }
  }

  private stateNode(state: HostingState & { phase: "running" }): TreeNode {
    const others = state.clients.length - 1;
    return leaf(
      others > 0 ? l10n.t("Running") : l10n.t("Running: waiting for others…"),
      "broadcast",
      sinceText(state.since),
    );
  }

  private addressesNode(): TreeNode {
    return {
      id: "addresses",
      label: l10n.t("Addresses"),
      icon: new vscode.ThemeIcon("globe"),
      children: this.hosting.addresses().map(addressNode),
    };
  }

  private connectionNodes(): TreeNode[] {
    const { network, status, state: known, preparation } = this.chat;
    if (preparation !== undefined) return [leaf(preparationText(preparation), "loading~spin")];
    if (network === undefined) return [];
    const icon = status.phase === "online" ? "pass" : "debug-disconnect";
    const name = known?.networkName ?? "";
    const state = leaf(network.label, icon, name === "" ? undefined : name);
    return [
      state,
      ...connectionDetails(status).map(({ name, value }) => leaf(name, "info", value)),
    ];
  }
}

function addressNode(address: string): ServerNode {
  return {
    ...leaf(address, "link"),
    id: `address:${address}`,
    contextValue: "address",
    tooltip: [l10n.t("Others can join at {0}", address)],
    address,
  };
}

/** Other IRC clients ask for it. */
function certificateNode(fingerprint: string): ServerNode {
  const address = fingerprintText(fingerprint);
  const node = leaf(l10n.t("Certificate (SHA-256)"), "shield", address);
  return { ...node, contextValue: "address", address };
}

/** A click shows the log, or asks whether there is to be one. */
function auditNode({ isOn }: AuditState): TreeNode {
  const node = isOn
    ? leaf(l10n.t("Server log"), "eye", l10n.t("everything is logged"))
    : leaf(l10n.t("Server log"), "eye-closed", l10n.t("nothing is logged"));
  const [command, title] = isOn
    ? ["parley.showServerLog", l10n.t("Show Server Log")]
    : ["parley.logEverything", l10n.t("Log Everything…")];
  return { ...node, contextValue: isOn ? "log.on" : "log.off", command: { command, title } };
}

/** A click asks whether people are to wait, or shows who was let in. */
function approvalNode(isNeeded: boolean): TreeNode {
  const node = isNeeded
    ? leaf(l10n.t("Approval needed"), "lock", l10n.t("people wait until you let them in"))
    : leaf(l10n.t("No approval needed"), "unlock", l10n.t("everyone with the invite can join"));
  const [command, title] = isNeeded
    ? ["parley.showDecisions", l10n.t("Approved and Banned People…")]
    : ["parley.requireApproval", l10n.t("Require Approval to Join")];
  return {
    ...node,
    id: "approval",
    contextValue: isNeeded ? "approval.on" : "approval.off",
    command: { command, title },
  };
}

function clientsNode(clients: readonly ConnectedClient[]): TreeNode {
  return {
    id: "clients",
    label: l10n.t("Connected clients"),
    description: String(clients.length),
    icon: new vscode.ThemeIcon("organization"),
    children: clients.map(clientNode),
  };
}

function clientNode(client: ConnectedClient): ServerNode {
  const address = hostPort(client.address, client.port);
  const name = client.nick === "*" ? l10n.t("(registering)") : client.nick;
  const notes = [address];
  if (!client.secure) notes.push(l10n.t("not encrypted"));
  return {
    ...leaf(name, client.isOperator ? "shield" : "person", notes.join(" · ")),
    id: `client:${client.id}`,
    tooltip: [name, ...notes, sinceText(client.since)],
    contextValue: client.isOperator ? "client.host" : "client.other",
    client,
    address,
  };
}

function leaf(label: string, icon: string, description?: string): TreeNode {
  return {
    id: label,
    label,
    description,
    icon: new vscode.ThemeIcon(icon),
    ...(description !== undefined && { tooltip: [`${label}: ${description}`] }),
  };
}

/** `time` is in ms since the epoch. */
function sinceText(time: number): string {
  const clock = new Date(time).toLocaleTimeString(vscode.env.language, { timeStyle: "short" });
  return l10n.t("since {0}", clock);
}
