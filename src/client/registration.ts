// From an open connection to RPL_WELCOME: capabilities, password, nick, SASL. https://modern.ircdocs.horse/#connection-registration
import { CAP } from "../irc/caps.js";
import { message, type Message } from "../irc/message.js";
import { MIN_NICK_BYTES, NICK_MAX_BYTES, isCutFrom, nextNick } from "../irc/names.js";
import * as n from "../irc/numerics.js";
import {
  NICKNAME_RESERVED,
  NICKNAME_YOURS,
  WAITING_FOR_APPROVAL,
} from "../irc/standard-replies.js";
import { utf8Length } from "../irc/utf8.js";
import { Capabilities } from "./capabilities.js";
import { ConnectError } from "./connect-error.js";
import { isIrcOpening } from "./opening.js";
import { plainNick, refusalIn, refusedCommand } from "./registration-refusals.js";
import { Sasl, type SaslOutcome } from "./sasl.js";
import { DEFAULT_TIMING } from "./session-options.js";
import type { ConnectFailure } from "./status.js";

export interface RegistrationOptions {
  readonly nick: string;
  readonly username: string;
  readonly realname: string;
  readonly password: string | undefined;
  readonly sasl: { readonly account: string; readonly password: string } | undefined;
  /** Whether this account has been logged in to before; left out: no. */
  readonly hasLoggedIn?: boolean;
  /** Whether no one on the way can read what we send. */
  readonly isPrivate: () => boolean;
  /** How long the server may take to say what it can, before it gets its password unencrypted. */
  readonly capTimeoutMs: number;
  /** After RPL_WELCOME: so long without a line, and the welcome is over. Left out: the default. */
  readonly welcomeTimeoutMs?: number;
  /** Whether we have a certificate to log in with, and whether the server has seen it on this connection. */
  readonly hasCertificate: boolean;
  readonly hasShownCertificate: () => boolean;
  /** Whether another nick will do for now when ours is taken, by our own ghost perhaps. One that our own window has always will. */
  readonly takesOtherNick: boolean;
  /** How long a nick may be, as far as the server has told before. Left out: as on a Parley server. */
  readonly nickMaxBytes?: number;
  readonly send: (message: Message) => void;
  /** The host has to let us in: the rest comes when they do. */
  readonly onWaiting?: () => void;
}

const MAX_NICK_TRIES = 20;

export class Registration {
  readonly capabilities: Capabilities;
  /** Resolves at the end of the welcome, rejects with a ConnectError. */
  readonly done: Promise<void>;
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private nick: string;
  private nickTries = 0;
  private takesOtherNick: boolean;
  private nickMaxBytes: number;
  private hasAnswered = false;
  private isWelcome = false;
  private readonly sasl: Sasl;
  private hasEndedCaps = false;
  private hasIntroduced = false;
  private introduction: ReturnType<typeof setTimeout> | undefined;
  private welcomeEnd: ReturnType<typeof setTimeout> | undefined;
  /** Why the nick asked for last is refused, where the server says so beside the numeric. */
  private nickNote: string | undefined;

  constructor(private readonly options: RegistrationOptions) {
    this.nick = options.nick;
    this.takesOtherNick = options.takesOtherNick;
    this.nickMaxBytes = options.nickMaxBytes ?? NICK_MAX_BYTES;
    const send = (command: string, ...params: string[]) => {
      this.send(command, ...params);
    };
    const { sasl, hasLoggedIn = false, hasCertificate, hasShownCertificate, isPrivate } = options;
    this.capabilities = new Capabilities(send, sasl !== undefined || hasCertificate);
    this.sasl = new Sasl({ account: sasl, hasLoggedIn, hasShownCertificate, isPrivate, send });
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits for it hears of a failure; until someone does, it must not count as unhandled.
    this.done.catch(() => undefined);
  }

  /** The nick asked for last. Another one that the server gives us is its own choice. */
  get askedNick(): string {
    return this.nick;
  }

  private get hasPassword(): boolean {
    const { password } = this.options;
    return password !== undefined && password !== "";
  }

  private send(command: string, ...params: string[]): void {
    this.options.send(message(command, params));
  }

  start(): void {
    this.capabilities.start();
    if (this.hasPassword && !this.options.isPrivate()) this.waitForCapabilities();
    else this.introduce();
  }

