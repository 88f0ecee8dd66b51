// Pictures of people: one's own goes to the server we chat with, others' come from there, and from nowhere else.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  MAX_PICTURE_BYTES,
  UPLOAD_PATH,
  picturePath,
  readPicture,
  type Picture,
} from "../irc/picture.js";
import { urlAuthority } from "./host.js";
import { SessionError } from "./session-error.js";
import type { SessionTiming } from "./session-options.js";
import type { ConnectionDetails } from "./status.js";
import { displayText } from "./text.js";
import { openBeside } from "./transport.js";

/** Of the server's words about why it does not take a picture. */
const MAX_REFUSAL_BYTES = 1024;
const MAX_HEADER_BYTES = 8 * 1024;
/** Answers that only say that another one will follow. */
const MAX_INTERIM_ANSWERS = 4;

export interface PicturesPort {
  readonly timing: SessionTiming;
  /** The connection there is; undefined: none that is open. */
  readonly details: () => ConnectionDetails | undefined;
  /** Asks the server for a token to upload with. @throws SessionError */
  readonly askToken: () => Promise<string>;
}

interface Question {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** Of the answer. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Owns the connections beside the chat's, which end with it. */
export class Pictures {
  private agent: BesideAgent | undefined;
  /**
   * One request after the other, and so one connection beside the chat's: a server counts them by address, and an office has
   * one for all who work there.
   */
  private isAsking = false;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly port: PicturesPort) {}

  /** Someone's picture, checked. @throws SessionError */
  async fetch(url: string): Promise<Picture> {
    const path = picturePath(url);
    if (path === undefined) throw refused("This is not a picture of the server's.");
    const { status, body } = await this.ask({
      method: "GET",
      path,
      headers: {},
      body: undefined,
      maxBytes: MAX_PICTURE_BYTES,
      timeoutMs: this.port.timing.pictureTimeoutMs,
    });
    if (status !== 200) throw refused(`The server has no such picture (${status}).`);
    const picture = readPicture(body);
    if (typeof picture === "string") throw refused(`The picture cannot be shown (${picture}).`);
    return picture;
  }

  /** Makes a picture our own. @throws SessionError; when the server refuses it, with its words */
  async upload({ type, bytes }: Picture): Promise<void> {
    const token = await this.port.askToken();
    if (!/^[\w-]+$/.test(token)) throw refused("The server gave no token.");
    const headers = {
      Authorization: `Bearer ${token}`,
      "Content-Type": type,
      "Content-Length": String(bytes.length),
    };
    const answer = await this.ask({
      method: "PUT",
      path: UPLOAD_PATH,
      headers,
      body: bytes,
      maxBytes: MAX_REFUSAL_BYTES,
      timeoutMs: this.port.timing.replyTimeoutMs,
    });
    if (answer.status === 201) return;
    const words = displayText(Buffer.from(answer.body).toString("utf8").split("\n", 1)[0] ?? "");
    throw refused(words === "" ? `The server answered ${answer.status}.` : words);
  }

  disconnected(): void {
    this.agent?.end();
    this.agent = undefined;
  }

  private async ask(question: Question): Promise<Answer> {
    await this.ourTurn(question);
    try {
      return await this.askNow(question);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.isAsking = false;
      else next();
    }
  }

  /** One's own picture comes first: the person waits for that. */
  private ourTurn({ method }: Question): Promise<void> {
    if (this.isAsking)
      return new Promise((resolve) => {
        if (method === "PUT") this.waiting.unshift(resolve);
        else this.waiting.push(resolve);
      });
    this.isAsking = true;
    return Promise.resolve();
  }

  private async askNow(question: Question): Promise<Answer> {
    const details = this.port.details();
    if (details === undefined) throw new SessionError("not-connected", "Not connected.");
    this.agent ??= new BesideAgent(details, this.port.timing);
    const { agent } = this;
    const { method, path, headers } = question;
    const Host = urlAuthority(details.host, details.port);
    const options = { method, path, agent, headers: { Host, ...headers } };
    const send = () =>
      answerTo(httpRequest({ ...options, maxHeaderSize: MAX_HEADER_BYTES }), question);
    try {
      return await send();
    } catch (error) {
      // A connection that was kept may have ended just before it was used.
      if (!(error instanceof StaleConnection)) throw error;
      return send();
    }
  }
}

/** The connections that HTTP goes over, each opened to the server of the chat. */
class BesideAgent extends Agent {
  private readonly abort = new AbortController();

  constructor(
    private readonly details: ConnectionDetails,
    private readonly timing: SessionTiming,
  ) {
    super({ keepAlive: true });
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    openBeside(this.details, this.timing, this.abort.signal).then(
      (socket) => callback?.(null, socket),
      (error: unknown) => {
        // Without a stream, as Node does it, whatever the types say.
        (callback as ((error: Error) => void) | undefined)?.(error as Error);
      },
    );
  }

  end(): void {
    this.abort.abort();
    this.destroy();
  }
}

class StaleConnection extends Error {}

/** Sends a request. Resolves with the answer. @throws SessionError, StaleConnection */
function answerTo(
  request: ClientRequest,
  { body, maxBytes, timeoutMs }: Question,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new SessionError("timed-out", "The server did not answer in time."));
    }, timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    const failed = ({ message }: Error) => {
      fail(request.reusedSocket ? new StaleConnection(message) : refused(message));
    };
    request.on("error", failed);
    let interimAnswers = 0;
    request.on("information", () => {
      if (++interimAnswers > MAX_INTERIM_ANSWERS) fail(refused("The server did not answer."));
    });
    request.once("upgrade", (_, socket) => {
      socket.destroy();
      fail(refused("The server answered with something else than HTTP."));
    });
    request.once("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("error", failed);
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) fail(refused("The server sent too much."));
        else chunks.push(chunk);
      });
      response.once("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
      response.once("close", () => {
        fail(refused("The connection was lost."));
      });
    });
    request.end(body);
  });
}

function refused(message: string): SessionError {
  return new SessionError("refused", message);
}
