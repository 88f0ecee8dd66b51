// Logging in to an account while registering. https://ircv3.net/specs/extensions/sasl-3.2
import type { ConnectFailure } from "./status.js";

export interface SaslOptions {
  readonly account: { readonly account: string; readonly password: string } | undefined;
  /** Whether the server has seen a certificate of ours on this connection. */
  readonly hasShownCertificate: () => boolean;
  /** Whether nobody on the way can read what we send. */
  readonly isPrivate: () => boolean;
  readonly send: (command: string, ...params: string[]) => void;
}

type Mechanism = "EXTERNAL" | "PLAIN";

/** What follows: an answer is waited for, we go on with or without an account, or the attempt to connect is over. */
export type SaslOutcome = "running" | "over" | ConnectFailure;

/** A payload goes in pieces of this length. https://ircv3.net/specs/extensions/sasl-3.1 */
const CHUNK = 400;

/**
 * Tries what we have: the certificate first, for it sends no secret. An account that was named must be logged in to; a
 * certificate nobody knows makes us a guest.
 */
export class Sasl {
  private toTry: Mechanism[] | undefined;
  private current: Mechanism | undefined;

  constructor(private readonly options: SaslOptions) {}

  /**
   * Begins, once. `offered` are the mechanisms of the server, "" where it does not name them, and undefined where it has
   * none.
   */
  begin(offered: string | undefined): SaslOutcome {
    if (this.toTry !== undefined) return this.current === undefined ? "over" : "running";
    const { account, hasShownCertificate, isPrivate } = this.options;
    const has = (mechanism: Mechanism) =>
      offered === "" || offered?.split(",").includes(mechanism) === true;
    this.toTry = [];
    if (account !== undefined && !isPrivate()) {
      const detail = "an account's password is not sent without encryption";
      return { code: "tls-not-supported", detail };
    }
    if (hasShownCertificate() && has("EXTERNAL")) this.toTry.push("EXTERNAL");
    if (account !== undefined && has("PLAIN")) this.toTry.push("PLAIN");
    return this.next("the server has no SASL PLAIN");
  }

  private next(detail: string): SaslOutcome {
    this.current = this.toTry?.shift();
    if (this.current !== undefined) {
      this.options.send("AUTHENTICATE", this.current);
      return "running";
    }
    return this.options.account === undefined ? "over" : { code: "wrong-password", detail };
  }

  /** The server awaits our answer. */
  challenged(): void {
    const { account } = this.options;
    if (this.current === "EXTERNAL") this.respond(account?.account ?? "");
    else if (this.current === "PLAIN" && account !== undefined)
      this.respond(`\0${account.account}\0${account.password}`);
  }

  private respond(text: string): void {
    const payload = Buffer.from(text).toString("base64");
    for (let at = 0; at < payload.length; at += CHUNK)
      this.options.send("AUTHENTICATE", payload.slice(at, at + CHUNK));
    // Also behind a last piece of full length, which would look as if more came.
    if (payload.length % CHUNK === 0) this.options.send("AUTHENTICATE", "+");
  }

  /** The server has taken it. */
  succeeded(): void {
    this.current = undefined;
  }

  /** The server has refused it. */
  refused(detail: string): SaslOutcome {
    return this.current === undefined ? "over" : this.next(detail);
  }
}
