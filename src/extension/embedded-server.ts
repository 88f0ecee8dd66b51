// The server this window hosts: its own bundle in a worker thread, so that a busy server cannot freeze the editor.
import { Worker } from "node:worker_threads";
import * as vscode from "./vscode.js";
import type {
  AuditState,
  ConnectedClient,
  ControlCommand,
  ControlEvent,
  Decision,
  DecisionKey,
  ListeningAddress,
  ServerFailure,
  WaitingClient,
  WorkerOptions,
} from "../server/control.js";
import { Disposable } from "./disposable.js";
import type { Log } from "./ui/log.js";

export type HostingState =
  | { readonly phase: "stopped" }
  | { readonly phase: "starting" }
  | {
      readonly phase: "running";
      readonly listeners: readonly ListeningAddress[];
      readonly fingerprint: string;
      readonly clients: readonly ConnectedClient[];
      readonly audit: AuditState;
      /** Who waits to be let in, and whom the host let in or banned. */
      readonly waiting: readonly WaitingClient[];
      readonly decisions: readonly Decision[];
      readonly needsApproval: boolean;
      /** Milliseconds since the epoch. */
      readonly since: number;
    }
  | { readonly phase: "stopping" };

/** Those who wait to be let in; none while no server runs. */
export function waitingIn(state: HostingState): readonly WaitingClient[] {
  return state.phase === "running" ? state.waiting : [];
}

/** The server was stopped before it had started: someone wanted that, so it is not a failure. */
export class StoppedWhileStarting extends Error {
  constructor() {
    super("stopped while starting");
    this.name = "StoppedWhileStarting";
  }
}

/** Nothing was started, or the thread ended by itself. */
export class HostingError extends Error {
  constructor(readonly failure: ServerFailure) {
    super(failure.message);
    this.name = "HostingError";
  }
}

const NOT_AUDITED: AuditState = { isOn: false, file: undefined };

/** How long a stopping server may take to say goodbye before its thread is ended. */
const STOP_TIMEOUT_MS = 5000;

/** Starts, watches and stops at most one server at a time. */
export class EmbeddedServer extends Disposable {
  private worker: Worker | undefined;
  /** The server tells it before it has started. */
  private audit: AuditState = NOT_AUDITED;
  /** Those who wait for the answer to setAudit(). */
  private auditWaiters: ((problem: string | undefined) => void)[] = [];
  private hosting: HostingState = { phase: "stopped" };
  private readonly changed = this.register(new vscode.EventEmitter<HostingState>());
  private readonly crashed = this.register(new vscode.EventEmitter<string>());
  private readonly problem = this.register(new vscode.EventEmitter<string>());

  readonly onDidChange = this.changed.event;
  /** The running server ended by itself, with the reason. */
  readonly onDidCrash = this.crashed.event;
  /** The server goes on, but something is wrong that its host should know: the text is for people. */
  readonly onDidReportProblem = this.problem.event;

  constructor(
    private readonly bundle: string,
    private readonly log: Log,
  ) {
    super();
  }

  get state(): HostingState {
    return this.hosting;
  }

  /** Whether a server starts, runs or stops here. */
  get isActive(): boolean {
    return this.hosting.phase !== "stopped";
  }

  /** @throws HostingError when the server cannot listen as asked, StoppedWhileStarting after stop(). */
  async start(options: WorkerOptions["options"]): Promise<void> {
    if (this.isActive) throw new Error(`the server is ${this.hosting.phase}`);
    this.setState({ phase: "starting" });
    this.audit = NOT_AUDITED;
    const workerData: WorkerOptions = { kind: "parley-server", options };
    const worker = new Worker(this.bundle, { workerData, env: {}, stdout: true, stderr: true });
    this.worker = worker;
    worker.stdout.on("data", (chunk: Buffer) => {
      this.log.debug(`[server] ${chunk.toString().trimEnd()}`);
    });
    worker.stderr.on("data", (chunk: Buffer) => {
      this.log.warn(`[server] ${chunk.toString().trimEnd()}`);
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (failure: ServerFailure) => {
        const wasStopped = this.worker === worker && this.hosting.phase === "stopping";
        this.ended(worker, failure.message);
        reject(wasStopped ? new StoppedWhileStarting() : new HostingError(failure));
      };
      worker.on("message", (event: ControlEvent) => {
        // Whoever hears of a failure may try again at once: the thread, which holds nothing, is not waited for.
        if (event.type === "failed") fail(event.error);
        else this.onEvent(event);
        if (event.type === "started" && this.hosting.phase === "running") resolve();
      });
      worker.on("error", (error) => {
        const message = error instanceof Error ? error.message : String(error);
        this.log.error("The server's thread failed.", error);
        fail({ code: "unknown", message });
      });
      worker.on("exit", (code) => {
        fail({ code: "unknown", message: `exit code ${code}` });
      });
    });
  }

