// The control channel between a server in a worker thread and whoever started it. Plain JSON over postMessage.
// The starter gives the server's options as `workerData: WorkerOptions`, or asks for a certificate alone.
import type { ServerOptions } from "./config.js";

export interface WorkerOptions {
  readonly kind: "parley-server";
  readonly options: ServerOptions;
}

/** Asks for a certificate instead of a server: the thread makes one for a client, tells it, and ends. */
export interface CertificateOptions {
  readonly kind: "parley-certificate";
}

/** What that thread tells, once. */
export interface CertificateEvent {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** What the starter may ask for. */
export type ControlCommand =
  /** Tells the members, closes every socket, ends the thread. Unless it is final, members try to come back by themselves. */
  | { readonly type: "stop"; readonly reason: string; readonly isFinal: boolean }
  | { readonly type: "disconnectClient"; readonly clientId: string; readonly reason: string }
  /** Whether everything that is said is logged; answered by an `audit` event. */
  | { readonly type: "setAudit"; readonly isOn: boolean }
  /** From now on newcomers wait for the host's approval, or do not; then everyone who waits is let in. */
  | { readonly type: "setApproval"; readonly isOn: boolean }
  /** Lets someone in who waits. `always`: also when they come again after the server has stopped. */
  | { readonly type: "approve"; readonly clientId: string; readonly always: boolean }
  /** Sends someone away who waits. `ban`: they cannot come again. */
  | {
      readonly type: "deny";
      readonly clientId: string;
      readonly reason: string;
      readonly ban: boolean;
    }
  /** Takes back each decision by which one of these is recognized, as a whole. */
  | { readonly type: "forgetDecisions"; readonly keys: readonly DecisionKey[] };

/** What the server tells. */
export type ControlEvent =
  | {
      readonly type: "started";
      readonly listeners: readonly ListeningAddress[];
      /** SHA-256 of the certificate: 64 lower-case hex digits. */
      readonly fingerprint: string;
    }
  /** Nothing was started; the thread ends. */
  | { readonly type: "failed"; readonly error: ServerFailure }
  /** The whole list, at most once a tick, whenever it has changed. */
  | { readonly type: "clients"; readonly clients: readonly ConnectedClient[] }
  /** All of both, at most once a tick, whenever something of it has changed. */
  | {
      readonly type: "approvals";
      readonly waiting: readonly WaitingClient[];
      readonly decisions: readonly Decision[];
      /** Whether newcomers have to wait. */
      readonly isRequired: boolean;
    }
  | {
      readonly type: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
    }
  /** At start, whenever it has changed, and with the problem where it could not be changed. */
  | ({ readonly type: "audit"; readonly problem?: string } & AuditState)
  | { readonly type: "stopped" };

/** Whether everything that is said is logged, direct messages included. */
export interface AuditState {
  readonly isOn: boolean;
  /** Where; undefined for a server that keeps nothing. */
  readonly file: string | undefined;
}

export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
}

/** Why a server did not start. */
export interface ServerFailure {
  readonly code:
    | "port-in-use"
    | "address-not-local"
    | "permission-denied"
    | "bad-option"
    | "data-unusable"
    /** Another server uses the data folder, whatever the port. */
    | "data-in-use"
    | "unknown";
  readonly message: string;
}

export interface ConnectedClient {
  readonly id: string;
  /** "*" before registration. */
  readonly nick: string;
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly isOperator: boolean;
}

/** Someone who waits for the host's approval. Texts are as they came. */
export interface WaitingClient {
  readonly id: string;
  readonly nick: string;
  readonly realname: string;
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly account: string | undefined;
  /** The account was created for them just now: no one was known by it before. */
  readonly isNewAccount: boolean;
  /** SHA-256, 64 lower-case hex digits. */
  readonly certificateFingerprint: string | undefined;
  /** Whether they have the server's password, which an invite link contains. */
  readonly hasPassword: boolean;
  /** They were denied a short time ago, and ask again. */
  readonly wasDenied: boolean;
  /** What they say to the host. */
  readonly line: string | undefined;
}

/** `visiting`: let in until the server stops for good. */
export type Verdict = "approved" | "visiting" | "banned";

export interface DecisionKey {
  readonly kind: "account" | "certificate" | "address";
  readonly value: string;
}

/** What the host has decided about one person who may come again. */
export interface Decision {
  readonly verdict: Verdict;
  /** What they are recognized by: at least one. */
  readonly keys: readonly DecisionKey[];
  /** The nick they had. */
  readonly nick: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}
