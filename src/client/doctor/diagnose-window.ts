// Whether the server runs where the person thinks it does. Pure.
import * as commands from "./commands.js";
import { sentence, type Diagnosis } from "./diagnosis.js";
import { evidenceOf } from "./evidence.js";
import type { HostFacts } from "./facts.js";

/** These may stand for the computer they are in: who comes from outside is not told from who comes from there. */
const INSIDE_A_COMPUTER = /^wsl$|container/;
/** A window that is no kind of remote that VS Code has a name for is named by the address in the browser. */
const LOOPBACK_NAME = /^(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/;

/** The computer that the server runs on may not be the one in front of the person. */
export function runsElsewhere(facts: HostFacts): Diagnosis[] {
  const { remoteName, isInBrowser, platform, port } = facts;
  if (remoteName === undefined) return [];
  const { isOpen } = evidenceOf(facts);
  if (isOpen && !INSIDE_A_COMPUTER.test(remoteName)) return [];
  const isNear = isInBrowser && LOOPBACK_NAME.test(remoteName);
  return [
    {
      code: "runs-elsewhere",
      certainty: isOpen || isNear ? "possible" : "likely",
      reason: isInBrowser
        ? sentence(
            "This window is in a web browser, so your server runs on the computer that VS Code itself runs on ({0}). If that is not the computer in front of you, others may not reach it.",
            remoteName,
          )
        : sentence(
            "This window works inside “{0}”, so the server runs there and not on your computer. Its addresses may be inside your computer only.",
            remoteName,
          ),
      basis: [sentence("VS Code says that this window is a remote one: {0}.", remoteName)],
      fix: isInBrowser
        ? sentence(
            "If VS Code runs on the computer in front of you, this is not the reason. Otherwise ask the person who runs that computer whether people can reach its port {0}, or install VS Code on your own computer and run Chat: Host Server there. The command lists the addresses that people must be able to reach.",
            port,
          )
        : sentence(
            "Open a VS Code window that is not a remote one, and run Chat: Host Server there. The command lists the addresses of where this window runs.",
          ),
      commands: [commands.listAddresses(platform)],
    },
  ];
}
