// Connects to one address and finds out who answers. Sends nothing but a ClientHello, a CAP LS, or a GET of "/", which may ask
// for a WebSocket.
import { randomBytes } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { parseMessage } from "../../../irc/message.js";
import type { Answer, Outcome } from "../../doctor/facts.js";
import { serverName, urlAuthority } from "../../host.js";
import { isIrcOpening } from "../../opening.js";
import type { ProbeTarget } from "../../transport.js";
import { fingerprintOf } from "../tls.js";
import { isTlsAnswer, tlsTap } from "../tls-tap.js";

/** Linux gives up on a neighbor that does not answer after three seconds. */
const CONNECT_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 4000;
const MAX_SEEN_BYTES = 4096;
/** No certificate chain is longer. What is more is not given to TLS. */
const MAX_HANDSHAKE_BYTES = 256 * 1024;
const CAP_LS = "CAP LS 302\r\n";

/** One attempt to connect, within a bounded time. Rejects only when the signal says so. */
export async function probe(target: ProbeTarget): Promise<Outcome> {
  const socket = createConnection({ host: target.address, port: target.port });
  const opened = await connected(socket, target.signal);
  if (opened !== undefined) {
    socket.destroy();
    return opened;
  }
  try {
    return { type: "open", answer: await answerOf(socket, target) };
  } finally {
    socket.destroy();
  }
}

async function answerOf(socket: Socket, target: ProbeTarget): Promise<Answer> {
  const { transport } = target;
  if (transport === "ws") return webSocketAnswer(await askWebSocket(socket, target));
  const first = transport === "plaintext" ? await sayTo(socket, CAP_LS, target.signal) : undefined;
  const answer = first === undefined ? await hello(socket, target) : rawAnswer(first);
  // A web server takes neither for a request, and says where it sends people only when it is asked.
  const isTelling =
    answer.kind === "tls" ||
    answer.kind === "irc" ||
    answer.kind === "ssh" ||
    answer.kind === "tls-refused";
  if (isTelling) return answer;
  const web = await askWeb(target);
  return web.kind === "http" ? web : answer;
}

/** How the connection failed; undefined: it is open. */
function connected(socket: Socket, signal: AbortSignal): Promise<Outcome | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: Outcome | undefined) => {
      done();
      resolve(outcome);
    };
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      done();
      socket.destroy();
      reject(new Error("canceled"));
    };
    const timer = setTimeout(() => {
      settle({ type: "timed-out", code: "ETIMEDOUT" });
    }, CONNECT_TIMEOUT_MS);
    signal.addEventListener("abort", abort);
    socket
      .on("error", (error) => {
        settle(failureOf(error));
      })
      .once("connect", () => {
        settle(undefined);
      });
    if (signal.aborted) abort();
  });
}

function failureOf(error: Error): Outcome {
  const code = "code" in error && typeof error.code === "string" ? error.code : "?";
  switch (code) {
    case "ECONNREFUSED":
      return { type: "refused", code };
    case "ETIMEDOUT":
      return { type: "timed-out", code };
    case "EACCES":
    case "EPERM":
      return { type: "denied", code };
    case "ECONNRESET":
    case "ECONNABORTED":
    case "EPIPE":
      return { type: "lost", code };
    default:
      return { type: "unreachable", code };
  }
}

/** Collects what a stream says, until that is enough, it ends, or the time is over. Undefined: it failed or was closed. */
function heard(
  stream: Duplex,
  signal: AbortSignal,
  isEnough: (seen: Buffer) => boolean,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const finish = (isClosed: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      resolve({ seen, isClosed });
    };
    const abort = () => {
      clearTimeout(timer);
      reject(new Error("canceled"));
    };
    const timer = setTimeout(() => {
      finish(false);
    }, ANSWER_TIMEOUT_MS);
    signal.addEventListener("abort", abort);
    stream
      .on("data", (chunk: Buffer) => {
        if (seen.length < MAX_SEEN_BYTES)
          seen = Buffer.concat([seen, chunk]).subarray(0, MAX_SEEN_BYTES);
        if (seen.length >= MAX_SEEN_BYTES || isEnough(seen)) finish(false);
      })
      .on("error", () => {
        finish(true);
      })
      .on("close", () => {
        finish(true);
      })
      .on("end", () => {
        finish(true);
      });
    if (signal.aborted) abort();
  });
}

