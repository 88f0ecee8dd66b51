// The connection in the panel's terms.
import type { ConnectionView, DetailView } from "../bridge/view.js";
import { usesTls } from "../client/address.js";
import type { CloseCause, ConnectionStatus } from "../client/status.js";
import type { ChatService } from "./chat-service.js";
import { closeText, failureText, fingerprintText, preparationText, stepText } from "./words.js";
import { l10n } from "./ui/l10n.js";

/** What the panel says of the connection. */
export function connectionView(chat: ChatService): ConnectionView {
  const { preparation, shownAttempt: attempt, network } = chat;
  if (preparation !== undefined) {
    const text = preparationText(preparation);
    // Until it has failed once, it is about to begin.
    if (attempt === undefined || !isRetry(attempt.session.status))
      return { phase: "starting", text };
    const view = statusView(chat, attempt.session.status, attempt.network.label, false);
    return view.phase === "connecting" ? { ...view, text } : view;
  }
  // Told by the server's first words to us.
  const wasOnline = (chat.state?.serverName ?? "") !== "";
  return statusView(chat, chat.status, network?.label ?? "", wasOnline);
}

function isRetry(status: ConnectionStatus): boolean {
  return status.phase === "waiting" || (status.phase === "connecting" && status.attempt > 1);
}

function statusView(
  chat: ChatService,
  status: ConnectionStatus,
  label: string,
  wasOnline: boolean,
): ConnectionView {
  switch (status.phase) {
    case "idle":
      return { phase: "offline" };
    case "connecting":
      if (status.step === "approval") {
        const { saidLine } = status;
        return { phase: "approval", text: stepText(status.step, label), saidLine };
      }
      return {
        phase: "connecting",
        text: stepText(status.step, label),
        wasOnline,
        isRetry: isRetry(status),
      };
    case "online":
      return { phase: "online", server: chat.serverName, details: connectionDetails(status) };
    case "waiting":
      return {
        phase: "waiting",
        text: failureText(status.failure, label),
        retryAt: status.retryAt,
        wasOnline,
      };
    case "closed": {
      const { cause } = status;
      return cause.type === "left"
        ? { phase: "offline" }
        : {
            phase: "closed",
            cause: causeOf(cause),
            text: closeText(cause, label),
            facts: factsOf(cause),
          };
    }
  }
}

function causeOf(
  cause: Exclude<CloseCause, { type: "left" }>,
): Extract<ConnectionView, { phase: "closed" }>["cause"] {
  if (cause.type !== "failed") return cause.type;
  const { code } = cause.failure;
  return code === "banned" || code === "certificate-changed" ? code : "failed";
}

/** The certificates of a server that has another one than is expected. */
function factsOf(cause: CloseCause): DetailView[] {
  if (cause.type !== "failed" || cause.failure.code !== "certificate-changed") return [];
  const { expected, fingerprint } = cause.failure;
  return [
    { name: l10n.t("Expected"), value: fingerprintText(expected) },
    { name: l10n.t("Found"), value: fingerprintText(fingerprint) },
  ];
}

/** How we are connected, line by line; empty while we are not. */
export function connectionDetails(status: ConnectionStatus): DetailView[] {
  if (status.phase !== "online") return [];
  const { localAddress, remoteAddress, transport, tlsVersion, cipher, fingerprint } =
    status.details;
  const isEncrypted = usesTls(transport);
  const details: DetailView[] = [
    { name: l10n.t("Your address"), value: localAddress },
    { name: l10n.t("Server address"), value: remoteAddress },
    {
      name: l10n.t("Encryption"),
      value: isEncrypted ? (tlsVersion ?? "TLS") : l10n.t("none"),
    },
  ];
  if (cipher !== undefined) details.push({ name: l10n.t("Cipher"), value: cipher });
  if (fingerprint !== undefined) {
    details.push({
      name: l10n.t("Certificate (SHA-256)"),
      value: fingerprintText(fingerprint),
    });
  }
  return details;
}
