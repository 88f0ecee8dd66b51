// The only importer of the UI toolkit. It is deprecated upstream: to replace it, replace this file and its two tags.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeProgressRing,
} from "@vscode/webview-ui-toolkit";

/** Defines `<vscode-button>` and `<vscode-progress-ring>`. The badge is not used: it writes a style attribute. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing());
}
