// What the page's wishes do.
import * as vscode from "./vscode.js";
import type { ConversationId } from "../bridge/view.js";
import type { KnockResult, SubmitResult } from "../bridge/protocol.js";
import { SessionError } from "../client/session-error.js";
import { nickProblem } from "../irc/names.js";
import { parseInput, runCommand, SlashCommandError } from "../client/slash-commands.js";
import type { PanelActions } from "./chat-panel.js";
import type { ChatService } from "./chat-service.js";
import { quitWord, rememberNick } from "./config.js";
import type { OwnPicture } from "./own-picture.js";
import { dataUrl, type Pictures } from "./pictures.js";
import { pictureIdOf } from "./picture-name.js";
import { l10n } from "./ui/l10n.js";
import { showInformationMessage } from "./ui/messages.js";

const ACCEPTED: SubmitResult = { accepted: true };
const refused = (error?: string): SubmitResult => ({ accepted: false, error });

/** The actions of the panel; each ends in the chat service or in a command of the palette. */
export function panelActions(
  chat: ChatService,
  pictures: Pictures,
  ownPicture: OwnPicture,
): PanelActions {
  const buffer = (id: ConversationId) => chat.state?.buffers.get(id);
  return {
    messages: {
      openConversation: ({ conversation }) => {
        chat.open(conversation);
      },
      // As a command, since that puts the cursor into the composer: the list it was chosen from goes away.
      openDirectMessage: ({ nick }) =>
        void vscode.commands.executeCommand("parley.openDirectMessage", nick),
      closeConversation: ({ conversation }) => {
        chat.closeConversation(conversation);
      },
      placed: ({ conversation, row, isAtEnd }) => {
        chat.setPlace(conversation, isAtEnd ? undefined : row);
      },
      read: ({ conversation, row }) => {
        chat.markRead(conversation, row);
      },
      draftChanged: ({ conversation, text }) => {
        chat.setDraft(conversation, text);
      },
      retry: ({ conversation, row }) => {
        const name = buffer(conversation)?.name;
        if (name !== undefined) chat.session?.retry(name, row);
      },
      discard: ({ conversation, row }) => {
        chat.discard(conversation, row);
      },
      openLink: ({ url }) => void openLink(url),
      copyText: ({ text }) => void vscode.env.clipboard.writeText(text),
      runCommand: ({ command }) => void vscode.commands.executeCommand(command),
    },
    knock: ({ text }) => knock(chat, text),
    picture: async ({ id }) => {
      const known = pictureIdOf(chat.sessionNumber, id);
      const picture = known === undefined ? undefined : await pictures.load(known);
      return { data: picture && dataUrl(picture) };
    },
    setPicture: ({ picture }) => ownPicture.set(Buffer.from(picture, "base64")),
    submit: ({ conversation, text, isConfirmed }) =>
      submit(chat, conversation, text, isConfirmed === true),
  };
}

/** Says one line to the host, who has yet to let us in. */
export async function knock(chat: ChatService, text: string): Promise<KnockResult> {
  try {
    await chat.session?.knock(text);
    return { error: undefined };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return { error: knockProblem(error) };
  }
}

function knockProblem(error: SessionError): string {
  switch (error.code) {
    case "not-connected":
      return l10n.t("You are no longer waiting for the host's approval.");
    case "timed-out":
      return l10n.t("The server did not answer. Try again.");
    default:
      return error.message;
  }
}

/**
 * Opens exactly this address. A `Uri` encodes its query anew, which makes `C%23` into `C%2523`; the editor takes the
 * text of an address as well, and then leaves it as it is (https://github.com/microsoft/vscode/issues/85930).
 */
export function openLink(url: string): Thenable<boolean> {
  return vscode.env.openExternal(url as unknown as vscode.Uri);
}

