// Hosting: the server of this window, who may come in, and how they find it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import * as vscode from "./vscode.js";
import { formatAddress, formatInvite, type ServerAddress } from "../client/address.js";
import { hostPort } from "../irc/host-port.js";
import { approveToJoin, defaultChannel, showAddresses } from "./config.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { Disposable } from "./disposable.js";
import { freePort } from "./free-port.js";
import { localAddresses } from "./local-addresses.js";
import type { LocalHosts } from "./local-hosts.js";
import type { Secrets } from "./secrets.js";
import type { Log } from "./ui/log.js";

/** Where to listen: this machine only, everywhere, or one address of this computer. */
export interface HostRequest {
  readonly scope: "machine" | "network" | { readonly address: string };
  /** 0 picks a free one that nothing is stored for. */
  readonly port: number;
}

/** What the host's own session needs. */
export interface HostedTarget {
  /** What hosts the same again: the port is the one that was picked. */
  readonly request: HostRequest;
  readonly address: ServerAddress;
  readonly oper: { readonly name: string; readonly password: string };
}

const AUDITED_KEY = "auditedPorts";
const PORT_KEY = "lastPort";
const OPER_NAME = "host";
const LOOPBACK = "127.0.0.1";

/** Starts the embedded server for people of this network. */
export class Hosting extends Disposable {
  private request: HostRequest | undefined;
  private token = "";
  private announcedPort: number | undefined;

  constructor(
    private readonly server: EmbeddedServer,
    private readonly secrets: Secrets,
    private readonly localHosts: LocalHosts,
    private readonly storage: vscode.Uri,
    private readonly memento: vscode.Memento,
    private readonly log: Pick<Log, "warn">,
  ) {
    super();
    const onFault = (error: unknown) => {
      log.warn(`Could not withdraw the server's announcement: ${String(error)}`);
    };
    this.register(
      server.onDidChange(({ phase }) => {
        if (phase === "stopped") this.withdraw().catch(onFault);
      }),
    );
  }

  /** The port that was hosted on last: its invite link, certificate and history are there. */
  get lastPort(): number | undefined {
    return this.memento.get<number>(PORT_KEY);
  }

  /** @throws HostingError when it cannot listen there, StoppedWhileStarting when it was stopped meanwhile. */
  async start(asked: HostRequest): Promise<HostedTarget> {
    const request = asked.port === 0 ? await this.withPort(asked) : asked;
    const token = (await this.secrets.get(inviteKey(request.port))) ?? newSecret();
    const password = newSecret();
    await this.server.start({
      listen: [listenAddress(request)],
      password: token,
      data: this.dataFolder(request.port),
      audit: this.auditedPorts().includes(request.port),
      opers: [`${OPER_NAME}:${password}`],
      showAddresses: showAddresses(),
      approve: approveToJoin(),
      logLevel: "debug",
    });
    this.request = request;
    this.token = token;
    const own = { ...this.inviteAddress(), hosts: [ownAddress(request)] };
    await this.secrets.set(inviteKey(request.port), token);
    await this.memento.update(PORT_KEY, request.port);
    await this.announce(own);
    return {
      request,
      address: own,
      oper: { name: OPER_NAME, password },
    };
  }

  /**
   * Whether everything that is said on the running server is logged. A port keeps the host's choice, as it keeps its history: a
   * server that starts again logs as it did before. Resolves with the problem if it cannot be changed.
   */
  async setAudit(isOn: boolean): Promise<string | undefined> {
    const port = this.request?.port;
    const problem = await this.server.setAudit(isOn);
    if (problem !== undefined || port === undefined) return problem;
    const others = this.auditedPorts().filter((other) => other !== port);
    await this.memento.update(AUDITED_KEY, isOn ? [...others, port] : others);
    return undefined;
  }

  private auditedPorts(): readonly number[] {
    return this.memento.get<readonly number[]>(AUDITED_KEY, []);
  }

