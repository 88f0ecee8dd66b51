// The host declares that everything is logged, or no longer is, and reads the log.
import * as vscode from "../vscode.js";
import type { CommandContext } from "./context.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "../ui/messages.js";

export async function logEverything(cx: CommandContext): Promise<void> {
  const { state } = cx.server;
  if (state.phase !== "running" || state.audit.isOn) return;
  const log = l10n.t("Log Everything");
  const choice = await showWarningMessage(
    l10n.t("Log everything said on your server, including direct messages?"),
    {
      modal: true,
      detail: [
        l10n.t("Everyone is told now, and sees a permanent notice before and while they talk."),
        l10n.t(
          "What was said before is not logged. While the log cannot be written, no one can talk.",
        ),
        l10n.t(
          "The log is kept in {0}, until you stop logging and delete it.",
          state.audit.file ?? "",
        ),
      ].join("\n\n"),
    },
    log,
  );
  if (choice === log) await set(cx, true);
}

export async function stopLogging(cx: CommandContext): Promise<void> {
  const { state } = cx.server;
  if (state.phase !== "running" || !state.audit.isOn) return;
  const stop = l10n.t("Stop Logging");
  const choice = await showWarningMessage(
    l10n.t("Stop logging what is said on your server?"),
    { modal: true, detail: l10n.t("Everyone is told. The log so far is kept.") },
    stop,
  );
  if (choice === stop) await set(cx, false);
}

async function set(cx: CommandContext, isOn: boolean): Promise<void> {
  const problem = await cx.hosting.setAudit(isOn);
  if (problem === undefined) return;
  void showErrorMessage(l10n.t("Logging could not be changed: {0}", problem));
}

export async function showServerLog(cx: CommandContext): Promise<void> {
  if (await cx.serverLog.show()) return;
  void showInformationMessage(
    l10n.t("There is no server log. Chat: Log Everything… starts one on the server you host."),
  );
}

/** All of the file, as any other one. */
export async function openServerLogFile(cx: CommandContext): Promise<void> {
  const { file } = cx.serverLog;
  if (file !== undefined)
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
}