  /**
   * Tells the members and ends the server. "for now": they try to come back by themselves.
   * Resolves when the port is free. May be called at any time.
   */
  async stop(reason: string, until: "for good" | "for now" = "for good"): Promise<void> {
    const worker = this.worker;
    if (worker === undefined) return;
    this.setState({ phase: "stopping" });
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    this.send({ type: "stop", reason, isFinal: until === "for good" });
    const timer = setTimeout(() => {
      this.log.warn("The server did not stop in time; its thread is ended.");
      void worker.terminate();
    }, STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  disconnectClient(clientId: string, reason: string): void {
    this.send({ type: "disconnectClient", clientId, reason });
  }

  /** Whether everything that is said is logged. Everyone is told. Resolves with the problem if it cannot be changed. */
  setAudit(isOn: boolean): Promise<string | undefined> {
    if (this.hosting.phase !== "running" || this.hosting.audit.isOn === isOn)
      return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.auditWaiters.push(resolve);
      this.send({ type: "setAudit", isOn });
    });
  }

  private answerAudit(problem: string | undefined): void {
    const waiters = this.auditWaiters;
    this.auditWaiters = [];
    for (const resolve of waiters) resolve(problem);
  }

  /** From now on people who come wait to be let in, or do not; then everyone who waits is let in. */
  setApproval(isOn: boolean): void {
    this.send({ type: "setApproval", isOn });
  }

  /** Lets someone in who waits. `always`: from now on without a question. */
  approve(clientId: string, always: boolean): void {
    this.send({ type: "approve", clientId, always });
  }

  /** Sends someone away who waits. `ban`: they cannot come again. */
  deny(clientId: string, reason: string, ban: boolean): void {
    this.send({ type: "deny", clientId, reason, ban });
  }

  /** Takes back what was decided about someone. */
  forgetDecisions(keys: readonly DecisionKey[]): void {
    this.send({
      type: "forgetDecisions",
      keys: keys.map(({ kind, value }) => ({ kind, value })),
    });
  }

  override dispose(): void {
    void this.worker?.terminate();
    super.dispose();
  }

  private send(command: ControlCommand): void {
    this.worker?.postMessage(command);
  }

  private onEvent(event: ControlEvent): void {
    switch (event.type) {
      case "started":
        // Someone may have stopped it before it came this far.
        if (this.hosting.phase !== "starting") break;
        this.setState({
          phase: "running",
          listeners: event.listeners,
          fingerprint: event.fingerprint,
          clients: [],
          audit: this.audit,
          waiting: [],
          decisions: [],
          needsApproval: false,
          since: Date.now(),
        });
        break;
      case "clients":
        if (this.hosting.phase === "running")
          this.setState({ ...this.hosting, clients: event.clients });
        break;
      case "audit":
        this.audit = { isOn: event.isOn, file: event.file };
        if (this.hosting.phase === "running") this.setState({ ...this.hosting, audit: this.audit });
        this.answerAudit(event.problem);
        break;
      case "approvals":
        if (this.hosting.phase === "running") {
          const { waiting, decisions, isRequired: needsApproval } = event;
          this.setState({ ...this.hosting, waiting, decisions, needsApproval });
        }
        break;
      case "log":
        this.log[event.level](`[server] ${event.message}`);
        if (event.level === "error") this.problem.fire(event.message);
        break;
      case "failed":
      case "stopped":
        break;
    }
  }

  private ended(worker: Worker, reason: string): void {
    if (this.worker !== worker) return;
    const before = this.hosting.phase;
    this.worker = undefined;
    this.answerAudit(reason);
    this.setState({ phase: "stopped" });
    if (before === "running") this.crashed.fire(reason);
  }

  private setState(state: HostingState): void {
    this.hosting = state;
    this.changed.fire(state);
  }
}
