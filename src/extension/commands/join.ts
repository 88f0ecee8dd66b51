// Chat: Join
import { userInfo } from "node:os";
import * as vscode from "../vscode.js";
import {
  formatAddress,
  formatInvite,
  parseAddress,
  type ServerAddress,
} from "../../client/address.js";
import { hostText } from "../../client/host.js";
import type { Session } from "../../client/session.js";
import type { ConnectFailure, ConnectionDetails } from "../../client/status.js";
import { nickProblem, normalizeNick } from "../../irc/names.js";
import * as config from "../config.js";
import { tellChangedCertificate, trusts } from "../trust-dialogs.js";
import { askText, type InputOptions } from "../ui/input-box.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick } from "../ui/quick-pick.js";
import { addressProblemText, failureText, nickProblemText } from "../words.js";
import { connect, type ConnectOutcome } from "./connect.js";
import type { CommandContext } from "./context.js";
import { findOutWhy } from "./doctor.js";

/** What the person has entered so far. Each join has its own. */
interface Form {
  address: string;
  nick: string;
  /** The host that asked for the password, and the only one to get it. */
  passwordHost: string | undefined;
  password: string | undefined;
  /** The window shows already that the host has to let us in. */
  isWaiting: boolean;
}

/** The host has decided: there is nothing to ask the person. */
const DECIDED: ReadonlySet<ConnectFailure["code"]> = new Set(["denied", "approval-timed-out"]);

type Field = "address" | "nick" | "password";

/** What to ask next, and why. */
interface Ask {
  readonly field: Field;
  readonly problem: string | undefined;
}

const title = () => l10n.t("Chat: Join");

/**
 * Asks where to and as whom, connects, and shows the chat. Goes on until it works, the person gives up, or another join
 * begins. `given` is an address or invite link that need not be asked for.
 */
export async function join(cx: CommandContext, given?: string): Promise<void> {
  const signal = cx.joins.begin();
  if (!(await mayLeaveCurrent(cx))) return;
  const left = cx.chat.session;
  const form: Form = {
    address: given ?? (await suggestedAddress(cx)),
    nick: config.nick(),
    passwordHost: undefined,
    password: undefined,
    isWaiting: false,
  };
  let ask = firstQuestion(form, given);
  while (!signal.aborted) {
    if (ask !== undefined && !(await fill(cx, form, ask, signal))) return;
    cx.joins.entered(form.address);
    const parsed = parseAddress(form.address);
    if ("problem" in parsed) {
      ask = { field: "address", problem: addressProblemText(parsed.problem) };
      continue;
    }
    const { address } = parsed;
    const { nick, password, passwordHost } = form;
    const hosts = passwordHost === undefined ? address.hosts : [passwordHost];
    const target = { address: { ...address, hosts }, nick, password };
    const goTo = () =>
      connect(cx, target, signal, ({ session, network }) => {
        // The person has agreed to leave the chat there was; another one that began meanwhile goes on until we are in.
        const isFree = cx.chat.session === left || cx.chat.status.phase === "closed";
        if (!isFree || signal.aborted) return;
        void cx.chat.adopt(session, network);
        cx.panel.show();
        form.isWaiting = true;
        // Whoever reloads the window while they wait goes on waiting.
        if (session.details !== undefined)
          void remember(cx, address, session.details, password ?? address.token);
      });
    const outcome = await cx.chat.prepare(
      { type: "joining", label: formatAddress(address) },
      async () => {
        const reached = await goTo();
        if (reached.type === "online")
          await arrive(cx, { address, password, left, signal }, reached);
        return reached;
      },
    );
    switch (outcome.type) {
      case "cancelled":
        if (form.isWaiting && outcome.isLeft !== true) await cx.resume.set(undefined);
        if (outcome.failure !== undefined) void offerReason(cx, form, outcome.failure, signal);
        return;
      case "online":
        return;
      case "ended":
        ask = { field: "address", problem: outcome.text };
        break;
      case "failed":
        if (DECIDED.has(outcome.failure.code)) {
          const record = {
            kind: "join",
            address: withoutSecrets(address),
            isDenied: true,
          } as const;
          if (cx.resume.get()?.kind === "join") await cx.resume.set(record);
          void showErrorMessage(failureText(outcome.failure, outcome.label));
          return;
        }
        ask = await afterFailure(cx, form, outcome);
        break;
    }
  }
}

/** The person has given up waiting for a server that could not be reached. */
async function offerReason(
  cx: CommandContext,
  form: Form,
  failure: ConnectFailure,
  signal: AbortSignal,
): Promise<void> {
  const text = form.address;
  const parsed = parseAddress(text);
  if (signal.aborted || "problem" in parsed) return;
  const why = l10n.t("Find Out Why");
  const problem = failureText(failure, formatAddress(parsed.address));
  if ((await showInformationMessage(problem, why)) === why) await findOutWhy(cx, text);
}

