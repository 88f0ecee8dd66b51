// Chat: Why Can't They Join?
import * as vscode from "../vscode.js";
import { formatAddress, parseAddress, type ServerAddress } from "../../client/address.js";
import {
  bareAddress,
  examineHost,
  examineJoiner,
  isThisComputer,
} from "../../client/net/doctor/examine.js";
import type { Facts, MemberTest } from "../../client/doctor/facts.js";
import { SessionError } from "../../client/session-error.js";
import { TEST_BACK_TIMEOUT_MS } from "../../client/test-back.js";
import type { ConnectedClient } from "../../server/control.js";
import * as config from "../config.js";
import { l10n } from "../ui/l10n.js";
import { cancelledBy, withCancellableProgress } from "../ui/progress.js";
import { showQuickPick } from "../ui/quick-pick.js";
import type { CommandContext } from "./context.js";
import { showResult } from "./doctor-result.js";
import { askAddress, suggestedAddress } from "./join.js";

const title = () => l10n.t("Chat: Why Can't They Join?");

/** So many members are asked to try. */
const MAX_ASKED = 3;

/** Looks for what keeps people out, and says meanwhile what it waits for. Rejects when its signal says so. */
type Examine = (report: (message: string) => void, signal: AbortSignal) => Promise<Facts>;

/**
 * Finds out why others do not reach this window's server, or why this window does not reach someone else's, and shows it.
 * `given` is the address that could not be joined. Changes nothing, here or elsewhere.
 */
export async function findOutWhy(cx: CommandContext, given?: string): Promise<void> {
  const examine = await whatToExamine(cx, given);
  if (examine === undefined) return;
  for (;;) {
    const facts = await withProgress(examine);
    if (facts === undefined || (await showResult(facts)) !== "again") return;
  }
}

async function whatToExamine(cx: CommandContext, given?: string): Promise<Examine | undefined> {
  if (given !== undefined) return serverAt(cx, given);
  if (cx.server.isActive) return ownServer(cx);
  const ours = addressOfJoin(cx) ?? addressOfChat(cx);
  if (ours !== undefined) return theirServer(cx, ours);
  const join = { label: l10n.t("I want to join, and cannot"), icon: "plug" };
  const host = { label: l10n.t("I want to host, and others cannot join"), icon: "broadcast" };
  const picked = await showQuickPick([join, host], {
    title: title(),
    placeHolder: l10n.t("What does not work?"),
  });
  if (picked === host) return ownServer(cx);
  if (picked === undefined) return undefined;
  const asked = await askAddress(title(), await suggestedAddress(cx));
  return asked === undefined ? undefined : serverAt(cx, asked);
}

function serverAt(cx: CommandContext, text: string): Examine | undefined {
  const parsed = parseAddress(text);
  return "problem" in parsed ? undefined : theirServer(cx, withCertificate(cx, parsed.address));
}

type Address = Omit<ServerAddress, "token">;

function theirServer(cx: CommandContext, address: Address): Examine {
  return (report, signal) => {
    report(
      l10n.t(
        "Trying {0}, which can take a few seconds…",
        formatAddress({ ...address, token: undefined }),
      ),
    );
    return examineJoiner({ address, isConnected: isConnectedTo(cx, address), signal });
  };
}

function isConnectedTo({ chat }: CommandContext, { hosts, port }: Address): boolean {
  const details = chat.status.phase === "online" ? chat.status.details : undefined;
  return details?.port === port && hosts.includes(details.host);
}

/** With the certificate we expect there, if any. */
function withCertificate(cx: CommandContext, address: Address): Address {
  const { hosts, port } = address;
  const known = hosts.map((host) => cx.known.fingerprint({ host, port }));
  return { ...address, fingerprint: address.fingerprint ?? known.find((one) => one !== undefined) };
}

/** The server that is being joined, and may not answer. */
function addressOfJoin(cx: CommandContext): Address | undefined {
  const { attempt } = cx.chat;
  return attempt === undefined ? undefined : withCertificate(cx, attempt.address);
}

/** The server that this window is in, or has lost and tries to reach. */
function addressOfChat(cx: CommandContext): Address | undefined {
  const record = cx.resume.get();
  const isMeant = cx.chat.status.phase !== "idle" && record?.kind === "join";
  return isMeant ? withCertificate(cx, record.address) : undefined;
}

function ownServer(cx: CommandContext): Examine {
  return async (report, signal) => {
    const { state } = cx.server;
    const { remoteName, uiKind } = vscode.env;
    const running = state.phase === "running" ? state : undefined;
    const port = running?.listeners[0]?.port ?? cx.hosting.lastPort ?? config.suggestedPort();
    report(l10n.t("Trying this computer's addresses, and reading the firewall's rules…"));
    const asking = askMembers(cx, port, running?.clients ?? []);
    const looking = examineHost({
      isRunning: running !== undefined,
      scope: cx.hosting.scope,
      port,
      fingerprint: running?.fingerprint,
      remoteName,
      isInBrowser: uiKind === vscode.UIKind.Web,
      clients: running?.clients.map(({ address }) => address) ?? [],
      signal,
    });
    const looked = looking.then((own) => {
      asking.onWait((nicks) => {
        report(waitingText(nicks));
      });
      return own;
    });
    const [own, members] = await Promise.all([looked, asking.members]);
    return { ...own, members };
  };
}

function waitingText(nicks: readonly string[]): string {
  return l10n.t(
    "Waiting for {0}, who can try it from another computer. This takes at most {1} seconds…",
    nicks.join(", "),
    TEST_BACK_TIMEOUT_MS / 1000,
  );
}

interface Asking {
  readonly members: Promise<readonly MemberTest[]>;
  /** Told who has not answered yet, now and whenever someone does. */
  readonly onWait: (listener: (nicks: readonly string[]) => void) => void;
}

/** Lets members on other computers try to reach this one: one of each computer. */
function askMembers(cx: CommandContext, port: number, clients: readonly ConnectedClient[]): Asking {
  const { session } = cx.chat;
  const others = clients.filter(
    ({ isOperator, nick, address }) => !isOperator && nick !== "*" && !isThisComputer(address),
  );
  const byComputer = new Map(others.map((client) => [bareAddress(client.address), client]));
  const asked = session === undefined ? [] : [...byComputer].slice(0, MAX_ASKED);
  const pending = new Set(asked.map(([, { nick }]) => nick));
  let listener: (nicks: readonly string[]) => void = () => undefined;
  const tell = () => {
    if (pending.size > 0) listener([...pending]);
  };
  const members = asked.map(async ([from, { nick }]): Promise<MemberTest> => {
    try {
      return { nick, from, found: await session?.testBack(nick, port) };
    } catch (error) {
      // They have left, cannot answer, or do not want to.
      if (!(error instanceof SessionError)) throw error;
      return { nick, from, found: undefined };
    } finally {
      pending.delete(nick);
      tell();
    }
  });
  return {
    members: Promise.all(members),
    onWait: (told) => {
      listener = told;
      tell();
    },
  };
}

/** Undefined: canceled. */
function withProgress(examine: Examine): Promise<Facts | undefined> {
  return withCancellableProgress(title(), (report, cancellation) => {
    const signal = cancelledBy(cancellation);
    const canceled = new Promise<undefined>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve(undefined);
      });
    });
    const examined = examine(report, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    return Promise.race([examined, canceled]);
  });
}
