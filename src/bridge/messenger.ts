// notify / request / reply over any pair of postMessage ends; the same class serves host and page.
import type { Requests, ToHost, ToWebview } from "./protocol.js";

/** One end of a pair: `window` and `acquireVsCodeApi()`, a `Webview`, a `MessagePort`. */
export interface Endpoint {
  post(message: unknown): void;
  /** Calls `listener` with every message that arrives; the result ends that. */
  listen(listener: (message: unknown) => void): () => void;
}

/** What travels one way: notifications, and the requests asked in that direction. */
export interface Direction {
  readonly messages: { readonly type: string };
  readonly requests: object;
}

export interface PageToHost extends Direction {
  readonly messages: ToHost;
  readonly requests: Requests;
}

export interface HostToPage extends Direction {
  readonly messages: ToWebview;
  readonly requests: object;
}

type Name<D extends Direction> = keyof D["requests"] & string;
type Params<D extends Direction, N extends Name<D>> = D["requests"][N] extends { params: infer P }
  ? P
  : never;
type Result<D extends Direction, N extends Name<D>> = D["requests"][N] extends { result: infer R }
  ? R
  : never;

/** One handler for each message; a message without one does not compile. */
export type MessageHandlers<D extends Direction> = {
  readonly [T in D["messages"]["type"]]: (message: Extract<D["messages"], { type: T }>) => void;
};

/** One handler for each request; its result, or what it throws, is the reply. */
export type RequestHandlers<D extends Direction> = {
  readonly [N in Name<D>]: (params: Params<D, N>) => Result<D, N> | Promise<Result<D, N>>;
};

/** Decides what may reach a handler. */
export interface Check<D extends Direction> {
  isMessage(value: unknown): value is D["messages"];
  /** Whether `value` is what the request takes; `name` is one that has a handler. */
  isParams(name: Name<D>, value: unknown): boolean;
}

export interface MessengerOptions<In extends Direction> {
  readonly messages: MessageHandlers<In>;
  readonly requests: RequestHandlers<In>;
  readonly check: Check<In>;
  /** Something arrived that is no message, or fails the check; it has been dropped. */
  readonly onInvalid: (reason: string) => void;
  /** A handler threw. A request's asker gets the error as well. */
  readonly onError: (error: unknown) => void;
}

export type RequestErrorCode =
  /** The handler threw. */
  | "failed"
  /** The other end knows no such request, or its parameters fail the check. */
  | "refused"
  /** This end was disposed before the reply came. */
  | "disposed";

/** Why a request has no result. */
export class RequestError extends Error {
  constructor(
    readonly code: RequestErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "RequestError";
  }
}

interface OpenRequest {
  resolve(result: unknown): void;
  reject(error: RequestError): void;
}

type Envelope =
  | { readonly kind: "notify"; readonly message: unknown }
  | {
      readonly kind: "request";
      readonly id: number;
      readonly name: string;
      readonly params: unknown;
    }
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly code: RequestErrorCode;
      readonly text: string;
    };

/**
 * One end of the conversation between host and page. `Out` is what this end sends, `In` what it receives.
 * Nothing that arrives makes it throw; a request always settles (time limits are the caller's).
 */
export class Messenger<Out extends Direction, In extends Direction> {
  private readonly open = new Map<number, OpenRequest>();
  private readonly stopListening: () => void;
  private lastId = 0;
  private isDisposed = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: MessengerOptions<In>,
  ) {
    this.stopListening = endpoint.listen((data) => {
      this.receive(data);
    });
  }

  /** Sends a fact or a wish; after dispose nothing is sent. */
  notify(message: Out["messages"]): void {
    this.post({ kind: "notify", message });
  }

  /** Asks the other end. Rejects with a RequestError. */
  request<N extends Name<Out>>(name: N, params: Params<Out, N>): Promise<Result<Out, N>> {
    if (this.isDisposed) return Promise.reject(disposedError());
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      // The reply is what the other end's handler returned: its type is the table's.
      this.open.set(id, {
        resolve: (result) => {
          resolve(result as Result<Out, N>);
        },
        reject,
      });
      this.post({ kind: "request", id, name, params });
    });
  }

  /** Stops listening and rejects the requests still open. May be called twice. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.stopListening();
    for (const request of this.open.values()) request.reject(disposedError());
    this.open.clear();
  }

  private post(envelope: Envelope): void {
    if (!this.isDisposed) this.endpoint.post(envelope);
  }

  private receive(data: unknown): void {
    if (this.isDisposed) return;
    const envelope = readEnvelope(data);
    if (envelope === undefined) {
      this.options.onInvalid("not an envelope");
      return;
    }
    switch (envelope.kind) {
      case "notify":
        this.receiveMessage(envelope.message);
        break;
      case "request":
        void this.answer(envelope.id, envelope.name, envelope.params);
        break;
      case "result":
        this.settle(envelope.id)?.resolve(envelope.result);
        break;
      case "error":
        this.settle(envelope.id)?.reject(new RequestError(envelope.code, envelope.text));
        break;
    }
  }

  private receiveMessage(message: unknown): void {
    if (!this.options.check.isMessage(message)) {
      this.options.onInvalid(`message ${describe(message)}`);
      return;
    }
    const type: In["messages"]["type"] = message.type;
    try {
      // The check has tied the message to its type; TypeScript cannot follow that through the table.
      const handle = this.options.messages[type] as (message: In["messages"]) => void;
      handle(message);
    } catch (error) {
      this.options.onError(error);
    }
  }

  private async answer(id: number, name: string, params: unknown): Promise<void> {
    const { check, requests, onInvalid, onError } = this.options;
    if (!isKey(requests, name) || !check.isParams(name, params)) {
      onInvalid(`request ${name.slice(0, 40)}`);
      this.post({ kind: "error", id, code: "refused", text: "Unknown request or bad parameters" });
      return;
    }
    try {
      // The check has tied the parameters to the name; TypeScript cannot follow that through the table.
      const handle = requests[name] as (params: unknown) => unknown;
      const result = await handle(params);
      this.post({ kind: "result", id, result });
    } catch (error) {
      onError(error);
      const text = error instanceof Error ? error.message : String(error);
      this.post({ kind: "error", id, code: "failed", text });
    }
  }

  /** Takes the open request; one that is not open was settled before and stays so. */
  private settle(id: number): OpenRequest | undefined {
    const request = this.open.get(id);
    this.open.delete(id);
    if (request === undefined) this.options.onInvalid("reply to no open request");
    return request;
  }
}

function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}

function disposedError(): RequestError {
  return new RequestError("disposed", "The other end has gone");
}

function describe(message: unknown): string {
  const type = isRecord(message) ? message.type : undefined;
  return typeof type === "string" ? type.slice(0, 40) : "without a type";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEnvelope(data: unknown): Envelope | undefined {
  if (!isRecord(data)) return undefined;
  const { kind, id } = data;
  if (kind === "notify") return { kind, message: data.message };
  if (typeof id !== "number" || !Number.isSafeInteger(id)) return undefined;
  if (kind === "result") return { kind, id, result: data.result };
  if (kind === "request" && typeof data.name === "string") {
    return { kind, id, name: data.name, params: data.params };
  }
  if (kind === "error" && typeof data.text === "string" && isErrorCode(data.code)) {
    return { kind, id, code: data.code, text: data.text };
  }
  return undefined;
}

function isErrorCode(value: unknown): value is RequestErrorCode {
  return value === "failed" || value === "refused" || value === "disposed";
}
