// The host's approval: people who come wait until someone lets them in. Until then no one meets them, and they read nothing.
import { CAP } from "../irc/caps.js";
import { message } from "../irc/message.js";
import { ERR_YOUREBANNEDCREEP } from "../irc/numerics.js";
import {
  APPROVAL_DENIED,
  APPROVAL_REQUESTED,
  APPROVAL_TIMED_OUT,
  APPROVED,
  DENIED_WITHOUT_REASON,
  WAITING_FOR_APPROVAL,
} from "../irc/standard-replies.js";
import { printable } from "../irc/printable.js";
import { Announced } from "./announced.js";
import { ApprovalQueue, describeApplicant, type Applicant } from "./approval-queue.js";
import { tellLogged } from "./audit/audit-notices.js";
import type { Client } from "./client.js";
import { enter } from "./commands/registration.js";
import type { Decision, DecisionKey, WaitingClient } from "./control.js";
import type { Decisions } from "./decisions.js";
import type { CommandContext } from "./dispatch.js";
import { errorText } from "./errors.js";
import { PLEASE_WAIT } from "./explain.js";
import { Reply } from "./reply.js";
import type { Server } from "./server.js";
import { isSamePerson } from "./sessions.js";
import { TokenBucket } from "./token-bucket.js";
import { greet } from "./welcome.js";

/** How many who come are told to operators at once, and how many a second after that: the list has them all. */
const NOTICE_BURST = 20;
const NOTICES_PER_SECOND = 0.2;

/** Who waits, and what was decided. */
export type OnApprovals = (
  waiting: readonly WaitingClient[],
  decisions: readonly Decision[],
  isRequired: boolean,
) => void;

/** Whether someone who was let in will be recognized, or why not. */
export type Kept = "kept" | "no one in particular" | "could not be stored";

/** Owns who waits and what was decided about whom, and lets people in. */
export class Approval {
  readonly queue: ApprovalQueue;
  readonly announced = new Announced();
  private readonly notices: TokenBucket;
  private isReportDue = false;

  constructor(
    private readonly server: Server,
    readonly decisions: Decisions,
    private readonly tell: OnApprovals | undefined,
  ) {
    this.queue = new ApprovalQueue(server.config.limits);
    this.notices = new TokenBucket(NOTICE_BURST, NOTICES_PER_SECOND, server.ticks());
  }

  /** Sends a client away that was banned; without a nick: whatever its address. Returns whether it was. */
  refuseBanned({ server, client, reply }: CommandContext, nick?: string): boolean {
    const ban = this.decisions.banOf(client, nick);
    if (ban === undefined) return false;
    server.logger.info(`${client.address} was refused: ${ban.nick} is banned`);
    const text = `You are banned from this server${ban.reason === "" ? "" : `: ${ban.reason}`}`;
    reply.numeric(ERR_YOUREBANNEDCREEP, text);
    reply.finish();
    client.connection.close(text);
    return true;
  }

  private isBanned(client: Client): boolean {
    return this.decisions.banOf(client, client.nick) !== undefined;
  }

  /** Whether the client, of which all is known that registration needs, has to wait. */
  isNeeded(client: Client): boolean {
    const { config, people, sessions } = this.server;
    if (!config.approve || this.decisions.isApproved(client)) return false;
    if (people.absentOf(client) !== undefined) return false;
    // Another window of someone who is here.
    const own = client.account === undefined ? [] : sessions.of(client.account);
    return ![...own].some((other) => other.isRegistered);
  }

  /** The client waits to be let in by this nick. */
  wait(cx: CommandContext, nick: string): void {
    const { server, client, reply } = cx;
    const { clients, config } = server;
    if (!this.queue.hasRoomFor(client.address)) {
      reply.finish();
      client.connection.close("Too many people are waiting to be let in; try again later");
      return;
    }
    const holder = clients.findWaiting(nick);
    if (holder !== undefined) server.people.moveAside(holder);
    clients.reserve(client, nick);
    client.connection.registered();
    const hasPassword = config.password !== undefined;
    server.logger.info(`${nick} (${client.address}) waits for approval`);
    // Those who know the capability are welcomed when they are let in. Others would give up without a welcome.
    const isWelcomed = !client.has(CAP.approval);
    this.queue.add(client, server.ticks(), { hasPassword, isWelcomed });
    if (isWelcomed) greet(cx);
    else tellLogged(cx, nick);
    const [command, params] = wordsFor(client, "NOTE", WAITING_FOR_APPROVAL, PLEASE_WAIT);
    reply.message(command, params);
    // People who were denied may ask again; the host sees them in the list.
    if (!this.decisions.wasDenied(client))
      this.tellOperators(client, `${nick} (${client.address}) wants to join`);
    this.hasChanged();
  }

