// How people come, go by other names, and leave.
import { CAP } from "../irc/caps.js";
import { nextNick } from "../irc/names.js";
import { RPL_MONOFFLINE, RPL_MONONLINE } from "../irc/numerics.js";
import type { Accounts } from "./accounts/accounts.js";
import type { AlwaysOn } from "./always-on.js";
import type { AuditLog } from "./audit/audit-log.js";
import type { Audience } from "./audience.js";
import type { Channels } from "./channels.js";
import type { Client, UserMode } from "./client.js";
import type { Clients } from "./clients.js";
import type { ServerLimits } from "./config.js";
import type { Outgoing } from "./delivery.js";
import { errorText } from "./errors.js";
import type { Archive } from "./history/archive.js";
import type { HostReport } from "./host-report.js";
import { lastHeard, withoutText } from "./leaving.js";
import type { Logger } from "./logger.js";
import type { Memory, Presence } from "./memory.js";
import { pictureIn } from "./metadata.js";
import { isSameName } from "./nicks.js";
import type { Pictures } from "./pictures.js";
import type { ReplyOrigin } from "./reply.js";
import { isSameAccount, type Sessions } from "./sessions.js";
import type { Departures } from "./whowas.js";

/** Whom and what it concerns that someone comes or goes. */
export interface PeopleSurroundings {
  readonly origin: ReplyOrigin;
  readonly logger: Logger;
  readonly clients: Clients;
  readonly sessions: Sessions;
  readonly alwaysOn: AlwaysOn;
  readonly channels: Channels;
  readonly audience: Audience;
  readonly archive: Archive;
  readonly audit: AuditLog;
  readonly memory: Memory;
  readonly pictures: Pictures;
  readonly departures: Departures;
  readonly accounts: Accounts;
  readonly report: HostReport;
  readonly limits: ServerLimits;
}

/** The away message of those who stay and have none of their own. */
const NOT_CONNECTED = "Not connected";

/** Changes who is here, and tells everyone whom it concerns. */
export class People {
  constructor(private readonly its: PeopleSurroundings) {}

  /** Gives the client its nick, which must be free, and makes it one of those who are here. */
  register(client: Client, nick: string): void {
    const { clients, audience, archive, origin, logger, report } = this.its;
    const isBack = clients.find(nick) !== undefined;
    client.signonTime = origin.now();
    client.lastActive = client.signonTime;
    client.nickSince = archive.timeAfterAll;
    clients.add(client, nick);
    client.connection.registered();
    const { address, port, kind } = client.connection.info;
    if (!isBack) audience.tellWatchers(client, RPL_MONONLINE);
    logger.info(`${nick} connected from ${address} port ${port} (${kind})`);
    const as = client.account === undefined ? "" : `, logged in as ${client.account}`;
    this.its.audit.event(`${nick} connected from ${address} port ${port}${as}`);
    this.logRealname(client);
    report.hasChanged();
  }

  /** What others can read of someone besides the nick. Who cannot be logged comes without it. */
  private logRealname(client: Client): void {
    if (client.realname === client.nick) return;
    const line = `${client.nick} has the real name: ${client.realname}`;
    if (!this.its.archive.tryLog(line)) client.realname = client.nick;
  }

  /**
   * Changes the nick of a client that is here, or waits to be let in, to one that it may have, and tells those who share a channel with it. Returns the
   * message, which the client itself has yet to get.
   */
  rename(client: Client, nick: string): Outgoing {
    const { clients, audience, archive, origin, logger, departures, report } = this.its;
    const message = client.outgoing("NICK", [nick], origin.now(), { msgid: origin.newId() });
    if (client.isWaiting) {
      // No one knows yet that it is here.
      clients.rename(client, nick);
      return message;
    }
    this.its.audit.announced(message);
    for (const channel of client.channels) archive.event(client, channel, message);
    logger.info(`${client.nick} is now ${nick}`);
    const isOther = !isSameName(client.nick, nick);
    if (isOther) departures.add(client, origin.now());
    // First NICK: a client that shares a channel and watches the old nick would think someone else of that nick has left.
    for (const peer of audience.peersOf(client)) peer.deliver(message);
    if (isOther) audience.tellWatchers(client, RPL_MONOFFLINE);
    clients.rename(client, nick);
    if (isOther) client.nickSince = archive.timeAfterAll;
    if (isOther) audience.tellWatchers(client, RPL_MONONLINE);
    report.hasChanged();
    return message;
  }

