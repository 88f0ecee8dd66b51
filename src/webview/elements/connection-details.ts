import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ConnectionView, DetailView, SelfView } from "../../bridge/view.js";
import { connectionWord } from "../connection.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { baseStyles, floating } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import { emit, runs, wish } from "../wishes.js";

/** A popover: where we are connected to and how, and what can be done about it. */
@customElement("connection-details")
export class ConnectionDetails extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: none;
        width: min(380px, calc(100vw - 16px));
        max-height: calc(100vh - 64px);
        margin: 0;
        padding: 12px;
        ${floating}
      }
      :host(:popover-open) {
        display: block;
      }
      h2 {
        margin: 0 0 8px;
        font-size: 1em;
        font-weight: 600;
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 4px 10px;
        align-items: baseline;
        margin: 0;
        font-size: 12px;
      }
      dt {
        color: var(--vscode-descriptionForeground);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
        font-family: var(--vscode-editor-font-family, monospace);
      }
      .flat {
        align-self: start;
      }
      .flat .icon::before {
        font-size: 14px;
        text-align: center;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 12px;
      }
    `,
  ];

  @property({ attribute: false }) connection!: ConnectionView;
  @property({ attribute: false }) ownSelf: SelfView | undefined;
  @state() private isOpen = false;

  constructor() {
    super();
    this.addEventListener("beforetoggle", ({ newState }) => {
      this.isOpen = newState === "open";
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", t("Connection details"));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { connection, ownSelf } = this;
    if (!this.isOpen) return nothing;
    const isOnline = connection.phase === "online";
    return html`<h2>${connectionWord(connection)}</h2>
      <dl>
        ${isOnline ? this.detail({ name: t("Server"), value: connection.server }) : nothing}
        ${ownSelf === undefined ? nothing : this.detail({ name: t("Nick"), value: ownSelf.nick })}
        ${isOnline ? connection.details.map((detail) => this.detail(detail)) : nothing}
      </dl>
      ${"text" in connection ? html`<p>${cleanLine(connection.text)}</p>` : nothing}
      <div class="actions" @click=${this.close}>
        ${
          isOnline
            ? html`<vscode-button appearance="secondary" @click=${runs("parley.setProfile")}
                  >${t("Set Profile…")}</vscode-button
                >
                <vscode-button appearance="secondary" @click=${this.choosePicture}
                  >${t("Change Picture…")}</vscode-button
                >`
            : html`<vscode-button @click=${runs("parley.join")}>${t("Join…")}</vscode-button>`
        }
        ${
          isOnline && ownSelf?.isHosting === true
            ? html`<vscode-button appearance="secondary" @click=${runs("parley.copyInviteLink")}
                >${t("Copy Invite Link")}</vscode-button
              >`
            : nothing
        }
        ${
          isOnline
            ? html`<vscode-button appearance="secondary" @click=${runs("parley.leave")}
                >${t("Leave")}</vscode-button
              >`
            : nothing
        }
      </div>`;
  }

  private detail({ name, value }: DetailView): TemplateResult {
    const copy = (): void => {
      wish(this, { type: "copyText", text: value });
    };
    return html`<dt>${cleanLine(name)}</dt>
      <dd>${cleanLine(value)}</dd>
      <button
        class="flat"
        title=${t("Copy")}
        aria-label=${t("Copy {0}", cleanLine(name))}
        @click=${copy}
      >
        ${icon("copy")}
      </button>`;
  }

  private readonly choosePicture = (): void => {
    emit(this, "panel-choose-picture", undefined);
  };

  private readonly close = (): void => {
    this.hidePopover();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "connection-details": ConnectionDetails;
  }
}
