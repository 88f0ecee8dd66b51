import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { t } from "../l10n.js";

/** Why messages are missing: they are being loaded, or could not be, or cannot be while offline or out of the channel. */
export type GapState = "loading" | "failed" | "offline" | "left";

/** Messages that are missing in the list. Draws into the list's own tree, as `message-row` does. */
@customElement("history-gap")
export class HistoryGap extends LitElement {
  @property({ attribute: false }) state: GapState = "loading";

  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(_changed: PropertyValues): void {
    this.setAttribute("role", "note");
    if (this.state === "loading") this.setAttribute("aria-label", t("Loading messages"));
    else this.removeAttribute("aria-label");
  }

  protected override render(): TemplateResult {
    switch (this.state) {
      case "loading":
        return html`<vscode-progress-ring class="ring" aria-hidden="true"></vscode-progress-ring>`;
      case "offline":
        return html`<span class="muted">${t("More messages load when you are connected.")}</span>`;
      case "left":
        return html`<span class="muted"
          >${t("More messages load when you are in this channel.")}</span
        >`;
      case "failed":
        return html`<span class="muted">${t("Some messages could not be loaded.")}</span>
          <button class="flat link" @click=${this.retry}>${t("Try Again")}</button>`;
    }
  }

  private readonly retry = (): void => {
    this.dispatchEvent(new Event("retry-gap"));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "history-gap": HistoryGap;
  }
}
