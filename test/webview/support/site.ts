// Serves the bundle of the panel and the document around it, which is the extension's.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build, type BuildOptions } from "esbuild";

const root = path.resolve(import.meta.dirname, "../../..");

export interface Site {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Builds the bundle, and serves it until it is closed. */
export async function startSite(): Promise<Site> {
  const files = await bundle();
  const server = createServer((request, response) => {
    void answer(files, request.url ?? "/").then(({ type, body }) => {
      // The browser then keeps the compiled script, too.
      const cached = type === "text/html" ? {} : { "cache-control": "max-age=3600" };
      const headers = { "content-type": type, ...cached };
      response.writeHead(body === undefined ? 404 : 200, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Files = ReadonlyMap<string, Uint8Array>;

async function bundle(): Promise<Files> {
  const { bundles } = createRequire(import.meta.url)(path.join(root, "esbuild.js")) as {
    bundles: BuildOptions[];
  };
  const options = bundles.find(({ entryPoints }) => entryPoints && "webview" in entryPoints);
  const result = await build({ ...options, absWorkingDir: root, write: false as const });
  return new Map(
    result.outputFiles.map((file) => [`/dist/${path.basename(file.path)}`, file.contents]),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".wav": "audio/wav",
};

async function answer(
  files: Files,
  url: string,
): Promise<{ type: string; body: Uint8Array | string | undefined }> {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (pathname === "/") return { type: "text/html", body: html(searchParams) };
  const type = TYPES[path.extname(pathname)] ?? "text/plain";
  const folder = /^\/media\/(?:avatars|sounds)\//.exec(pathname)?.[0];
  if (folder !== undefined) {
    const file = path.join(root, folder, path.basename(pathname));
    return { type, body: await readFile(file).catch(() => undefined) };
  }
  return { type, body: pathname === "/favicon.ico" ? "" : files.get(pathname) };
}

/** As the extension writes it. */
function html(query: URLSearchParams): string {
  const escape = (text: string | null): string =>
    (text ?? "").replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const source = "'self'";
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-abc'",
    `style-src ${source}`,
    `img-src ${source} data:`,
    `font-src ${source}`,
    `media-src ${source}`,
  ].join("; ");
  const bodyClass = escape(query.get("bodyClass"));
  return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Parley</title>
<link rel="stylesheet" href="/dist/webview.css">
</head>
<body class="${bodyClass}" data-vscode-theme-kind="${bodyClass}" data-media="/media" data-l10n="${escape(query.get("l10n"))}">
<script nonce="abc" src="/dist/webview.js"></script>
</body>
</html>`;
}
