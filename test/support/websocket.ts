// A peer that comes by WebSocket.
import { WebSocket } from "ws";
import { onCleanup } from "./cleanup.js";
import { Peer, type Link } from "./peer.js";

class WebSocketLink implements Link {
  constructor(
    readonly webSocket: WebSocket,
    private readonly binary: boolean,
  ) {}

  write(text: string | Uint8Array): void {
    for (const line of Buffer.from(text).toString().split("\r\n"))
      if (line !== "") this.webSocket.send(Buffer.from(line), { binary: this.binary });
  }

  end(): void {
    this.webSocket.close();
  }

  onText(listener: (text: string) => void): void {
    this.webSocket.on("message", (data: Buffer) => {
      const line = data.toString();
      if (/[\r\n]/.test(line)) throw new Error("a line break in a WebSocket message");
      listener(`${line}\r\n`);
    });
  }

  onClose(listener: () => void): void {
    this.webSocket.on("close", listener);
  }
}

/** A connected peer, and the subprotocol the server chose. */
export async function connectWebSocket(
  port: number,
  scheme: "ws" | "wss",
  protocols: readonly string[],
): Promise<{ peer: Peer; accepted: string; webSocket: WebSocket }> {
  const webSocket = new WebSocket(`${scheme}://127.0.0.1:${port}/`, [...protocols], {
    rejectUnauthorized: false,
  });
  onCleanup(() => {
    webSocket.terminate();
  });
  await new Promise((resolve, reject) => {
    webSocket.once("open", resolve);
    webSocket.once("error", reject);
  });
  const peer = new Peer(new WebSocketLink(webSocket, protocols[0] === "binary.ircv3.net"));
  return { peer, accepted: webSocket.protocol, webSocket };
}
