// What the server answers to HTTP, beside the upgrade to WebSocket: a table of routes.
import type { IncomingMessage, ServerResponse } from "node:http";
import { errorText } from "../errors.js";
import type { Logger } from "../logger.js";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: "GET" | "PUT";
  /** Matches the whole path, as it came: nothing is decoded or resolved. */
  readonly path: RegExp;
  /** `params` are the groups of `path`. @throws HttpError */
  readonly handle: (
    request: IncomingMessage,
    params: readonly string[],
  ) => Answer | Promise<Answer>;
}

/** The request is refused. `message` says why, for people. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "HttpError";
  }
}

/**
 * What is sent is nothing but data: it runs nowhere, is read by no page of another site, and is kept by no cache.
 * https://fetch.spec.whatwg.org/#x-content-type-options-header
 */
const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cache-Control": "private, no-store",
  "Referrer-Policy": "no-referrer",
};

const WELCOME = "This is a Parley chat server. Join it with Parley or any IRC client.\n";

export class Router {
  constructor(
    private readonly routes: readonly Route[],
    private readonly logger: Logger,
  ) {}

  /** Answers a request. Never throws. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Someone who breaks off is no one's fault.
    response.on("error", () => undefined);
    request.on("error", () => undefined);
    let answer: Answer;
    try {
      answer = await this.answerTo(request);
    } catch (error) {
      answer = this.refusal(error);
    }
    if (response.destroyed) return;
    const body = Buffer.from(answer.body);
    const isDone = answer.status < 300;
    response.writeHead(answer.status, {
      ...HEADERS,
      ...answer.headers,
      "Content-Type": answer.type,
      "Content-Length": body.length,
      // What comes behind a request that is refused may be the rest of it.
      ...(isDone ? {} : { Connection: "close" }),
    });
    response.end(body);
  }

  private answerTo(request: IncomingMessage): Answer | Promise<Answer> {
    const { method = "", url = "" } = request;
    const found = this.routes.filter(({ path }) => path.test(url));
    for (const { method: wanted, path, handle } of found)
      if (wanted === method) return handle(request, path.exec(url)?.slice(1) ?? []);
    if (found.length > 0) {
      const Allow = found.map((route) => route.method).join(", ");
      throw new HttpError(405, "This address takes other requests only", { Allow });
    }
    if (method !== "GET") throw new HttpError(404, "There is nothing at this address");
    return { status: 426, type: "text/plain", body: WELCOME };
  }

  private refusal(error: unknown): Answer {
    if (error instanceof HttpError) {
      const { status, message, headers } = error;
      return { status, type: "text/plain; charset=utf-8", body: `${message}\n`, headers };
    }
    this.logger.error(`a request over HTTP failed: ${errorText(error)}`);
    return { status: 500, type: "text/plain", body: "The request failed; see the server's log\n" };
  }
}

/** The body of a request, which must say how long it is, and is. @throws HttpError */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const length = request.headers["content-length"];
  if (length === undefined) throw new HttpError(411, "Say how long it is (Content-Length)");
  if (Number(length) > maxBytes)
    throw new HttpError(413, `This is too large: at most ${maxBytes} bytes are allowed`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new HttpError(413, "This is longer than it says");
      chunks.push(chunk);
    }
  } catch (error) {
    // It was broken off; no one hears the answer.
    throw error instanceof HttpError ? error : new HttpError(400, "The rest of it never came");
  }
  return Buffer.concat(chunks);
}

/** What `Authorization: Bearer …` gives. Nothing else of a request says whose it is: a web page can send cookies. */
export function bearerToken({ headers }: IncomingMessage): string {
  return /^Bearer +([\w-]+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}
