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
export interface PanelActions extends Omit<RequestHandlers<PageToHost>, "loadGap"> {
  readonly messages: Omit<MessageHandlers<PageToHost>, "ready" | "drawn">;
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
  /** What the page is told once it is there. */
  private readonly wanted = new Set<"focusComposer" | "choosePicture">();

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
    if (preserveFocus) this.wanted.delete("focusComposer");
    else this.wanted.add("focusComposer");
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
    this.tellWanted();
  }

  /** Lets the person choose a picture of their own. */
  choosePicture(): void {
    this.show();
    this.wanted.add("choosePicture");
    this.tellWanted();
  }

  /** Takes over a panel that VS Code made or restored. */
  adopt(panel: EditorTab): void {
    this.live?.panel.dispose();
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, "media", "parley-tab.svg");
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: webviewRoots(this.extensionUri),
    };
    const { messages, ...requests } = this.actions;
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
          ...messages,
          ready: () => {
            feed.start();
            this.tellWanted();
          },
          drawn: () => {
            feed.drawn();
          },
        },
        requests: {
          ...requests,
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

  private tellWanted(): void {
    if (this.live?.feed.isLive !== true) return;
    for (const type of this.wanted) this.live.messenger.notify({ type });
    this.wanted.clear();
  }

  private nextView(): ViewState {
    const { chat } = this;
    const view = this.model.next(chat.state, {
      connection: connectionView(chat),
      isHosting: this.server.state.phase === "running",
      session: chat.sessionNumber,
      serverName: chat.serverName,
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
