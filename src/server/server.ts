// The server: owns listeners, clients and history.
import { CAP } from "../irc/caps.js";
import { fold } from "../irc/casemapping.js";
import { nextNick } from "../irc/names.js";
import { RPL_MONOFFLINE, RPL_MONONLINE } from "../irc/numerics.js";
import { SERVER_STOPPING } from "../irc/standard-replies.js";
import { Accounts } from "./accounts/accounts.js";
import type { OwnedNick } from "./accounts/owned-nicks.js";
import { Addresses } from "./addresses.js";
import { AlwaysOn } from "./always-on.js";
import { Audience } from "./audience.js";
import { loadCertificate } from "./certificate.js";
import { Channels } from "./channels.js";
import { Client, type UserMode } from "./client.js";
import { createCloak } from "./cloak.js";
import { commandTable } from "./commands/index.js";
import type { ServerConfig } from "./config.js";
import {
  Connection,
  type ConnectionEnvironment,
  type ConnectionInfo,
  type ConnectionOwner,
  type Input,
} from "./connection.js";
import { Connections } from "./connections.js";
import { Entrance } from "./entrance.js";
import type { ConnectedClient, ListeningAddress } from "./control.js";
import { Outgoing } from "./delivery.js";
import { DataFolder, loadKey, openStore } from "./data-folder.js";
import { dispatch } from "./dispatch.js";
import { errorText } from "./errors.js";
import { Archive } from "./history/archive.js";
import { SqliteHistory } from "./history/sqlite.js";
import { HostReport } from "./host-report.js";
import { createIdSource } from "./ids.js";
import { lastHeard } from "./leaving.js";
import type { Logger } from "./logger.js";
import { Memory, type Presence } from "./memory.js";
import { Monitors } from "./monitors.js";
import { Nicks } from "./nicks.js";
import { OutputScheduler } from "./outbox.js";
import { ReadMarkers } from "./read-markers.js";
import type { Transport } from "./transport.js";
import { Greeting } from "./welcome.js";
import { Departures } from "./whowas.js";

export interface ServerEnvironment {
  readonly logger: Logger;
  readonly now?: () => number;
  readonly newId?: () => string;
  /** The configuration as it is given now, for REHASH. @throws ConfigError */
  readonly reload?: () => ServerConfig;
  /** Told at most once a tick, whenever who is connected has changed. */
  readonly onClients?: (clients: readonly ConnectedClient[]) => void;
}

export interface Started {
  readonly listeners: readonly ListeningAddress[];
  readonly fingerprint: string;
}

const PRUNE_INTERVAL_MS = 10 * 60 * 1000;
/** The away message of those who stay and have none of their own. */
const NOT_CONNECTED = "Not connected";

/** A chat server. `start` once, `close` any number of times. */
export class Server implements ConnectionOwner {
  readonly logger: Logger;
  readonly newId: () => string;
  readonly startedAt: number;
  greeting: Greeting;
  readonly archive: Archive;
  readonly accounts: Accounts;
  readonly readMarkers: ReadMarkers;
  readonly memory: Memory;
  readonly channels: Channels;
  readonly addresses: Addresses;
  readonly monitors = new Monitors();
  readonly audience = new Audience(this.monitors, this);
  readonly departures = new Departures();
  /** The most registered clients there were at once. */
  peakClients = 0;
  private readonly clock: () => number;
  private latestTime = 0;
  private readonly folder: DataFolder | undefined;
  private readonly cloak: (address: string) => string;
  private readonly output: OutputScheduler<Connection>;
  private readonly connectionEnvironment: ConnectionEnvironment;
  private readonly connections = new Connections();
  private readonly report: HostReport;
  private readonly nicks = new Nicks();
  /** Who is connected and logged in, by account. */
  private readonly sessions = new Map<string, Set<Client>>();
  private readonly alwaysOn: AlwaysOn;
  private readonly invisible = new Set<Client>();
  private readonly operators = new Set<Client>();
  private readonly onClientChange = ({ account }: Client) => {
    this.alwaysOn.hasChanged(account);
  };
  private entrance: Entrance | undefined;
  private sweeper: NodeJS.Timeout | undefined;
  private pruner: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;
  private hasStarted = false;
  private isClosing = false;

