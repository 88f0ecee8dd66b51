// The server: owns listeners, clients and history.
import { CAP } from "../irc/caps.js";
import { SERVER_STOPPING } from "../irc/standard-replies.js";
import { Accounts } from "./accounts/accounts.js";
import { Addresses } from "./addresses.js";
import { Approval, type OnApprovals } from "./approval.js";
import { AlwaysOn } from "./always-on.js";
import { Audience } from "./audience.js";
import { AUDIT_FILE, AuditLog } from "./audit/audit-log.js";
import { LOGGING_BEGINS, LOGGING_ENDS } from "./audit/audit-notices.js";
import { certificateProblem, loadCertificate, type Certificate } from "./certificate.js";
import { Channels } from "./channels.js";
import { Client } from "./client.js";
import { Clients } from "./clients.js";
import { createCloak } from "./cloak.js";
import { Clock } from "./clock.js";
import { announceCaps } from "./commands/cap.js";
import { commandTable } from "./commands/index.js";
import { waitingTable } from "./commands/waiting.js";
import type { ServerConfig } from "./config.js";
import {
  Connection,
  type ConnectionEnvironment,
  type ConnectionInfo,
  type ConnectionOwner,
} from "./connection.js";
import { Connections } from "./connections.js";
import { Entrance } from "./entrance.js";
import type { AuditState, ConnectedClient, ListeningAddress } from "./control.js";
import { Decisions } from "./decisions.js";
import { Outgoing } from "./delivery.js";
import { DataFolder, openStore } from "./data-folder.js";
import { dispatch } from "./dispatch.js";
import { Archive } from "./history/archive.js";
import { Records } from "./history/records.js";
import { SqliteHistory } from "./history/sqlite.js";
import type { Stamp } from "./history/stamp.js";
import { avatarRoutes } from "./http/avatars.js";
import { Router } from "./http/router.js";
import { HostReport } from "./host-report.js";
import { Guesses } from "./guesses.js";
import { createIdSource } from "./ids.js";
import type { Input } from "./input-queue.js";
import { KILLED, killReason } from "./leaving.js";
import type { Logger } from "./logger.js";
import { Memory } from "./memory.js";
import { Monitors } from "./monitors.js";
import { OutputScheduler } from "./outbox.js";
import { Pictures } from "./pictures.js";
import { People } from "./people.js";
import { ReadMarkers } from "./read-markers.js";
import { Sessions } from "./sessions.js";
import { Tickets } from "./tickets.js";
import type { Transport } from "./transport.js";
import { Turns } from "./turns.js";
import { Greeting } from "./welcome.js";
import { Departures } from "./whowas.js";

export interface ServerEnvironment {
  readonly logger: Logger;
  readonly now?: () => number;
  /** Milliseconds that pass one after the other, whatever is done to the clock. */
  readonly ticks?: () => number;
  readonly newId?: () => string;
  /** The configuration as it is given now, for REHASH. @throws ConfigError */
  readonly reload?: () => ServerConfig;
  /** Told at most once a tick, whenever who is connected has changed. */
  readonly onClients?: (clients: readonly ConnectedClient[]) => void;
  /** Told whether everything is logged, at start and whenever that changes. */
  readonly onAudit?: (state: AuditState) => void;
  /** The same of who waits for approval, and of what was decided. */
  readonly onApprovals?: OnApprovals;
}

export interface Started {
  readonly listeners: readonly ListeningAddress[];
  readonly fingerprint: string;
}

const PRUNE_INTERVAL_MS = 10 * 60 * 1000;
const NO_REASON = "No reason given";

