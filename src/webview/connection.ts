// Words and pictures for the state of the connection.
import type { ConnectionView } from "../bridge/view.js";
import type { IconName } from "./icons.js";
import { t } from "./l10n.js";

export function connectionWord(connection: ConnectionView): string {
  switch (connection.phase) {
    case "offline":
      return t("Not connected");
    case "starting":
      return t("Starting");
    case "connecting":
    case "waiting":
      return connection.wasOnline === true ? t("Reconnecting") : t("Connecting");
    case "approval":
      return t("Waiting for approval");
    case "online":
      return t("Connected");
    case "closed":
      return t("Disconnected");
  }
}

/** Each of another shape: color is only an addition. */
export function connectionIcon({ phase }: ConnectionView): IconName {
  switch (phase) {
    case "offline":
      return "circle-slash";
    case "starting":
    case "connecting":
    case "waiting":
      return "sync";
    case "approval":
      return "watch";
    case "online":
      return "pass";
    case "closed":
      return "error";
  }
}