  /** @throws StartError when an option names what cannot be used. */
  constructor(
    public config: ServerConfig,
    private readonly environment: ServerEnvironment,
  ) {
    this.logger = environment.logger;
    this.report = new HostReport(this.connections, environment.onClients);
    this.clock = environment.now ?? Date.now;
    this.newId = environment.newId ?? createIdSource();
    this.startedAt = this.clock();
    this.greeting = new Greeting(config, this.startedAt);
    this.folder = config.data === undefined ? undefined : new DataFolder(config.data);
    const cloakKey = loadKey(this.folder, "cloak.key");
    this.cloak = createCloak(cloakKey);
    const database = openStore(this.folder, this.logger);
    this.accounts = new Accounts(database, cloakKey, () => this.now());
    const history = new SqliteHistory(database);
    this.archive = new Archive(history, this.logger, config.name, this.accounts.nicks);
    // A clock that was set back must not put new messages before those that are stored.
    this.latestTime = this.archive.store.latestTime;
    this.addresses = new Addresses(config.limits, config.floodControl);
    this.memory = new Memory(database, this.logger);
    this.readMarkers = new ReadMarkers(database);
    this.channels = new Channels(
      this.memory,
      history,
      this.readMarkers,
      config.limits.maxChannelsPerClient,
      () => this.now(),
    );
    const sessionsOf = (account: string) => this.sessions.get(account) ?? [];
    this.alwaysOn = new AlwaysOn(this.memory, sessionsOf, config.alwaysOn);
    this.output = new OutputScheduler(() => {
      this.alwaysOn.store();
      return this.archive.commit();
    });
    const { limits, floodControl } = config;
    this.connectionEnvironment = { limits, floodControl, now: this.clock, output: this.output };
  }

  get name(): string {
    return this.config.name;
  }

  /** Milliseconds since the epoch, never going back: the order of messages is that of their times. */
  now(): number {
    this.latestTime = Math.max(this.latestTime, this.clock());
    return this.latestTime;
  }

  /** Listens. Resolves when clients can connect. @throws StartError; then nothing is left open. */
  async start(): Promise<Started> {
    try {
      return await this.open();
    } catch (error) {
      await this.close("could not start");
      throw error;
    }
  }

  private async open(): Promise<Started> {
    const certificate = await loadCertificate(this.config, this.folder);
    for (const { name, password } of this.config.accounts)
      await this.accounts.ensure(name, password);
    this.bringBack();
    await this.prune();
    this.entrance = new Entrance(
      this.config,
      certificate,
      (transport, info) => this.accept(transport, info),
      this.logger,
      this.clock,
      this.addresses,
    );
    const listeners = await this.entrance.open();
    this.sweeper = setInterval(() => {
      this.sweep();
    }, this.config.limits.sweepIntervalMs);
    this.pruner = setInterval(() => {
      void this.prune();
    }, PRUNE_INTERVAL_MS);
    this.hasStarted = true;
    this.logger.info("waiting for connections");
    return { listeners, fingerprint: certificate.fingerprint };
  }

  /** Tells everybody, closes every socket, frees the ports. May be called again. */
  close(reason: string, until: "for good" | "for now" = "for good"): Promise<void> {
    this.closing ??= this.shutDown(reason, until === "for good");
    return this.closing;
  }

  /** Reads the configuration again. What needs a restart stays as it is. @throws ConfigError; then nothing has changed. */
  async rehash(): Promise<void> {
    const next = this.environment.reload?.() ?? this.config;
    const { listen, plaintext, certFile, keyFile, data, name, network } = this.config;
    const { showAddresses, floodControl, logLevel, logJson, limits } = this.config;
    const kept = { listen, plaintext, certFile, keyFile, data, name, network };
    const config = { ...next, ...kept, showAddresses, floodControl, logLevel, logJson, limits };
    const greeting = new Greeting(config, this.startedAt);
    for (const { name, password } of next.accounts) await this.accounts.ensure(name, password);
    this.config = config;
    this.greeting = greeting;
    for (const client of this.alwaysOn.turn(this.config.alwaysOn, this.sessions.keys()))
      this.quit(client, "Nobody stays any more");
    this.logger.info("the configuration was read again");
  }

  // --- who is here

  get clients(): Iterable<Client> {
    return this.nicks.values();
  }

  get clientCount(): number {
    return this.nicks.size;
  }

  get invisibleCount(): number {
    return this.invisible.size;
  }

  get operatorCount(): number {
    return this.operators.size;
  }