  /** Changes a mode of a registered client. */
  setMode(client: Client, mode: UserMode, isOn: boolean): void {
    this.its.clients.setMode(client, mode, isOn);
    if (mode === "o") this.its.report.hasChanged();
  }

  /** The client has proved that the account is its own. */
  logIn(client: Client, account: string): void {
    const { sessions, audience, origin, logger } = this.its;
    this.logOut(client);
    client.account = account;
    this.shareMetadata(client, account);
    sessions.add(client, account);
    logger.info(`${client.nick} (${client.address}) is logged in as ${account}`);
    if (!client.isRegistered) return;
    const message = client.outgoing("ACCOUNT", [account], origin.now());
    this.its.audit.event(`${client.nick} is logged in as ${account}`);
    audience.tellOthers(client, CAP.accountNotify, message);
  }

  private logOut(client: Client): void {
    const { account } = client;
    this.its.sessions.remove(client);
    this.its.alwaysOn.hasChanged(account);
    if (account === undefined) return;
    if (client.isRegistered) this.keepAccount(client);
    else this.discardUnused(account);
  }

  /** Someone comes in: an account that was made for them is stored, and owns the nick of its name unless someone else has that. */
  keepAccount(client: Client): void {
    const { accounts, clients, memory, logger } = this.its;
    const { account } = client;
    if (account === undefined || !accounts.isProvisional(account)) return;
    const holder = clients.findAlike(account);
    const isFree = holder === undefined || holder === client || isSameAccount(client, holder);
    try {
      accounts.confirm(account, isFree ? "with its nick" : "without its nick");
      for (const [key, value] of client.metadata) memory.keepMetadata(account, key, value);
    } catch (error) {
      logger.error(`could not store the account ${account}: ${errorText(error)}`);
    }
  }

  /** Nothing stays of an account whose owner was not let in and has gone. */
  discardUnused(account: string): void {
    if (this.its.sessions.of(account).size === 0) this.its.accounts.discard(account);
  }

  /** The host gives the name of an account to someone else than those it was made for and who have not been let in. */
  evict(name: string): void {
    const { accounts, sessions } = this.its;
    for (const client of [...sessions.of(accounts.spelling(name) ?? name)])
      client.connection.close("The name of your account belongs to someone else: connect again");
  }

  /**
   * What the client said of itself stays with the account; the rest comes from there. A picture that a guest uploaded takes no
   * account's place: that one cannot be had back.
   */
  private shareMetadata(client: Client, account: string): void {
    const { accounts, memory, limits, audience, pictures } = this.its;
    if (accounts.isProvisional(account)) return;
    const known = new Map(memory.metadataOf(account));
    const [own, given] = [client.metadata.get("avatar"), known.get("avatar")];
    const keepsGiven = given !== undefined && pictureIn(own) !== undefined;
    if (keepsGiven) client.metadata.set("avatar", given);
    for (const [key, value] of client.metadata) memory.keepMetadata(account, key, value);
    for (const [key, value] of known)
      if (!client.metadata.has(key) && client.metadata.size < limits.maxMetadataKeys)
        client.metadata.set(key, value);
    if (own === given || own === undefined || given === undefined) return;
    pictures.released(keepsGiven ? own : given);
    if (keepsGiven && client.isRegistered) audience.tellMetadata(client, "avatar", given);
  }

  /**
   * The client has come by a nick: if no one owns it, its account does from now on. What one of several windows is called,
   * another having the nick, is no name anyone chose.
   */
  keepNick({ account, nick }: Client): void {
    const { sessions, accounts, origin, logger } = this.its;
    if (account === undefined || sessions.of(account).size > 1) return;
    if (accounts.isProvisional(account)) return;
    try {
      accounts.nicks.keep(nick, account, origin.now());
    } catch (error) {
      logger.warn(`could not store that ${account} owns ${nick}: ${errorText(error)}`);
    }
  }

