// Chat: Join
import { userInfo } from "node:os";
import * as vscode from "../vscode.js";
import {
  formatAddress,
  formatInvite,
  parseAddress,
  type ServerAddress,
} from "../../client/address.js";
import type { ConnectFailure } from "../../client/status.js";
import { nickProblem, normalizeNick } from "../../irc/names.js";
import * as config from "../config.js";
import type { NewSession } from "../connector.js";
import { askText } from "../ui/input-box.js";
import { addressProblemText, failureText, fingerprintText, nickProblemText } from "../words.js";
import { connect } from "./connect.js";
import type { CommandContext } from "./context.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "../ui/messages.js";
import { showQuickPick } from "../ui/quick-pick.js";

/** What the person has entered so far. It survives every failure, and a cancelled form until the next one. */
interface Form {
  address: string;
  nick: string;
  password: string | undefined;
}

type Field = "address" | "nick" | "password";

/** What to ask next, and why. */
interface Ask {
  readonly field: Field;
  readonly problem: string | undefined;
}

const title = () => l10n.t("Chat: Join");

/** The form as it was left, for the next time. */
export class JoinForms {
  last: Form | undefined;
}

/**
 * Asks where to and as whom, connects, and shows the chat. Values are kept until it works or the person gives up.
 * `given` is an address or invite link that need not be asked for.
 */
export async function join(cx: CommandContext, forms: JoinForms, given?: string): Promise<void> {
  if (!(await mayLeaveCurrent(cx))) return;
  const form: Form = forms.last ?? {
    address: await suggestedAddress(cx),
    nick: config.nick(),
    password: undefined,
  };
  if (given !== undefined) form.address = given;
  forms.last = form;

  let ask: Ask | undefined = {
    field: "address",
    problem: undefined,
  };
  if (given !== undefined)
    ask = nickProblem(form.nick) ? { field: "nick", problem: undefined } : undefined;
  for (;;) {
    if (ask !== undefined && !(await fill(form, ask))) return;
    const parsed = parseAddress(form.address);
    if ("problem" in parsed) {
      ask = { field: "address", problem: addressProblemText(parsed.problem) };
      continue;
    }
    const password =
      form.password ?? parsed.address.token ?? (await cx.known.password(parsed.address));
    const outcome = await connect(cx, { address: parsed.address, nick: form.nick, password });
    switch (outcome.type) {
      case "cancelled":
        return;
      case "online":
        forms.last = undefined;
        await arrive(cx, parsed.address, outcome.connected, password);
        return;
      case "ended":
        ask = { field: "address", problem: outcome.text };
        break;
      case "failed":
        ask = await afterFailure(cx, form, parsed.address, outcome.failure, outcome.label);
        break;
    }
  }
}

/** Tries again at once; where that would only fail again, asks what is missing. */
export async function reconnectNow(cx: CommandContext, forms: JoinForms): Promise<void> {
  const { status } = cx.chat;
  const [recent] = cx.known.recent();
  const isFinal = status.phase === "closed" && status.cause.type === "failed";
  if (isFinal && recent !== undefined && !cx.server.isActive) {
    const address = { ...recent, token: undefined };
    const text = address.transport === "tls" ? formatInvite(address) : formatAddress(address);
    await join(cx, forms, text);
  } else {
    cx.chat.session?.reconnectNow();
  }
}

/** Joins a server that another window of this computer hosts: an invite is not needed there. */
export async function joinLocal(cx: CommandContext, forms: JoinForms): Promise<void> {
  const invites = await cx.hosting.localInvites();
  if (invites.length === 0) {
    void showInformationMessage(
      l10n.t("No other window of this computer hosts a server right now."),
    );
    return;
  }
  const items = invites.map((address) => ({ label: formatAddress(address), address }));
  const item = items.length === 1 ? items[0] : await showQuickPick(items, { title: title() });
  if (item !== undefined) await join(cx, forms, formatInvite(item.address));
}

