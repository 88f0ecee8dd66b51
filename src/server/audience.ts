// Who hears what of whom.
import { CAP, type Capability } from "../irc/caps.js";
import { RPL_MONONLINE, type RPL_MONOFFLINE } from "../irc/numerics.js";
import type { Client } from "./client.js";
import { Outgoing } from "./delivery.js";
import { deliverMetadata, type MetadataOrigin } from "./metadata.js";
import type { Monitors } from "./monitors.js";

export class Audience {
  constructor(
    private readonly monitors: Monitors,
    private readonly origin: MetadataOrigin,
  ) {}

  /** Everyone who shares a channel with the client, without the client. */
  peersOf(client: Client): Set<Client> {
    const peers = new Set<Client>();
    for (const channel of client.channels)
      for (const member of channel.members.keys()) peers.add(member);
    peers.delete(client);
    return peers;
  }

  /**
   * Tells those with the capability who share a channel with the client, or watch it by extended-monitor, what is new about
   * it.
   */
  tellOthers(client: Client, cap: Capability, message: Outgoing): void {
    const audience = this.peersOf(client);
    for (const watcher of this.monitors.watchersOf(client.nick))
      if (watcher !== client && watcher.has(CAP.extendedMonitor)) audience.add(watcher);
    for (const other of audience) if (other.has(cap)) other.deliver(message);
  }

  /** Tells those who share a channel with the client or watch it, and asked for the key, what it says now. */
  tellMetadata(client: Client, key: string, value: string | undefined): void {
    const audience = this.peersOf(client);
    for (const watcher of this.monitors.watchersOf(client.nick)) audience.add(watcher);
    audience.delete(client);
    const listeners = [...audience].filter((other) => other.wantsMetadata(key));
    deliverMetadata(this.origin, listeners, client.nick, key, value);
  }

  /** Those who watch the client's nick hear that it has come, with what they want to know of it, or gone. */
  tellWatchers(client: Client, numeric: typeof RPL_MONONLINE | typeof RPL_MONOFFLINE): void {
    const isOnline = numeric === RPL_MONONLINE;
    const text = isOnline ? client.source : client.nick;
    const { name: source } = this.origin;
    const time = this.origin.now();
    for (const watcher of this.monitors.watchersOf(client.nick)) {
      watcher.deliver(
        new Outgoing({ source, command: numeric, params: [watcher.nick, text], time }),
      );
      if (isOnline && watcher !== client)
        for (const [key, value] of client.metadata)
          if (watcher.wantsMetadata(key))
            deliverMetadata(this.origin, [watcher], client.nick, key, value);
    }
  }
}
