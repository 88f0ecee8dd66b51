// One connection from its first attempt to its end: transport, registration, keep-alive, and why it ended.
import { CAP } from "../irc/caps.js";
import { formatMessage, message, parseMessage, type Message } from "../irc/message.js";
import { fold } from "../irc/casemapping.js";
import { MAX_LINE_BYTES } from "../irc/limits.js";
import { parseSource } from "../irc/source.js";
import { SERVER_STOPPING } from "../irc/standard-replies.js";
import { utf8Length } from "../irc/utf8.js";
import { ConnectError, loggedFailure, tellingFailure } from "./connect-error.js";
import { boundedMessage } from "./intake.js";
import { loggedLine } from "./log-line.js";
import type { Logger } from "./logger.js";
import { parseMultilineLimits, type MultilineLimits } from "./multiline.js";
import type { Command } from "./open-commands.js";
import { Pacer, type PacerPort } from "./pacing.js";
import { Registration, type RegistrationOptions } from "./registration.js";
import { usesTls, type ServerAddress } from "./address.js";
import type { ClientCertificate, KnownEndpoints, SessionTiming } from "./session-options.js";
import type { CloseCause, ConnectFailure, ConnectionDetails, ConnectStep } from "./status.js";
import { StsUpgrade, stsPolicyIn, type StsPolicies } from "./sts.js";
import type { Net, Transport, TransportEvents } from "./transport.js";

export interface LinkOptions {
  readonly net: Pick<Net, "connect">;
  readonly address: ServerAddress;
  readonly registration: Omit<
    RegistrationOptions,
    | "send"
    | "onWaiting"
    | "isPrivate"
    | "capTimeoutMs"
    | "welcomeTimeoutMs"
    | "hasCertificate"
    | "hasShownCertificate"
  >;
  readonly known: KnownEndpoints | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly sts: StsPolicies;
  readonly timing: SessionTiming;
  readonly logger: Logger;
  /** Who we are on this connection. */
  readonly currentNick: () => string;
  readonly onStep: (step: ConnectStep) => void;
  /** Every message, from the first one on. */
  readonly onMessage: (message: Message) => void;
  /** What had arrived together has been handled. */
  readonly onChunkEnd: () => void;
  readonly onCapsChanged: (
    caps: ReadonlySet<string>,
    available: ReadonlyMap<string, string>,
  ) => void;
  readonly pacing: Pick<PacerPort, "pace" | "isupport" | "onRoom">;
  /** A command leaves, after the registration; not called for what `say` sends. */
  readonly onCommandSent: (command: Command) => void;
}

export class Link {
  /** Resolves once, when a connection that was open has ended. */
  readonly ended: Promise<CloseCause>;
  private resolveEnded: (cause: CloseCause) => void = () => undefined;
  private transport: Transport | undefined;
  private host = "";
  /** What we remember for the server we are connected to. */
  private knownPassword: string | undefined;
  private registration: Registration;
  private readonly abort = new AbortController();
  private isRegistered = false;
  private isEnded = false;
  private cause: CloseCause | undefined;
  private isAlive = true;
  /** A PING is out, and the time for an answer has not passed. */
  private isAsked = false;
  private keepAliveTimer: ReturnType<typeof setTimeout> | undefined;
  private registrationTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly pacer: Pacer;

  constructor(private readonly options: LinkOptions) {
    this.pacer = new Pacer({
      ...options.pacing,
      now: () => performance.now(),
      write: (text, command) => {
        this.write(text);
        if (command !== undefined) options.onCommandSent(command);
      },
    });
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    this.registration = this.newRegistration();
  }

  private newRegistration(): Registration {
    const { registration, clientCertificate, timing } = this.options;
    return new Registration({
      ...registration,
      password: registration.password ?? this.knownPassword,
      isPrivate: () => this.isPrivate(),
      capTimeoutMs: timing.capTimeoutMs,
      welcomeTimeoutMs: timing.welcomeTimeoutMs,
      hasCertificate: clientCertificate !== undefined,
      hasShownCertificate: () => clientCertificate !== undefined && this.isEncrypted,
      send: (line) => {
        this.send(line);
      },
      onWaiting: () => {
        this.awaitApproval();
      },
    });
  }

  get details(): ConnectionDetails | undefined {
    return this.transport?.details;
  }

  /** The nick we asked for last while registering. */
  get askedNick(): string {
    return this.registration.askedNick;
  }

  /** How much one message may be on this connection; undefined: a line. */
  get multilineLimits(): MultilineLimits | undefined {
    const { enabled, available } = this.registration.capabilities;
    if (!enabled.has(CAP.multiline) || !enabled.has(CAP.batch)) return undefined;
    return parseMultilineLimits(available.get(CAP.multiline) ?? "");
  }

  /** Encrypted, or to this machine itself. */
  private isPrivate(): boolean {
    return this.isEncrypted || /^(?:127\.|\[::1\])/.test(this.details?.remoteAddress ?? "");
  }

