import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { emit } from "../wishes.js";

/** Someone's picture of their own. What stands in it, their initials, is shown until it has come. */
@customElement("own-picture")
export class OwnPicture extends LitElement {
  static override styles = css`
    :host {
      display: contents;
    }
    img {
      display: block;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
  `;

  /** What it is called. */
  @property({ attribute: false }) picture = "";
  @state() private data: string | undefined;

  /** Ends the wait for the picture. */
  private waiting = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    // Put back where it had been taken away.
    if (this.hasUpdated && this.data === undefined) this.ask();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.waiting.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("picture")) return;
    this.data = undefined;
    this.ask();
  }

  private ask(): void {
    this.waiting.abort();
    this.waiting = new AbortController();
    emit(this, "panel-picture", {
      id: this.picture,
      take: (data) => {
        this.data = data;
      },
      signal: this.waiting.signal,
    });
  }

  protected override render(): TemplateResult {
    return this.data === undefined
      ? html`<slot></slot>`
      : html`<img src=${this.data} alt="" draggable="false" @error=${this.failed} />`;
  }

  private readonly failed = (): void => {
    this.data = undefined;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "own-picture": OwnPicture;
  }
}
