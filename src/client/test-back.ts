// A member tests for the host whether the server's addresses can be reached. The question names no address: who is asked tries
// those of the invite they joined with, and no others, so no one can be made to look at someone else's computers.
import type { ServerAddress } from "./address.js";
import type { EndpointCheck, Outcome } from "./doctor/facts.js";
import { bytesOf, isPrivate } from "./doctor/networks.js";
import { isIpAddress } from "./host.js";
import { message, type Message } from "../irc/message.js";
import * as n from "../irc/numerics.js";
import { parseSource } from "../irc/source.js";
import { TAG } from "../irc/tags.js";
import type { Collector } from "./roundtrip.js";
import { SessionError } from "./session-error.js";
import type { Net } from "./transport.js";

/** So many addresses fit into a tag. */
const MAX_TESTED = 8;
/** So long one test answers all questions. Whoever has changed something meanwhile finds out soon. */
const MAX_AGE_MS = 10_000;
/** Longer than all attempts together may take. */
export const TEST_BACK_TIMEOUT_MS = 15_000;
const IS_ID = /^[\w-]{1,32}$/;

type Probe = NonNullable<Net["probe"]>;
type Result = "reached" | "other" | Exclude<Outcome["type"], "open">;

/** What each result is to the one who has asked. */
const OUTCOMES: Readonly<Record<Result, Outcome>> = {
  reached: {
    type: "open",
    answer: {
      kind: "tls",
      certificate: "expected",
      origin: "self-made",
      protocol: "parley",
      issuer: "",
    },
  },
  other: { type: "open", answer: { kind: "other" } },
  refused: { type: "refused", code: "ECONNREFUSED" },
  "timed-out": { type: "timed-out", code: "ETIMEDOUT" },
  unreachable: { type: "unreachable", code: "EHOSTUNREACH" },
  denied: { type: "denied", code: "EACCES" },
  lost: { type: "lost", code: "ECONNRESET" },
};

export interface TestBackPort {
  /** Undefined: no one can be answered. */
  readonly probe: Net["probe"];
  /** Where we have joined. */
  readonly address: ServerAddress;
  readonly now: () => number;
  /** The host of `address` that we are connected to. */
  readonly connectedHost: () => string | undefined;
  readonly isSelf: (nick: string) => boolean;
  readonly isOperator: (nick: string) => boolean;
  readonly send: (line: Message) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/** Answers the operators of a server that we joined by an invite, and no one else. */
export class TestBack {
  /** The latest test, which may still be under way. */
  private latest: { readonly begun: number; readonly results: Promise<string[]> } | undefined;
  private abort = new AbortController();

  constructor(private readonly port: TestBackPort) {}

  /** Takes in a live message. */
  take({ command, source, params, tags }: Message): void {
    const { port } = this;
    const id = tags.get(TAG.testBack) ?? "";
    const { nick } = parseSource(source ?? "");
    if (command !== "TAGMSG" || !IS_ID.test(id) || !port.isSelf(params[0] ?? "")) return;
    if (port.isSelf(nick) || !port.isOperator(nick)) return;
    const { probe, address } = port;
    const { fingerprint, transport } = address;
    if (probe === undefined || transport !== "tls" || fingerprint === undefined) return;
    const { signal } = this.abort;
    this.results(probe, fingerprint).then(
      (results) => {
        if (signal.aborted) return;
        const words = [id, `${address.port}=port`, ...results];
        const tags = new Map([[TAG.testBackResult, words.join(" ")]]);
        port.send(message("TAGMSG", [nick], undefined, tags));
      },
      (error: unknown) => {
        if (!signal.aborted) port.onFault("could not test the server's addresses", error);
      },
    );
  }

  /** The connection is gone, and with it the one who has asked. */
  disconnected(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.latest = undefined;
  }

  private results(probe: Probe, fingerprint: string): Promise<string[]> {
    const now = this.port.now();
    if (this.latest === undefined || now - this.latest.begun >= MAX_AGE_MS)
      this.latest = { begun: now, results: this.test(probe, fingerprint) };
    return this.latest.results;
  }

  private test(probe: Probe, fingerprint: string): Promise<string[]> {
    const { hosts, port } = this.port.address;
    const { signal } = this.abort;
    const connected = this.port.connectedHost();
    const tested = hosts
      .filter((host) => bytesOf(host) !== undefined && (host === connected || isPrivate(host)))
      .slice(0, MAX_TESTED);
    return Promise.all(
      tested.map(async (host) => {
        const target = { host, address: host, port, transport: "tls", fingerprint } as const;
        return `${host}=${resultOf(await probe({ ...target, signal }))}`;
      }),
    );
  }
}

function resultOf(outcome: Outcome): Result {
  if (outcome.type !== "open") return outcome.type;
  const { answer } = outcome;
  return answer.kind === "tls" && answer.certificate === "expected" ? "reached" : "other";
}

/** The question to `nick`. */
export function testBackQuestion(nick: string, id: string): Message {
  return message("TAGMSG", [nick], undefined, new Map([[TAG.testBack, id]]));
}

/** Reads what `nick` has found. `port`: where they do not say which one they tried. */
export function testBackCollector(
  isAsked: (nick: string) => boolean,
  id: string,
  port: number,
): Collector<readonly EndpointCheck[]> {
  return {
    take: ({ command, source, params, tags }) => {
      if (command === n.ERR_NOSUCHNICK && isAsked(params[1] ?? ""))
        return new SessionError("no-such-nick", "They are not connected any more.");
      const [found, ...results] = (tags.get(TAG.testBackResult) ?? "").split(" ");
      if (command !== "TAGMSG" || found !== id) return undefined;
      if (!isAsked(parseSource(source ?? "").nick)) return undefined;
      const tried = results.map(parsePort).find((one) => one !== undefined) ?? port;
      const checks = results.flatMap((result) => parseResult(result, tried));
      return { value: checks.slice(0, MAX_TESTED) };
    },
  };
}

function parsePort(text: string): number | undefined {
  const [, digits] = /^(\d{1,5})=port$/.exec(text) ?? [];
  const port = digits === undefined ? 0 : Number(digits);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Others' words: what is no IP address, or no result, is left out. */
function parseResult(text: string, port: number): EndpointCheck[] {
  const [address = "", result = ""] = text.split("=");
  if (!isIpAddress(address) || !Object.hasOwn(OUTCOMES, result)) return [];
  return [{ host: address, address, port, outcome: OUTCOMES[result as Result] }];
}
