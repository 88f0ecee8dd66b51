// Chat: Host Server, Chat: Stop Server
import * as vscode from "../vscode.js";
import { nickProblem } from "../../irc/names.js";
import * as config from "../config.js";
import { HostingError, StoppedWhileStarting } from "../embedded-server.js";
import type { Target } from "../connector.js";
import { listenAddress, type HostedTarget, type HostRequest } from "../hosting.js";
import { askText } from "../ui/input-box.js";
import { localAddresses } from "../local-addresses.js";
import { failureText, hostingFailureText } from "../words.js";
import { connect, type ConnectOutcome } from "./connect.js";
import type { CommandContext } from "./context.js";
import { askNick } from "./join.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick, type PickItem } from "../ui/quick-pick.js";
import { withStatusProgress } from "../ui/progress.js";

const title = () => l10n.t("Chat: Host Server");

/** Asks where to listen and as whom, starts the server, joins it and shows the chat. `given` answers the first question. */
export async function hostServer(cx: CommandContext, given?: HostRequest): Promise<void> {
  cx.joins.end();
  if (!(await mayHost(cx))) return;
  let request = given ?? (await askRequest(cx));
  if (request === undefined) return;
  let nick = config.nick();
  if (nickProblem(nick) !== undefined) {
    const answer = await askNick(title(), nick, undefined);
    if (answer === undefined) return;
    nick = answer;
    await config.rememberNick(nick);
  }
  while (request !== undefined) request = await tryToHost(cx, request, nick);
}

/** One server and one chat at a time. */
async function mayHost(cx: CommandContext): Promise<boolean> {
  if (cx.server.isActive) {
    void showInformationMessage(l10n.t("This window is already hosting a server."));
    return false;
  }
  const { network, status } = cx.chat;
  if (network === undefined || status.phase === "closed") return true;
  const leave = l10n.t("Leave and Host");
  const choice = await showWarningMessage(
    l10n.t("You are connected to {0}. Leave it to host your own server?", network.label),
    leave,
  );
  return choice === leave;
}

async function askRequest(cx: CommandContext): Promise<HostRequest | undefined> {
  const scope = await askScope();
  if (scope === undefined) return undefined;
  const port = await askPort(cx.hosting.lastPort ?? config.suggestedPort(), undefined);
  return port === undefined ? undefined : { scope, port };
}

async function askScope(): Promise<HostRequest["scope"] | undefined> {
  type Item = PickItem & { readonly scope: HostRequest["scope"] };
  const interfaces = localAddresses().map(({ name, address }): Item => ({
    label: address,
    icon: "plug",
    description: name,
    detail: l10n.t("People who can reach this computer at this address"),
    scope: { address },
  }));
  const items: Item[] = [
    {
      label: l10n.t("Only this computer (for trying it out)"),
      icon: "device-desktop",
      description: "127.0.0.1",
      detail: l10n.t("Other windows on this computer can join"),
      scope: "machine",
    },
    {
      label: l10n.t("This network"),
      icon: "radio-tower",
      detail: l10n.t("Everyone who can reach this computer and has the invite link"),
      scope: "network",
    },
    ...interfaces,
  ];
  const picked = await showQuickPick(items, {
    title: title(),
    placeHolder: l10n.t("Who can join?"),
    ignoreFocusOut: true,
    matchOnDescription: true,
  });
  return picked?.scope;
}

async function askPort(port: number, problem: string | undefined): Promise<number | undefined> {
  const answer = await askText({
    title: title(),
    prompt: l10n.t("Port to listen on (0 picks a free port)"),
    value: String(port),
    problem,
    validate: portProblem,
  });
  return answer === undefined ? undefined : Number(answer.trim());
}

/** What is wrong with a port as typed. */
export function portProblem(value: string): string | undefined {
  const text = value.trim();
  if (!/^[0-9]+$/.test(text)) return l10n.t("Enter a port number, such as 9898.");
  return Number(text) > 65535 ? l10n.t("The port must be between 0 and 65535.") : undefined;
}

/** The next request to try, or undefined when it is done or given up. */
async function tryToHost(
  cx: CommandContext,
  request: HostRequest,
  nick: string,
): Promise<HostRequest | undefined> {
  try {
    await startAndJoin(cx, request, nick);
    return undefined;
  } catch (error) {
    if (error instanceof StoppedWhileStarting) return undefined;
    if (!(error instanceof HostingError)) throw error;
    cx.log.warn(`Hosting failed: ${error.failure.code}: ${error.message}`);
    return afterFailure(cx, request, error);
  }
}

