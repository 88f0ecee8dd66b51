import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ConnectionView } from "../../bridge/view.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { baseStyles, cardStyles } from "../styles.js";
import { cleanLine } from "../../bridge/text.js";
import { runs } from "../wishes.js";

/** What stands where a conversation would: the way in, the way there, or the wait for the first guest. */
@customElement("empty-state")
export class EmptyState extends LitElement {
  static override styles = [
    baseStyles,
    cardStyles,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: 24px 16px;
        text-align: center;
      }
      .card {
        max-width: 340px;
      }
      .card > .icon {
        width: 32px;
        height: 32px;
        color: var(--vscode-descriptionForeground);
      }
      .card > .icon::before {
        font-size: 32px;
      }
      p {
        color: var(--vscode-descriptionForeground);
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 8px;
        margin-top: 8px;
      }
    `,
  ];

  @property({ attribute: false }) connection!: ConnectionView;
  /** The channel we are alone in; undefined: there is no conversation at all. */
  @property({ attribute: false }) lonelyIn: string | undefined;
  @property({ type: Boolean }) hosting = false;

  protected override render(): TemplateResult {
    if (this.lonelyIn !== undefined) return this.lonely(cleanLine(this.lonelyIn));
    const { phase } = this.connection;
    // Ended for good, or never begun: these are the ways in. What went wrong stands in the banner.
    if (phase === "offline" || phase === "closed") return this.welcome();
    return html`<div class="card">
      ${icon("comment-discussion")}
      ${
        phase === "online"
          ? html`<p>${t("You are not in a channel. Run Chat: Join Channel… to join one.")}</p>`
          : nothing
      }
    </div>`;
  }

  private welcome(): TemplateResult {
    return html`<div class="card">
      ${icon("comment-discussion")}
      <h2>${t("Chat where you code")}</h2>
      <p>
        ${t("Host a server in this window and invite others, or join one with a link or an address.")}
      </p>
      <div class="buttons">
        <vscode-button @click=${runs("parley.hostServer")}>${t("Host Server")}</vscode-button>
        <vscode-button appearance="secondary" @click=${runs("parley.join")}
          >${t("Join…")}</vscode-button
        >
      </div>
    </div>`;
  }

  private lonely(channel: string): TemplateResult {
    return html`<div class="card">
      ${icon("organization")}
      <h2>${t("Waiting for others to join {0}", channel)}</h2>
      ${
        this.hosting
          ? html`<p>${t("Send the invite link to the people you want to chat with.")}</p>
              <div class="buttons">
                <vscode-button @click=${runs("parley.copyInviteLink")}
                  >${t("Copy Invite Link")}</vscode-button
                >
              </div>`
          : html`<p>${t("No one else is here right now.")}</p>`
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "empty-state": EmptyState;
  }
}
