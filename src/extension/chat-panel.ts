// The chat panel: an editor tab whose page is a function of the view state.
import * as vscode from "./vscode.js";
import {
  Messenger,
  type HostToPage,
  type MessageHandlers,
  type PageToHost,
  type RequestHandlers,
} from "../bridge/messenger.js";
import type { Sound } from "../bridge/sounds.js";
import { fromPage } from "../bridge/validate.js";
import type { CommandHelp, ViewState } from "../bridge/view.js";
import { ViewFeed } from "../bridge/view-feed.js";
import type { ChatService } from "./chat-service.js";
import { panelSettings } from "./config.js";
import { connectionView } from "./connection-view.js";
import { Disposable } from "./disposable.js";
import type { EmbeddedServer } from "./embedded-server.js";
import { ViewModel } from "./view-model.js";
import { webviewHtml, webviewRoots } from "./webview-html.js";
import type { Log } from "./ui/log.js";
import { createEditorTab, setTabTitle, type EditorTab } from "./ui/editor-tab.js";
import { onDidChangeWindowFocus } from "./ui/window.js";

/** The page's wishes, carried out by others. */
export interface PanelActions {
  readonly messages: Omit<MessageHandlers<PageToHost>, "ready" | "drawn">;
  readonly submit: RequestHandlers<PageToHost>["submit"];
  readonly knock: RequestHandlers<PageToHost>["knock"];
  readonly picture: RequestHandlers<PageToHost>["picture"];
  readonly setPicture: RequestHandlers<PageToHost>["setPicture"];
}

interface LivePanel {
  readonly panel: EditorTab;
  readonly messenger: Messenger<HostToPage, PageToHost>;
  readonly feed: ViewFeed;
}

/** Shows at most one panel at a time. */
export class ChatPanel extends Disposable {
  static readonly viewType = "parley.chat";
  private live: LivePanel | undefined;
  private readonly model = new ViewModel();
  private wantsFocus = false;
  private wantsPicture = false;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly chat: ChatService,
    private readonly server: EmbeddedServer,
    private readonly commands: readonly CommandHelp[],
    private readonly actions: PanelActions,
    private readonly log: Log,
  ) {
    super();
    const update = () => {
      this.live?.feed.changed();
    };
    this.register(chat.onDidChange(update));
    this.register(server.onDidChange(update));
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("parley")) update();
      }),
    );
    this.register(
      onDidChangeWindowFocus((isFocused) => {
        if (isFocused && this.live?.panel.active === true) this.chat.refreshDivider();
      }),
    );
  }

  get isVisible(): boolean {
    return this.live?.panel.visible === true;
  }

  /** Opens or raises the panel and puts the cursor into the composer, unless `preserveFocus`. */
  show(preserveFocus = false): void {
    this.wantsFocus = !preserveFocus;
    if (this.live === undefined) {
      this.adopt(
        createEditorTab(ChatPanel.viewType, "Parley", preserveFocus, {
          enableScripts: true,
          localResourceRoots: webviewRoots(this.extensionUri),
        }),
      );
      return;
    }
    this.live.panel.reveal(undefined, preserveFocus);
    if (this.live.feed.isLive) this.focusComposer();
  }

  /** Takes over a panel that VS Code made or restored. */
  adopt(panel: EditorTab): void {
    this.live?.panel.dispose();
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, "media", "parley-tab.svg");
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: webviewRoots(this.extensionUri),
    };
    const messenger = new Messenger<HostToPage, PageToHost>(
      {
        post: (message) => void panel.webview.postMessage(message),
        listen: (listener) => {
          const subscription = panel.webview.onDidReceiveMessage(listener);
          return () => {
            subscription.dispose();
          };
        },
      },
      {
        messages: {
          ...this.actions.messages,
          ready: () => {
            feed.start();
            this.focusComposer();
            this.openPictureDialog();
          },
          drawn: () => {
            feed.drawn();
          },
        },
        requests: {
          submit: this.actions.submit,
          knock: this.actions.knock,
          picture: this.actions.picture,
          setPicture: this.actions.setPicture,
          loadGap: async ({ conversation, row, side }) => {
            await this.chat.loadGap(conversation, row, side);
            feed.changed();
            await feed.flushed();
            return {};
          },
        },
        check: fromPage,
        onInvalid: (reason) => {
          this.log.warn(`The panel sent something unexpected: ${reason}`);
        },
        onError: (error) => {
          this.log.error("A request of the panel failed.", error);
        },
      },
    );
    const feed = new ViewFeed(
      () => this.nextView(),
      (message) => {
        messenger.notify(message);
      },
    );
    const live: LivePanel = { panel, messenger, feed };
    this.live = live;
    panel.onDidDispose(() => {
      messenger.dispose();
      feed.stop();
      this.chat.lookAway();
      if (this.live === live) this.live = undefined;
    });
    panel.onDidChangeViewState(() => {
      // A hidden page is gone; the next one says "ready" and gets a snapshot.
      if (!panel.visible) {
        feed.stop();
        this.chat.lookAway();
      } else if (panel.active) this.chat.refreshDivider();
    });
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri);
  }

  override dispose(): void {
    this.live?.panel.dispose();
    super.dispose();
  }

  /** Whether a page was there to play it. */
  playSound(sound: Sound, volume: number): boolean {
    if (this.live?.feed.isLive !== true) return false;
    this.live.messenger.notify({ type: "playSound", sound, volume });
    return true;
  }

  /** Lets the person choose a picture of their own. */
  choosePicture(): void {
    this.wantsPicture = true;
    this.show();
    if (this.live?.feed.isLive === true) this.openPictureDialog();
  }

  private openPictureDialog(): void {
    if (!this.wantsPicture) return;
    this.wantsPicture = false;
    this.live?.messenger.notify({ type: "choosePicture" });
  }

  private focusComposer(): void {
    if (!this.wantsFocus) return;
    this.wantsFocus = false;
    this.live?.messenger.notify({ type: "focusComposer" });
  }

  private nextView(): ViewState {
    const { chat } = this;
    const view = this.model.next(chat.state, {
      connection: connectionView(chat),
      isHosting: this.server.state.phase === "running",
      session: chat.sessionNumber,
      isOnline: chat.isOnline,
      settings: panelSettings(),
      commands: this.commands,
      current: chat.current,
      rows: (buffer) => chat.rows(buffer),
      unread: (conversation) => chat.unread(conversation),
      unreadFrom: chat.unreadFrom,
      draft: chat.current === undefined ? "" : chat.draft(chat.current),
    });
    if (this.live !== undefined) setTabTitle(this.live.panel, view.current?.name ?? "Parley");
    return view;
  }
}
