// The server's half of a browser window's key ring. VS Code in a browser encrypts secrets with a key of which each side
// has one half; the bare VS Code server has none to give, and without it secrets are forgotten with every reload.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const halfKeyBytes = 32;

export interface KeyRing {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Stands in front of the VS Code server on `serverPort`: answers its windows' `POST …/mint-key`, and passes everything else
 * on. The half key lies in `directory`. Listens on loopback, on a free port when `port` is 0.
 */
export async function startKeyRing(
  serverPort: number,
  directory: string,
  port: number,
): Promise<KeyRing> {
  const halfKey = await loadHalfKey(path.join(directory, "half-key"));
  const front = createServer((incoming, response) => {
    if (incoming.method === "POST" && incoming.url?.split("?")[0]?.endsWith("/mint-key") === true)
      response.end(halfKey);
    else pass(incoming, response, serverPort);
  });
  const sockets = new Set<Duplex>();
  front.on("connection", (socket) => {
    // A remote window is thousands of small messages, each of which would wait for the answer to the one before.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  front.on("upgrade", (incoming, socket, head) => {
    passUpgrade(incoming, socket, head, serverPort);
  });
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (front.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => front.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function loadHalfKey(file: string): Promise<Buffer> {
  const known = await readFile(file).catch(() => undefined);
  if (known?.length === halfKeyBytes) return known;
  const made = randomBytes(halfKeyBytes);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, made, { mode: 0o600 });
  return made;
}

function pass(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = incoming;
  const outgoing = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  outgoing.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}

/** A WebSocket: the request as it came, and then whatever either side says. */
function passUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const server = connect({ port, host: "127.0.0.1", noDelay: true });
  const { method = "GET", url = "/", rawHeaders } = incoming;
  let start = `${method} ${url} HTTP/1.1\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2)
    start += `${rawHeaders[i] ?? ""}: ${rawHeaders[i + 1] ?? ""}\r\n`;
  server.write(`${start}\r\n`, "latin1");
  server.write(head);
  server.pipe(socket);
  socket.pipe(server);
  for (const [one, other] of [
    [server, socket],
    [socket, server],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
}
