// Every command of the palette, one entry each.
import * as vscode from "../vscode.js";
import type { HostRequest } from "../hosting.js";
import type { ServerNode } from "../views/server.js";
import { SessionError } from "../../client/session-error.js";
import { showErrorMessage } from "../ui/messages.js";
import {
  approve,
  approveAlways,
  deny,
  denyAndBan,
  requireApproval,
  showDecisions,
  stopRequiringApproval,
  type WaitingTarget,
} from "./approval.js";
import { logEverything, openServerLogFile, showServerLog, stopLogging } from "./audit.js";
import type { CommandContext } from "./context.js";
import {
  closeConversation,
  leave,
  openConversation,
  openDirectMessage,
  rejoin,
} from "./conversations.js";
import { findOutWhy } from "./doctor.js";
import { hostServer, stopServer } from "./host.js";
import { join, joinLocal, reconnectNow, stopReconnecting } from "./join.js";
import { joinChannel } from "./join-channel.js";
import { setProfile } from "./profile.js";
import {
  copyAddress,
  copyInviteLink,
  forgetCertificate,
  kickClient,
  releaseNick,
} from "./server.js";

/** Registers them all; the result takes them back. */
export function registerCommands(cx: CommandContext): vscode.Disposable {
  const commands = {
    hostServer: (given?: HostRequest) => hostServer(cx, given),
    stopServer: (given?: { force: boolean }) => stopServer(cx, given),
    join: (given?: string) => join(cx, given),
    joinLocal: () => joinLocal(cx),
    leave: (quitMessage?: unknown) =>
      leave(cx, typeof quitMessage === "string" ? quitMessage : undefined),
    openPanel: () => {
      cx.panel.show();
    },
    setProfile: () => setProfile(cx),
    copyInviteLink: () => copyInviteLink(cx),
    joinChannel: () => joinChannel(cx),
    rejoin: (given?: unknown) => rejoin(cx, given),
    openConversation: (id?: string) => openConversation(cx, id),
    openDirectMessage: (given?: unknown) => openDirectMessage(cx, given),
    closeConversation: (given?: unknown) => {
      closeConversation(cx, given);
    },
    markAllRead: () => {
      cx.chat.markAllRead();
    },
    reconnectNow: () => reconnectNow(cx),
    stopReconnecting: () => {
      stopReconnecting(cx);
    },
    kickClient: (given?: ServerNode) => kickClient(cx, given),
    approve: (given?: WaitingTarget) => approve(cx, given),
    approveAlways: (given?: WaitingTarget) => approveAlways(cx, given),
    deny: (given?: WaitingTarget) => deny(cx, given),
    denyAndBan: (given?: WaitingTarget) => denyAndBan(cx, given),
    requireApproval: () => requireApproval(),
    stopRequiringApproval: () => stopRequiringApproval(cx),
    showDecisions: () => showDecisions(cx),
    releaseNick: () => releaseNick(cx),
    copyAddress: (given?: ServerNode) => copyAddress(given),
    forgetCertificate: () => forgetCertificate(cx),
    logEverything: () => logEverything(cx),
    stopLogging: () => stopLogging(cx),
    showServerLog: () => showServerLog(cx),
    openServerLogFile: () => openServerLogFile(cx),
    findOutWhy: (given?: unknown) => findOutWhy(cx, typeof given === "string" ? given : undefined),
    showLog: () => {
      cx.log.show();
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]: [string, (...args: never[]) => unknown]) =>
      vscode.commands.registerCommand(`parley.${name}`, async (...args: never[]) => {
        try {
          return await run(...args);
        } catch (error) {
          tell(cx, name, error);
          return undefined;
        }
      }),
    ),
  );
}

/** VS Code would show the error of a command as it is, which may hold others' words. */
function tell(cx: CommandContext, command: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SessionError)) cx.log.error(`The command ${command} failed.`, error);
  void showErrorMessage(text);
}
