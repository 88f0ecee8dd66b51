// The page: builds its parts, and holds what they share.
import { Messenger, type HostToPage, type PageToHost } from "../bridge/messenger.js";
import type { ToWebview } from "../bridge/protocol.js";
import { fromHost } from "../bridge/validate.js";
import type { ViewState } from "../bridge/view.js";
import { ChatPanel } from "./elements/chat-panel.js";
import { setStrings } from "./l10n.js";
import "./panel.css";
import { PictureStore } from "./picture-store.js";
import { SoundPlayer } from "./sound-player.js";
import { readSaved, reduceView } from "./store.js";
import { isSameTheme, Palette, readTheme, watchTheme } from "./theme.js";
import { registerToolkit } from "./toolkit.js";
import type { PanelRequests } from "./wishes.js";

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** So long without a frame means that no one sees the page. */
const NO_FRAME_MS = 250;

declare function acquireVsCodeApi(): VsCodeApi;

function start(): void {
  const vscode = acquireVsCodeApi();
  const { media = "", l10n } = document.body.dataset;
  setStrings(l10n);
  registerToolkit();

  const panel = new ChatPanel();
  const mediaFolder = media === "" || media.endsWith("/") ? media : `${media}/`;
  const sounds = new SoundPlayer(mediaFolder);
  const messenger = new Messenger<PageToHost, HostToPage>(
    {
      post: (message) => {
        vscode.postMessage(message);
      },
      listen: listenToHost,
    },
    {
      messages: {
        snapshot: draw,
        updates: draw,
        playSound: ({ sound, volume }) => {
          sounds.play(sound, volume);
        },
        choosePicture: () => void panel.updateComplete.then(panel.choosePicture),
        focusComposer: () => void panel.updateComplete.then(panel.focusComposer),
      },
      requests: {},
      check: fromHost,
      onInvalid: (reason) => {
        reportError(new Error(`Ignored from the host: ${reason}`));
      },
      onError: reportError,
    },
  );
  function draw(message: ToWebview): void {
    const wasOnline = isOnline(panel.view);
    panel.view = reduceView(panel.view, message);
    if (!wasOnline && isOnline(panel.view)) pictures.connected();
    void nextFrame().then(() => {
      messenger.notify({ type: "drawn" });
    });
  }
  const requests: PanelRequests = {
    submit: (params) => messenger.request("submit", params),
    knock: (params) => messenger.request("knock", params),
    picture: (params) => messenger.request("picture", params),
    setPicture: (params) => messenger.request("setPicture", params),
    loadGap: (params) => messenger.request("loadGap", params),
  };

  const pictures = new PictureStore(async (id) => (await requests.picture({ id })).data);

  panel.saved = readSaved(vscode.getState());
  panel.palette = currentPalette();
  panel.requests = requests;
  panel.media = mediaFolder;
  panel.locale = document.documentElement.lang;
  panel.addEventListener("panel-wish", ({ detail }) => {
    messenger.notify(detail);
  });
  panel.addEventListener("panel-save", ({ detail }) => {
    panel.saved = detail(panel.saved);
    vscode.setState(panel.saved);
  });
  panel.addEventListener("panel-picture", ({ detail }) => {
    pictures.give(detail.id, detail.take, detail.signal);
  });
  watchTheme(document, () => {
    const palette = currentPalette();
    // VS Code sets its variables one by one, and for other reasons too; a new palette draws all rows again.
    if (!isSameTheme(palette.theme, panel.palette.theme)) panel.palette = palette;
  });
  document.body.append(panel);
  messenger.notify({ type: "ready" });
}

function isOnline(view: ViewState | undefined): boolean {
  return view?.connection.phase === "online";
}

/** In the frame that shows what has changed until now; a window that is covered draws none and does not wait for one. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      resolve();
    };
    const frame = requestAnimationFrame(done);
    const timer = setTimeout(done, NO_FRAME_MS);
  });
}

function listenToHost(listener: (message: unknown) => void): () => void {
  const onMessage = (event: MessageEvent<unknown>): void => {
    listener(event.data);
  };
  window.addEventListener("message", onMessage);
  return () => {
    window.removeEventListener("message", onMessage);
  };
}

function currentPalette(): Palette {
  const style = getComputedStyle(document.body);
  return new Palette(readTheme((name) => style.getPropertyValue(name), document.body.classList));
}

start();
