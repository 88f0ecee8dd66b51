// A server that lets people in one by one, an operator who does so, and those who ask.
import type { Peer } from "./peer.js";
import { startServer, type TestServer, type TestServerOptions } from "./server.js";

export const OPERS = ["host:secret"];

export { makeClientCertificate as newCertificate } from "../../src/server/certificate.js";

export const guarded = (options: TestServerOptions = {}): Promise<TestServer> =>
  startServer({ approve: true, opers: OPERS, ...options });

/** An operator, who is in. */
export async function host(server: TestServer, ...caps: readonly string[]): Promise<Peer> {
  const peer = await server.connect();
  await peer.register("ann", ...caps);
  peer.send("OPER host secret");
  await peer.until(/ MODE ann \+o$/);
  await peer.roundtrip();
  return peer;
}

/** Someone whose registration is complete and who waits. */
export async function applicant(
  server: TestServer,
  nick: string,
  ...caps: string[]
): Promise<Peer> {
  const peer = await server.connect();
  await peer.register(nick, ...caps);
  await peer.until(/ :The host has to let you in: please wait\./);
  return peer;
}

/** Someone who has sent all that registration needs, and logs in by their certificate. */
export async function apply(server: TestServer, certificate: object, nick: string): Promise<Peer> {
  const peer = await server.connectTls(certificate);
  peer.send("CAP LS 302", "CAP REQ :sasl standard-replies");
  peer.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  peer.send("AUTHENTICATE EXTERNAL", "AUTHENTICATE +", "CAP END");
  return peer;
}

/** The same by the account's password, "sesame", also where the nick is another one. */
export async function applyByPassword(
  server: TestServer,
  account: string,
  nick: string,
): Promise<Peer> {
  const peer = await server.connect();
  peer.send("CAP REQ :sasl");
  peer.sendPlain(account);
  peer.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "CAP END");
  return peer;
}

/** What an operator is answered, without the words that are the same each time. */
export async function answersTo(operator: Peer, ...lines: readonly string[]): Promise<string[]> {
  operator.send(...lines);
  return (await operator.roundtrip()).map((line) => line.replace(/^\S+ NOTICE \S+ :/, ""));
}

export const decisionsOf = (operator: Peer): Promise<string[]> => answersTo(operator, "DECISIONS");
