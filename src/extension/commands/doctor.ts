// Chat: Why Can't They Join?
import * as vscode from "../vscode.js";
import { parseAddress, type ServerAddress } from "../../client/address.js";
import { diagnose } from "../../client/doctor/diagnose.js";
import type { Command, Diagnosis, Sentence } from "../../client/doctor/diagnosis.js";
import { examineHost, examineJoiner, isThisComputer } from "../../client/doctor/examine.js";
import type { EndpointCheck, Facts } from "../../client/doctor/facts.js";
import { reportText } from "../../client/doctor/report.js";
import type { ConnectedClient } from "../../server/control.js";
import * as config from "../config.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage } from "../ui/messages.js";
import { cancelledBy, withCancellableProgress } from "../ui/progress.js";
import { showQuickPick } from "../ui/quick-pick.js";
import { flashStatus } from "../ui/status-item.js";
import type { CommandContext } from "./context.js";
import { askAddress, suggestedAddress } from "./join.js";

const title = () => l10n.t("Chat: Why Can't They Join?");

/** So many members are asked to try. */
const MAX_ASKED = 3;

/** Looks for what keeps people out. Rejects when its signal says so. */
type Examine = (signal: AbortSignal) => Promise<Facts>;

/**
 * Finds out why others do not reach this window's server, or why this window does not reach someone else's, and shows it.
 * `given` is the address that could not be joined. Changes nothing, here or elsewhere.
 */
export async function findOutWhy(cx: CommandContext, given?: string): Promise<void> {
  const examine = await whatToExamine(cx, given);
  if (examine === undefined) return;
  for (;;) {
    const facts = await withProgress(examine);
    if (facts === undefined || (await show(facts)) !== "again") return;
  }
}

async function whatToExamine(cx: CommandContext, given?: string): Promise<Examine | undefined> {
  if (given !== undefined) return serverAt(cx, given);
  if (cx.server.isActive) return ownServer(cx);
  const tried = addressOfChat(cx);
  if (tried !== undefined) return (signal) => examineJoiner({ address: tried, signal });
  const join = { label: l10n.t("I want to join, and cannot"), icon: "plug" };
  const host = { label: l10n.t("I want to host, and others cannot join"), icon: "broadcast" };
  const picked = await showQuickPick([join, host], { title: title() });
  if (picked === host) return ownServer(cx);
  if (picked === undefined) return undefined;
  const asked = await askAddress(title(), await suggestedAddress(cx));
  return asked === undefined ? undefined : serverAt(cx, asked);
}

function serverAt(cx: CommandContext, text: string): Examine | undefined {
  const parsed = parseAddress(text);
  if ("problem" in parsed) return undefined;
  const address = withCertificate(cx, parsed.address);
  return (signal) => examineJoiner({ address, signal });
}

/** With the certificate we expect there, if any. */
function withCertificate(
  cx: CommandContext,
  address: Omit<ServerAddress, "token">,
): Omit<ServerAddress, "token"> {
  const { hosts, port } = address;
  const known = hosts.map((host) => cx.known.fingerprint({ host, port }));
  return { ...address, fingerprint: address.fingerprint ?? known.find((one) => one !== undefined) };
}

/** The server that this window has lost, and tries to reach. */
function addressOfChat(cx: CommandContext): Omit<ServerAddress, "token"> | undefined {
  const { phase } = cx.chat.status;
  const record = cx.resume.get();
  const isLost = phase === "waiting" || phase === "connecting" || phase === "closed";
  return isLost && record?.kind === "join" ? withCertificate(cx, record.address) : undefined;
}

function ownServer(cx: CommandContext): Examine {
  return (signal) => {
    const { state } = cx.server;
    const { remoteName } = vscode.env;
    const running = state.phase === "running" ? state : undefined;
    return examineHost({
      isRunning: running !== undefined,
      scope: cx.hosting.scope,
      port: running?.listeners[0]?.port ?? config.suggestedPort(),
      fingerprint: running?.fingerprint,
      remoteName,
      clients: running?.clients.map(({ address }) => address) ?? [],
      peerChecks: memberChecks(cx, running?.clients ?? []),
      signal,
    });
  };
}

/** What members on other computers find who try to reach this one. Those who cannot tell are left out. */
async function memberChecks(
  cx: CommandContext,
  clients: readonly ConnectedClient[],
): Promise<readonly EndpointCheck[]> {
  const { session } = cx.chat;
  const { hosts, port } = cx.hosting.reachableAt();
  const others = clients.filter(
    ({ isOperator, nick, address }) => !isOperator && nick !== "*" && !isThisComputer(address),
  );
  if (session === undefined) return [];
  const asked = others.slice(0, MAX_ASKED).map(({ nick }) => session.testBack(nick, hosts, port));
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

/** Undefined: canceled. */
function withProgress(examine: Examine): Promise<Facts | undefined> {
  return withCancellableProgress(title(), (report, cancellation) => {
    report(l10n.t("Trying the addresses, which can take a few seconds…"));
    const signal = cancelledBy(cancellation);
    const canceled = new Promise<undefined>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve(undefined);
      });
    });
    const examined = examine(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    return Promise.race([examined, canceled]);
  });
}

/** Shows what was found, until the person has enough of it or wants it to be looked for again. */
async function show(facts: Facts): Promise<"again" | undefined> {
  const diagnoses = diagnose(facts);
  const [first] = diagnoses;
  if (first === undefined) return undefined;
  const copyCommand = l10n.t("Copy Command");
  const copyReport = l10n.t("Copy Report");
  const again = l10n.t("Run Again");
  const detail = detailText(first, diagnoses.slice(1));
  const choice = await showInformationMessage(
    textOf(first.reason),
    { modal: true, detail },
    copyCommand,
    copyReport,
    again,
  );
  if (choice === again) return "again";
  if (choice === copyReport) {
    await vscode.env.clipboard.writeText(
      reportText(facts, diagnoses, (text, ...args) => l10n.t(text, ...args)),
    );
    flashStatus("check", l10n.t("Report copied"));
  }
  if (choice === copyCommand) await copyOneOf(diagnoses.flatMap(({ commands }) => commands));
  return undefined;
}

function textOf({ text, args }: Sentence): string {
  return l10n.t(text, ...args);
}

/** The most likely reason in full, the others by name: the report has all of all. */
function detailText({ basis, fix, commands }: Diagnosis, others: readonly Diagnosis[]): string {
  const lines = [
    l10n.t("What to do:"),
    textOf(fix),
    ...commands.map(({ where, text }) => `${textOf(where)}: ${text}`),
    "",
    l10n.t("This is based on:"),
    ...new Set(basis.map((found) => `• ${textOf(found)}`)),
  ];
  if (others.length > 0)
    lines.push(
      "",
      l10n.t("Other possible reasons:"),
      ...others.map(({ reason }) => `• ${textOf(reason)}`),
    );
  return lines.join("\n");
}

async function copyOneOf(commands: readonly Command[]): Promise<void> {
  const items = [...new Map(commands.map((command) => [command.text, command])).values()].map(
    ({ where, text }) => ({ label: text, description: textOf(where), text }),
  );
  const picked = items.length === 1 ? items[0] : await showQuickPick(items, { title: title() });
  if (picked === undefined) return;
  await vscode.env.clipboard.writeText(picked.text);
  flashStatus("check", l10n.t("Command copied"));
}
