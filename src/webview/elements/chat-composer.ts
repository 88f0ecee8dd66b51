import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import type {
  CommandHelp,
  ConnectionView,
  ConversationView,
  PanelSettings,
} from "../../bridge/view.js";
import { MAX_TEXT_LENGTH } from "../../bridge/validate.js";
import { complete, completionAt, type Completion, type CompletionOption } from "../completion.js";
import {
  audienceWords,
  canRejoin,
  composerName,
  draftWords,
  isOrdinary,
  obstacle,
  retryWords,
} from "../composer-words.js";
import { Countdown } from "../countdown.js";
import { icon } from "../icons.js";
import { isComposing } from "../input-method.js";
import { InputHistory } from "../input-history.js";
import { t } from "../l10n.js";
import { baseStyles } from "../styles.js";
import { emit, wish, type PanelRequests } from "../wishes.js";
import { composerStyles } from "./chat-composer-styles.js";

const DRAFT_PAUSE_MS = 400;

/** Where messages and slash commands are written. What stands in it is lost to nothing but its own sending. */
@customElement("chat-composer")
export class ChatComposer extends LitElement {
  static override styles = [baseStyles, composerStyles];

  @property({ attribute: false }) conversation!: ConversationView;
  @property({ attribute: false }) connection!: ConnectionView;
  @property({ attribute: false }) settings!: PanelSettings;
  @property({ attribute: false }) commands: readonly CommandHelp[] = [];
  /** The text a conversation starts with; read when it comes on screen. */
  @property({ attribute: false }) draft = "";
  requests!: PanelRequests;

  @state() private text = "";
  @state() private error: string | undefined;
  /** The label of the button that sends the text in spite of `error`. */
  @state() private confirm: string | undefined;
  @state() private completion: Completion | undefined;
  @state() private selected = 0;

  @query("textarea") private readonly input!: HTMLTextAreaElement;

