// The server's certificate: given, kept, or made once.
import "reflect-metadata";
import { X509Certificate, createPrivateKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  cryptoProvider,
} from "@peculiar/x509";
import type { ServerConfig } from "./config.js";
import { ConfigError, StartError, errorText } from "./errors.js";
import type { DataFolder } from "./data-folder.js";
import type { Logger } from "./logger.js";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate: 64 lower-case hex digits. */
  readonly fingerprint: string;
}

const CERT_FILE = "certificate.pem";
const KEY_FILE = "certificate-key.pem";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
// Whoever joins pins the fingerprint, so the certificate must not change by itself: nothing is won by renewing it.
const LIFETIME_YEARS = 20;
const SOON_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * The certificate the configuration names, else the one kept in the data folder, else a new self-signed one.
 *
 * @throws ConfigError when the files given cannot be used, StartError when those kept cannot.
 */
export async function loadCertificate(
  config: Pick<ServerConfig, "certFile" | "keyFile" | "name">,
  folder: DataFolder | undefined,
  logger?: Logger,
): Promise<Certificate> {
  if (config.certFile !== undefined && config.keyFile !== undefined)
    return given(readPem("cert", config.certFile), readPem("key", config.keyFile));
  // The key is written first: alone, it is that of a certificate no one has seen.
  const cert = folder?.read(CERT_FILE);
  if (folder !== undefined && cert !== undefined) return kept(folder, cert);
  if (folder?.hadData === true)
    logger?.warn(
      `${folder.pathOf(CERT_FILE)} was missing: the server has a new certificate, which everyone must trust again`,
    );
  const { name } = config;
  const made = await makeCertificate(name, [
    new SubjectAlternativeNameExtension([
      { type: "dns", value: name },
      { type: "dns", value: "localhost" },
    ]),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
  ]);
  folder?.write(KEY_FILE, made.key);
  folder?.write(CERT_FILE, made.cert);
  return made;
}

/** SHA-256 of a PEM or DER certificate: 64 lower-case hex digits. */
export function fingerprintOf(cert: string | Buffer): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
}

function readPem(option: "cert" | "key", file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(option, `could not read ${file}: ${errorText(error)}`);
  }
}

function given(cert: string, key: string): Certificate {
  try {
    return checked(cert, key);
  } catch (error) {
    throw new ConfigError(
      "cert",
      `the certificate and key are not a matching pair of PEM files: ${errorText(error)}`,
    );
  }
}

function kept(folder: DataFolder, cert: string): Certificate {
  try {
    return checked(cert, folder.read(KEY_FILE) ?? "");
  } catch (error) {
    const [certFile, keyFile] = [join(folder.path, CERT_FILE), join(folder.path, KEY_FILE)];
    throw new StartError(
      "data-unusable",
      `${certFile} and ${keyFile} do not match (${errorText(error)}): restore them from a backup, or delete both to get a new certificate, which everyone must then trust again`,
      { cause: error },
    );
  }
}

function checked(cert: string, key: string): Certificate {
  // OpenSSL takes two of different kinds for a pair, and fails once someone connects.
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error("the key belongs to another certificate");
  createSecureContext({ cert, key });
  return { cert, key, fingerprint: fingerprintOf(cert) };
}

/** Why clients that check the certificate refuse it now, or soon will; undefined where its time is right. */
export function certificateProblem({ cert }: Certificate, now: number): string | undefined {
  const { validFrom, validTo } = new X509Certificate(cert);
  if (now > Date.parse(validTo)) return `expired on ${validTo}`;
  if (now < Date.parse(validFrom)) return `is not valid before ${validFrom}`;
  return Date.parse(validTo) - now < SOON_MS ? `expires on ${validTo}` : undefined;
}

/** What a client shows to be known again. It says of its owner that it is one, and no more. */
export function makeClientCertificate(): Promise<Certificate> {
  return makeCertificate("parley", [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
}

async function makeCertificate(
  name: string,
  extensions: readonly Extension[],
): Promise<Certificate> {
  cryptoProvider.set(globalThis.crypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notBefore = new Date(Date.now() - 24 * 60 * 60 * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + LIFETIME_YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [...extensions],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const cert = certificate.toString("pem");
  const base64 = (pkcs8.toString("base64").match(/.{1,64}/g) ?? []).join("\n");
  return {
    cert,
    key: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`,
    fingerprint: fingerprintOf(cert),
  };
}
