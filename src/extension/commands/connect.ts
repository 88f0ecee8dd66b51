// Connecting with a person watching: progress, a visible countdown while the host is not up, and cancel.
import type { ConnectFailure, ConnectionStatus } from "../../client/status.js";
import type { NewSession, Target } from "../connector.js";
import { closeText, failureText, stepText } from "../words.js";
import type { CommandContext } from "./context.js";
import { l10n } from "../ui/l10n.js";
import { withCancellableProgress, cancelledBy, type ReportProgress } from "../ui/progress.js";

export type ConnectOutcome =
  | { readonly type: "online"; readonly connected: NewSession }
  | {
      readonly type: "failed";
      readonly failure: ConnectFailure;
      /** The host of the address that failed. */
      readonly host: string;
      readonly label: string;
    }
  | { readonly type: "ended"; readonly text: string }
  | {
      readonly type: "cancelled";
      /** Why the attempts before had failed, where the person did not want to wait any longer. */
      readonly failure?: ConnectFailure | undefined;
      /** The session was left, by a command or as the window closes, rather than the attempt given up. */
      readonly isLeft?: boolean;
    };

/**
 * Connects to `target`, until `signal`. The session is still the caller's: it is not the window's chat yet. `onApproval` is
 * called once, where the host has to let us in; it may make the session the window's chat meanwhile.
 */
export async function connect(
  cx: CommandContext,
  target: Target,
  signal?: AbortSignal,
  onApproval?: (connected: NewSession) => void,
): Promise<ConnectOutcome> {
  const connected = await cx.connector.create(target);
  const { session, network } = connected;
  const attempt = async (watching: Watching) => {
    const [host = ""] = target.address.hosts;
    const following = cx.chat.follow({ session, network, address: target.address });
    const outcome = await settle(connected, host, watching).finally(() => {
      following.dispose();
    });
    // What the window shows already goes on showing why it ended.
    const isShown = cx.chat.session === session;
    if (outcome.type === "cancelled" || (outcome.type !== "online" && !isShown))
      await session.close();
    return outcome;
  };
  return new Promise((resolve, reject) => {
    const title = l10n.t("Joining {0}", network.label);
    void withCancellableProgress(
      title,
      (report, cancellation) =>
        new Promise<void>((hide) => {
          const watching = {
            report,
            until: cancelledBy(cancellation, signal),
            onApproval: (waiting: NewSession) => {
              onApproval?.(waiting);
              // The panel says it, as long as it takes, and can cancel it.
              if (cx.chat.session === session) hide();
            },
          };
          attempt(watching).then(resolve, reject).finally(hide);
        }),
    );
  });
}

interface Watching {
  readonly report: ReportProgress;
  readonly until: AbortSignal;
  readonly onApproval: (connected: NewSession) => void;
}

/** Resolves when the session is online, has ended, or is cancelled. */
function settle(
  connected: NewSession,
  firstHost: string,
  { report, until: signal, onApproval }: Watching,
): Promise<ConnectOutcome> {
  const { session, network } = connected;
  return new Promise((resolve) => {
    let countdown: NodeJS.Timeout | undefined;
    let tellApproval: typeof onApproval | undefined = onApproval;
    const finish = (outcome: ConnectOutcome) => {
      clearInterval(countdown);
      subscription.dispose();
      signal.removeEventListener("abort", cancel);
      resolve(outcome);
    };
    let failure: ConnectFailure | undefined;
    const cancel = () => {
      finish({ type: "cancelled", failure });
    };
    const look = () => {
      clearInterval(countdown);
      const { status } = session;
      if (status.phase === "waiting") ({ failure } = status);
      if (status.phase === "online") finish({ type: "online", connected });
      else if (status.phase === "closed") finish(ended(status, firstHost, network.label));
      else if (status.phase === "connecting") {
        report(stepText(status.step, network.label));
        if (status.step !== "approval") return;
        tellApproval?.(connected);
        tellApproval = undefined;
      } else if (status.phase === "waiting") {
        const tick = () => {
          report(waitingText(status, network.label), {
            label: l10n.t("Find Out Why"),
            command: "parley.findOutWhy",
            args: [],
          });
        };
        tick();
        countdown = setInterval(tick, 1000);
      }
    };
    const subscription = session.onDidChange(look);
    signal.addEventListener("abort", cancel);
    if (signal.aborted) {
      cancel();
      return;
    }
    session.start();
    look();
  });
}

function ended(
  { cause }: ConnectionStatus & { phase: "closed" },
  firstHost: string,
  label: string,
): ConnectOutcome {
  if (cause.type === "left") return { type: "cancelled", isLeft: true };
  if (cause.type !== "failed") return { type: "ended", text: closeText(cause, label) };
  const { failure } = cause;
  return { type: "failed", failure, host: failure.host ?? firstHost, label };
}

function waitingText(status: ConnectionStatus & { phase: "waiting" }, label: string): string {
  const seconds = Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1000));
  return l10n.t("{0} Trying again in {1} s…", failureText(status.failure, label), seconds);
}