  get unregisteredCount(): number {
    return this.connections.size - (this.nicks.size - this.alwaysOn.size);
  }

  /** How many accounts somebody is logged in to. */
  get sessionCount(): number {
    return this.sessions.size;
  }

  findClient(nick: string): Client | undefined {
    return this.nicks.get(nick);
  }

  /** Whoever has the nick, or one that looks like it. */
  findAlike(nick: string): Client | undefined {
    return this.nicks.like(nick);
  }

  /** Gives the client its nick, which must be free, and makes it one of those who are here. */
  register(client: Client, nick: string): void {
    client.nick = nick;
    const isBack = this.nicks.get(nick) !== undefined;
    client.isRegistered = true;
    client.signonTime = this.now();
    client.lastActive = client.signonTime;
    this.nicks.set(nick, client);
    this.peakClients = Math.max(this.peakClients, this.nicks.size);
    client.connection.registered();
    const { address, port, kind } = client.connection.info;
    if (!isBack) this.audience.tellWatchers(client, RPL_MONONLINE);
    this.logger.info(`${nick} connected from ${address} port ${port} (${kind})`);
    this.report.hasChanged();
  }

  /**
   * Changes a registered client's nick to one that it may have, and tells those who share a channel with it. Returns the
   * message, which the client itself has yet to get.
   */
  rename(client: Client, nick: string): Outgoing {
    const message = client.outgoing("NICK", [nick], this.now(), { msgid: this.newId() });
    for (const channel of client.channels) this.archive.event(channel, message);
    this.nicks.delete(client.nick, client);
    this.logger.info(`${client.nick} is now ${nick}`);
    const isOther = !this.isSameName(client.nick, nick);
    if (isOther) this.departures.add(client, this.now());
    if (isOther) this.audience.tellWatchers(client, RPL_MONOFFLINE);
    client.nick = nick;
    this.nicks.set(nick, client);
    if (isOther) this.audience.tellWatchers(client, RPL_MONONLINE);
    for (const peer of this.audience.peersOf(client)) peer.deliver(message);
    this.report.hasChanged();
    return message;
  }

  /** Changes a mode of a registered client. */
  setMode(client: Client, mode: UserMode, isOn: boolean): void {
    client.setMode(mode, isOn);
    const counted = {
      i: this.invisible,
      o: this.operators,
      w: undefined,
      B: undefined,
      s: undefined,
    }[mode];
    if (isOn) counted?.add(client);
    else counted?.delete(client);
    if (mode === "o") this.report.hasChanged();
  }

  private notCounted(client: Client): void {
    this.invisible.delete(client);
    this.operators.delete(client);
  }

  // --- accounts

  isSameName(a: string, b: string): boolean {
    return fold(a, "ascii") === fold(b, "ascii");
  }

  isSameAccount(a: Client, b: Client): boolean {
    return a.account !== undefined && a.account === b.account;
  }

  /** The client, and whoever else is logged in to its account. */
  connectionsOf(client: Client): Iterable<Client> {
    return this.sessions.get(client.account ?? "") ?? [client];
  }

  /** The nick of another's account that this one is, or looks like. */
  ownedByAnother(nick: string, { account }: Client): OwnedNick | undefined {
    const owned = this.accounts.nicks.like(nick);
    return owned === undefined || owned.owner === fold(account ?? "", "ascii") ? undefined : owned;
  }

  /** Whether the nick belongs to the client's own account. */
  owns({ account }: Client, nick: string): boolean {
    return account !== undefined && this.accounts.nicks.ownerOf(nick) === fold(account, "ascii");
  }

  /**
   * The client has come by a nick: if nobody owns it, its account does from now on. What one of several windows is called,
   * another having the nick, is no name anybody chose.
   */
  keepNick({ account, nick }: Client): void {
    if (account === undefined || (this.sessions.get(account)?.size ?? 0) > 1) return;
    try {
      this.accounts.nicks.keep(nick, account, this.now());
    } catch (error) {
      this.logger.warn(`that ${nick} is ${account}'s cannot be stored: ${errorText(error)}`);
    }
  }

  /** The client has proved that the account is its own. */
  logIn(client: Client, account: string): void {
    this.logOut(client);
    client.account = account;
    this.shareMetadata(client, account);
    const others = this.sessions.get(account);
    if (others === undefined) this.sessions.set(account, new Set([client]));
    else others.add(client);
    this.logger.info(`${client.nick} (${client.address}) is logged in as ${account}`);
    if (!client.isRegistered) return;
    this.audience.tellOthers(
      client,
      CAP.accountNotify,
      client.outgoing("ACCOUNT", [account], this.now()),
    );
  }

