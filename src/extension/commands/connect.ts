// Connecting with a person watching: progress, a visible countdown while the host is not up, and cancel.
import type * as vscode from "../vscode.js";
import type { ConnectFailure, ConnectionStatus } from "../../client/status.js";
import type { NewSession, Target } from "../connector.js";
import { closeText, failureText, stepText } from "../words.js";
import type { CommandContext } from "./context.js";
import { l10n } from "../ui/l10n.js";
import { withCancellableProgress } from "../ui/progress.js";

export type ConnectOutcome =
  | { readonly type: "online"; readonly connected: NewSession }
  | { readonly type: "failed"; readonly failure: ConnectFailure; readonly label: string }
  | { readonly type: "ended"; readonly text: string }
  | { readonly type: "cancelled" };

/** Connects to `target`. The session is still the caller's: it is not the window's chat yet. */
export async function connect(cx: CommandContext, target: Target): Promise<ConnectOutcome> {
  const connected = await cx.connector.create(target);
  const { session, network } = connected;
  return withCancellableProgress(
    l10n.t("Joining {0}", network.label),
    async (report, cancellation) => {
      const outcome = await settle(connected, report, cancellation);
      if (outcome.type !== "online") await session.close();
      return outcome;
    },
  );
}

/** Resolves when the session is online, has ended, or is cancelled. */
function settle(
  connected: NewSession,
  report: (message: string) => void,
  cancellation: vscode.CancellationToken,
): Promise<ConnectOutcome> {
  const { session, network } = connected;
  return new Promise((resolve) => {
    let countdown: NodeJS.Timeout | undefined;
    const finish = (outcome: ConnectOutcome) => {
      clearInterval(countdown);
      subscription.dispose();
      cancelled.dispose();
      resolve(outcome);
    };
    const look = () => {
      clearInterval(countdown);
      const { status } = session;
      if (status.phase === "online") finish({ type: "online", connected });
      else if (status.phase === "closed") finish(ended(status, network.label));
      else if (status.phase === "connecting") report(stepText(status.step, network.label));
      else if (status.phase === "waiting") {
        const tick = () => {
          report(waitingText(status, network.label));
        };
        tick();
        countdown = setInterval(tick, 1000);
      }
    };
    const subscription = session.onDidChange(look);
    const cancelled = cancellation.onCancellationRequested(() => {
      finish({ type: "cancelled" });
    });
    session.start();
    look();
  });
}

function ended(status: ConnectionStatus & { phase: "closed" }, label: string): ConnectOutcome {
  return status.cause.type === "failed"
    ? { type: "failed", failure: status.cause.failure, label }
    : { type: "ended", text: closeText(status.cause, label) };
}

function waitingText(status: ConnectionStatus & { phase: "waiting" }, label: string): string {
  const seconds = Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1000));
  return l10n.t("{0} Trying again in {1} s…", failureText(status.failure, label), seconds);
}