  /** The client, which waits, gets another nick, which it may have. */
  rename(cx: CommandContext, nick: string): void {
    const { server, client, reply } = cx;
    const holder = server.clients.findWaiting(nick);
    if (holder !== undefined && holder !== client) server.people.moveAside(holder);
    reply.send(server.people.rename(client, nick));
    this.hasChanged();
  }

  /** Lets someone in who waits, and others who are the same person. Returns whether they will be recognized. */
  admit(client: Client, verdict: "approved" | "visiting"): Kept {
    // First, for it is by the account that they are known.
    this.server.people.keepAccount(client);
    const isKept = this.keep(client, verdict, "");
    this.letInAll(client);
    return isKept;
  }

  /** Lets the client in, and others who wait and are the same person. */
  private letInAll(client: Client): void {
    this.letIn(client);
    for (const { client: other } of [...this.queue.values()])
      if (!this.isNeeded(other)) this.letIn(other);
  }

  /** Sends someone away who waits, with their other windows. */
  deny(client: Client, reason: string): void {
    const windows = Array.from(this.queue.values(), (applicant) => applicant.client);
    for (const each of windows)
      if (each === client || isSamePerson(each, client)) {
        this.decisions.deny(each);
        this.dismiss(each, APPROVAL_DENIED, reason === "" ? DENIED_WITHOUT_REASON : reason);
      }
  }

  /** Sends someone away, who waits or is here, and lets them in no more. @throws Error when it cannot be stored. */
  ban(client: Client, reason: string, source: string): void {
    const { server } = this;
    this.decisions.keep(client, "banned", reason, server.now());
    this.hasChanged();
    const text = reason === "" ? "You are banned from this server" : reason;
    for (const other of [...server.clients.values()])
      if (other === client || (!other.isOperator && this.isBanned(other)))
        server.disconnect(other.id, text, source);
    for (const { client: other } of [...this.queue.values()])
      if (other === client || this.isBanned(other)) this.deny(other, text);
  }

  /** Lets in, or sends away, who waits by this connection, if they still do. @throws Error when it cannot be stored. */
  decide(clientId: string, what: "approved" | "visiting" | "denied" | "banned", reason = ""): void {
    const client = this.queue.byId(clientId)?.client;
    if (client === undefined) return;
    if (what === "denied") this.deny(client, reason);
    else if (what === "banned") this.ban(client, reason, this.server.name);
    else this.admit(client, what);
  }

  private letIn(client: Client): void {
    client.wasLetIn = true;
    this.enter(client);
  }

  /** An operator needs no approval, nor do their other windows. */
  addOperator(client: Client): void {
    client.wasLetIn = true;
    // First, for it is by the account that they are known.
    if (client.isWaiting) this.server.people.keepAccount(client);
    this.decisions.addOperator(client);
    if (client.isWaiting) this.letInAll(client);
  }

  /** Keeps what was decided. Returns whether the client will be recognized by it. */
  private keep(client: Client, verdict: "approved" | "visiting", reason: string): Kept {
    try {
      const isKept = this.decisions.keep(client, verdict, reason, this.server.now());
      return isKept ? "kept" : "no one in particular";
    } catch (error) {
      this.server.logger.error(`could not store who was let in: ${errorText(error)}`);
      return "could not be stored";
    } finally {
      this.hasChanged();
    }
  }

  /**
   * Takes back each decision by which one of `keys` is recognized. People who were let in by it and are here stay until they
   * go; those who are not connected go now, or they would come back without a question. Returns those there were.
   *
   * @throws Error when that cannot be stored.
   */
  forget(keys: readonly DecisionKey[]): readonly Decision[] {
    const { clients, people } = this.server;
    const forgotten = this.decisions.forget(keys);
    const ended = forgotten
      .filter(({ verdict }) => verdict !== "banned")
      .flatMap((decision) => decision.keys);
    for (const client of [...clients.values()]) {
      if (client.isOperator || !this.decisions.isOneOf(client, ended)) continue;
      client.mustLeave = true;
      if (people.absentOf(client) === client) people.quit(client, "Not connected");
    }
    this.hasChanged();
    return forgotten;
  }

  /** The line that the client says to the host. Returns whether it may: it is only one. @throws StandardError */
  knock(applicant: Applicant, line: string): boolean {
    if (applicant.line !== undefined) return false;
    const { client } = applicant;
    this.server.archive.log(
      `${client.nick} (${client.address}) waits to be let in, and says: ${line}`,
    );
    applicant.line = line;
    this.server.logger.debug(`${client.nick} (${client.address}), who waits, says: ${line}`);
    if (!this.decisions.wasDenied(client))
      this.tellOperators(client, `${client.nick} (${client.address}) wants to join: ${line}`);
    this.hasChanged();
    return true;
  }