interface Heard {
  readonly seen: Buffer;
  readonly isClosed: boolean;
}

/** A line has come that no other follows: the list of capabilities can have several. */
function isAnswered(seen: Buffer): boolean {
  const lines = seen.toString("latin1").split("\n").slice(0, -1);
  const last = lines.at(-1);
  return last !== undefined && !/ CAP \S+ LS \* /.test(last);
}

async function sayTo(stream: Duplex, text: string, signal: AbortSignal): Promise<Heard> {
  const hearing = heard(stream, signal, isAnswered);
  stream.write(text);
  return hearing;
}

/** What answers to a ClientHello. */
async function hello(socket: Socket, target: ProbeTarget): Promise<Answer> {
  const { host, signal } = target;
  let bytes = 0;
  let seen = Buffer.alloc(0);
  const { tls, tap } = tlsTap(socket, serverName(host));
  const end = new Promise<boolean>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, ANSWER_TIMEOUT_MS);
    const settle = (isSecure: boolean) => {
      clearTimeout(timer);
      resolve(isSecure);
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("canceled"));
    });
    tls.once("secureConnect", () => {
      settle(true);
    });
    const fail = () => {
      settle(false);
    };
    tls.on("error", fail).on("close", fail);
    socket.on("error", fail).on("close", fail);
  });
  socket
    .on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (seen.length < MAX_SEEN_BYTES)
        seen = Buffer.concat([seen, chunk]).subarray(0, MAX_SEEN_BYTES);
      if (bytes > MAX_HANDSHAKE_BYTES) socket.destroy();
      else if (!tap.destroyed) tap.push(chunk);
    })
    .on("end", () => {
      if (!tap.destroyed) tap.push(null);
    });
  try {
    if (await end) return await secureAnswer(tls, target);
    return rawAnswer({ seen, isClosed: socket.closed || socket.readableEnded });
  } finally {
    tls.destroy();
    tap.destroy();
  }
}

async function secureAnswer(tls: TLSSocket, target: ProbeTarget): Promise<Answer> {
  const { fingerprint, signal } = target;
  const found = fingerprintOf(tls);
  const { authorized } = tls;
  const { issuer, isSelfMade } = describe(tls);
  const spoken =
    target.transport === "wss" ? await askWebSocket(tls, target) : await sayTo(tls, CAP_LS, signal);
  const refusal = refusalIn(spoken.seen);
  return {
    kind: "tls",
    certificate:
      fingerprint === undefined ? "unknown" : found === fingerprint ? "expected" : "other",
    origin: authorized ? "public" : isSelfMade ? "self-made" : "issued",
    protocol: protocolOf(spoken),
    issuer,
    ...(refusal !== undefined && { refusal }),
  };
}

/** Whether a certificate is one that a server of ours makes for itself: for its own name and for `localhost`. */
function describe(tls: TLSSocket): { issuer: string; isSelfMade: boolean } {
  // Empty, or null, when there is none, whatever the types say.
  const certificate = tls.getPeerCertificate() as Partial<
    ReturnType<TLSSocket["getPeerCertificate"]>
  > | null;
  const issuer = certificate?.issuer;
  const name =
    [issuer?.O, issuer?.CN].flat().find((part) => part !== undefined && part !== "") ?? "?";
  const subject = [certificate?.subject?.CN].flat()[0] ?? "";
  const names = (certificate?.subjectaltname ?? "").split(", ");
  const isSelfMade =
    [issuer?.CN].flat()[0] === subject &&
    names.includes(`DNS:${subject}`) &&
    names.includes("DNS:localhost");
  return { issuer: name.slice(0, 200), isSelfMade };
}

