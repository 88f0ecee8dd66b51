// After a reload: host or join again, without questions that were answered before.
import { formatAddress } from "../../client/address.js";
import { nickProblem } from "../../irc/names.js";
import * as config from "../config.js";
import { HostingError, StoppedWhileStarting } from "../embedded-server.js";
import { hostingFailureText } from "../words.js";
import { listenAddress, type HostRequest } from "../hosting.js";
import type { CommandContext } from "./context.js";
import { orStop } from "./host.js";
import { l10n } from "../ui/l10n.js";
import { showErrorMessage } from "../ui/messages.js";

/** Does again what this window did before, if anything. The panel shows how it goes. */
export async function resumeChat(cx: CommandContext): Promise<void> {
  const record = cx.resume.get();
  const nick = config.nick();
  if (record?.kind === "join" && record.isDenied === true) return;
  if (record === undefined || nickProblem(nick) !== undefined || cx.chat.session !== undefined) {
    return;
  }
  if (record.kind === "host") {
    await cx.chat.prepare({ type: "hosting-again" }, () => hostAgain(cx, record.request, nick));
    return;
  }
  const { address } = record;
  await cx.chat.prepare({ type: "joining", label: formatAddress(address) }, async () => {
    const target = { address, nick, password: undefined, isReturn: true };
    const { session, network } = await cx.connector.create(target);
    if (isObsolete(cx)) return;
    await cx.chat.adopt(session, network);
    session.start();
  });
}

/** Whether something else was wished for meanwhile: another chat, or none. */
function isObsolete(cx: CommandContext): boolean {
  return cx.chat.session !== undefined || cx.resume.get() === undefined;
}

async function hostAgain(cx: CommandContext, request: HostRequest, nick: string): Promise<void> {
  try {
    const target = await cx.hosting.start(request);
    await orStop(cx, async () => {
      const { session, network } = await cx.connector.create({
        ...target,
        nick,
        password: undefined,
        isReturn: true,
      });
      if (isObsolete(cx)) {
        await cx.server.stop(l10n.t("The host could not join"));
        return;
      }
      await cx.chat.adopt(session, { ...network, label: cx.hosting.label() });
      session.start();
    });
  } catch (error) {
    if (error instanceof StoppedWhileStarting) return;
    if (!(error instanceof HostingError)) throw error;
    await cx.resume.set(undefined);
    const text = hostingFailureText(error.failure, listenAddress(request));
    void showErrorMessage(text);
  }
}