  /**
   * A server that wants to be reached encrypted says so in the list of its capabilities, and must not have been told its
   * password by then. One without capabilities says that it does not know the command; very old ones say nothing.
   */
  private waitForCapabilities(): void {
    this.introduction = setTimeout(() => {
      this.introduce();
    }, this.options.capTimeoutMs);
  }

  private introduce(): void {
    clearTimeout(this.introduction);
    if (this.hasIntroduced) return;
    this.hasIntroduced = true;
    const { password, username, realname } = this.options;
    // "The password … must be sent before any attempt to register the connection." https://modern.ircdocs.horse/#pass-message
    if (password !== undefined && this.hasPassword) this.send("PASS", password);
    this.send("NICK", this.nick);
    this.send("USER", username, "0", "*", realname);
  }

  /** Looks at the first line as it came. What is no IRC at all ends the attempt. */
  checkOpening(line: string): void {
    if (this.hasAnswered) return;
    this.hasAnswered = true;
    if (!isIrcOpening(line))
      this.fail({ code: "not-a-chat-server", detail: `it says "${line.slice(0, 80)}"` });
  }

  /** The connection ended without a word why: a server that restarts, or a bad network. */
  ended(detail: string): void {
    this.fail({ code: "lost", detail });
  }

  /** There was not enough of an answer in time. */
  timedOut(): void {
    if (this.isWelcome) this.welcomed();
    else if (this.hasAnswered)
      this.fail({ code: "timed-out", detail: "the server did not complete the registration" });
    else this.fail({ code: "silent", detail: "connected, but no answer" });
  }

  handle(line: Message): void {
    if (this.welcomeEnd !== undefined) this.awaitWelcomeEnd();
    switch (refusedCommand(line)) {
      case "CAP":
        this.capabilitiesRefused(line);
        return;
      case "AUTHENTICATE":
        this.follow(this.loginRefused(line));
        return;
      default:
    }
    switch (line.command) {
      case "CAP":
        this.capabilities.handle(line);
        if (this.capabilities.hasList) this.introduce();
        this.goOn();
        return;
      case n.ERR_UNKNOWNCOMMAND:
      case n.ERR_NOTREGISTERED:
        this.introduce();
        return;
      case n.RPL_WELCOME:
        this.welcome();
        return;
      // No one is in a channel before the welcome has ended.
      case "JOIN":
      case n.RPL_ENDOFMOTD:
      case n.ERR_NOMOTD:
        if (this.isWelcome) this.welcomed();
        return;
      case n.ERR_BADPING:
        this.answerCookie(textOf(line));
        return;
      case "NOTE":
        if (line.params[0] === "NICK") this.nickNote = line.params[1];
        else if (line.params[1] === WAITING_FOR_APPROVAL && !this.isWelcome)
          this.options.onWaiting?.();
        return;
      default:
        this.handleLogin(line);
        if (!this.isWelcome) this.handleNickRefusal(line);
        this.failIf(refusalIn(line, this.hasPassword));
    }
  }

  private handleLogin(line: Message): void {
    switch (line.command) {
      case "AUTHENTICATE":
        if (line.params[0] === "+") this.sasl.challenged();
        return;
      case n.RPL_SASLSUCCESS:
      case n.ERR_SASLALREADY:
        this.sasl.succeeded();
        this.goOn();
        return;
      case n.ERR_SASLFAIL:
      case n.ERR_SASLTOOLONG:
      case n.ERR_NICKLOCKED:
        this.follow(this.sasl.refused(textOf(line)));
        return;
      case n.ERR_SASLABORTED:
        this.follow(this.sasl.aborted(textOf(line)));
        return;
      case n.RPL_SASLMECHS:
        this.follow(this.sasl.listed(line.params[1] ?? ""));
        return;
      default:
    }
  }

  private capabilitiesRefused({ command }: Message): void {
    this.introduce();
    // Who does not know the command waits for no end of it.
    if (command === n.ERR_UNKNOWNCOMMAND || command === n.ERR_NOTREGISTERED)
      this.capabilities.requestUnknown();
    else this.capabilities.goWithout();
    this.goOn();
  }

  /** Only a code for it says that the account is not ours: without one, the services that know it are away. */
  private loginRefused(line: Message): SaslOutcome {
    const isAboutUs = line.command === "FAIL" && /CREDENTIAL|PASSWORD/.test(line.params[1] ?? "");
    return isAboutUs ? this.sasl.refused(textOf(line)) : this.sasl.aborted(textOf(line));
  }