/** One chat at a time: another one is left only with the person's word. */
async function mayLeaveCurrent(cx: CommandContext): Promise<boolean> {
  if (cx.server.isActive) {
    const stop = l10n.t("Stop Server");
    const choice = await showWarningMessage(
      l10n.t("This window hosts a server. To join another one, stop it first."),
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
    l10n.t("You are in the chat on {0}. Leave it to join another one?", network.label),
    leave,
  );
  return choice === leave;
}

/** An invite on the clipboard is most likely why this was called; otherwise the last server, or this machine. */
async function suggestedAddress(cx: CommandContext): Promise<string> {
  const clipboard = (await vscode.env.clipboard.readText()).trim();
  if (/^[a-z-]+:\/\/parley-chat\.parley\/join\?/i.test(clipboard)) {
    if ("address" in parseAddress(clipboard)) return clipboard;
  }
  const [recent] = cx.known.recent();
  return recent === undefined ? "localhost:9898" : formatAddress({ ...recent, token: undefined });
}

/** Asks for `ask.field` and, coming from the address, for the nick where none is known. False: given up. */
async function fill(form: Form, ask: Ask): Promise<boolean> {
  const answer = await askField(form, ask);
  if (answer === undefined) return false;
  form[ask.field] = answer;
  if (ask.field === "address") {
    form.password = undefined;
    return fill(form, { field: "nick", problem: undefined });
  }
  if (ask.field === "nick") await config.rememberNick(answer);
  return true;
}

function askField(form: Form, { field, problem }: Ask): Promise<string | undefined> {
  switch (field) {
    case "address":
      return askText({
        title: title(),
        prompt: l10n.t("Invite link, or the host's address (host, host:port, irc://…)"),
        placeholder: "localhost:9898",
        value: form.address,
        step: 1,
        totalSteps: 2,
        problem,
        validate: (value) => {
          const parsed = parseAddress(value);
          return "problem" in parsed ? addressProblemText(parsed.problem) : undefined;
        },
      });
    case "nick":
      return askNick(title(), form.nick, problem, 2);
    case "password":
      return askText({
        title: title(),
        prompt: l10n.t("The server's password"),
        value: form.password ?? "",
        password: true,
        problem,
        validate: (value) =>
          value === "" ? l10n.t("Enter the password the host gave you.") : undefined,
      });
  }
}

/** Asks for a nick; an empty one is suggested from the name of the account on this computer. */
export async function askNick(
  title: string,
  value: string,
  problem: string | undefined,
  step: number,
): Promise<string | undefined> {
  const answer = await askText({
    title,
    prompt: l10n.t("Your nick: the name others see"),
    value: value === "" ? suggestedNick() : value,
    step,
    totalSteps: 2,
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
  address: ServerAddress,
  failure: ConnectFailure,
  label: string,
): Promise<Ask | undefined> {
  const problem = failureText(failure, label);
  switch (failure.code) {
    case "nick-in-use":
    case "nick-owned":
    case "nick-invalid":
      form.nick = failure.suggestion;
      return { field: "nick", problem };
    case "password-needed":
      return { field: "password", problem: undefined };
    case "wrong-password":
      return { field: "password", problem };
    case "certificate-unknown":
      return (await trusts(failure.fingerprint, label))
        ? cx.known.pin(address, failure.fingerprint).then(() => undefined)
        : { field: "address", problem };
    case "certificate-changed":
      await showChangedCertificate(problem, failure);
      return { field: "address", problem };
    default:
      return { field: "address", problem };
  }
}

async function trusts(fingerprint: string, label: string): Promise<boolean> {
  const trust = l10n.t("Trust and Join");
  const choice = await showWarningMessage(
    l10n.t("Is this the server you mean?"),
    {
      modal: true,
      detail: l10n.t(
        "{0} shows a certificate that only the host can vouch for. Compare its fingerprint with the host's:\n\n{1}\n\nIt is remembered: another certificate will be refused. An invite link makes this question needless.",
        label,
        fingerprintText(fingerprint),
      ),
    },
    trust,
  );
  return choice === trust;
}

async function showChangedCertificate(
  problem: string,
  { expected, fingerprint }: { readonly expected: string; readonly fingerprint: string },
): Promise<void> {
  await showErrorMessage(l10n.t("The certificate has changed"), {
    modal: true,
    detail: l10n.t(
      "{0}\n\nExpected: {1}\n\nShown: {2}\n\nAsk the host for a new invite link, or use Chat: Forget a Server's Certificate… if you know why it changed.",
      problem,
      fingerprintText(expected),
      fingerprintText(fingerprint),
    ),
  });
}

async function arrive(
  cx: CommandContext,
  address: ServerAddress,
  connected: NewSession,
  password: string | undefined,
): Promise<void> {
  await cx.chat.adopt(connected.session, connected.network);
  cx.panel.show();
  await cx.known.remember(address, password);
  await cx.resume.set({ kind: "join", address: { ...address, token: undefined } });
}