  /** Tells this computer's other windows. People with the invite link can join without that, so a failure is only logged. */
  private async announce(own: ServerAddress): Promise<void> {
    this.announcedPort = own.port;
    try {
      await this.localHosts.announce(own);
    } catch (error) {
      this.log.warn(
        `Could not announce the server to other windows on this computer: ${String(error)}`,
      );
    }
    // It may have ended meanwhile, when there was nothing to withdraw yet.
    if (this.server.state.phase !== "running") await this.localHosts.withdraw(own.port);
  }

  /** Where the server listens, or last did. */
  get scope(): HostRequest["scope"] {
    return this.request?.scope ?? "network";
  }

  /** The addresses and the port that others can use. */
  reachableAt(): Pick<ServerAddress, "hosts" | "port"> {
    return this.inviteAddress();
  }

  /** `host:port` of every address others can use; of none while nothing runs. */
  addresses(): readonly string[] {
    const { hosts, port } = this.inviteAddress();
    return hosts.map((host) => hostPort(host, port));
  }

  /** The link that lets others in. */
  invite(): string {
    return formatInvite(this.inviteAddress(), vscode.env.uriScheme);
  }

  /** The address as people write it. */
  label(): string {
    return formatAddress(this.inviteAddress());
  }

  /** A server that another window of this computer hosts, with the token that lets us in. */
  async localInvites(): Promise<readonly ServerAddress[]> {
    const hosts = await this.localHosts.others();
    return Promise.all(
      hosts.map(async (address) => ({
        ...address,
        token: await this.secrets.get(inviteKey(address.port)),
      })),
    );
  }

  private inviteAddress(): ServerAddress {
    const { state } = this.server;
    const common = { transport: "tls", path: "/", channels: [defaultChannel()] } as const;
    if (state.phase !== "running" || this.request === undefined) {
      return { ...common, hosts: [], port: 0, fingerprint: undefined, token: undefined };
    }
    return {
      ...common,
      hosts: reachableHosts(this.request),
      port: state.listeners[0]?.port ?? 0,
      fingerprint: state.fingerprint,
      token: this.token,
    };
  }

  private async withPort(request: HostRequest): Promise<HostRequest> {
    for (;;) {
      const port = await freePort(listenHost(request.scope));
      if (port === 0 || !existsSync(this.dataFolder(port))) return { ...request, port };
    }
  }

  private async withdraw(): Promise<void> {
    const port = this.announcedPort;
    this.announcedPort = undefined;
    if (port !== undefined) await this.localHosts.withdraw(port);
  }

  /** A port keeps its history, its certificate and its token: the link in yesterday's mail still works. */
  private dataFolder(port: number): string {
    return vscode.Uri.joinPath(this.storage, "servers", String(port)).fsPath;
  }
}

/** `HOST:PORT` to listen on. */
export function listenAddress({ scope, port }: HostRequest): string {
  return hostPort(listenHost(scope), port);
}

function listenHost(scope: HostRequest["scope"]): string {
  if (scope === "machine") return LOOPBACK;
  if (scope !== "network") return scope.address;
  // "::" takes IPv4 as well, but does not exist where IPv6 is switched off.
  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family }) => family === "IPv6"),
  );
  return hasIpv6 ? "::" : "0.0.0.0";
}

function ownAddress({ scope }: HostRequest): string {
  return typeof scope === "string" ? LOOPBACK : scope.address;
}

function reachableHosts({ scope }: HostRequest): readonly string[] {
  if (scope === "machine") return [LOOPBACK];
  if (scope !== "network") return [scope.address];
  const hosts = localAddresses().map(({ address }) => address);
  return hosts.length === 0 ? [LOOPBACK] : hosts;
}

function inviteKey(port: number): string {
  return `invite:${port}`;
}

function newSecret(): string {
  return randomBytes(16).toString("base64url");
}