  /** What the client said of itself stays with the account; the rest comes from there. */
  private shareMetadata(client: Client, account: string): void {
    for (const [key, value] of client.metadata) this.memory.keepMetadata(account, key, value);
    for (const [key, value] of this.memory.metadataOf(account))
      if (client.metadata.size < this.config.limits.maxMetadataKeys)
        client.metadata.set(key, value);
  }

  /** Frees a nick for the client, which may have it: whoever else has it, or one like it, gets another one. */
  makeRoom(client: Client, nick: string): void {
    const holder = this.nicks.like(nick);
    if (holder === undefined || holder === client || holder === this.absentOf(client)) return;
    this.moveAside(holder);
  }

  /** A client that may stay, but not by its nick, gets one like it. */
  moveAside(client: Client): void {
    client.deliver(this.rename(client, this.freeNick(nextNick(client.nick), client)));
  }

  /** The nick, or one made of it that the client may have. */
  private freeNick(nick: string, client: Client): string {
    let free = nick;
    while (this.nicks.like(free) !== undefined || this.ownedByAnother(free, client) !== undefined)
      free = nextNick(free);
    return free;
  }

  /** Who stays, without a connection, for the client's account. */
  absentOf({ account }: Client): Client | undefined {
    return this.alwaysOn.of(account);
  }

  /** Nobody stays any more in the place of `previous`: the client has taken it. */
  resumed(previous: Client): void {
    this.alwaysOn.left(previous);
    this.notCounted(previous);
    previous.isRegistered = false;
  }

  /** An operator, or whoever started the server, throws somebody out. Returns whether there was such a client. */
  disconnect(clientId: string, reason: string, source = this.name): boolean {
    for (const [connection, client] of this.connections) {
      if (connection.id !== clientId) continue;
      const by = source.split("!", 1)[0] ?? source;
      client.deliver(
        new Outgoing({ source, command: "KILL", params: [client.nick, reason], time: this.now() }),
      );
      client.mustLeave = true;
      connection.close(`Killed (${by} (${reason}))`);
      return true;
    }
    for (const client of this.alwaysOn.clients) {
      if (client.id !== clientId) continue;
      this.quit(client, `Killed (${reason})`);
      return true;
    }
    return false;
  }

  // --- connections

  private accept(transport: Transport, info: Omit<ConnectionInfo, "id">): Connection {
    const isOneTooMany = this.addresses.connected(info.address);
    const connection = new Connection(
      { ...info, id: this.newId() },
      transport,
      this,
      this.connectionEnvironment,
      this.addresses.linesOf(info.address, this.clock()),
    );
    const client = new Client(
      connection,
      this.cloak(info.address),
      this.config.showAddresses === "everyone",
      this.onClientChange,
    );
    this.connections.add(connection, client);
    this.logger.debug(
      `${connection.id}: ${info.kind} connection from ${info.address} port ${info.port}`,
    );
    if (this.connections.size > this.config.maxClients) connection.close("The server is full");
    else if (isOneTooMany) connection.close("Too many connections from your address");
    else this.report.hasChanged();
    return connection;
  }

  receive(connection: Connection, input: Input): Promise<void> | undefined {
    const client = this.connections.clientOf(connection);
    if (client === undefined) return undefined;
    return dispatch(this, commandTable, client, input);
  }

  closed(connection: Connection, reason: string): void {
    const client = this.connections.closed(connection);
    if (client === undefined) return;
    this.addresses.disconnected(connection.info.address, this.clock());
    this.monitors.clear(client);
    this.logOut(client);
    if (this.isClosing) this.nicks.delete(client.nick, client);
    else if (client.isRegistered) this.leave(client, reason);
    else this.logger.debug(`${connection.id}: closed before registration: ${reason}`);
    this.report.hasChanged();
  }

  private logOut(client: Client): void {
    const others = this.sessions.get(client.account ?? "");
    others?.delete(client);
    if (others?.size === 0) this.sessions.delete(client.account ?? "");
    this.alwaysOn.hasChanged(client.account);
  }

  private leave(client: Client, reason: string): void {
    if (this.alwaysOn.mayStay(client)) this.stay(client, reason);
    else this.quit(client, reason);
  }

