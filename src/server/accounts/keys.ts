// What is kept of a password: the keys of SCRAM-SHA-256, which prove it and do not tell it. RFC 5802, RFC 7677
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";

export interface PasswordKeys {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** RFC 7677 asks for at least 4096; a phone's script still does this many in a moment. */
export const ITERATIONS = 20_000;
export const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** The keys of a new password. */
export async function makeKeys(password: string): Promise<PasswordKeys> {
  const salt = randomBytes(SALT_BYTES);
  return deriveKeys(password, salt, ITERATIONS);
}

/** Whether `password` is the one of these keys, in a time that does not tell where it differs. */
export async function isPassword(password: string, keys: PasswordKeys): Promise<boolean> {
  const { storedKey } = await deriveKeys(password, keys.salt, keys.iterations);
  return timingSafeEqual(storedKey, keys.storedKey);
}

/** Keys no password has, the same each time for one name: who has no account is answered like who has. */
export function decoyKeys(name: string, secret: Buffer): PasswordKeys {
  const part = (what: string) => hmac(secret, `${what} ${name}`);
  return {
    salt: part("salt").subarray(0, SALT_BYTES),
    iterations: ITERATIONS,
    storedKey: part("stored"),
    serverKey: part("server"),
  };
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256(data: Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

async function deriveKeys(
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<PasswordKeys> {
  const salted = await derive(password, salt, iterations);
  return {
    salt,
    iterations,
    storedKey: sha256(hmac(salted, "Client Key")),
    serverKey: hmac(salted, "Server Key"),
  };
}

// In a thread of its own: many who log in at once do not hold up those who talk.
function derive(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Clients that speak SCRAM prepare the password so (SASLprep, in what counts for passwords people type).
    pbkdf2(password.normalize("NFKC"), salt, iterations, KEY_BYTES, "sha256", (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
