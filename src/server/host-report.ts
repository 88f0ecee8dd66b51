// Telling whoever started the server who is connected.
import type { Client } from "./client.js";
import type { Connection } from "./connection.js";
import type { ConnectedClient } from "./control.js";

/** Tells it at most once a tick, and nothing where no one wants to know. */
export class HostReport {
  private isDue = false;

  constructor(
    private readonly connections: Iterable<readonly [Connection, Client]>,
    private readonly tell: ((clients: readonly ConnectedClient[]) => void) | undefined,
  ) {}

  /** Who is connected has changed, or what is told of them. */
  hasChanged(): void {
    const { tell } = this;
    if (tell === undefined || this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      // Those who wait for approval are told of apart.
      tell([...this.connections].filter(([, client]) => !client.isWaiting).map(describe));
    });
  }
}

function describe([{ info, since }, client]: readonly [Connection, Client]): ConnectedClient {
  return {
    id: info.id,
    nick: client.nick,
    address: info.address,
    port: info.port,
    secure: info.isSecure,
    since,
    isOperator: client.isOperator,
  };
}