function firstQuestion({ nick }: Form, given: string | undefined): Ask | undefined {
  if (given === undefined) return { field: "address", problem: undefined };
  return nickProblem(nick) === undefined ? undefined : { field: "nick", problem: undefined };
}

/** Tries again at once; where that would only fail again, asks what is missing. */
export async function reconnectNow(cx: CommandContext): Promise<void> {
  const { shownAttempt } = cx.chat;
  if (shownAttempt !== undefined) {
    shownAttempt.session.reconnectNow();
    return;
  }
  const { status } = cx.chat;
  const record = cx.resume.get();
  const isFinal = status.phase === "closed" && status.cause.type === "failed";
  if (isFinal && record?.kind === "join" && !cx.server.isActive) {
    const { address } = record;
    const isInvite = address.transport === "tls" && address.fingerprint !== undefined;
    await join(cx, isInvite ? formatInvite(address) : formatAddress(address));
  } else {
    cx.chat.session?.reconnectNow();
  }
}

/** Gives up the join under way, or the connection that was lost. */
export function stopReconnecting(cx: CommandContext): void {
  if (cx.chat.shownAttempt === undefined) cx.chat.session?.stopReconnecting();
  else cx.joins.end();
}

/** Joins a server that another window of this computer hosts: an invite is not needed there. */
export async function joinLocal(cx: CommandContext): Promise<void> {
  const invites = await cx.hosting.localInvites();
  if (invites.length === 0) {
    void showInformationMessage(l10n.t("No other window on this computer is hosting a server."));
    return;
  }
  const items = invites.map((address) => ({ label: formatAddress(address), address }));
  const item = items.length === 1 ? items[0] : await showQuickPick(items, { title: title() });
  if (item === undefined) return;
  const { hosts, port, fingerprint } = item.address;
  // A window of ours says so itself; who had the port before does not matter.
  if (fingerprint !== undefined)
    for (const host of hosts) await cx.known.pin({ host, port }, fingerprint);
  await join(cx, formatInvite(item.address));
}

/** One chat at a time: another one is left only with the person's word. */
async function mayLeaveCurrent(cx: CommandContext): Promise<boolean> {
  if (cx.server.isActive) {
    const stop = l10n.t("Stop Server");
    const choice = await showWarningMessage(
      l10n.t("This window is hosting a server. Stop it to join another one?"),
      stop,
    );
    if (choice !== stop) return false;
    await vscode.commands.executeCommand("parley.stopServer");
    return !cx.server.isActive;
  }
  const { status, network } = cx.chat;
  if (network === undefined || status.phase === "closed") return true;
  const leave = l10n.t("Leave and Join");
  const choice = await showWarningMessage(
    l10n.t("You are connected to {0}. Leave it to join another server?", network.label),
    leave,
  );
  return choice === leave;
}

/** An invite on the clipboard is most likely why this was called; otherwise what was typed last, the last server, or this machine. */
export async function suggestedAddress(cx: CommandContext): Promise<string> {
  const clipboard = (await vscode.env.clipboard.readText()).trim();
  const isInvite =
    /^[a-z-]+:\/\/parley-chat\.parley\/join\/?\?/i.test(clipboard) &&
    "address" in parseAddress(clipboard);
  const [recent] = cx.known.recent();
  const address =
    recent === undefined ? "localhost:9898" : formatAddress({ ...recent, token: undefined });
  return cx.joins.suggestion(isInvite ? clipboard : undefined, address);
}

/** Asks for `ask.field` and, coming from the address, for the nick as well. False: given up. */
async function fill(
  cx: CommandContext,
  form: Form,
  { field, problem }: Ask,
  signal: AbortSignal,
): Promise<boolean> {
  switch (field) {
    case "address": {
      const why = async (address: string) => {
        await vscode.commands.executeCommand("parley.findOutWhy", address);
      };
      const steps = { step: 1, totalSteps: 2 };
      const more = { ...steps, problem, signal, ...(problem !== undefined && { why }) };
      const address = await askAddress(title(), form.address, more);
      if (address === undefined) return false;
      // What was typed for one server is for no other.
      if (address !== form.address) form.password = form.passwordHost = undefined;
      form.address = address;
      cx.joins.entered(address);
      return fillNick(form, undefined, signal, { step: 2, totalSteps: 2 });
    }
    case "nick":
      return fillNick(form, problem, signal);
    case "password": {
      const server = hostText(form.passwordHost ?? "");
      const password = await askPassword(server, form.password, problem, signal);
      if (password === undefined) return false;
      form.password = password;
      return true;
    }
  }
}

