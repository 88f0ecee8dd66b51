// A network between two programs that a test can hold up, cut and mend.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const host = "127.0.0.1";

/** Passes connections on to a port of this machine. The caller closes it. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly pairs = new Map<Socket, Socket>();
  /** Those whose other half is gone, which their far end has not been told. */
  private readonly ghosts = new Set<Socket>();
  private isHeld = false;

  private constructor(
    private server: Server,
    readonly port: number,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<TcpProxy> {
    const server = await listen(0);
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port, target);
    proxy.accept();
    return proxy;
  }

  /** From now on nothing passes, but the connections stay. */
  hold(): void {
    this.isHeld = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was held up passes. */
  release(): void {
    this.isHeld = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Breaks all connections and takes no new ones. */
  async cut(): Promise<void> {
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (!this.server.listening) return;
    const closed = once(this.server, "close");
    this.server.close();
    await closed;
  }

  /** Breaks all connections, and only those who connected hear of it; new ones are taken. */
  abandon(): void {
    for (const [near, far] of this.pairs) {
      this.ghosts.add(far);
      far.pause();
      near.resetAndDestroy();
    }
  }

  /** Ends one direction of all connections: the end on that side hears that no more will come. */
  halfClose(side: "near" | "far"): void {
    for (const [near, far] of this.pairs) (side === "near" ? near : far).end();
  }

  /** Takes connections again, on the same port. */
  async mend(): Promise<void> {
    this.server = await listen(this.port);
    this.accept();
  }

  close(): Promise<void> {
    return this.cut();
  }

  private accept(): void {
    this.server.on("connection", (near) => {
      const far = connect({ host, port: this.target });
      this.pairs.set(near, far);
      near.on("close", () => this.pairs.delete(near));
      this.join(near, far);
      this.join(far, near);
    });
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    if (this.isHeld) from.pause();
    from.on("data", (chunk) => to.write(chunk));
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      this.ghosts.delete(from);
      if (!this.ghosts.has(to)) to.destroy();
    });
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}
