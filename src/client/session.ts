// One link to one network, kept up for as long as the person wants it.
import type { ChatState, MessageEntry } from "./model.js";
import type { SessionOptions } from "./session-options.js";
import type { ConnectionStatus } from "./status.js";

/** Ends a subscription. */
export interface Disposable {
  dispose(): void;
}

/** What WHOIS tells. */
export interface Whois {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly realname: string | undefined;
  readonly server: string | undefined;
  readonly account: string | undefined;
  readonly channels: readonly string[];
  readonly away: string | undefined;
  readonly idleSeconds: number | undefined;
  /** When they connected, ms since the epoch. */
  readonly signOnTime: number | undefined;
  readonly isOperator: boolean;
  readonly isBot: boolean;
  readonly isSecure: boolean;
  /** user@host and address, where the server shows it to us. */
  readonly actualAddress: string | undefined;
}

/** One line of LIST. */
export interface ListedChannel {
  readonly name: string;
  readonly members: number;
  readonly topic: string;
}

export class Session {
  constructor(private readonly options: SessionOptions) {}

  get state(): ChatState {
    throw new Error("not yet");
  }
  get status(): ConnectionStatus {
    throw new Error("not yet");
  }
  onDidChange(_listener: () => void): Disposable {
    throw new Error("not yet");
  }
  onDidReceiveMessage(
    _listener: (m: { readonly buffer: string; readonly entry: MessageEntry }) => void,
  ): Disposable {
    throw new Error("not yet");
  }
  start(): void {
    throw new Error("not yet");
  }
  close(_quitMessage?: string): Promise<void> {
    throw new Error("not yet");
  }
  reconnectNow(): void {
    throw new Error("not yet");
  }
  stopReconnecting(): void {
    throw new Error("not yet");
  }
  say(_target: string, _text: string, _form: MessageEntry["form"] = "message"): void {
    throw new Error("not yet");
  }
  retry(_buffer: string, _entryId: string): void {
    throw new Error("not yet");
  }
  discard(_buffer: string, _entryId: string): void {
    throw new Error("not yet");
  }
  join(_channel: string, _key?: string): void {
    throw new Error("not yet");
  }
  part(_channel: string, _reason?: string): void {
    throw new Error("not yet");
  }
  openDirect(_nick: string): void {
    throw new Error("not yet");
  }
  closeBuffer(_name: string): void {
    throw new Error("not yet");
  }
  setNick(_nick: string): void {
    throw new Error("not yet");
  }
  setTopic(_channel: string, _topic: string): void {
    throw new Error("not yet");
  }
  setAway(_message: string | undefined): void {
    throw new Error("not yet");
  }
  setMetadata(_key: string, _value: string | undefined): void {
    throw new Error("not yet");
  }
  kick(_channel: string, _nick: string, _reason: string): void {
    throw new Error("not yet");
  }
  kill(_nick: string, _reason: string): void {
    throw new Error("not yet");
  }
  invite(_nick: string, _channel: string): void {
    throw new Error("not yet");
  }
  mode(_target: string, ..._modes: string[]): void {
    throw new Error("not yet");
  }
  whois(_nick: string): Promise<Whois> {
    throw new Error("not yet");
  }
  list(): Promise<readonly ListedChannel[]> {
    throw new Error("not yet");
  }
  raw(_line: string): void {
    throw new Error("not yet");
  }
  markRead(_buffer: string, _entryId: string): void {
    throw new Error("not yet");
  }
  /** Whether there may be still older ones. */
  loadOlder(_buffer: string): Promise<boolean> {
    throw new Error("not yet");
  }
  /** When each buffer (folded name) was last read: what `lastSeen` of the next session should be. */
  get lastSeen(): ReadonlyMap<string, number> {
    throw new Error("not yet");
  }
}
