import { randomBytes } from "node:crypto";
import * as vscode from "./vscode.js";
import { l10n } from "./ui/l10n.js";

/** What the page may load from: the bundles and the pictures. */
export function webviewRoots(extensionUri: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, "dist"), vscode.Uri.joinPath(extensionUri, "media")];
}

/** The panel's page: no inline script or style, nothing from elsewhere. */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64url");
  const uri = (...path: string[]) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    // Pictures of people come as data, over the extension.
    `img-src ${webview.cspSource} data:`,
    `font-src ${webview.cspSource}`,
    `media-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(vscode.env.language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley</title>
<link rel="stylesheet" href="${uri("dist", "webview.css")}">
</head>
<body data-media="${uri("media")}" data-l10n="${escapeAttribute(JSON.stringify(l10n.bundle ?? {}))}">
<script nonce="${nonce}" src="${uri("dist", "webview.js")}"></script>
</body>
</html>`;
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}