  private handleNickRefusal(line: Message): void {
    switch (line.command) {
      case n.ERR_NICKNAMEINUSE:
      case n.ERR_NICKCOLLISION:
      case n.ERR_UNAVAILRESOURCE:
        this.nickTaken(line);
        return;
      case n.ERR_ERRONEUSNICKNAME:
        this.nickInvalid(line);
        return;
      default:
    }
  }

  private welcome(): void {
    const outcome = this.sasl.registered();
    if (typeof outcome === "object") {
      this.fail(outcome);
      return;
    }
    this.isWelcome = true;
    this.awaitWelcomeEnd();
  }

  private awaitWelcomeEnd(): void {
    clearTimeout(this.welcomeEnd);
    this.welcomeEnd = setTimeout(() => {
      this.welcomed();
    }, this.options.welcomeTimeoutMs ?? DEFAULT_TIMING.welcomeTimeoutMs);
  }

  private welcomed(): void {
    this.stopWaiting();
    this.resolve();
  }

  private stopWaiting(): void {
    clearTimeout(this.introduction);
    clearTimeout(this.welcomeEnd);
    this.welcomeEnd = undefined;
  }

  /** Some servers want their first PING answered by hand, where the answer went astray. */
  private answerCookie(text: string): void {
    const [, cookie] = /\bPONG :?([!-~]{1,64})/.exec(text) ?? [];
    if (cookie !== undefined) this.send("PONG", cookie);
  }

  private failIf(failure: ConnectFailure | undefined): void {
    if (failure !== undefined) this.fail(failure);
  }

  private fail(failure: ConnectFailure): void {
    this.abandon(new ConnectError(failure));
  }

  /** Another nick for now, if that is any help; otherwise the person has to choose one. */
  private nickTaken(line: Message): void {
    this.learnNickLength(line);
    const suggestion = nextNick(this.nick, this.nickMaxBytes);
    const note = this.nickNote;
    this.nickNote = undefined;
    // Who has the nick in another window is the same person, and need not be asked for a name once more.
    this.takesOtherNick ||= note === NICKNAME_YOURS;
    if (!this.takesOtherNick || ++this.nickTries > MAX_NICK_TRIES) {
      const { nick } = this.options;
      const code = note === NICKNAME_RESERVED ? "nick-owned" : "nick-in-use";
      this.fail({ code, detail: textOf(line), nick, suggestion });
      return;
    }
    this.nick = suggestion;
    this.send("NICK", suggestion);
  }

  /** A server cuts a nick that is too long for it, and then refuses what it has made of it; or it takes none that is longer. */
  private learnNickLength({ command, params: [, named = ""] }: Message): void {
    const isCut = isCutFrom(this.nick, named) && utf8Length(named) >= MIN_NICK_BYTES;
    const isRefused = command === n.ERR_ERRONEUSNICKNAME && this.nickTries > 0;
    if (isCut) this.nickMaxBytes = utf8Length(named);
    else if (isRefused && utf8Length(this.nick) > MIN_NICK_BYTES)
      this.nickMaxBytes = Math.min(this.nickMaxBytes, utf8Length(this.nick) - 1);
  }

  /** A nick that we had before is not wrong, only kept from us, by services perhaps. */
  private nickInvalid(line: Message): void {
    if (this.takesOtherNick) {
      this.nickTaken(line);
      return;
    }
    const suggestion = plainNick(this.nick);
    this.fail({ code: "nick-invalid", detail: textOf(line), nick: this.nick, suggestion });
  }

  private goOn(): void {
    if (!this.capabilities.isSettled || this.hasEndedCaps) return;
    const { enabled, available } = this.capabilities;
    const mechanisms = enabled.has(CAP.sasl) ? (available.get(CAP.sasl) ?? "") : undefined;
    this.follow(this.sasl.begin(mechanisms));
  }

  private follow(outcome: SaslOutcome): void {
    if (typeof outcome === "object") this.fail(outcome);
    if (outcome !== "over" || this.hasEndedCaps) return;
    this.hasEndedCaps = true;
    this.send("CAP", "END");
  }

  /** Ends the attempt. */
  abandon(reason: Error): void {
    this.stopWaiting();
    this.reject(reason);
  }
}

function textOf(line: Message): string {
  return line.params.at(-1) ?? "";
}
