// The messages between extension host and webview. Wishes go up, facts come down.
import type { Sound } from "./sounds.js";
import type { ConversationId, ViewState, ViewUpdate } from "./view.js";

/** Wishes of the page. */
export type ToHost =
  /** The page listens now and wants a snapshot. */
  | { readonly type: "ready" }
  /** The page has drawn what it was sent last: the next update may come. */
  | { readonly type: "drawn" }
  | { readonly type: "openConversation"; readonly conversation: ConversationId }
  | { readonly type: "openDirectMessage"; readonly nick: string }
  /** Closes a direct message's conversation or leaves a channel. */
  | { readonly type: "closeConversation"; readonly conversation: ConversationId }
  /** Which row is at the top of the screen ("": none), and whether the end is on screen. Said when that has changed. */
  | {
      readonly type: "placed";
      readonly conversation: ConversationId;
      readonly row: string;
      readonly isAtEnd: boolean;
    }
  /** The last row is on screen. Whether the window has the focus the page cannot know: that is the host's to ask. */
  | { readonly type: "read"; readonly conversation: ConversationId; readonly row: string }
  | { readonly type: "draftChanged"; readonly conversation: ConversationId; readonly text: string }
  /** Sends a failed row again. */
  | { readonly type: "retry"; readonly conversation: ConversationId; readonly row: string }
  /** Takes a failed row away; its text goes back into the composer by the page. */
  | { readonly type: "discard"; readonly conversation: ConversationId; readonly row: string }
  | { readonly type: "openLink"; readonly url: string }
  | { readonly type: "copyText"; readonly text: string }
  /** A button that stands for a command of the palette. */
  | { readonly type: "runCommand"; readonly command: PanelCommand };

/** The palette commands the page has buttons for. The host runs no others for it. */
export const PANEL_COMMANDS = [
  "parley.hostServer",
  "parley.join",
  "parley.leave",
  "parley.reconnectNow",
  "parley.stopReconnecting",
  "parley.findOutWhy",
  "parley.copyInviteLink",
  "parley.setProfile",
  "parley.rejoin",
] as const;

export type PanelCommand = (typeof PANEL_COMMANDS)[number];

/** Facts from the host. */
export type ToWebview =
  | { readonly type: "snapshot"; readonly view: ViewState }
  | { readonly type: "updates"; readonly updates: readonly ViewUpdate[] }
  | { readonly type: "focusComposer" }
  /** Opens the dialog to choose a picture of one's own. */
  | { readonly type: "choosePicture" }
  /** Plays a sound, unless one is playing. The volume is above 0 and at most 1. */
  | { readonly type: "playSound"; readonly sound: Sound; readonly volume: number };

/** Requests of the page, each with its parameters and its result. */
export interface Requests {
  /** What was typed, a slash command or a message. Settles when it has been taken or refused. */
  readonly submit: {
    readonly params: {
      readonly conversation: ConversationId;
      readonly text: string;
      /** The person has agreed to what `confirm` of a refusal says. */
      readonly isConfirmed?: true;
    };
    readonly result: SubmitResult;
  };
  /** Says one line to the host, who has yet to let us in. */
  readonly knock: {
    readonly params: { readonly text: string };
    readonly result: KnockResult;
  };
  /** Someone's own picture, by PersonView.picture. */
  readonly picture: {
    readonly params: { readonly id: string };
    readonly result: PictureResult;
  };
  /** Makes a picture our own: a PNG or JPEG as small as it may be, in base64. */
  readonly setPicture: {
    readonly params: { readonly picture: string };
    readonly result: SetPictureResult;
  };
  /**
   * Some of the rows a gap stands for: "after" those next to the row that follows it, "before" those next to the row that
   * precedes it. They arrive as an update before the reply. Fails when they could not be loaded.
   */
  readonly loadGap: {
    readonly params: {
      readonly conversation: ConversationId;
      readonly row: string;
      readonly side: "before" | "after";
    };
    readonly result: Record<string, never>;
  };
}

/** `error` says why the host did not get it; the text stays. */
export interface KnockResult {
  readonly error: string | undefined;
}

/** A `data:` address; undefined where there is none to be had. */
export interface PictureResult {
  readonly data: string | undefined;
}

/** `error` (localized) says why it could not be done. */
export interface SetPictureResult {
  readonly error: string | undefined;
}

export type SubmitResult =
  /** Taken: the composer is cleared. */
  | { readonly accepted: true }
  /**
   * Not taken: the text stays; `error` (localized) is shown where there is one. With `confirm`, the label of a button, it can be
   * submitted all the same, as confirmed.
   */
  | { readonly accepted: false; readonly error: string | undefined; readonly confirm?: string };
