// The ways to prove who one is. https://ircv3.net/specs/extensions/sasl-3.2
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Accounts } from "./accounts.js";
import { hmac, sha256, type PasswordKeys } from "./keys.js";

/** What follows from one response of the client. */
export type Step =
  | { readonly kind: "challenge"; readonly data: string }
  | { readonly kind: "success"; readonly account: string }
  | { readonly kind: "failure" };

/** One attempt to log in by one mechanism. */
export interface Mechanism {
  step(response: Buffer): Step | Promise<Step>;
}

/** What a mechanism goes by. */
export interface Applicant {
  readonly accounts: Accounts;
  /** SHA-256 of the client's certificate. */
  readonly fingerprint: string | undefined;
  /** The account a certificate that has none is given, if there may be one. */
  readonly claim: (wanted: string) => Promise<string | undefined>;
  /** What `check` returns for a guess at the password of the account; undefined: wrong. */
  readonly guess: <T>(
    name: string,
    check: () => T | undefined | Promise<T | undefined>,
  ) => Promise<T | undefined>;
}

/** Best first. */
export const MECHANISMS = new Map<string, (applicant: Applicant) => Mechanism>([
  ["SCRAM-SHA-256", (applicant) => new Scram(applicant)],
  ["EXTERNAL", (applicant) => new External(applicant)],
  ["PLAIN", (applicant) => new Plain(applicant)],
]);

const FAILURE: Step = { kind: "failure" };

/** RFC 4616: `[authzid] NUL authcid NUL password`. */
class Plain implements Mechanism {
  constructor(private readonly applicant: Applicant) {}

  async step(response: Buffer): Promise<Step> {
    const [authzid, name, password, ...rest] = response.toString("utf8").split("\0");
    if (authzid === undefined || !name || !password || rest.length > 0) return FAILURE;
    const { accounts, guess } = this.applicant;
    const account = await guess(name, () => accounts.checkPassword(name, password));
    if (account === undefined) return FAILURE;
    // No one acts for another.
    if (authzid !== "" && accounts.spelling(authzid) !== account) return FAILURE;
    return { kind: "success", account };
  }
}

/** RFC 4422, appendix A: the certificate of the TLS connection says who it is; the response may say as whom to act. */
class External implements Mechanism {
  constructor(private readonly applicant: Applicant) {}

  async step(response: Buffer): Promise<Step> {
    const { accounts, fingerprint, claim } = this.applicant;
    if (fingerprint === undefined) return FAILURE;
    const wanted = response.toString("utf8");
    const account = accounts.ownerOf(fingerprint) ?? (await claim(wanted));
    if (account === undefined || (wanted !== "" && accounts.spelling(wanted) !== account))
      return FAILURE;
    return { kind: "success", account };
  }
}

interface ScramFirst {
  readonly name: string;
  readonly keys: PasswordKeys;
  /** The client's nonce with ours. */
  readonly nonce: string;
  /** What the proof is over, so far. */
  readonly messages: string;
  readonly header: string;
}

const NONCE_BYTES = 18;

/** RFC 5802 and RFC 7677: both prove that they know the password, and neither sends it. */
class Scram implements Mechanism {
  private first: ScramFirst | undefined;
  private account: string | undefined;

  constructor(private readonly applicant: Applicant) {}

  step(response: Buffer): Step | Promise<Step> {
    const text = response.toString("utf8");
    // The server's own proof is read; the empty response says so.
    if (this.account !== undefined)
      return text === "" ? { kind: "success", account: this.account } : FAILURE;
    return this.first === undefined ? this.begin(text) : this.prove(text, this.first);
  }

  private begin(text: string): Step {
    const [, header, authzid, bare, user, clientNonce] =
      /^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(text) ?? [];
    if (header === undefined || bare === undefined || user === undefined) return FAILURE;
    const name = unescapeName(user);
    if (name === undefined || (authzid !== undefined && unescapeName(authzid) !== name))
      return FAILURE;
    const keys = this.applicant.accounts.keysOf(name);
    const nonce = `${clientNonce ?? ""}${randomBytes(NONCE_BYTES).toString("base64")}`;
    const answer = `r=${nonce},s=${keys.salt.toString("base64")},i=${keys.iterations}`;
    this.first = { name, keys, nonce, header, messages: `${bare},${answer}` };
    return { kind: "challenge", data: answer };
  }

  private async prove(text: string, first: ScramFirst): Promise<Step> {
    const [, withoutProof, binding, nonce, proof] =
      /^(c=([^,]*),r=([^,]*)(?:,(?!p=)[^,]*)*),p=([^,]*)$/.exec(text) ?? [];
    if (withoutProof === undefined || proof === undefined || nonce !== first.nonce) return FAILURE;
    if (binding !== Buffer.from(first.header).toString("base64")) return FAILURE;
    const signed = `${first.messages},${withoutProof}`;
    const signature = hmac(first.keys.storedKey, signed);
    const given = Buffer.from(proof, "base64");
    if (given.length !== signature.length) return FAILURE;
    const { accounts, guess } = this.applicant;
    this.account = await guess(first.name, () => {
      const clientKey = given.map((byte, i) => byte ^ (signature[i] ?? 0));
      const isRight = timingSafeEqual(sha256(Buffer.from(clientKey)), first.keys.storedKey);
      return isRight ? accounts.spelling(first.name) : undefined;
    });
    if (this.account === undefined) return FAILURE;
    return {
      kind: "challenge",
      data: `v=${hmac(first.keys.serverKey, signed).toString("base64")}`,
    };
  }
}

/** RFC 5802: "," stands as "=2C", "=" as "=3D"; any other "=" is a mistake. */
function unescapeName(name: string): string | undefined {
  if (/=(?!2C|3D)/.test(name)) return undefined;
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}
