// What people read, made from what the program knows. Every sentence goes through vscode.l10n.
import { l10n } from "./ui/l10n.js";
import type { AddressProblem } from "../client/address.js";
import { hostText } from "../client/host.js";
import type { EventData } from "../client/model.js";
import type { CloseCause, ConnectFailure, ConnectStep } from "../client/status.js";
import { parseChanmodes, parseModeChanges, type ModeChange } from "../irc/modes.js";
import type { NameProblem } from "../irc/names.js";
import { DENIED_WITHOUT_REASON } from "../irc/standard-replies.js";
import type { ServerFailure } from "../server/control.js";
import type { Preparation } from "./chat-service.js";

/** The conversation with the server: what it says of itself, and answers that belong to no other one. */
export function serverMessages(): string {
  return l10n.t("Server messages");
}

export function preparationText(preparation: Preparation): string {
  switch (preparation.type) {
    case "hosting":
      return l10n.t("Starting the server…");
    case "hosting-again":
      return l10n.t("Starting the server again…");
    case "joining":
      return l10n.t("Connecting to {0}…", preparation.label);
  }
}

export function stepText(step: ConnectStep, server: string): string {
  switch (step) {
    case "connecting":
      return l10n.t("Connecting to {0}…", server);
    case "securing":
      return l10n.t("Securing the connection (TLS)…");
    case "registering":
      return l10n.t("Registering your nick…");
    case "approval":
      return l10n.t("Waiting for the host's approval…");
    case "joining":
      return l10n.t("Joining the channel…");
  }
}

/** What went wrong, and what to do. `server` is the address as people write it. */
export function failureText(failure: ConnectFailure, server: string): string {
  switch (failure.code) {
    case "refused":
      return l10n.t(
        "No server is listening at {0}: the connection was refused. Check the port, and whether the host has started the server.",
        server,
      );
    case "unreachable":
      return l10n.t(
        "{0} could not be reached. Check the address, your network or VPN, and the host's firewall.",
        server,
      );
    case "name-not-found":
      return l10n.t(
        "No computer named {0} was found. Check the spelling, or use its IP address.",
        server.replace(/:\d+$/, ""),
      );
    case "timed-out":
      return l10n.t(
        "{0} did not answer in time. A firewall may be dropping the connection, or the address is wrong.",
        server,
      );
    case "lost":
      return l10n.t("The connection to {0} was lost.", server);
    case "not-a-chat-server":
      return l10n.t("{0} is not a chat server. Check the address and the port.", server);
    case "silent":
      return l10n.t(
        "{0} accepts connections but does not respond. The host's computer may be busy or asleep, or another program may be using this port.",
        server,
      );
    case "tls-not-supported":
      return l10n.t(
        "{0} does not support TLS, so nothing was sent. If you trust the network, join without encryption: irc://{0}",
        server,
      );
    case "password-needed":
      return l10n.t("{0} requires a password. Ask the host for it, or for an invite link.", server);
    case "wrong-password":
      return l10n.t(
        "{0} did not accept the password. Enter it again, or ask the host for a new invite link.",
        server,
      );
    case "banned":
      return bannedText(server, failure.detail);
    case "denied":
      return failure.detail === DENIED_WITHOUT_REASON
        ? l10n.t("The host of {0} did not let you in.", server)
        : l10n.t("The host of {0} did not let you in: {1}", server, failure.detail);
    case "approval-timed-out":
      return l10n.t("The host of {0} has not answered. Try again when they are there.", server);
    case "login-unavailable":
      return l10n.t("You cannot log in to {0} at the moment. Try again later.", server);
    case "throttled":
      return l10n.t("{0} is limiting new connections. Try again later.", server);
    case "server-full":
      return l10n.t("{0} is full. Try again later.", server);
    case "closed-by-server":
      return l10n.t("{0} closed the connection: {1}", server, failure.detail);
    case "cancelled":
      return l10n.t("Canceled.");
    case "nick-in-use":
      return l10n.t(
        "The nick {0} is in use. Choose another one, such as {1}.",
        failure.nick,
        failure.suggestion,
      );
    case "nick-owned":
      return l10n.t(
        "The nick {0} belongs to someone else on this server, who may be offline. Choose another one, such as {1}. If it was yours, for example on another computer, ask the host to release it.",
        failure.nick,
        failure.suggestion,
      );
    case "nick-invalid":
      return l10n.t("{0} does not accept the nick {1}. Choose another one.", server, failure.nick);
    case "certificate-unknown":
      return l10n.t("The certificate of {0} could not be verified.", hostText(failure.host));
    case "certificate-changed":
      return l10n.t(
        "The certificate of {0}, port {1}, is not the one Parley expects, so nothing was sent. Either the host has a new one, or someone is pretending to be the host. Ask the host for a new invite link. If they do have a new certificate, use Chat: Forget a Server's Certificate…, then join with that link.",
        hostText(failure.host),
        failure.port,
      );
  }
}