  /** Frees a nick for the client, which may have it: whoever else has it, or one like it, gets another one. */
  makeRoom(client: Client, nick: string): void {
    const holder = this.its.clients.findAlike(nick);
    if (holder === undefined || holder === client || holder === this.absentOf(client)) return;
    this.moveAside(holder);
  }

  /** A client that may stay, but not by its nick, gets one like it. */
  moveAside(client: Client): void {
    client.deliver(this.rename(client, this.freeNick(nextNick(client.nick), client)));
  }

  /** The nick, or one made of it that the client may have. */
  private freeNick(nick: string, { account }: Client): string {
    const { clients, accounts } = this.its;
    let free = nick;
    const isTaken = () =>
      clients.findAlike(free) !== undefined ||
      accounts.nicks.likeOfAnother(free, account) !== undefined;
    while (isTaken()) free = nextNick(free);
    return free;
  }

  /** Who stays, without a connection, for the client's account. */
  absentOf({ account }: Client): Client | undefined {
    return this.its.alwaysOn.of(account);
  }

  /** No one stays any more in the place of `previous`: the client that has its nick has taken it. */
  resumed(previous: Client): void {
    this.its.alwaysOn.left(previous);
    this.its.clients.remove(previous);
  }

  /** The client's connection has ended. */
  disconnected(client: Client, reason: string): void {
    this.logOut(client);
    if (!client.isRegistered) return;
    if (this.its.alwaysOn.mayStay(client)) this.stay(client, reason);
    else this.quit(client, reason);
  }

  /** The client's connection has ended because the server does. */
  stopped(client: Client): void {
    this.logOut(client);
    this.its.clients.remove(client);
  }

  /** A logged-in client stays in its channels, marked as away. */
  private stay(client: Client, reason: string): void {
    const { alwaysOn, audience, origin, logger } = this.its;
    logger.info(
      `${client.nick} disconnected and stays in their channels: ${reason} (${client.address})`,
    );
    this.its.audit.event(`${client.nick} disconnected and stays in their channels: ${reason}`);
    client.absentSince = lastHeard(this.its, reason, origin.now());
    alwaysOn.stays(client);
    if (client.away !== undefined) return;
    client.away = NOT_CONNECTED;
    const message = client.outgoing("AWAY", [client.away], origin.now());
    audience.tellOthers(client, CAP.awayNotify, message);
  }

  /** A client that has just been made is here for someone who stayed when an earlier process ended. */
  bringBack(client: Client, account: string, presence: Presence): void {
    const { clients, channels, alwaysOn } = this.its;
    client.user = presence.user;
    client.realname = presence.realname;
    client.account = account;
    client.away = presence.away ?? NOT_CONNECTED;
    client.signonTime = presence.signonTime;
    client.lastActive = presence.lastActive;
    client.absentSince = presence.absentSince;
    const isFree = clients.findAlike(presence.nick) === undefined;
    clients.add(client, isFree ? presence.nick : this.freeNick(presence.nick, client));
    this.shareMetadata(client, account);
    for (const mode of presence.modes) clients.setMode(client, mode, true);
    for (const [name, ranks] of presence.channels)
      channels.open(channels.recall(name) ?? name).add(client, ranks);
    alwaysOn.stays(client);
  }

  /** The client leaves, connected or not. */
  quit(client: Client, reason: string): void {
    const { clients, channels, audience, archive, alwaysOn, departures, origin, logger } = this.its;
    const { address, port } = client.connection.info;
    logger.info(`${client.nick} left: ${reason} (${address} port ${port})`);
    const more = { msgid: origin.newId() };
    const quitting = (text: string) => client.outgoing("QUIT", [text], origin.now(), more);
    const said = quitting(reason);
    const message = archive.tryLog(said) ? said : quitting(withoutText(reason));
    this.its.audit.announced(message);
    const peers = audience.peersOf(client);
    for (const channel of [...client.channels]) {
      archive.event(client, channel, message);
      channels.leave(channel, client);
    }
    clients.remove(client);
    alwaysOn.left(client);
    departures.add(client, origin.now());
    audience.tellWatchers(client, RPL_MONOFFLINE);
    for (const peer of peers) peer.deliver(message);
    if (clients.size === 0) logger.info("waiting for connections");
  }
}