  private readonly countdown = new Countdown(this, () =>
    this.connection.phase === "waiting" ? this.connection.retryAt : undefined,
  );
  private readonly history = new InputHistory();
  private isSubmitting = false;
  /** Enter came while a text was on its way. */
  private isSubmitDue = false;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  /** The conversation whose draft the host does not know yet. */
  private unsavedIn: string | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("pagehide", this.flushDraft);
    document.addEventListener("visibilitychange", this.flushDraft);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("pagehide", this.flushDraft);
    document.removeEventListener("visibilitychange", this.flushDraft);
    this.flushDraft();
  }

  /** Moves the keyboard here. */
  override focus(): void {
    this.input.focus();
  }

  /** Puts a text back that was not sent, after what stands here already. */
  restore(text: string): void {
    this.setText(this.text.trim() === "" ? text : `${this.text.trimEnd()}\n${text}`);
    this.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("conversation");
    // What stood in the way may be gone.
    if (changed.has("connection") && changed.get("connection")?.phase !== this.connection.phase) {
      this.error = undefined;
    }
    if (before !== undefined && before.canSend !== this.conversation.canSend) {
      this.error = undefined;
    }
    if (!changed.has("conversation") || before?.id === this.conversation.id) return;
    if (before !== undefined) {
      this.flushDraft();
      // From here on the host knows it best.
      emit(this, "panel-save", (saved) => ({ ...saved, draft: undefined }));
    }
    this.text = this.draft;
    this.setError(undefined);
    this.completion = undefined;
  }

  /** Takes `text` as typed: shown, kept in this page at once, told to the host after a pause. */
  private setText(text: string): void {
    this.text = text;
    this.setError(undefined);
    const conversation = this.conversation.id;
    this.unsavedIn = conversation;
    emit(this, "panel-save", (saved) => ({ ...saved, draft: { conversation, text } }));
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(this.flushDraft, DRAFT_PAUSE_MS);
  }

  private readonly flushDraft = (): void => {
    clearTimeout(this.draftTimer);
    if (this.unsavedIn === undefined) return;
    // What is too long to send is too long for the host to keep; this page still has it.
    if (this.text.length <= MAX_TEXT_LENGTH) {
      wish(this, { type: "draftChanged", conversation: this.unsavedIn, text: this.text });
    }
    this.unsavedIn = undefined;
  };

  private setError(error: string | undefined, confirm?: string): void {
    this.error = error;
    this.confirm = confirm;
  }

  private async submit(isConfirmed = false): Promise<void> {
    if (this.isSubmitting) {
      this.isSubmitDue = true;
      return;
    }
    const typed = this.text;
    const text = withoutBlankLines(typed);
    if (text.trim() === "") return;
    const hindrance = obstacle(this.conversation, this.connection);
    // Commands are the host's to judge: /join is how one gets out of this.
    if (hindrance !== undefined && !text.startsWith("/")) {
      this.setError(this.withDraft(hindrance));
      return;
    }
    if (text.length > MAX_TEXT_LENGTH) {
      this.setError(
        t(
          "Too long: {0} characters. At most {1} can be sent at once.",
          text.length,
          MAX_TEXT_LENGTH,
        ),
      );
      return;
    }
    const { id } = this.conversation;
    this.isSubmitting = true;
    try {
      const request = { conversation: id, text };
      const result = await this.requests.submit(
        isConfirmed ? { ...request, isConfirmed: true } : request,
      );
      if (result.accepted) this.accepted(id, typed, text);
      else if (this.conversation.id === id) this.setError(result.error, result.confirm);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.setError(t("Not sent: {0}", reason));
    } finally {
      this.isSubmitting = false;
    }
    if (!this.isSubmitDue) return;
    this.isSubmitDue = false;
    if (this.error === undefined) await this.submit();
  }

  /** A text for a place where nothing can be said is kept all the same; there, it can only be deleted. */
  private withDraft(hindrance: string): string {
    const isForNoOne = this.conversation.kind === "server" && this.connection.phase === "online";
    return [hindrance, isForNoOne ? "" : draftWords(this.text)].filter((it) => it !== "").join(" ");
  }

  private accepted(id: string, typed: string, text: string): void {
    this.history.add(text);
    if (this.conversation.id !== id) {
      wish(this, { type: "draftChanged", conversation: id, text: "" });
      return;
    }
    // Someone quick has typed on meanwhile: that stays.
    if (this.text.startsWith(typed)) this.setText(this.text.slice(typed.length));
    this.completion = undefined;
    this.flushDraft();
  }

  private readonly onInput = (): void => {
    this.setText(this.input.value);
    this.updateCompletion();
  };

  private updateCompletion(): void {
    const { value, selectionStart, selectionEnd } = this.input;
    const nicks = this.conversation.people
      .filter(({ key }) => this.conversation.members.some((m) => m.key === key && !m.isSelf))
      .map(({ nick }) => nick);
    this.selected = 0;
    this.completion =
      selectionStart === selectionEnd
        ? completionAt(value, selectionStart, nicks, this.commands)
        : undefined;
  }

  private async accept(option: CompletionOption): Promise<void> {
    if (this.completion === undefined) return;
    const { text, caret } = complete(this.text, this.completion, option);
    this.completion = undefined;
    this.setText(text);
    await this.updateComplete;
    this.input.focus();
    this.input.setSelectionRange(caret, caret);
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (this.completion !== undefined && this.completionKey(event, this.completion)) {
      event.preventDefault();
      // Escape would otherwise go on and close something else.
      event.stopPropagation();
    } else if (event.key === "Enter" && this.isSendKey(event)) {
      event.preventDefault();
      this.completion = undefined;
      void this.submit();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.historyKey(event);
    }
  };

  private isSendKey(event: KeyboardEvent): boolean {
    if (event.shiftKey || event.altKey) return false;
    return this.settings.sendKey === "enter" || event.ctrlKey || event.metaKey;
  }

  /** Whether the list of completions has taken the key. */
  private completionKey(event: KeyboardEvent, { options }: Completion): boolean {
    const option = options[this.selected];
    switch (event.key) {
      case "ArrowUp":
        this.selected = (this.selected + options.length - 1) % options.length;
        return true;
      case "ArrowDown":
        this.selected = (this.selected + 1) % options.length;
        return true;
      case "Escape":
        this.completion = undefined;
        return true;
      case "Tab":
      case "Enter":
        if (option === undefined || event.shiftKey) return false;
        // A command typed in full is meant to be sent, not completed.
        if (event.key === "Enter" && option.insert.trimEnd() === this.text) return false;
        void this.accept(option);
        return true;
      default:
        return false;
    }
  }

  /** Up in an empty composer brings back what was sent; further on as long as it is not touched. */
  private historyKey(event: KeyboardEvent): void {
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.text !== "" && !this.history.isShowing(this.text)) return;
    const found =
      event.key === "ArrowUp" ? this.history.previous(this.text) : this.history.next(this.text);
    if (found === undefined) return;
    event.preventDefault();
    this.setText(found);
  }

  private readonly onBlur = (): void => {
    this.flushDraft();
    this.completion = undefined;
  };

  private readonly onRejoin = (): void => {
    this.focus();
    wish(this, { type: "runCommand", command: "parley.rejoin" });
  };

  private readonly onSendClick = (): void => {
    this.focus();
    void this.submit();
  };

  protected override render(): TemplateResult {
    const { conversation, error, text, completion } = this;
    const name = composerName(conversation);
    const hindrance = obstacle(conversation, this.connection);
    const isListOpen = completion !== undefined;
    const isQuiet = hindrance === undefined && isOrdinary(conversation);
    return html`${isListOpen ? this.completionView(completion) : nothing}
      ${
        error === undefined
          ? nothing
          : html`<div class="error" role="alert">
              ${icon(this.confirm === undefined ? "error" : "warning")}<span>${error}</span>
            </div>`
      }
      ${this.confirm === undefined ? nothing : this.confirmView(this.confirm)}
      <div class="box">
        <textarea
          rows="1"
          dir="auto"
          aria-label=${name}
          placeholder=${name}
          aria-describedby="audience"
          aria-autocomplete="list"
          aria-controls=${isListOpen ? "options" : nothing}
          aria-activedescendant=${isListOpen ? `option-${this.selected}` : nothing}
          aria-invalid=${error === undefined ? nothing : "true"}
          spellcheck="true"
          .value=${live(text)}
          @input=${this.onInput}
          @keydown=${this.onKeyDown}
          @blur=${this.onBlur}
        ></textarea>
        ${this.sendButton(hindrance)}
        <div class="under ${isQuiet ? "unseen" : ""}">
          <span id="audience" class="audience muted ${hindrance === undefined ? "cut" : ""}"
            >${
              hindrance === undefined || this.withDraft(hindrance) === error
                ? audienceWords(conversation)
                : this.hindranceView(hindrance)
            }</span
          >
          ${
            canRejoin(conversation, this.connection)
              ? html`<vscode-button @click=${this.onRejoin}>${t("Rejoin")}</vscode-button>`
              : nothing
          }
        </div>
      </div>`;
  }

  private hindranceView(hindrance: string): TemplateResult {
    const when = retryWords(this.connection, this.countdown.secondsLeft);
    const parts = [hindrance, when].filter((part) => part !== "").join(" ");
    return html`${icon("warning")} ${this.withDraft(parts)}`;
  }

  private sendButton(hindrance: string | undefined): TemplateResult {
    const { text } = this;
    return html`<vscode-button
      class="send"
      appearance="icon"
      aria-label=${t("Send")}
      title=${this.sendHint()}
      ?disabled=${text.trim() === "" || (hindrance !== undefined && !text.startsWith("/"))}
      @click=${this.onSendClick}
      >${icon("send")}</vscode-button
    >`;
  }

  private confirmView(confirm: string): TemplateResult {
    return html`<div class="choice">
      <vscode-button id="confirm" @click=${() => void this.submitConfirmed()}
        >${confirm}</vscode-button
      >
      <vscode-button
        appearance="secondary"
        @click=${() => {
          this.setError(undefined);
          this.focus();
        }}
        >${t("Keep Editing")}</vscode-button
      >
    </div>`;
  }

  private async submitConfirmed(): Promise<void> {
    this.focus();
    await this.submit(true);
  }

  private sendHint(): string {
    return this.settings.sendKey === "enter"
      ? t("Send (Enter). Shift+Enter starts a new line.")
      : t("Send (Ctrl+Enter). Enter starts a new line.");
  }

  private completionView({ options }: Completion): TemplateResult {
    return html`<ul id="options" class="options" role="listbox" aria-label=${t("Suggestions")}>
      ${options.map(
        (option, index) =>
          html`<li
            id="option-${index}"
            role="option"
            aria-selected=${index === this.selected}
            @mousedown=${(event: Event) => {
              // Before blur, which would close the list.
              event.preventDefault();
              void this.accept(option);
            }}
          >
            <span class="label cut">${option.label}</span>
            <span class="cut muted">${option.detail}</span>
          </li>`,
      )}
    </ul>`;
  }
}

/** `text` without the blank lines around it. Spaces in its first and last line stay. */
function withoutBlankLines(text: string): string {
  const trimmed = text.trimEnd();
  const kept = text.includes("\n", trimmed.length) ? trimmed : text;
  return kept.replace(/^\n+/, "");
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-composer": ChatComposer;
  }
}
