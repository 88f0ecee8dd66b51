// Logging in to an account while registering. https://ircv3.net/specs/extensions/sasl-3.2
import { toBase64 } from "./encodings.js";
import type { ConnectFailure } from "./status.js";

export interface SaslOptions {
  readonly account: { readonly account: string; readonly password: string } | undefined;
  /** Whether this account has been logged in to with this password before, so that it cannot be the password. */
  readonly hasLoggedIn: boolean;
  /** Whether the server has seen a certificate of ours on this connection. */
  readonly hasShownCertificate: () => boolean;
  /** Whether no one on the way can read what we send. */
  readonly isPrivate: () => boolean;
  readonly send: (command: string, ...params: string[]) => void;
}

type Mechanism = "EXTERNAL" | "PLAIN";

/** What follows: an answer is waited for, we go on with or without an account, or the attempt to connect is over. */
export type SaslOutcome = "running" | "over" | ConnectFailure;

/** A payload goes in pieces of this length. https://ircv3.net/specs/extensions/sasl-3.1 */
const CHUNK = 400;

/**
 * Logs in with what we have. An account that was named must be logged in to, whatever the certificate would make of us; a
 * certificate alone that no one knows makes us a guest.
 */
export class Sasl {
  private hasBegun = false;
  private current: Mechanism | undefined;
  private hasSucceeded = false;

  constructor(private readonly options: SaslOptions) {}

  /**
   * Begins, once, and ends when the server has it no longer. `offered` are the mechanisms of the server, "" where it does not
   * name them, and undefined where it has none.
   */
  begin(offered: string | undefined): SaslOutcome {
    if (this.hasBegun && offered === undefined)
      return this.aborted("the server no longer offers SASL");
    if (this.hasBegun) return this.current === undefined ? "over" : "running";
    this.hasBegun = true;
    const { account, hasShownCertificate, isPrivate, send } = this.options;
    if (account !== undefined && !isPrivate()) {
      const detail = "an account's password is not sent without encryption";
      return { code: "tls-not-supported", detail };
    }
    const wanted = account === undefined ? "EXTERNAL" : "PLAIN";
    const isThere = offered === "" || offered?.toUpperCase().split(",").includes(wanted) === true;
    if (!isThere) return this.unavailable(`the server offers no SASL ${wanted}`);
    if (wanted === "EXTERNAL" && !hasShownCertificate()) return "over";
    this.current = wanted;
    send("AUTHENTICATE", wanted);
    return "running";
  }

  /** A server loses its mechanisms, and refuses whoever uses them, while it is cut off from the services that know accounts. */
  private unavailable(detail: string): SaslOutcome {
    return this.options.account === undefined ? "over" : { code: "login-unavailable", detail };
  }

  /** The server awaits our answer. */
  challenged(): void {
    const { account } = this.options;
    if (this.current === "EXTERNAL") this.respond("");
    else if (this.current === "PLAIN" && account !== undefined)
      this.respond(`\0${account.account}\0${account.password}`);
  }

  private respond(text: string): void {
    const payload = toBase64(text);
    for (let at = 0; at < payload.length; at += CHUNK)
      this.options.send("AUTHENTICATE", payload.slice(at, at + CHUNK));
    // Also behind a last piece of full length, which would look as if more came.
    if (payload.length % CHUNK === 0) this.options.send("AUTHENTICATE", "+");
  }

  /** The server has taken it. */
  succeeded(): void {
    this.hasSucceeded = true;
    this.current = undefined;
  }

  /** The server names the mechanisms it has, as it does where it does not have the one we use. */
  listed(mechanisms: string): SaslOutcome {
    if (this.current === undefined) return "over";
    if (mechanisms.toUpperCase().split(/[, ]/).includes(this.current)) return "running";
    return this.aborted(`the server offers no SASL ${this.current}, but ${mechanisms}`);
  }

  /** The server has given up before it knew whether the account is ours. */
  aborted(detail: string): SaslOutcome {
    if (this.current === undefined) return "over";
    this.current = undefined;
    return this.unavailable(detail);
  }

  /** The server has refused it. */
  refused(detail: string): SaslOutcome {
    if (this.options.hasLoggedIn || this.current === undefined) return this.aborted(detail);
    this.current = undefined;
    return this.options.account === undefined ? "over" : { code: "wrong-password", detail };
  }

  /** We are registered: an account that was named must have been logged in to. */
  registered(): SaslOutcome {
    return this.hasSucceeded ? "over" : this.unavailable("registered without logging in");
  }
}
