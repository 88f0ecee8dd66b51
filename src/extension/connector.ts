// Makes sessions: what an address, a nick and the settings come to.
import type * as vscode from "vscode";
import { formatAddress, type ServerAddress } from "../client/address.js";
import { Session } from "../client/session.js";
import type { SessionOptions } from "../client/session-options.js";
import * as config from "./config.js";
import type { ChatService, Network } from "./chat-service.js";
import type { KnownServers } from "./known-servers.js";

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
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** A session for `target`, not yet started. Without a fingerprint of its own, the remembered one is pinned. */
  create({ address, nick, password, oper }: Target): NewSession {
    const label = formatAddress(address);
    const fingerprint = address.fingerprint ?? this.known.fingerprint(address);
    const network: Network = { key: fingerprint ?? label, label };
    const session = new Session({
      address: { ...address, fingerprint },
      nick,
      password: password ?? address.token,
      channels: address.channels.length > 0 ? [] : [config.defaultChannel()],
      oper,
      metadata: config.profileMetadata(config.profile()),
      lastSeen: this.chat.lastSeen(network.key),
      logger: this.log,
      quitMessage: "",
      persistent: true,
    });
    return { session, network };
  }
}