  private get isEncrypted(): boolean {
    return this.details !== undefined && usesTls(this.details.transport);
  }

  get isOpen(): boolean {
    return this.isRegistered && !this.isEnded;
  }

  /** Connects to the first of the hosts that works and registers there. @throws ConnectError */
  async open(): Promise<void> {
    this.options.sts.forgetUnproven();
    // Each turn but the last is a host that wants to be reached encrypted, and from then on is.
    let isOpen = false;
    while (!isOpen) isOpen = await this.tryToOpen();
    if (this.isAborted()) throw new ConnectError({ code: "cancelled", detail: "cancelled" });
    this.isRegistered = true;
    if (this.isEncrypted) this.options.sts.registered(this.host);
    this.keepAlive();
  }

  /** Whether that led to a connection; otherwise there is another way now. */
  private async tryToOpen(): Promise<boolean> {
    this.transport = await this.connect();
    if (this.isAborted()) {
      this.transport.destroy();
      throw new ConnectError({ code: "cancelled", detail: "cancelled" });
    }
    this.registration = this.newRegistration();
    this.options.onStep("registering");
    const { registerTimeoutMs } = this.options.timing;
    this.registrationTimer = setTimeout(() => {
      this.registration.timedOut();
    }, registerTimeoutMs);
    try {
      this.registration.start();
      await this.registration.done;
      return true;
    } catch (error) {
      if (error instanceof StsUpgrade) return false;
      this.destroy();
      throw error instanceof ConnectError
        ? new ConnectError({ ...error.failure, host: this.host })
        : error;
    } finally {
      clearTimeout(this.registrationTimer);
    }
  }

  /** A person decides, in their own time; that the server is still there is asked meanwhile. */
  private awaitApproval(): void {
    clearTimeout(this.registrationTimer);
    this.options.onStep("approval");
    this.keepAlive();
  }

  private isAborted(): boolean {
    return this.abort.signal.aborted;
  }

  private async connect(): Promise<Transport> {
    const servers = this.servers();
    const failures: ConnectFailure[] = [];
    for (const { host, address } of servers) {
      this.host = host;
      try {
        return await this.connectTo(host, address);
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        this.options.logger.info(`${host}: ${loggedFailure(error.failure)}`);
        failures.push(error.failure);
        if (error.failure.code === "cancelled") break;
      }
    }
    throw new ConnectError(tellingFailure(failures));
  }

  /**
   * The hosts to try, each with the address to reach it by and the certificate it must have. An address that names another
   * certificate than the one we know leads nowhere, not even to its other hosts: it may be made to pass one of them off as another.
   */
  private servers(): { readonly host: string; readonly address: ServerAddress }[] {
    const { address: wanted, known, sts } = this.options;
    return wanted.hosts.map((host) => {
      const address = sts.addressFor(wanted, host);
      const { port, transport, fingerprint } = address;
      // Unencrypted, no one proves anything.
      const isEncrypted = usesTls(transport);
      const expected = isEncrypted ? known?.fingerprint({ host, port, transport }) : undefined;
      if (fingerprint !== undefined && expected !== undefined && fingerprint !== expected) {
        const detail = `the address has the certificate ${fingerprint}, but ${expected} is known`;
        const code = "certificate-changed";
        throw new ConnectError({ code, detail, host, port, fingerprint, expected });
      }
      return { host, address: { ...address, fingerprint: fingerprint ?? expected } };
    });
  }

  private async connectTo(host: string, address: ServerAddress): Promise<Transport> {
    const { timing, onStep, clientCertificate, known } = this.options;
    const { port, transport, fingerprint } = address;
    const { signal } = this.abort;
    const events = this.events();
    this.knownPassword = await known?.password({ host, port, transport }, fingerprint);
    const request = { address, host, timing, clientCertificate, events, signal, onStep };
    return this.options.net.connect(request);
  }

  private events(): TransportEvents {
    return {
      onLine: (line) => {
        this.receive(line);
      },
      onChunkEnd: () => {
        this.guard(this.options.onChunkEnd);
      },
      onEnd: (detail) => {
        this.end(detail);
      },
    };
  }

