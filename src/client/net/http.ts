// HTTP to the server we chat with, and to nothing else.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { urlAuthority } from "../host.js";
import { SessionError } from "../session-error.js";
import type { SessionTiming } from "../session-options.js";
import type { ConnectionDetails } from "../status.js";
import type { HttpAnswer, HttpClient, HttpQuestion } from "../transport.js";
import { openBeside } from "./connect.js";

const MAX_HEADER_BYTES = 8 * 1024;
/** Answers that only say that another one will follow. */
const MAX_INTERIM_ANSWERS = 4;

export function openHttp(details: ConnectionDetails, timing: SessionTiming): HttpClient {
  const agent = new BesideAgent(details, timing);
  return {
    ask: (question) => ask(question, agent),
    end: () => {
      agent.end();
    },
  };
}

async function ask(question: HttpQuestion, agent: BesideAgent): Promise<HttpAnswer> {
  const { method, path, headers } = question;
  const options = { method, path, agent, headers: { Host: agent.authority, ...headers } };
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

  get authority(): string {
    return urlAuthority(this.details.host, this.details.port);
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
  { body, maxBytes, timeoutMs }: HttpQuestion,
): Promise<HttpAnswer> {
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