  /** The client's connection has ended. */
  left(client: Client): void {
    if (client.mustLeave) this.thrownOut(client);
    else if (this.take(client) !== undefined) this.hasChanged();
  }

  /** The client, connected or not, is thrown out: it asks again before it comes in, unless it always may. */
  thrownOut(client: Client): void {
    this.take(client);
    this.attempt(() => {
      this.decisions.endVisit(client);
    });
    this.hasChanged();
  }

  /** The configuration is another one. Where no approval is needed any more, everyone who waits is let in. */
  hasNewConfig(): void {
    if (!this.server.config.approve)
      for (const { client } of [...this.queue.values()]) this.enter(client);
    this.hasChanged();
  }

  /** Sends those away who have waited too long. */
  sweep(now: number): void {
    for (const client of this.queue.expired(now))
      this.dismiss(
        client,
        APPROVAL_TIMED_OUT,
        "The host has not answered; try again when they are there",
      );
  }

  /** The server stops. Those who were let in until then are asked for anew when it starts again. */
  close(isFinal: boolean): void {
    if (isFinal)
      this.attempt(() => {
        this.decisions.endVisits();
      });
  }

  hasChanged(): void {
    this.server.report.hasChanged();
    const { tell } = this;
    if (tell === undefined || this.isReportDue) return;
    this.isReportDue = true;
    setImmediate(() => {
      this.isReportDue = false;
      const { accounts } = this.server;
      const waiting = Array.from(this.queue.values(), (applicant) => {
        const { client } = applicant;
        return describeApplicant(applicant, {
          isNewAccount: client.account !== undefined && accounts.isProvisional(client.account),
          wasDenied: this.decisions.wasDenied(client),
        });
      });
      tell(waiting, this.decisions.all(), this.server.config.approve);
    });
  }

  private enter(client: Client): void {
    const { server } = this;
    const applicant = this.take(client);
    if (applicant === undefined) return;
    server.logger.info(`${client.nick} (${client.address}) was let in`);
    const reply = new Reply(server, client, undefined);
    const cx = { server, client, message: message("USER"), params: [], reply };
    if (!applicant.isWelcomed) enter(cx, client.nick, "welcome");
    this.say(client, "NOTE", APPROVED, "The host has let you in");
    if (applicant.isWelcomed) enter(cx, client.nick, "welcomed");
    for (const text of applicant.joins)
      void server.receive(client.connection, { kind: "line", text });
    this.hasChanged();
  }

  private dismiss(client: Client, code: string, text: string): void {
    const applicant = this.take(client);
    if (applicant === undefined) return;
    const line = `${client.nick} (${client.address}) was not let in: ${text}`;
    this.server.logger.info(line);
    const said = this.server.archive.tryLog(line) ? text : DENIED_WITHOUT_REASON;
    this.say(client, "FAIL", code, said);
    client.connection.close(said);
    this.hasChanged();
  }

  /** The client waits no more. */
  private take(client: Client): Applicant | undefined {
    const applicant = this.queue.remove(client);
    if (applicant !== undefined) this.server.clients.release(client);
    return applicant;
  }

  private attempt(store: () => void): void {
    try {
      store();
    } catch (error) {
      this.server.logger.error(`could not store what was decided: ${errorText(error)}`);
    }
  }

  private say(client: Client, command: "NOTE" | "FAIL", code: string, text: string): void {
    this.server.tell(client, ...wordsFor(client, command, code, text));
  }

  private tellOperators(about: Client, text: string): void {
    const { clients, ticks } = this.server;
    if (clients.operatorCount === 0 || !this.notices.take(ticks())) return;
    const { nick } = about;
    const how = `APPROVE ${nick}, DENY ${nick}, or WAITING for the list`;
    for (const client of clients.values()) {
      if (!client.isOperator) continue;
      this.announced.told(client, about);
      const said = `${printable(text)} (${how})`;
      if (client.has(CAP.standardReplies))
        this.server.tell(client, "NOTE", ["*", APPROVAL_REQUESTED, nick, said]);
      else this.server.tell(client, "NOTICE", [client.nick, said]);
    }
  }
}

/** A standard reply about `subject`, a command or all of the connection; or a notice for those who know none. */
export function wordsFor(
  client: Client,
  command: "NOTE" | "FAIL",
  code: string,
  text: string,
  subject = "*",
): [command: string, params: readonly string[]] {
  return client.has(CAP.standardReplies) || client.has(CAP.approval)
    ? [command, [subject, code, text]]
    : ["NOTICE", [client.nick, text]];
}
