// The questions about who a server is. The certificate's fingerprint comes first in each of them, and no name is longer than
// a line, so that it is on screen whatever the names are.
import type { ServerAddress } from "../client/address.js";
import { hostText } from "../client/host.js";
import type { ConnectFailure } from "../client/status.js";
import { l10n } from "./ui/l10n.js";
import { showErrorMessage, showInformationMessage, showWarningMessage } from "./ui/messages.js";
import { fingerprintText } from "./words.js";

type Unknown = ConnectFailure & { readonly code: "certificate-unknown" };
type Changed = ConnectFailure & { readonly code: "certificate-changed" };

/** How many channels are named. */
const MAX_CHANNELS_SHOWN = 3;

/** Asks whether to join by an invite that was clicked. */
export async function wantsToJoin(address: ServerAddress): Promise<boolean> {
  const { hosts, port, channels, fingerprint } = address;
  const [host = ""] = hosts;
  const join = l10n.t("Join");
  const choice = await showInformationMessage(
    l10n.t("Join the chat on {0}?", hostText(host)),
    {
      modal: true,
      detail: l10n.t(
        "Certificate (SHA-256): {0}\nPort: {1}\nChannels: {2}\nAddresses: {3}",
        fingerprint === undefined
          ? l10n.t("none; you will be asked")
          : fingerprintText(fingerprint),
        port,
        channelsText(channels),
        hosts.map(hostText).join(", "),
      ),
    },
    join,
  );
  return choice === join;
}

function channelsText(channels: readonly string[]): string {
  const shown = channels.slice(0, MAX_CHANNELS_SHOWN).join(", ");
  const others = channels.length - MAX_CHANNELS_SHOWN;
  return others > 0 ? l10n.t("{0} and {1} more", shown, others) : shown;
}

/** Asks whether a certificate that no authority vouches for is the right one. */
export async function trusts({ host, port, fingerprint }: Unknown): Promise<boolean> {
  const trust = l10n.t("Trust and Join");
  const choice = await showWarningMessage(
    l10n.t("Trust this server?"),
    {
      modal: true,
      detail: l10n.t(
        "Certificate (SHA-256): {0}\nServer: {1}\nPort: {2}\n\nOnly the host can confirm this certificate. Compare its fingerprint with the host's. Parley will remember it and refuse any other certificate. With an invite link you would not be asked.",
        fingerprintText(fingerprint),
        hostText(host),
        port,
      ),
    },
    trust,
  );
  return choice === trust;
}

/**
 * Tells that a server has another certificate than the one that is expected: `isRemembered`, because it was trusted before,
 * otherwise because the invite link says so.
 */
export async function tellChangedCertificate(
  failure: Changed,
  isRemembered: boolean,
): Promise<void> {
  const { host, port, expected, fingerprint } = failure;
  const facts = l10n.t(
    "Expected: {0}\nFound: {1}\nServer: {2}\nPort: {3}",
    fingerprintText(expected),
    fingerprintText(fingerprint),
    hostText(host),
    port,
  );
  const advice = isRemembered
    ? l10n.t(
        "Nothing was sent. Either the host has a new certificate, or someone is pretending to be the host. Ask the host. If they do have a new one, use Chat: Forget a Server's Certificate… and join again.",
      )
    : l10n.t(
        "Nothing was sent. Either the link is damaged or out of date, or someone is pretending to be the host. Ask the host for a new invite link.",
      );
  await showErrorMessage(
    isRemembered
      ? l10n.t("The certificate has changed")
      : l10n.t("This link is for a server with another certificate"),
    { modal: true, detail: `${facts}\n\n${advice}` },
  );
}