  /** Who is logged in stays in his channels, marked as away. */
  private stay(client: Client, reason: string): void {
    this.logger.info(`${client.nick} is away and stays: ${reason} (${client.address})`);
    client.absentSince = lastHeard(this.config, reason, this.now());
    this.alwaysOn.stays(client);
    if (client.away !== undefined) return;
    client.away = NOT_CONNECTED;
    const message = client.outgoing("AWAY", [client.away], this.now());
    this.audience.tellOthers(client, CAP.awayNotify, message);
  }

  /** Who stayed when an earlier process ended is here again. */
  private bringBack(): void {
    for (const [folded, presence] of this.alwaysOn.remembered()) {
      const account = this.accounts.spelling(folded);
      if (account !== undefined) this.bringBackOne(account, presence);
    }
    if (this.alwaysOn.size > 0) this.logger.info(`${this.alwaysOn.size} stay who were here before`);
  }

  private bringBackOne(account: string, presence: Presence): void {
    const { address } = presence;
    const info: ConnectionInfo = {
      id: this.newId(),
      address,
      port: 0,
      localPort: 0,
      isSecure: false,
      kind: "plaintext",
      certificateFingerprint: undefined,
    };
    const client = new Client(
      Connection.ofThePast(info, this, this.connectionEnvironment),
      this.cloak(address),
      this.config.showAddresses === "everyone",
      this.onClientChange,
    );
    client.user = presence.user;
    client.realname = presence.realname;
    client.account = account;
    client.away = presence.away ?? NOT_CONNECTED;
    client.signonTime = presence.signonTime;
    client.lastActive = presence.lastActive;
    client.absentSince = presence.absentSince;
    client.isRegistered = true;
    const isFree = this.nicks.like(presence.nick) === undefined;
    client.nick = isFree ? presence.nick : this.freeNick(presence.nick, client);
    this.nicks.set(client.nick, client);
    this.shareMetadata(client, account);
    for (const mode of presence.modes) this.setMode(client, mode, true);
    for (const [name, ranks] of presence.channels)
      this.channels.open(this.channels.recall(name) ?? name).add(client, ranks);
    this.alwaysOn.stays(client);
  }

  /** Also when somebody has come back by another connection. */
  quit(client: Client, reason: string): void {
    const { address, port } = client.connection.info;
    this.logger.info(`${client.nick} left: ${reason} (${address} port ${port})`);
    const message = client.outgoing("QUIT", [reason], this.now(), { msgid: this.newId() });
    const peers = this.audience.peersOf(client);
    for (const channel of [...client.channels]) {
      this.archive.event(channel, message);
      this.channels.leave(channel, client);
    }
    this.nicks.delete(client.nick, client);
    client.isRegistered = false;
    this.alwaysOn.left(client);
    this.notCounted(client);
    this.departures.add(client, this.now());
    this.audience.tellWatchers(client, RPL_MONOFFLINE);
    for (const peer of peers) peer.deliver(message);
    if (this.clientCount === 0) this.logger.info("waiting for connections");
  }

  private sweep(): void {
    const now = this.clock();
    this.connections.sweep(now);
    this.entrance?.sweep(now);
    this.archive.rest();
  }

  private prune(): Promise<void> {
    this.addresses.tidy(this.clock());
    return this.archive.prune(this.clock(), this.config);
  }

  private async shutDown(reason: string, isFinal: boolean): Promise<void> {
    this.isClosing = true;
    this.alwaysOn.close();
    const closed = this.entrance?.close();
    for (const [connection, client] of [...this.connections]) {
      if (isFinal) this.sayStopping(client, reason);
      connection.close(reason);
    }
    this.output.flushAll();
    await this.connections.untilGone(this.config.limits.closeGraceMs);
    clearInterval(this.sweeper);
    clearInterval(this.pruner);
    await closed;
    this.archive.close();
    this.folder?.release();
    if (this.hasStarted) this.logger.info("stopped");
  }

  private sayStopping(client: Client, reason: string): void {
    const [command, params] = client.has(CAP.standardReplies)
      ? (["NOTE", ["*", SERVER_STOPPING, reason]] as const)
      : (["NOTICE", [client.nick, `The server stops: ${reason}`]] as const);
    client.deliver(new Outgoing({ source: this.name, command, params, time: this.now() }));
  }
}