/** `said` is the server's word for it, which may have a reason. */
function bannedText(server: string, said: string): string {
  const reason = said.replace(/^you(?:'re| are) banned from this server[\s.:]*/i, "").trim();
  return reason === ""
    ? l10n.t("You are banned from {0}. Ask the host or an operator to let you in.", server)
    : l10n.t(
        "You are banned from {0} ({1}). Ask the host or an operator to let you in.",
        server,
        reason,
      );
}

export function closeText(cause: CloseCause, server: string): string {
  switch (cause.type) {
    case "left":
      return l10n.t("You left.");
    case "host-stopped":
      return l10n.t("The host stopped the server.");
    case "kicked":
      return cause.reason === ""
        ? l10n.t("You were disconnected by the host.")
        : l10n.t("You were disconnected by the host: {0}", cause.reason);
    case "failed":
      return failureText(cause.failure, server);
  }
}

export function hostingFailureText({ code, message }: ServerFailure, address: string): string {
  switch (code) {
    case "port-in-use":
      return l10n.t("{0} is in use by another program. Choose another port.", address);
    case "address-not-local":
      return l10n.t("{0} is not an address of this computer. Choose one from the list.", address);
    case "permission-denied":
      return l10n.t(
        "Permission to listen on {0} was denied. Ports below 1024 often require administrator rights. Choose a higher port.",
        address,
      );
    case "data-in-use":
      return l10n.t("Another window is already hosting on this port. Choose another port.");
    case "data-unusable":
      return l10n.t("The server's stored data could not be used: {0}", message);
    case "bad-option":
    case "unknown":
      return l10n.t("The server could not start on {0}: {1}", address, message);
  }
}

export function addressProblemText({ code, value }: AddressProblem): string {
  switch (code) {
    case "empty":
      return l10n.t("Enter an invite link or an address, such as 192.168.1.20 or host:9898.");
    case "incomplete-invite":
      return l10n.t("This invite link is incomplete. Copy the whole link again.");
    case "no-slashes":
      return l10n.t("This address needs two slashes. Did you mean {0}?", value);
    case "bad-key":
      return l10n.t("The channel key in this address is not valid. It cannot contain spaces.");
    case "bad-host":
      if (value === "")
        return l10n.t(
          "The host name is missing. Enter an address, such as 192.168.1.20 or host:9898.",
        );
      return l10n.t("“{0}” is not a host name or IP address.", value);
    case "bad-port":
      if (value === "") return l10n.t("Enter the port after the colon, or leave the colon out.");
      return l10n.t("The port “{0}” is not a number.", value);
    case "port-out-of-range":
      return l10n.t("The port must be between 1 and 65535.");
    case "bad-scheme":
      return l10n.t(
        "Parley cannot open {0}:// addresses. Use an invite link, host:port, irc://, ircs://, ws:// or wss://.",
        value,
      );
    case "bad-fingerprint":
      return l10n.t(
        "The certificate fingerprint in this link is cut off or damaged. Copy the whole link again.",
      );
    case "bad-channel":
      return l10n.t(
        "“{0}” is not a channel name. It must begin with # and cannot contain spaces.",
        value,
      );
    case "bad-nick":
      if (value === "") return l10n.t("The address contains no nick. Put it before the comma.");
      return l10n.t("“{0}” is not a nick. {1}", value, nickProblemText("bad-character"));
    case "bad-token":
      return l10n.t("The token in this link is damaged. Copy the whole link again.");
    case "too-many-hosts":
      return l10n.t("The link contains too many addresses.");
    case "too-long":
      return l10n.t("The address is too long.");
  }
}

export function nickProblemText(problem: NameProblem): string {
  switch (problem) {
    case "empty":
      return l10n.t("Enter a nick, the name that others see.");
    case "too-long":
      return l10n.t("The nick is too long. It can have at most 64 bytes.");
    case "bad-start":
      return l10n.t("A nick must begin with a letter or one of _ [ ] \\ ` ^ { } |");
    case "bad-character":
      return l10n.t("A nick can contain only letters, digits and - _ [ ] \\ ` ^ { } |");
    case "reserved":
      return l10n.t("This nick is reserved. Choose another one.");
  }
}

/** Servers' words for someone whose connection broke. A reason of their own has "Quit:" before it. */
const LOST =
  /^(?:connection (?:lost|closed|reset|timed out)|ping timeout|(?:read|write|socket) error|remote host closed|EOF)\b/i;

/** One sentence for something that happened; `server` is the name people know the server by. */
export function eventText(event: EventData, server: string): string {
  switch (event.type) {
    case "join":
      return event.address === undefined
        ? l10n.t("{0} joined", event.nick)
        : l10n.t("{0} ({1}) joined", event.nick, event.address);
    case "part":
    case "quit": {
      // Servers mark a reason people gave themselves; the sentence says that already.
      if (event.type === "quit" && LOST.test(event.reason))
        return l10n.t("{0} left: the connection was lost", event.nick);
      const reason = event.reason.replace(/^Quit:? ?/i, "");
      return reason === ""
        ? l10n.t("{0} left", event.nick)
        : l10n.t("{0} left: {1}", event.nick, reason);
    }
    case "kick":
      return event.reason === ""
        ? l10n.t("{0} was removed by {1}", event.nick, event.by)
        : l10n.t("{0} was removed by {1}: {2}", event.nick, event.by, event.reason);
    case "nick":
      return l10n.t("{0} is now {1}", event.nick, event.newNick);
    case "topic":
      return event.topic === ""
        ? l10n.t("{0} removed the topic", event.nick)
        : l10n.t("{0} set the topic: {1}", event.nick, event.topic);
    case "mode":
      return modeText(event);
    case "away":
      return event.message === ""
        ? l10n.t("{0} is away", event.nick)
        : l10n.t("{0} is away: {1}", event.nick, event.message);
    case "back":
      return l10n.t("{0} is back", event.nick);
    case "info":
      return event.text;
    case "error":
      return event.text;
    case "connected":
      return l10n.t("Connected to {0}", server);
    case "disconnected":
      return l10n.t("Disconnected: {0}", event.reason);
  }
}

/** We ourselves were thrown out of a channel. */
export function ownKickText({ by, reason }: EventData & { readonly type: "kick" }): string {
  return reason === ""
    ? l10n.t("You were removed by {0}", by)
    : l10n.t("You were removed by {0}: {1}", by, reason);
}

/** The modes with parameters that channels have nearly everywhere. */
const MODE_TYPES = parseChanmodes("beIq,k,lfjLH,", "qaohv");

/** One change in words; several at once as they were sent. */
function modeText({ nick, modes }: EventData & { readonly type: "mode" }): string {
  const [letters = "", ...params] = modes.split(" ");
  const changes = parseModeChanges(letters, params, MODE_TYPES);
  const [first] = changes;
  const sentence = first && changes.length === 1 ? modeSentence(nick, first) : undefined;
  if (sentence !== undefined) return sentence;
  // A key is not shown to everyone who looks at the screen.
  const at = changes
    .filter(({ param }) => param !== undefined)
    .findIndex(({ mode }) => mode === "k");
  const shown = params.map((param, index) => (index === at ? "*" : param));
  return l10n.t("{0} changed the mode: {1}", nick, [letters, ...shown].join(" "));
}

/** A mode that means the same nearly everywhere. https://modern.ircdocs.horse/#channel-modes */
function modeSentence(nick: string, { add, mode, param = "" }: ModeChange): string | undefined {
  switch (mode) {
    case "k":
      return add
        ? l10n.t("{0} set a channel key", nick)
        : l10n.t("{0} removed the channel's key", nick);
    case "i":
      return add
        ? l10n.t("{0} made the channel invite-only", nick)
        : l10n.t("{0} opened the channel to everyone", nick);
    case "m":
      return add
        ? l10n.t("{0} let only people with a voice talk here", nick)
        : l10n.t("{0} let everyone talk here", nick);
    case "s":
      return add
        ? l10n.t("{0} hid the channel from others", nick)
        : l10n.t("{0} made the channel visible to others", nick);
    case "t":
      return add
        ? l10n.t("{0} let only operators set the topic", nick)
        : l10n.t("{0} let everyone set the topic", nick);
    case "l":
      if (!add) return l10n.t("{0} removed the limit of people", nick);
  }
  if (param === "") return undefined;
  switch (mode) {
    case "o":
      return add
        ? l10n.t("{0} made {1} an operator", nick, param)
        : l10n.t("{0} took operator status from {1}", nick, param);
    case "v":
      return add
        ? l10n.t("{0} gave {1} a voice", nick, param)
        : l10n.t("{0} took the voice from {1}", nick, param);
    case "b":
      return add
        ? l10n.t("{0} banned {1}", nick, param)
        : l10n.t("{0} lifted the ban on {1}", nick, param);
    case "l":
      return l10n.t("{0} let no more than {1} people in", nick, param);
  }
  return undefined;
}

/** A fingerprint in pairs, as people compare them. */
export function fingerprintText(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(":");
}