/** Takes what was typed, or says why not; then it stays in the composer. */
export async function submit(
  chat: ChatService,
  conversation: ConversationId,
  text: string,
  mayCutCode = false,
): Promise<SubmitResult> {
  const input = parseInput(text);
  if (input.kind === "empty") return refused();
  if (input.kind === "command")
    return command(chat, conversation, { name: input.name, args: input.args, mayCutCode });
  if (/^(quit|exit)$/i.test(input.text.trim())) {
    const decision = await quitOrSend(input.text.trim());
    if (decision === undefined) return refused();
    if (decision === "leave") {
      await vscode.commands.executeCommand("parley.leave");
      return ACCEPTED;
    }
  }
  return say(chat, conversation, input.text, mayCutCode);
}

async function quitOrSend(word: string): Promise<"leave" | "send" | undefined> {
  const setting = quitWord();
  if (setting !== "ask") return setting;
  const leave = l10n.t("Leave the Chat");
  const send = l10n.t("Send as Message");
  const choice = await showInformationMessage(
    l10n.t("Leave the chat, or send “{0}” as a message?", word),
    { modal: true, detail: l10n.t("/quit leaves without asking.") },
    leave,
    send,
  );
  if (choice === undefined) return undefined;
  return choice === leave ? "leave" : "send";
}

/** Asks before a block of code becomes several messages. */
function codeCut(count: number): SubmitResult {
  return {
    accepted: false,
    error: l10n.t(
      "The code block is too long for one message. Send it as {0} messages, or shorten it.",
      count,
    ),
    confirm: l10n.t("Send as {0} Messages", count),
  };
}

function say(
  chat: ChatService,
  conversation: ConversationId,
  text: string,
  mayCutCode: boolean,
): SubmitResult {
  const buffer = chat.state?.buffers.get(conversation);
  if (chat.session === undefined || buffer === undefined) {
    return refused(l10n.t("You are not connected. Your draft is saved."));
  }
  if (buffer.kind === "server") {
    return refused(l10n.t("You cannot send messages here. Enter a command, such as /help."));
  }
  if (!chat.isOnline) {
    return refused(l10n.t("Offline. Your draft is saved. Send it when you are connected again."));
  }
  if (buffer.kind === "channel" && !buffer.joined) {
    return refused(l10n.t("You are not in {0}. Enter /join {0} to join it again.", buffer.name));
  }
  const count = mayCutCode ? undefined : chat.session.messagesOfCutCode(buffer.name, text);
  if (count !== undefined) return codeCut(count);
  try {
    chat.say(conversation, text);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return refused(sayProblem(error));
  }
  return ACCEPTED;
}

function sayProblem(error: SessionError): string {
  switch (error.code) {
    case "queue-full":
      return l10n.t(
        "Too much is waiting to be sent. Try again when some of it has been sent, or discard messages that failed.",
      );
    case "too-long":
      return l10n.t("This text is too long. Send it in parts.");
    default:
      return error.message;
  }
}

async function command(
  chat: ChatService,
  conversation: ConversationId,
  { name, args, mayCutCode }: { name: string; args: string; mayCutCode: boolean },
): Promise<SubmitResult> {
  const { session } = chat;
  if (session === undefined) {
    return refused(l10n.t("You are not connected. Your draft is saved."));
  }
  if (name === "quit") {
    await vscode.commands.executeCommand("parley.leave", args);
    return ACCEPTED;
  }
  try {
    const buffer = chat.state?.buffers.get(conversation)?.name ?? "";
    const outcome = await runCommand({ session, buffer, mayCutCode }, name, args);
    if (outcome?.info !== undefined) session.note(buffer, outcome.info);
    if (name === "nick" && nickProblem(args.trim()) === undefined) await rememberNick(args.trim());
    if (name === "me") chat.setPlace(conversation, undefined);
    if (outcome?.opens !== undefined) chat.openWhenThere(outcome.opens);
    return ACCEPTED;
  } catch (error) {
    if (!(error instanceof SlashCommandError)) throw error;
    if (error.code === "code-cut") return codeCut(Number(error.args[0]));
    return refused(error.message);
  }
}
