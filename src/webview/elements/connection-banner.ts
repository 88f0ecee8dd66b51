import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConnectionView, DetailView } from "../../bridge/view.js";
import { Countdown } from "../countdown.js";
import { icon, type IconName } from "../icons.js";
import { t } from "../l10n.js";
import { bannerStyles, baseStyles } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import { runs } from "../wishes.js";

/** Says that the connection is not there, and what can be done. Nothing while it is. */
@customElement("connection-banner")
export class ConnectionBanner extends LitElement {
  static override styles = [
    baseStyles,
    bannerStyles,
    css`
      .banner {
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 10px;
      }
      .words {
        flex: 1 1 180px;
      }
      .facts {
        display: grid;
        margin-top: 4px;
        font-size: 11px;
      }
      .facts code {
        font-family: var(--vscode-editor-font-family, monospace);
        color: inherit;
        background: none;
      }
      .warning > .icon {
        color: var(--vscode-editorWarning-foreground);
      }
      .error > .icon {
        color: var(--vscode-errorForeground);
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .ring {
        width: 16px;
        height: 16px;
      }
      .count {
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) connection!: ConnectionView;
  private readonly countdown = new Countdown(this, () =>
    this.connection.phase === "waiting" ? this.connection.retryAt : undefined,
  );

  protected override render(): TemplateResult | typeof nothing {
    const { connection } = this;
    switch (connection.phase) {
      // Approval has a place of its own, with more in it.
      case "online":
      case "approval":
        return nothing;
      case "offline":
        return banner("info", icon("circle-slash"), t("You are not connected."), [
          button("parley.hostServer", t("Host Server")),
          button("parley.join", t("Join…"), "secondary"),
        ]);
      case "starting":
        return banner("info", ring(), cleanLine(connection.text), []);
      case "connecting":
        return banner("info", ring(), cleanLine(connection.text), [
          ...(connection.isRetry === true ? [findOutWhy()] : []),
          button("parley.stopReconnecting", t("Stop"), "secondary"),
        ]);
      case "waiting":
        return banner("warning", icon("sync"), this.waitingWords(cleanLine(connection.text)), [
          button("parley.reconnectNow", t("Reconnect Now")),
          findOutWhy(),
          button("parley.stopReconnecting", t("Stop"), "secondary"),
        ]);
      case "closed":
        return banner(
          "error",
          icon(closedIcon(connection.cause)),
          html`${cleanLine(connection.text)}${facts(connection.facts ?? [])}`,
          closedButtons(connection.cause),
        );
    }
  }

  /** The seconds are for the eye: read out, each of them would interrupt. */
  private waitingWords(text: string): TemplateResult {
    const { secondsLeft } = this.countdown;
    const count =
      secondsLeft === 0
        ? t("Trying again…")
        : secondsLeft === 1
          ? t("Trying again in 1 second")
          : t("Trying again in {0} seconds", secondsLeft);
    return html`${text} <span class="count muted" role="timer" aria-live="off">${count}</span>`;
  }
}

function ring(): TemplateResult {
  return html`<vscode-progress-ring class="ring"></vscode-progress-ring>`;
}

type Cause = Extract<ConnectionView, { phase: "closed" }>["cause"];

/** Trying again helps, unless someone else has to do something first. */
function closedButtons(cause: Cause): readonly Button[] {
  const isOthers = cause === "banned" || cause === "certificate-changed";
  const again = button("parley.reconnectNow", t("Try Again"), isOthers ? "secondary" : "primary");
  const join = button("parley.join", t("Join…"), isOthers ? "primary" : "secondary");
  if (!isOthers) return [again, join];
  return cause === "banned" ? [join, again] : [join, findOutWhy(), again];
}

function facts(shown: readonly DetailView[]): TemplateResult | typeof nothing {
  if (shown.length === 0) return nothing;
  return html`<span class="facts"
    >${shown.map(
      ({ name, value }) =>
        html`<span><span class="muted">${t("{0}:", name)}</span> <code>${value}</code></span>`,
    )}</span
  >`;
}

function closedIcon(cause: Cause): IconName {
  switch (cause) {
    case "host-stopped":
      return "debug-disconnect";
    case "kicked":
      return "sign-out";
    case "banned":
    case "certificate-changed":
    case "failed":
      return "error";
  }
}

function banner(
  level: "info" | "warning" | "error",
  picture: TemplateResult,
  words: TemplateResult | string,
  buttons: readonly Button[],
): TemplateResult {
  // Each button keeps its element: a press that began on "Reconnect Now" must not end on a "Stop" in its place.
  return html`<div class="banner ${level}" role=${level === "error" ? "alert" : "status"}>
    ${picture}<span class="words">${words}</span>
    ${
      buttons.length === 0
        ? nothing
        : html`<span class="buttons">${repeat(buttons, ({ label }) => label, drawButton)}</span>`
    }
  </div>`;
}

interface Button {
  readonly command: Parameters<typeof runs>[0];
  readonly label: string;
  readonly appearance: "primary" | "secondary";
}

function button(
  command: Button["command"],
  label: string,
  appearance: Button["appearance"] = "primary",
): Button {
  return { command, label, appearance };
}

function findOutWhy(): Button {
  return button("parley.findOutWhy", t("Find Out Why"), "secondary");
}

function drawButton({ command, label, appearance }: Button): TemplateResult {
  return html`<vscode-button appearance=${appearance} @click=${runs(command)}
    >${label}</vscode-button
  >`;
}

declare global {
  interface HTMLElementTagNameMap {
    "connection-banner": ConnectionBanner;
  }
}
