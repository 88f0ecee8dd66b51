// Makes sessions: what an address, a nick and the settings come to.
import { formatAddress, type ServerAddress } from "../client/address.js";
import { Session } from "../client/session.js";
import type { ClientCertificate, SessionOptions } from "../client/session-options.js";
import * as config from "./config.js";
import type { ChatService, Network } from "./chat-service.js";
import type { Identity } from "./identity.js";
import type { KnownServers } from "./known-servers.js";
import type { Log } from "./ui/log.js";

export interface Target {
  readonly address: ServerAddress;
  readonly nick: string;
  readonly password: string | undefined;
  /** Makes us operator of the server this window hosts. */
  readonly oper?: SessionOptions["oper"];
}

export interface NewSession {
  readonly session: Session;
  readonly network: Network;
}

/** Knows what a session needs beside its target. */
export class Connector {
  constructor(
    private readonly chat: ChatService,
    private readonly known: KnownServers,
    private readonly identity: Pick<Identity, "get">,
    private readonly log: Log,
  ) {}

  /** A session for `target`, not yet started. Without a fingerprint of its own, the remembered one is pinned. */
  async create({ address, nick, password, oper }: Target): Promise<NewSession> {
    const label = formatAddress(address);
    const fingerprint = address.fingerprint ?? this.known.fingerprint(address);
    const clientCertificate = await this.certificateFor({ ...address, fingerprint });
    const network: Network = { key: fingerprint ?? label, label };
    const session = new Session({
      address: { ...address, fingerprint },
      nick,
      password: password ?? address.token,
      channels: address.channels.length > 0 ? [] : [config.defaultChannel()],
      oper,
      ...(clientCertificate !== undefined && { clientCertificate }),
      metadata: config.profileMetadata(config.profile()),
      lastSeen: this.chat.lastSeen(network.key),
      logger: this.log,
      quitMessage: "",
      persistent: true,
    });
    return { session, network };
  }

  /**
   * Ours, for servers of friends: those of an invite, and those whose own certificate somebody trusted by hand. Networks that an
   * authority vouches for are not shown it unasked: whoever sees it twice knows that it is the same person.
   */
  private async certificateFor(address: ServerAddress): Promise<ClientCertificate | undefined> {
    const isEncrypted = address.transport === "tls" || address.transport === "wss";
    const isWanted =
      address.fingerprint !== undefined || isNamed(address, config.identityServers());
    return isEncrypted && isWanted ? this.identity.get() : undefined;
  }
}

/** Whether one of `names`, each a host or `host:port`, is a server of this address. */
function isNamed({ hosts, port }: ServerAddress, names: readonly string[]): boolean {
  return names.some((name) => {
    const lower = name.trim().toLowerCase();
    return hosts.some((host) => {
      const bare = host.includes(":") ? `[${host}]` : host;
      return lower === host || lower === bare || lower === `${bare}:${port}`;
    });
  });
}