function ticksOfThisProcess(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

/** A chat server. `start` once, `close` any number of times. */
export class Server implements ConnectionOwner {
  readonly logger: Logger;
  readonly newId: () => string;
  readonly startedAt: number;
  greeting: Greeting;
  readonly audit: AuditLog;
  readonly archive: Archive;
  readonly accounts: Accounts;
  readonly readMarkers: ReadMarkers;
  readonly memory: Memory;
  readonly channels: Channels;
  readonly addresses: Addresses;
  readonly guesses: Guesses;
  readonly monitors = new Monitors();
  readonly audience = new Audience(this.monitors, this);
  readonly departures = new Departures();
  readonly clients = new Clients();
  readonly sessions = new Sessions();
  readonly turns = new Turns();
  readonly people: People;
  readonly approval: Approval;
  readonly tickets: Tickets;
  readonly pictures: Pictures;
  private readonly clock: Clock;
  /** How long something takes is told by this: milliseconds since the epoch, as they were when this process began. */
  readonly ticks: () => number;
  private readonly records: Records;
  private readonly folder: DataFolder | undefined;
  private readonly stamp: Stamp | undefined;
  private readonly cloak: (address: string) => string;
  private readonly output: OutputScheduler<Connection>;
  private readonly connectionEnvironment: ConnectionEnvironment;
  private readonly connections = new Connections();
  readonly report: HostReport;
  private readonly alwaysOn: AlwaysOn;
  /** The same for every client: there can be many. */
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
    this.clock = new Clock(environment.now ?? Date.now, this.logger, (now) => {
      this.returnToClock(now);
    });
    this.ticks = environment.ticks ?? environment.now ?? ticksOfThisProcess;
    this.newId = environment.newId ?? createIdSource(() => this.now());
    this.startedAt = this.clock.read();
    this.greeting = new Greeting(config, this.startedAt);
    this.folder = config.data === undefined ? undefined : new DataFolder(config.data);
    const { folder, logger } = this;
    const { database, cloakKey, stamp } = openStore(folder, config.acceptDataLoss, logger);
    this.stamp = stamp;
    this.cloak = createCloak(cloakKey);
    this.audit = new AuditLog({
      path: this.folder?.pathOf(AUDIT_FILE),
      logger: this.logger,
      now: () => this.now(),
      wake: () => {
        this.output.wake();
      },
    });
    const writeAudit = () => {
      this.audit.write();
    };
    const history = new SqliteHistory(database, writeAudit, stamp);
    const records = new Records(database, () => {
      history.settle();
    });
    this.accounts = new Accounts(records, cloakKey, () => this.now());
    this.archive = new Archive(
      history,
      this.logger,
      config.name,
      this.accounts.nicks,
      this.audit,
      () => {
        this.output.wake();
      },
      (client, bytes) =>
        this.addresses.mayStore(client.address, bytes, this.ticks(), () => {
          this.logger.warn(
            `${client.nick} (${client.address}) has sent more than is stored in a day from one address: further messages are refused`,
          );
        }),
      (problem) => {
        for (const client of this.clients.values())
          if (client.isOperator) this.notify(client, `The server has a problem: ${problem}`);
      },
    );
    // A clock that was set back must not put new messages before those that are stored.
    this.clock.startFrom(this.archive.store.latestTime);
    this.records = records;
    this.addresses = new Addresses(config.limits, config.floodControl);
    this.guesses = new Guesses(config.limits, config.floodControl, this.ticks, this.logger);
    this.tickets = new Tickets(config.limits, config.floodControl, this.ticks);
    this.pictures = new Pictures(records, cloakKey, () => this.clients.values(), this.logger);
    this.memory = new Memory(records, this.logger);
    this.readMarkers = new ReadMarkers(records);
    this.channels = new Channels(
      this.memory,
      history,
      this.readMarkers,
      records,
      config.limits.maxChannelsPerClient,
      () => this.now(),
    );
    this.alwaysOn = new AlwaysOn(this.memory, this.sessions, config.alwaysOn);
    this.people = new People({
      origin: this,
      logger: this.logger,
      clients: this.clients,
      sessions: this.sessions,
      alwaysOn: this.alwaysOn,
      channels: this.channels,
      audience: this.audience,
      archive: this.archive,
      audit: this.audit,
      memory: this.memory,
      pictures: this.pictures,
      departures: this.departures,
      accounts: this.accounts,
      report: this.report,
      limits: config.limits,
    });
    this.approval = new Approval(
      this,
      new Decisions(records, this.accounts),
      environment.onApprovals,
    );
    this.output = new OutputScheduler(() => {
      const lost = this.archive.commit();
      this.alwaysOn.store();
      return lost;
    });
    const { limits, floodControl } = config;
    this.connectionEnvironment = { limits, floodControl, now: this.ticks, output: this.output };
  }

  get name(): string {
    return this.config.name;
  }

  /** Milliseconds since the epoch, never going back. */
  now(): number {
    return this.clock.now();
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
    const certificate = await this.certificate();
    await this.ensureAccounts(this.config);
    if (this.config.audit) this.audit.turnOn("logging began: the server has started");
    this.bringBack();
    this.clock.watch();
    // Where there is much to remove, that goes on when people are here already.
    void this.prune();
    this.entrance = new Entrance(
      this.config,
      certificate,
      (transport, info) => this.accept(transport, info),
      this.logger,
      this.ticks,
      this.addresses,
      new Router(avatarRoutes(this), this.logger),
    );
    const listeners = await this.entrance.open();
    this.sweeper = setInterval(() => {
      this.sweep();
    }, this.config.limits.sweepIntervalMs);
    this.pruner = setInterval(() => {
      void this.prune();
    }, PRUNE_INTERVAL_MS);
    this.hasStarted = true;
    this.approval.hasChanged();
    this.logger.info("waiting for connections");
    this.tellAudit();
    return { listeners, fingerprint: certificate.fingerprint };
  }

  /** Tells everyone, closes every socket, frees the ports. May be called again. */
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
    const certificate = await this.certificate();
    await this.ensureAccounts(next);
    this.turnAudit(config.audit);
    const before = this.config;
    this.config = config;
    this.greeting = greeting;
    this.entrance?.useCertificate(certificate);
    for (const client of this.alwaysOn.turn(this.config.alwaysOn, this.sessions.accounts()))
      this.people.quit(client, "Always-on was turned off");
    announceCaps(this, before);
    // Before anyone is let in: what they do then may be logged.
    if (before.audit !== config.audit) this.announceAudit();
    this.approval.hasNewConfig();
    this.logger.info("the configuration was reloaded");
  }

  /** Whether everything that is said is logged from now on. Everyone is told. @throws ConfigError; then nothing has changed. */
  setAudit(isOn: boolean): void {
    const before = this.config;
    if (isOn === before.audit || this.isClosing) return;
    this.turnAudit(isOn);
    this.config = { ...before, audit: isOn };
    announceCaps(this, before);
    this.announceAudit();
  }

  private turnAudit(isOn: boolean): void {
    if (isOn)
      this.audit.turnOn("logging began while the server was running; nothing before is logged");
    else this.audit.turnOff("logging ended: the host turned it off");
  }

  /**
   * No one must go on talking without knowing: everyone is told, those who wait to be let in and those who are not registered
   * yet too, and in each channel it shows from where on, also in its history.
   */
  private announceAudit(): void {
    const { audit } = this.config;
    const text = audit ? LOGGING_BEGINS : LOGGING_ENDS;
    const time = this.now();
    for (const client of this.connectedClients()) this.notify(client, text);
    for (const channel of this.channels.values()) {
      const params = [channel.name, text];
      const msgid = this.newId();
      const notice = new Outgoing({ source: this.name, command: "NOTICE", params, time, msgid });
      this.archive.announcement(channel, notice);
      channel.broadcast(notice);
    }
    if (!audit) this.logger.info("what is said is not logged any more");
    this.tellAudit();
  }

  get auditState(): AuditState {
    return { isOn: this.config.audit, file: this.folder?.pathOf(AUDIT_FILE) };
  }

  private tellAudit(): void {
    this.environment.onAudit?.(this.auditState);
  }

  private notify(client: Client, text: string): void {
    this.tell(client, "NOTICE", [client.nick, text]);
  }

  /** Sends a message of the server's that is no answer. */
  tell(client: Client, command: string, params: readonly string[]): void {
    client.deliver(new Outgoing({ source: this.name, command, params, time: this.now() }));
  }

  /** From now on people who come wait for approval, or do not. */
  setApproval(isOn: boolean): void {
    this.config = { ...this.config, approve: isOn };
    this.approval.hasNewConfig();
  }

  private async ensureAccounts({ accounts }: ServerConfig): Promise<void> {
    for (const { name, password } of accounts)
      await this.accounts.ensure(name, password, () => {
        this.people.evict(name);
      });
  }

  private async certificate(): Promise<Certificate> {
    const certificate = await loadCertificate(this.config, this.folder, this.logger);
    const problem = certificateProblem(certificate, this.clock.read());
    if (problem !== undefined) this.logger.warn(`the certificate ${problem}`);
    return certificate;
  }

  /** All there are, registered or not. */
  *connectedClients(): Generator<Client> {
    for (const [, client] of this.connections) yield client;
  }

  get unregisteredCount(): number {
    const registered = this.clients.size - this.alwaysOn.size;
    return this.connections.size - registered - this.approval.queue.size;
  }

  /** An operator, or whoever started the server, throws someone out. Returns whether there was such a client. */
  disconnect(clientId: string, reason: string, source = this.name): boolean {
    for (const [connection, client] of this.connections) {
      if (connection.id !== clientId) continue;
      const by = source.split("!", 1)[0] ?? source;
      const line = `${by} disconnects ${client.nick}: ${reason}`;
      const text = this.archive.tryLog(line) ? reason : NO_REASON;
      const params = [client.nick, text];
      client.deliver(new Outgoing({ source, command: "KILL", params, time: this.now() }));
      client.mustLeave = true;
      connection.close(killReason(by, text));
      return true;
    }
    for (const client of this.alwaysOn.clients) {
      if (client.id !== clientId) continue;
      this.people.quit(client, `${KILLED} (${reason})`);
      this.approval.thrownOut(client);
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
      this.addresses.linesOf(info.address, this.ticks()),
    );
    this.connections.add(connection, this.clientOf(connection));
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
    return dispatch(this, client.isWaiting ? waitingTable : commandTable, client, input);
  }

  closed(connection: Connection, reason: string): void {
    const client = this.connections.closed(connection);
    if (client === undefined) return;
    this.addresses.disconnected(connection.info.address, this.ticks());
    this.tickets.revoke(client);
    this.guesses.forget(client);
    this.monitors.clear(client);
    if (!client.isRegistered && !this.isClosing)
      this.logger.debug(`${connection.id}: closed before registration: ${reason}`);
    this.approval.left(client);
    if (this.isClosing) this.people.stopped(client);
    else this.people.disconnected(client, reason);
    if (!this.isClosing) this.pictures.released(client.metadata.get("avatar"));
    this.report.hasChanged();
  }

  /** Who stayed when an earlier process ended is here again. */
  private bringBack(): void {
    for (const [folded, presence] of this.alwaysOn.remembered()) {
      const account = this.accounts.spelling(folded);
      if (account === undefined) continue;
      const info: ConnectionInfo = {
        id: this.newId(),
        address: presence.address,
        port: 0,
        localAddress: presence.address,
        localPort: 0,
        isSecure: false,
        hostname: undefined,
        kind: "plaintext",
        certificateFingerprint: undefined,
      };
      const client = this.clientOf(Connection.ofThePast(info, this, this.connectionEnvironment));
      this.people.bringBack(client, account, presence);
    }
    if (this.alwaysOn.size > 0)
      this.logger.info(
        `people who are not connected but stay in their channels: ${this.alwaysOn.size}`,
      );
    this.channels.forgetAllAbandoned();
  }

  private clientOf(connection: Connection): Client {
    return new Client(
      connection,
      this.cloak(connection.info.address),
      this.config.showAddresses === "everyone",
      this.onClientChange,
    );
  }

  private sweep(): void {
    const now = this.ticks();
    this.connections.sweep(now);
    this.entrance?.sweep(now);
    this.approval.sweep(now);
    this.guesses.sweep(now);
    this.clock.watch();
    this.memory.retry();
    this.archive.rest();
  }

  private returnToClock(now: number): void {
    const { archive, readMarkers, clients } = this;
    this.records.change(() => {
      archive.bringBack(now);
      readMarkers.bringBack(now, clients.values());
    });
    for (const client of clients.values()) client.returnToClock(now, archive.timeAfterAll);
  }

  private prune(): Promise<void> {
    this.addresses.tidy(this.ticks());
    this.guesses.tidy(this.ticks());
    this.pictures.tidy();
    return this.archive.prune(this.clock.read(), this.config);
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
    this.memory.retry();
    this.approval.close(isFinal);
    this.archive.close();
    await this.stamp?.settled();
    this.audit.turnOff(`logging ended: the server stopped (${reason})`);
    this.folder?.release();
    if (this.hasStarted) this.logger.info("stopped");
  }

  private sayStopping(client: Client, reason: string): void {
    const [command, params] = client.has(CAP.standardReplies)
      ? (["NOTE", ["*", SERVER_STOPPING, reason]] as const)
      : (["NOTICE", [client.nick, `The server is stopping: ${reason}`]] as const);
    this.tell(client, command, params);
  }
}
