// Pictures of people: one's own goes to the server we chat with, others' come from there, and from nowhere else.
import {
  MAX_PICTURE_BYTES,
  UPLOAD_PATH,
  picturePath,
  readPicture,
  type Picture,
} from "../irc/picture.js";
import { utf8Text } from "./encodings.js";
import { SessionError } from "./session-error.js";
import type { SessionTiming } from "./session-options.js";
import type { ConnectionDetails } from "./status.js";
import { displayText } from "./text.js";
import type { HttpAnswer, HttpClient, HttpQuestion, Net } from "./transport.js";

/** Of the server's words about why it does not take a picture. */
const MAX_REFUSAL_BYTES = 1024;

export interface PicturesPort {
  readonly openHttp: Net["openHttp"];
  readonly timing: SessionTiming;
  /** The connection there is; undefined: none that is open. */
  readonly details: () => ConnectionDetails | undefined;
  /** Asks the server for a token to upload with. @throws SessionError */
  readonly askToken: () => Promise<string>;
}

/** Owns the connections beside the chat's, which end with it. */
export class Pictures {
  private http: HttpClient | undefined;
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
    const words = displayText(utf8Text(answer.body).split("\n", 1)[0] ?? "");
    throw refused(words === "" ? `The server answered ${answer.status}.` : words);
  }

  disconnected(): void {
    this.http?.end();
    this.http = undefined;
  }

  private async ask(question: HttpQuestion): Promise<HttpAnswer> {
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
  private ourTurn({ method }: HttpQuestion): Promise<void> {
    if (this.isAsking)
      return new Promise((resolve) => {
        if (method === "PUT") this.waiting.unshift(resolve);
        else this.waiting.push(resolve);
      });
    this.isAsking = true;
    return Promise.resolve();
  }

  private async askNow(question: HttpQuestion): Promise<HttpAnswer> {
    const { openHttp, details, timing } = this.port;
    const open = details();
    if (open === undefined) throw new SessionError("not-connected", "Not connected.");
    if (openHttp === undefined) throw refused("Pictures cannot be loaded here.");
    this.http ??= openHttp(open, timing);
    return this.http.ask(question);
  }
}

function refused(message: string): SessionError {
  return new SessionError("refused", message);
}
