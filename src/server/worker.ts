// The server in a worker thread: its control channel.
import type { MessagePort } from "node:worker_threads";
import { hostPort } from "../irc/host-port.js";
import { makeClientCertificate } from "./certificate.js";
import { parseServerConfig, type ServerOptions } from "./config.js";
import type { CertificateEvent, ControlCommand, ControlEvent, ServerFailure } from "./control.js";
import { StartError, errorText } from "./errors.js";
import { createLogger } from "./logger.js";
import { Server } from "./server.js";

/** Runs a server as `options` say, until the port asks for its end. */
export async function runWorker(port: MessagePort, options: ServerOptions): Promise<void> {
  const tell = (event: ControlEvent) => {
    port.postMessage(event);
  };
  try {
    const config = parseServerConfig(options);
    const logger = createLogger(config.logLevel, (level, message) => {
      tell({ type: "log", level, message });
    });
    const server = new Server(config, {
      logger,
      onClients: (clients) => {
        tell({ type: "clients", clients });
      },
      onAudit: (state) => {
        tell({ type: "audit", ...state });
      },
      onApprovals: (waiting, decisions, isRequired) => {
        tell({ type: "approvals", waiting, decisions, isRequired });
      },
    });
    const { listeners, fingerprint } = await server.start();
    for (const { host, port } of listeners) logger.info(`listening on ${hostPort(host, port)}`);
    port.on("message", (command: ControlCommand) => {
      if (command.type === "stop") void stop(server, command, tell, port);
      else if (command.type === "setAudit") setAudit(server, command.isOn, tell);
      else tryToObey(server, command);
    });
    tell({ type: "started", listeners, fingerprint });
  } catch (error) {
    tell({ type: "failed", error: failureOf(error) });
    port.close();
  }
}

/** Makes a client's certificate and tells the port. */
export async function runCertificateWorker(port: MessagePort): Promise<void> {
  const { cert, key } = await makeClientCertificate();
  const event: CertificateEvent = { cert, key };
  port.postMessage(event);
  port.close();
}

function setAudit(server: Server, isOn: boolean, tell: (event: ControlEvent) => void): void {
  try {
    server.setAudit(isOn);
  } catch (error) {
    tell({ type: "audit", ...server.auditState, problem: errorText(error) });
  }
}

/** What cannot be stored is not done; the host reads why in the log. */
function tryToObey(
  server: Server,
  command: Exclude<ControlCommand, { type: "stop" | "setAudit" }>,
): void {
  try {
    obey(server, command);
  } catch (error) {
    server.logger.error(
      `could not do what the host asked for (${command.type}): ${errorText(error)}`,
    );
  }
}

function obey(
  server: Server,
  command: Exclude<ControlCommand, { type: "stop" | "setAudit" }>,
): void {
  const { approval } = server;
  switch (command.type) {
    case "disconnectClient":
      server.disconnect(command.clientId, command.reason);
      return;
    case "setApproval":
      server.setApproval(command.isOn);
      return;
    case "approve":
      approval.decide(command.clientId, command.always ? "approved" : "visiting");
      return;
    case "deny":
      approval.decide(command.clientId, command.ban ? "banned" : "denied", command.reason);
      return;
    case "forgetDecisions":
      approval.forget(command.keys);
  }
}

async function stop(
  server: Server,
  { reason, isFinal }: ControlCommand & { type: "stop" },
  tell: (event: ControlEvent) => void,
  port: MessagePort,
): Promise<void> {
  await server.close(reason, isFinal ? "for good" : "for now");
  tell({ type: "stopped" });
  // With the port closed nothing keeps the thread.
  port.close();
}

function failureOf(error: unknown): ServerFailure {
  return {
    code: error instanceof StartError ? error.code : "unknown",
    message: errorText(error),
  };
}
