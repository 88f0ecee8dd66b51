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

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("picture")) return;
    const { picture: id } = this;
    this.data = undefined;
    emit(this, "panel-picture", {
      id,
      take: (data) => {
        if (this.picture === id) this.data = data;
      },
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