  /** A fault of ours in taking in one message must not make us deaf for the next. */
  private guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.options.logger.error(`could not take in a message: ${text}`);
    }
  }

  private receive(line: string): void {
    this.isAlive = true;
    this.options.logger.debug(`< ${loggedLine(line)}`);
    if (!this.isRegistered) this.registration.checkOpening(line);
    const whole = parseMessage(line);
    const parsed = whole && boundedMessage(whole);
    if (parsed === undefined) return;
    this.guard(() => {
      this.handle(parsed);
    });
    this.guard(() => {
      this.options.onMessage(parsed);
    });
  }

  private handle(line: Message): void {
    if (line.command === "PING") this.answerPing(line.params.at(-1) ?? "");
    else if (line.command === "ERROR") this.cause ??= closedByServer(line.params[0] ?? "");
    else if (line.command === "NOTE" && line.params[1] === SERVER_STOPPING)
      this.cause = { type: "host-stopped", reason: line.params.at(-1) ?? "" };
    else if (line.command === "KILL") this.killed(line);
    if (line.command === "CAP") this.handleCap(line);
    else if (!this.isRegistered) this.registration.handle(line);
  }

  private answerPing(token: string): void {
    const pong = message("PONG", [token]);
    // No server can ask for more than fits on a line.
    if (utf8Length(formatMessage(pong)) <= MAX_LINE_BYTES - 2) this.send(pong);
  }

  private killed(line: Message): void {
    const [nick = "", reason = ""] = line.params;
    // A KILL is also seen by operators when someone else is meant.
    const own = this.options.currentNick();
    if (fold(nick, "rfc1459") === fold(own, "rfc1459"))
      this.cause = { type: "kicked", reason: reason || parseSource(line.source ?? "").nick };
  }

  private handleCap(line: Message): void {
    const policy = stsPolicyIn(line);
    if (policy !== undefined) this.takeStsPolicy(policy);
    if (this.transport === undefined) return;
    if (this.isRegistered) this.registration.capabilities.handle(line);
    else this.registration.handle(line);
    const { enabled, available } = this.registration.capabilities;
    this.options.onCapsChanged(enabled, available);
  }

  private takeStsPolicy(value: string): void {
    const { sts, logger } = this.options;
    if (this.isEncrypted) sts.renew(this.host, value);
    // The port is one of IRC over TLS, and of no use to whoever came by WebSocket.
    if (this.details?.transport !== "plaintext" || !sts.offer(this.host, value)) return;
    logger.info(`${this.host} requires an encrypted connection`);
    if (this.isRegistered) {
      this.lost("the server requires an encrypted connection");
      return;
    }
    // At once: what else has come with it is not to be answered.
    this.transport?.destroy();
    this.transport = undefined;
    this.registration.abandon(new StsUpgrade());
  }

  private end(detail: string): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.isEncrypted) this.options.sts.ended(this.host);
    clearTimeout(this.keepAliveTimer);
    this.pacer.close();
    this.registration.ended(detail);
    this.resolveEnded(this.cause ?? { type: "failed", failure: { code: "lost", detail } });
  }

  private keepAlive(): void {
    clearTimeout(this.keepAliveTimer);
    this.isAlive = false;
    this.isAsked = false;
    this.keepAliveTimer = setTimeout(() => {
      if (this.isAlive) this.keepAlive();
      else this.ask("parley-alive");
    }, this.options.timing.pingIntervalMs);
  }

  /** Sends PING with this token. When nothing at all comes back in time, the connection is lost. */
  ask(token: string): void {
    if (this.isEnded) return;
    const { pongTimeoutMs } = this.options.timing;
    this.send(message("PING", [token]));
    if (this.isAsked) return;
    this.isAsked = true;
    this.isAlive = false;
    clearTimeout(this.keepAliveTimer);
    this.keepAliveTimer = setTimeout(() => {
      if (this.isAlive) this.keepAlive();
      else this.lost(`no answer to PING within ${pongTimeoutMs} ms`);
    }, pongTimeoutMs);
  }

  private lost(detail: string): void {
    this.transport?.destroy();
    this.end(detail);
  }

  /**
   * Sends a message when its turn comes, or drops it when there is no connection. @throws RangeError for one that cannot stand
   * on a line
   */
  send(line: Command): void {
    this.sendRaw(formatMessage(line), line);
  }

  /** Sends `text`, which has no line break and reads as `line`. */
  sendRaw(text: string, line: Command): void {
    if (this.transport === undefined || this.isEnded) return;
    // The registration waits for nothing.
    if (this.isRegistered) this.pacer.send(line, text);
    else this.write(text);
  }

  /** Sends the lines of one message together, or returns false and calls `onRoom` when there is room. @throws RangeError */
  say(lines: readonly Message[]): boolean {
    return this.isOpen && this.pacer.say(lines);
  }

  private write(line: string): void {
    this.options.logger.debug(`> ${loggedLine(line)}`);
    this.transport?.send(line);
  }

  /** Says QUIT and resolves when the connection is closed, at the latest after `closeTimeoutMs`. */
  async quit(reason: string): Promise<void> {
    if (this.isOpen) this.send(message("QUIT", [reason]));
    this.abort.abort();
    this.cause = { type: "left" };
    clearTimeout(this.keepAliveTimer);
    const { transport } = this;
    if (transport !== undefined && !this.isEnded)
      await transport.close(this.options.timing.closeTimeoutMs);
    this.end("left");
  }

  /** Ends it at once, whatever state it is in. */
  destroy(): void {
    this.abort.abort();
    this.transport?.destroy();
    this.end("cancelled");
  }
}

function closedByServer(detail: string): CloseCause {
  return { type: "failed", failure: { code: "closed-by-server", detail } };
}