async function startAndJoin(cx: CommandContext, request: HostRequest, nick: string): Promise<void> {
  const target = await cx.chat.prepare({ type: "hosting" }, async () => {
    const started = await withStatusProgress(l10n.t("Starting the server…"), () =>
      cx.hosting.start(request),
    );
    return (await orStop(cx, () => enterOwn(cx, started, nick))) ? started : undefined;
  });
  if (target === undefined) return;
  cx.panel.show();
  cx.milestones.reach("hasHosted");
  await cx.resume.set({ kind: "host", request: target.request });
  void announce(cx);
}

/** Does what follows the start of the server. If it fails, the server is stopped: none runs on without its host. */
export async function orStop<T>(cx: CommandContext, next: () => Promise<T>): Promise<T> {
  try {
    return await next();
  } catch (error) {
    await cx.server.stop(l10n.t("The host could not join"));
    throw error;
  }
}

/** Whether the host is in. False: they have given up, and the server is stopped. */
async function enterOwn(cx: CommandContext, target: HostedTarget, nick: string): Promise<boolean> {
  const outcome = await joinOwn(cx, target, nick);
  if (outcome.type === "online") {
    const { session, network } = outcome.connected;
    await cx.chat.adopt(session, { ...network, label: cx.hosting.label() });
    return true;
  }
  if (outcome.type !== "cancelled") {
    const message = outcome.type === "failed" ? outcome.failure.detail : outcome.text;
    throw new HostingError({ code: "unknown", message });
  }
  await cx.server.stop(l10n.t("The host could not join"));
  return false;
}

/** Joins the server this window hosts; someone may own the nick there from an earlier time. */
async function joinOwn(
  cx: CommandContext,
  target: HostedTarget,
  wanted: string,
): Promise<ConnectOutcome> {
  let nick = wanted;
  for (;;) {
    const outcome = await connectWhileRunning(cx, { ...target, nick, password: undefined });
    if (outcome.type !== "failed" || !("suggestion" in outcome.failure)) return outcome;
    const { suggestion } = outcome.failure;
    const problem = failureText(outcome.failure, outcome.label);
    const answer = await askNick(title(), suggestion, problem);
    if (answer === undefined) return { type: "cancelled" };
    nick = answer;
    await config.rememberNick(nick);
  }
}

/** Connects to our own server. Once that is stopped, there is nothing to wait for. */
async function connectWhileRunning(cx: CommandContext, target: Target): Promise<ConnectOutcome> {
  const stopped = new AbortController();
  const watch = () => {
    if (cx.server.state.phase !== "running") stopped.abort();
  };
  const subscription = cx.server.onDidChange(watch);
  watch();
  try {
    return await connect(cx, target, stopped.signal);
  } finally {
    subscription.dispose();
  }
}

async function announce(cx: CommandContext): Promise<void> {
  const copy = l10n.t("Copy Invite Link");
  const addresses = cx.hosting.addresses().join(", ");
  const { state } = cx.server;
  const choice = await showInformationMessage(
    state.phase === "running" && state.audit.isOn
      ? l10n.t("You are hosting on {0}. Everything said is logged, as before.", addresses)
      : l10n.t("You are hosting on {0}.", addresses),
    copy,
  );
  if (choice === copy) await vscode.commands.executeCommand("parley.copyInviteLink");
}

async function afterFailure(
  cx: CommandContext,
  request: HostRequest,
  { failure }: HostingError,
): Promise<HostRequest | undefined> {
  const text = hostingFailureText(failure, listenAddress(request));
  switch (failure.code) {
    // What is stored belongs to the port, whatever the address: another port helps there too.
    case "data-in-use":
    case "port-in-use":
    case "permission-denied": {
      const port = await askPort(request.port, text);
      return port === undefined ? undefined : { ...request, port };
    }
    case "address-not-local": {
      void showErrorMessage(text);
      return askRequest(cx);
    }
    case "bad-option":
    case "data-unusable":
    case "unknown":
      void showErrorMessage(text);
      return undefined;
  }
}

/** Ends the server, asking first while others are connected. `given.force` leaves the question out. */
export async function stopServer(cx: CommandContext, given?: { force: boolean }): Promise<void> {
  const { state } = cx.server;
  if (state.phase !== "running" && state.phase !== "starting") return;
  const clients = state.phase === "running" ? state.clients : [];
  const others = clients.filter(({ isOperator }) => !isOperator).length;
  if (others > 0 && given?.force !== true) {
    const stop = l10n.t("Stop Server");
    const choice = await showWarningMessage(
      others === 1
        ? l10n.t("Stop the server? 1 person will be disconnected.")
        : l10n.t("Stop the server? {0} people will be disconnected.", others),
      { modal: true },
      stop,
    );
    if (choice !== stop) return;
  }
  await cx.resume.set(undefined);
  await cx.chat.leave();
  await cx.server.stop(l10n.t("The host stopped the server"));
}