async function fillNick(
  form: Form,
  problem: string | undefined,
  signal: AbortSignal,
  steps?: Steps,
): Promise<boolean> {
  const nick = await askNick(title(), form.nick, problem, { ...steps, signal });
  if (nick === undefined) return false;
  form.nick = nick;
  await config.rememberNick(nick);
  return true;
}

export function askAddress(
  title: string,
  value: string,
  more: Pick<InputOptions, "step" | "totalSteps" | "problem" | "signal"> & {
    /** Finds out why the address could not be joined. */
    readonly why?: (address: string) => Promise<void>;
  } = {},
): Promise<string | undefined> {
  const { why, ...options } = more;
  return askText({
    ...options,
    title,
    ...(why !== undefined && {
      help: { icon: "question", label: l10n.t("Find Out Why"), run: why },
    }),
    prompt: l10n.t("Invite link, or the host's address (host, host:port, irc://…)"),
    placeholder: "localhost:9898",
    value,
    validate: (text) => {
      const parsed = parseAddress(text);
      return "problem" in parsed ? addressProblemText(parsed.problem) : undefined;
    },
  });
}

function askPassword(
  server: string,
  value: string | undefined,
  problem: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  return askText({
    title: title(),
    prompt: l10n.t("The server's password ({0})", server),
    value: value ?? "",
    password: true,
    problem,
    signal,
    validate: (text) => (text === "" ? l10n.t("Enter the password the host gave you.") : undefined),
  });
}

interface Steps {
  readonly step: number;
  readonly totalSteps: number;
}

/** Asks for a nick; an empty one is suggested from the name of the account on this computer. */
export async function askNick(
  title: string,
  value: string,
  problem: string | undefined,
  more: Partial<Steps> & { readonly signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const answer = await askText({
    ...more,
    title,
    prompt: l10n.t("Your nick: the name others see"),
    value: value === "" ? suggestedNick() : value,
    problem,
    validate: (text) => {
      const found = nickProblem(normalizeNick(text));
      return found === undefined ? undefined : nickProblemText(found);
    },
  });
  return answer === undefined ? undefined : normalizeNick(answer);
}

function suggestedNick(): string {
  const { username } = userInfo();
  return nickProblem(username) === undefined ? username : "";
}

/** What to ask after a failure; undefined: nothing, try again as it is. */
async function afterFailure(
  cx: CommandContext,
  form: Form,
  { failure, host, label }: ConnectOutcome & { type: "failed" },
): Promise<Ask | undefined> {
  const problem = failureText(failure, label);
  switch (failure.code) {
    case "nick-in-use":
    case "nick-owned":
    case "nick-invalid":
      form.nick = failure.suggestion;
      return { field: "nick", problem };
    case "password-needed":
    case "wrong-password":
      form.passwordHost = host;
      return {
        field: "password",
        problem: failure.code === "password-needed" ? undefined : problem,
      };
    case "certificate-unknown":
      if (!(await trusts(failure))) return { field: "address", problem };
      await cx.known.pin(failure, failure.fingerprint);
      return undefined;
    case "certificate-changed":
      await tellChangedCertificate(failure, cx.known.fingerprint(failure) === failure.expected);
      return { field: "address", problem };
    default:
      return { field: "address", problem };
  }
}

/** What a join that has come online was about. */
interface Arrival {
  readonly address: ServerAddress;
  readonly password: string | undefined;
  /** The session the person has agreed to leave, if there was one. */
  readonly left: Session | undefined;
  readonly signal: AbortSignal;
}

async function arrive(
  cx: CommandContext,
  { address, password, left, signal }: Arrival,
  { connected: { session, network } }: ConnectOutcome & { type: "online" },
): Promise<void> {
  // Another chat may have begun meanwhile, and that one no one has agreed to leave.
  const isShown = cx.chat.session === session;
  const isAgreed = isShown || cx.chat.session === left || (await mayLeaveCurrent(cx));
  const { status } = session;
  if (!isAgreed || signal.aborted || status.phase !== "online") {
    await session.close();
    return;
  }
  cx.joins.succeeded();
  cx.milestones.reach("hasJoined");
  if (!isShown) await cx.chat.adopt(session, network);
  cx.panel.show();
  await remember(cx, address, status.details, password ?? address.token);
  if (address.nick !== undefined) cx.chat.openDirect(address.nick);
}

/** Remembers where we are, for a reload of the window and for later joins. */
async function remember(
  cx: CommandContext,
  address: ServerAddress,
  details: ConnectionDetails,
  password: string | undefined,
): Promise<void> {
  await cx.known.remember(address, details, password);
  await cx.resume.set({ kind: "join", address: withoutSecrets(address) });
}

function withoutSecrets({ keys: _, ...address }: ServerAddress): ServerAddress {
  return { ...address, token: undefined };
}