function protocolOf({ seen }: Heard): "parley" | "irc" | "http" | "unknown" {
  const lines = seen.toString("latin1").split(/\r?\n/);
  if (lines.some((line) => / CAP \S+ LS .*\bparley\//.test(line))) return "parley";
  if (lines.some((line) => isIrcOpening(line))) return "irc";
  return isHttp(lines[0]) ? "http" : "unknown";
}

function isHttp(line = ""): boolean {
  return /^HTTP\/\d|^<!doctype html|^<html/i.test(line);
}

function rawAnswer({ seen, isClosed }: Heard): Answer {
  if (seen.length === 0) return { kind: isClosed ? "closed" : "silent" };
  if (isTlsAnswer(seen)) return { kind: "tls-refused" };
  const [line = ""] = seen.toString("latin1").split(/\r?\n/);
  if (line.startsWith("SSH-")) return { kind: "ssh" };
  if (isHttp(line)) return httpAnswer(seen);
  if (!isIrcOpening(line)) return { kind: "other" };
  const refusal = refusalIn(seen);
  return { kind: "irc", ...(refusal !== undefined && { refusal }) };
}

function listsCapabilities(seen: Buffer): boolean {
  return / CAP \S+ LS /.test(seen.toString("latin1"));
}

/** What a server says that says no more than ERROR. */
function refusalIn(seen: Buffer): string | undefined {
  if (listsCapabilities(seen)) return undefined;
  const lines = seen.toString("utf8").split(/\r?\n/);
  const error = lines.map((line) => parseMessage(line)).find((found) => found?.command === "ERROR");
  return error?.params.at(-1);
}

/** Asks for a WebSocket, and in it for the capabilities. What comes is one line for each of its messages. */
async function askWebSocket(stream: Duplex, { host, port, signal }: ProbeTarget): Promise<Heard> {
  const hearing = heard(stream, signal, headersEnd);
  stream.write(
    [
      "GET / HTTP/1.1",
      `Host: ${urlAuthority(host, port)}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "Sec-WebSocket-Protocol: text.ircv3.net, binary.ircv3.net",
      "\r\n",
    ].join("\r\n"),
  );
  const opened = await hearing;
  if (opened.isClosed || !opened.seen.toString("latin1").startsWith("HTTP/1.1 101 ")) return opened;
  const isCapabilities = (seen: Buffer) =>
    / CAP \S+ LS (?!\* )|^..?.?.?ERROR /s.test(seen.toString("latin1"));
  const answering = heard(stream, signal, isCapabilities);
  stream.write(textFrame(CAP_LS.trimEnd()));
  const { seen, isClosed } = await answering;
  return { seen: lineOfFrames(seen), isClosed };
}

/** A message of a client, which has to be masked; this mask changes nothing. https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** What stands in a server's messages, each as a line. */
function lineOfFrames(seen: Buffer): Buffer {
  const lines: Buffer[] = [];
  let at = 0;
  while (at + 2 <= seen.length) {
    const short = seen.readUInt8(at + 1);
    const start = at + (short === 126 ? 4 : 2);
    if (short > 126 || start > seen.length) break;
    const end = start + (short === 126 ? seen.readUInt16BE(at + 2) : short);
    // Text or bytes; others are about the connection.
    if ((seen.readUInt8(at) & 0x0f) <= 2) lines.push(seen.subarray(start, end));
    at = end;
  }
  return Buffer.from(
    lines.map((line) => line.toString("latin1").trimEnd() + "\r\n").join(""),
    "latin1",
  );
}

function webSocketAnswer(spoken: Heard): Answer {
  const answer = rawAnswer(spoken);
  // IRC that is not in a WebSocket: a server that turns us away as it would anyone, or one of another kind.
  const isBare =
    answer.kind === "irc" && answer.refusal === undefined && !listsCapabilities(spoken.seen);
  return isBare ? { kind: "other" } : answer;
}

function httpAnswer(seen: Buffer): Answer & { kind: "http" } {
  const text = seen.toString("latin1");
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1] ?? 0);
  const location = /^location:[ \t]*(\S+)/im.exec(text)?.[1];
  // Only the host: the rest of it may be a secret of the person's.
  const redirectHost =
    status >= 300 && status < 400 && location !== undefined ? hostOf(location) : undefined;
  return { kind: "http", status, ...(redirectHost !== undefined && { redirectHost }) };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1") : undefined;
}

function headersEnd(seen: Buffer): boolean {
  return seen.includes("\r\n\r\n") || seen.includes("\n\n");
}

/** What answers to a web browser. */
async function askWeb({ host, address, port, signal }: ProbeTarget): Promise<Answer> {
  const socket = createConnection({ host: address, port });
  try {
    if ((await connected(socket, signal)) !== undefined) return { kind: "closed" };
    const hearing = heard(socket, signal, headersEnd);
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${urlAuthority(host, port)}\r\nConnection: close\r\n\r\n`,
    );
    return rawAnswer(await hearing);
  } finally {
    socket.destroy();
  }
}
