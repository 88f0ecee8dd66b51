import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { ConnectionView } from "../../bridge/view.js";
import { MAX_KNOCK_BYTES } from "../../irc/limits.js";
import { utf8Length } from "../../irc/utf8.js";
import { cleanLine } from "../../bridge/text.js";
import { isComposing } from "../input-method.js";
import { t } from "../l10n.js";
import { baseStyles, cardStyles } from "../styles.js";
import { emit, runs, type PanelRequests } from "../wishes.js";

/** The host has yet to let us in: says so, and takes one line for them. */
@customElement("approval-wait")
export class ApprovalWait extends LitElement {
  static override styles = [
    baseStyles,
    cardStyles,
    css`
      :host {
        padding: 16px;
      }
      .card {
        max-width: 380px;
        margin: 0 auto;
      }
      .ring {
        width: 28px;
        height: 28px;
      }
      .line {
        display: flex;
        gap: 8px;
        width: 100%;
        margin-top: 8px;
      }
      input {
        flex: 1;
        min-width: 0;
        padding: 4px 6px;
        border: 1px solid
          var(--vscode-input-border, var(--vscode-contrastBorder, var(--vscode-widget-border)));
        border-radius: 2px;
        background: var(--vscode-input-background);
        color: var(--vscode-input-foreground);
        font: inherit;
      }
      input::placeholder {
        color: var(--vscode-descriptionForeground);
        opacity: 1;
      }
      .error {
        color: var(--error-foreground);
      }
    `,
  ];

  @property({ attribute: false }) connection!: Extract<ConnectionView, { phase: "approval" }>;
  /** What was typed and not said, by an earlier page perhaps. */
  @property({ attribute: false }) draft = "";
  requests!: PanelRequests;
  @state() private isSending = false;
  @state() private error: string | undefined;
  @query("input") private readonly input!: HTMLInputElement | null;

  protected override render(): TemplateResult {
    const { text, saidLine } = this.connection;
    return html`<div class="card">
      <vscode-progress-ring class="ring" aria-hidden="true"></vscode-progress-ring>
      <div role="status">
        <h2>${cleanLine(text)}</h2>
        <p class="muted">
          ${t("You join as soon as the host lets you in. You can leave this open and go on working.")}
        </p>
      </div>
      ${
        saidLine === undefined
          ? this.form()
          : html`<p role="status">${t("The host reads: “{0}”", cleanLine(saidLine))}</p>`
      }
      <vscode-button appearance="secondary" @click=${runs("parley.leave")}
        >${t("Cancel")}</vscode-button
      >
    </div>`;
  }

  private form(): TemplateResult {
    return html`<div class="line">
        <input
          type="text"
          aria-label=${t("One line to the host")}
          aria-invalid=${this.error === undefined ? "false" : "true"}
          placeholder=${t("Say one line to the host, such as who you are")}
          .value=${this.draft}
          ?readonly=${this.isSending}
          @input=${this.onInput}
          @keydown=${this.onKeyDown}
        />
        <vscode-button ?disabled=${this.isSending} @click=${this.send}>${t("Send")}</vscode-button>
      </div>
      ${this.error === undefined ? nothing : html`<p class="error" role="alert">${this.error}</p>`}`;
  }

  private readonly onInput = (): void => {
    const text = this.input?.value ?? "";
    this.error = problemOf(text.trim());
    this.save(text);
  };

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    // The Enter that ends a word of an input method sends nothing.
    if (event.key !== "Enter" || isComposing(event)) return;
    event.preventDefault();
    void this.send();
  };

  private readonly send = async (): Promise<void> => {
    const text = this.input?.value.trim() ?? "";
    if (text === "" || this.isSending) return;
    this.error = problemOf(text);
    if (this.error !== undefined) return;
    this.isSending = true;
    try {
      const { error } = await this.requests.knock({ text });
      this.error = error === undefined ? undefined : cleanLine(error);
      if (error === undefined) this.save("");
    } catch {
      this.error = t("This could not be sent. Try again.");
    } finally {
      this.isSending = false;
    }
  };

  private save(line: string): void {
    emit(this, "panel-save", ({ line: _, ...saved }) => (line === "" ? saved : { ...saved, line }));
  }
}

/** Why the host cannot be told this. */
function problemOf(text: string): string | undefined {
  const excess = utf8Length(text) - MAX_KNOCK_BYTES;
  return excess > 0
    ? t("The host can read at most {0} bytes. Shorten your line by {1}.", MAX_KNOCK_BYTES, excess)
    : undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "approval-wait": ApprovalWait;
  }
}
