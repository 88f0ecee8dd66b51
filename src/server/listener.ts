// One address the server listens on.
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { hostPort } from "../irc/host-port.js";
import type { ListenAddress } from "./config.js";
import type { ListeningAddress } from "./control.js";
import { StartError, errorCode, errorText } from "./errors.js";

const BACKLOG = 4096;

export class Listener {
  private readonly net: NetServer;

  constructor(
    private readonly address: ListenAddress,
    take: (socket: Socket) => void,
  ) {
    this.net = createServer({ noDelay: true }, take);
  }

  /** Resolves with the real address, the port being the one picked where 0 was asked for. @throws StartError */
  start(): Promise<ListeningAddress> {
    const { host, port } = this.address;
    return new Promise((resolve, reject) => {
      this.net.once("error", (error) => {
        reject(explain(error, this.address));
      });
      this.net.listen({ host, port, backlog: BACKLOG, ipv6Only: host !== "::" }, () => {
        resolve({ host, port: (this.net.address() as AddressInfo).port });
      });
    });
  }

  /** Resolves when the port is free; sockets that are open stay so. May be called again. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.net.close(() => {
        resolve();
      });
    });
  }
}

function explain(cause: Error, address: ListenAddress): StartError {
  const at = hostPort(address.host, address.port);
  switch (errorCode(cause)) {
    case "EADDRINUSE":
      return new StartError(
        "port-in-use",
        `cannot listen on ${at}: another program uses this port; choose another port, or 0 for any free port`,
        { cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartError(
        "address-not-local",
        `cannot listen on ${at}: this is not an address of this computer; 0.0.0.0 listens on all of them`,
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new StartError(
        "permission-denied",
        `cannot listen on ${at}: the system does not allow it; choose a port above 1023`,
        { cause },
      );
    default:
      return new StartError("unknown", `cannot listen on ${at}: ${errorText(cause)}`, { cause });
  }
}
