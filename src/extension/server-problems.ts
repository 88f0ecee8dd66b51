// What goes wrong in the hosted server and is its host's to mend: a full disk, a damaged history.
import * as vscode from "./vscode.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { l10n } from "./ui/l10n.js";
import { showErrorMessage } from "./ui/messages.js";

/** Tells the host, one problem at a time: the log has all of them. */
export class ServerProblems extends Disposable {
  private isTold = false;

  constructor(server: EmbeddedServer) {
    super();
    this.register(
      server.onDidReportProblem((problem) => {
        void this.tell(problem);
      }),
    );
  }

  private async tell(problem: string): Promise<void> {
    if (this.isTold) return;
    this.isTold = true;
    try {
      const showLog = l10n.t("Show Log");
      const text = l10n.t("The chat server reports a problem: {0}", problem);
      if ((await showErrorMessage(text, showLog)) === showLog)
        await vscode.commands.executeCommand("parley.showLog");
    } finally {
      this.isTold = false;
    }
  }
}
