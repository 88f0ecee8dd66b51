// Builds the object graph and registers it: this page is the map of the extension.
import * as vscode from "./vscode.js";
import { slashCommands } from "../client/slash-commands.js";
import { AuditNotice } from "./audit-notice.js";
import { ChatPanel } from "./chat-panel.js";
import { ChatService } from "./chat-service.js";
import type { CommandContext } from "./commands/context.js";
import { registerCommands } from "./commands/index.js";
import { join } from "./commands/join.js";
import { publishProfile } from "./commands/profile.js";
import { resumeChat } from "./commands/resume.js";
import { makeCertificate } from "./certificate-maker.js";
import * as config from "./config.js";
import { Connector } from "./connector.js";
import { ContextKeys } from "./context-keys.js";
import { EmbeddedServer } from "./embedded-server.js";
import { showFirstWindow } from "./first-window.js";
import { Hosting } from "./hosting.js";
import { Identity } from "./identity.js";
import { Joins } from "./joins.js";
import { KnownServers } from "./known-servers.js";
import { LocalHosts } from "./local-hosts.js";
import { Milestones } from "./milestones.js";
import { NetworkMemory } from "./network-memory.js";
import { OwnPicture } from "./own-picture.js";
import { panelActions } from "./panel-actions.js";
import { Pictures } from "./pictures.js";
import { QueuedMemento } from "./queued-memento.js";
import { Resume } from "./resume.js";
import { Secrets } from "./secrets.js";
import { ServerLog } from "./server-log.js";
import { ServerProblems } from "./server-problems.js";
import { PlatformSounds, playersOf } from "./platform-sounds.js";
import { Sounds } from "./sounds.js";
import { StatusBar } from "./status-bar.js";
import { InviteUriHandler } from "./uri-handler.js";
import { WaitingNotice } from "./waiting-notice.js";
import { ConversationsView } from "./views/conversations.js";
import { OnlineUsersView } from "./views/online-users.js";
import { ServerView } from "./views/server.js";
import { l10n } from "./ui/l10n.js";
import { showErrorMessage, showWarningMessage } from "./ui/messages.js";
import { restoreEditorTabs } from "./ui/editor-tab.js";
import { createLog, type Log } from "./ui/log.js";
import { registerUriHandler } from "./ui/window.js";

let shutDown: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const register = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const log = register(createLog("Parley"));
  const secrets = new Secrets(context.secrets, (error) => {
    log.warn(`The key ring is not available: ${String(error)}`);
    void showWarningMessage(
      l10n.t(
        "The system's key ring is not available. Invite links and passwords are kept only for this session.",
      ),
    );
  });
  const globalState = new QueuedMemento(context.globalState);
  const known = new KnownServers(globalState, secrets);
  const chat = register(new ChatService(new NetworkMemory(globalState, secrets)));
  const serverBundle = vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").fsPath;
  const identity = new Identity({
    secrets,
    folder: context.globalStorageUri.fsPath,
    windowSession: vscode.env.sessionId,
    make: () => makeCertificate(serverBundle),
    logger: log,
  });
  const server = register(new EmbeddedServer(serverBundle, log));
  const localHosts = register(
    new LocalHosts(vscode.Uri.joinPath(context.globalStorageUri, "hosting")),
  );
  const hosting = register(
    new Hosting(server, secrets, localHosts, context.globalStorageUri, globalState, log),
  );
  const commands = [...slashCommands].map(([name, { usage, description }]) => ({
    name,
    usage,
    description: l10n.t(description),
  }));
  const pictures = register(new Pictures(chat, log));
  const ownPicture = register(new OwnPicture(context.globalStorageUri, chat, pictures, log));
  const actions = panelActions(chat, pictures, ownPicture);
  const panel = register(new ChatPanel(context.extensionUri, chat, server, commands, actions, log));
  const cx: CommandContext = {
    chat,
    server,
    hosting,
    connector: new Connector(chat, known, identity, log),
    joins: new Joins(),
    known,
    panel,
    ownPicture,
    resume: new Resume(new QueuedMemento(context.workspaceState)),
    milestones: register(new Milestones(globalState)),
    serverLog: register(new ServerLog(chat, server)),
    extensionUri: context.extensionUri,
    log,
  };

  register(registerCommands(cx));
  register(new ContextKeys(chat, server, localHosts));
  register(new OnlineUsersView(chat, context.extensionUri, pictures));
  register(new ConversationsView(chat));
  register(new ServerView(chat, server, hosting));
  register(new StatusBar(chat, server));
  register(new ServerProblems(server));
  register(new WaitingNotice(server));
  register(new AuditNotice(chat, server, panel));
  register(new Sounds(chat, panel, platformSounds(context, log)));
  const invites = new InviteUriHandler((invite) => join(cx, invite));
  register(registerUriHandler(invites));
  const isBusy = () => invites.isUsed || chat.session !== undefined || server.isActive;
  register(showFirstWindow(globalState, () => config.opensWalkthroughs() && !isBusy()));
  register(
    restoreEditorTabs(ChatPanel.viewType, (restored) => {
      panel.adopt(restored);
      // Not awaited: the panel is shown at once, and it shows how the connection comes about.
      if (config.resumes()) void resumeChat(cx);
    }),
  );
  register(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("parley.profile")) publishProfile(cx);
      if (event.affectsConfiguration("parley.approveToJoin"))
        server.setApproval(config.approveToJoin());
    }),
  );
  register(
    chat.onDidReceiveMessage(({ conversation, entry }) => {
      // It wants no answer: it comes as many do while one connects.
      if (entry.form === "notice") return;
      const isDirect = chat.state?.buffers.get(conversation)?.kind === "direct";
      if (!isDirect || config.directMessagesOpen() !== "reveal") return;
      if (!panel.isVisible || chat.current !== conversation) chat.open(conversation);
      panel.show(true);
    }),
  );
  register(
    chat.onDidSay(() => {
      cx.milestones.reach("hasSpoken");
    }),
  );
  register(
    server.onDidCrash((reason) => {
      void offerToHostAgain(reason);
    }),
  );
  shutDown = async () => {
    await chat.save();
    await chat.session?.close();
    // A reload looks the same from here: who waits for the host need not do anything when he is back.
    await server.stop(l10n.t("The host closed or reloaded the window"), "for now");
  };
}

/** Says goodbye to everyone before the window goes. */
export async function deactivate(): Promise<void> {
  await shutDown?.();
  shutDown = undefined;
}

/** No player where the extension runs on another computer than the person sits at. */
function platformSounds(context: vscode.ExtensionContext, log: Log): PlatformSounds {
  const isHere = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  const folders = {
    sounds: vscode.Uri.joinPath(context.extensionUri, "media", "sounds").fsPath,
    storage: vscode.Uri.joinPath(context.globalStorageUri, "sounds").fsPath,
  };
  return new PlatformSounds(folders, isHere ? playersOf(process.platform) : [], log);
}

async function offerToHostAgain(reason: string): Promise<void> {
  const again = l10n.t("Host Again");
  const choice = await showErrorMessage(
    l10n.t("The chat server ended unexpectedly: {0}", reason),
    again,
  );
  if (choice === again) await vscode.commands.executeCommand("parley.hostServer");
}
