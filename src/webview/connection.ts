// Words and pictures for the state of the connection.
import type { ConnectionView } from "../bridge/view.js";
import type { IconName } from "./icons.js";
import { t } from "./l10n.js";

export function connectionWord({ phase }: ConnectionView): string {
  switch (phase) {
    case "offline":
      return t("Not connected");
    case "connecting":
      return t("Connecting");
    case "approval":
      return t("Waiting for approval");
    case "online":
      return t("Connected");
    case "waiting":
      return t("Reconnecting");
    case "closed":
      return t("Disconnected");
  }
}

/** Each of another shape: color is only an addition. */
export function connectionIcon({ phase }: ConnectionView): IconName {
  switch (phase) {
    case "offline":
      return "circle-slash";
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
