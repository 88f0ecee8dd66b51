// Makes sessions: what an address, a nick and the settings come to.
import { formatAddress, usesTls, type ServerAddress } from "../client/address.js";
import { hostKey } from "../client/host.js";
import { nodeNet } from "../client/net/node-net.js";
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
  /** After a reload: the channels that were joined then are joined again, and no others. */
  readonly isReturn?: boolean;
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

  /** A session for `target`, not yet started. */
  async create({ address, nick, password, oper, isReturn }: Target): Promise<NewSession> {
    const label = formatAddress(address);
    const clientCertificate = await this.certificateFor(address);
    const key = this.networkKey(address);
    const { remembered, caughtUpTo, isAudited } = await this.chat.beginning(key);
    const isKnown = remembered.some(({ kind }) => kind === "channel");
    // Whoever returns is where they were; whoever has left every channel is in none.
    const asked = isReturn === true && isKnown ? [] : address.channels;
    const session = new Session({
      net: nodeNet,
      address: { ...address, channels: asked },
      // What our own server is, it tells us itself; who had its port before does not matter.
      ...(oper === undefined && { known: this.known }),
      nick,
      ...(password !== undefined && { password }),
      channels: isOfServerOnly(address) && !isKnown ? [config.defaultChannel()] : [],
      oper,
      ...(clientCertificate !== undefined && { clientCertificate }),
      metadata: config.profileMetadata(config.profile()),
      remembered,
      ...(caughtUpTo !== undefined && { caughtUpTo }),
      isAudited,
      logger: this.log,
      quitMessage: "",
      persistent: true,
    });
    // An invite names the channel to come to; the host goes on where they were.
    const opens = oper === undefined ? asked[0] : undefined;
    const network: Network = { key, label, opens };
    return { session, network };
  }

  /**
   * What the network is known by in memory, where its channels and their keys are. So it must be proved whenever it is reached:
   * the certificate where every host must have that one, otherwise the one address, or all of them together.
   */
  private networkKey(address: ServerAddress): string {
    const { hosts, port, transport, fingerprint } = address;
    const isEncrypted = usesTls(transport);
    const [proof, ...others] = new Set(
      hosts.map((host) =>
        isEncrypted ? (fingerprint ?? this.known.fingerprint({ host, port })) : undefined,
      ),
    );
    if (proof !== undefined && others.length === 0) return proof;
    return hosts.length === 1 ? formatAddress(address) : [...hosts, port].join(" ");
  }

  /**
   * Ours, for servers of friends: those of an invite, and those whose own certificate someone trusted by hand. Networks that an
   * authority vouches for are not shown it unasked: whoever sees it twice knows that it is the same person.
   */
  private async certificateFor(address: ServerAddress): Promise<ClientCertificate | undefined> {
    const { port, transport, fingerprint } = address;
    const isEncrypted = usesTls(transport);
    const named = config.identityServers();
    const isWanted = address.hosts.every(
      (host) =>
        (fingerprint ?? this.known.fingerprint({ host, port })) !== undefined ||
        isNamed(host, port, named),
    );
    return isEncrypted && isWanted ? this.identity.get() : undefined;
  }
}

/** Whether an address leads to the server alone: to no channel of it, and to no person. */
function isOfServerOnly({ channels, nick }: ServerAddress): boolean {
  return channels.length === 0 && nick === undefined;
}

/** Whether a server is one of `names`, each a host or `host:port`. */
function isNamed(host: string, port: number, names: readonly string[]): boolean {
  const isHost = (text: string) => hostKey(text.replace(/^\[(.*)\]$/, "$1")) === hostKey(host);
  const end = `:${port}`;
  return names
    .map((name) => name.trim())
    .some((name) => isHost(name) || (name.endsWith(end) && isHost(name.slice(0, -end.length))));
}
