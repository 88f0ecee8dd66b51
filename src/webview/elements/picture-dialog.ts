import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { maxZoom, moved, wholeCrop, zoomed, type Crop } from "../crop.js";
import { MAX_FILE_BYTES, MAX_MEGAPIXELS, type FileProblem } from "../image-file.js";
import { icon } from "../icons.js";
import { t } from "../l10n.js";
import { drawCrop, makePicture, openImage } from "../picture-maker.js";
import { baseStyles } from "../styles.js";
import type { PanelRequests } from "../wishes.js";
import { pictureDialogStyles } from "./picture-dialog-styles.js";

/** How sharp the square is drawn in which the picture is moved. */
const CANVAS_SIDE = 480;
/** Of the square's side, with an arrow key. */
const STEP = 0.05;
const ZOOM_STEP = 1.1;

/** To the right and down. */
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
const ZOOMS: Readonly<Record<string, number>> = { "+": ZOOM_STEP, "-": 1 / ZOOM_STEP };

/** Lets the person choose a picture of their own, and which part of it is shown. */
@customElement("picture-dialog")
export class PictureDialog extends LitElement {
  static override styles = [baseStyles, pictureDialogStyles];

  requests!: PanelRequests;
  /** Whether the server we are connected to keeps no pictures. */
  @property({ type: Boolean }) useless = false;
  @state() private isOpen = false;
  @state() private image: ImageBitmap | undefined;
  @state() private crop: Crop = { x: 0, y: 0, zoom: 1 };
  @state() private problem: string | undefined;
  @state() private isBusy = false;
  @state() private isDropping = false;
  /** The file opened last: an earlier one that takes longer is not wanted any more. */
  private opening: Blob | undefined;
  @query("dialog") private readonly dialog!: HTMLDialogElement;
  @query("canvas") private readonly canvas!: HTMLCanvasElement | null;
  @query("input[type=file]") private readonly input!: HTMLInputElement;

  /** Opens it, or leaves it as it is. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    void this.updateComplete.then(() => {
      this.dialog.showModal();
    });
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    return html`<dialog
      aria-labelledby="title"
      class=${this.isDropping ? "dropping" : ""}
      @close=${this.onClose}
      @paste=${this.onPaste}
      @dragover=${this.onDragOver}
      @dragleave=${this.onDragLeave}
      @drop=${this.onDrop}
    >
      <h2 id="title">${t("Your picture")}</h2>
      ${
        this.useless
          ? html`<p class="note">
              ${icon("info")}<span
                >${t("This server does not keep pictures: people here see your initials. Your picture is shown on Parley servers.")}</span
              >
            </p>`
          : nothing
      }
      ${this.image === undefined ? this.chooser() : this.cropper(this.image)}
      <p class="problem" role="alert">
        ${this.problem === undefined ? nothing : html`${icon("error")}<span>${this.problem}</span>`}
      </p>
      <input
        type="file"
        tabindex="-1"
        aria-label=${t("Picture file")}
        accept="image/png,image/jpeg,image/gif,image/webp"
        hidden
        @change=${this.onFile}
      />
      <div class="actions">
        ${
          this.image === undefined
            ? nothing
            : html`<vscode-button ?disabled=${this.isBusy} @click=${this.save}
                  >${t("Use This Picture")}</vscode-button
                >
                <vscode-button appearance="secondary" ?disabled=${this.isBusy} @click=${this.choose}
                  >${t("Choose Another…")}</vscode-button
                >`
        }
        <vscode-button appearance="secondary" @click=${this.close}>${t("Cancel")}</vscode-button>
      </div>
    </dialog>`;
  }

  private chooser(): TemplateResult {
    return html`<div class="drop">
      <vscode-button ?disabled=${this.isBusy} @click=${this.choose} autofocus
        >${t("Choose a Picture…")}</vscode-button
      >
      <p>${t("Or drop a picture here, or paste one.")}</p>
      <p class="muted">${t("PNG, JPEG, GIF or WebP, at most {0} MB", MAX_FILE_MB)}</p>
    </div>`;
  }

  private cropper(image: ImageBitmap): TemplateResult {
    const most = maxZoom(image);
    return html`<div
        class="crop"
        role="group"
        tabindex="0"
        aria-label=${t("The part that is shown")}
        aria-describedby="hint"
        @keydown=${this.onKeyDown}
        @pointerdown=${this.onPointerDown}
        @pointermove=${this.onPointerMove}
        @wheel=${this.onWheel}
      >
        <canvas width=${CANVAS_SIDE} height=${CANVAS_SIDE} aria-hidden="true"></canvas>
      </div>
      <p id="hint" class="muted">${t("Drag the picture, or move it with the arrow keys.")}</p>
      <label class="zoom"
        >${t("Zoom")}
        <input
          type="range"
          min="1"
          max=${most}
          step="0.01"
          .value=${String(this.crop.zoom)}
          ?disabled=${most === 1}
          aria-valuetext=${t("{0}%", Math.round(this.crop.zoom * 100))}
          @input=${this.onZoom}
        />
      </label>`;
  }

  protected override updated(): void {
    if (this.image !== undefined && this.canvas !== null)
      drawCrop(this.canvas, this.image, this.crop);
  }

  private readonly choose = (): void => {
    this.input.value = "";
    this.input.click();
  };

  private readonly onFile = (): void => {
    void this.take(this.input.files?.[0]);
  };

  private readonly onPaste = (event: ClipboardEvent): void => {
    const [file] = event.clipboardData?.files ?? [];
    if (file === undefined) {
      this.problem = t("There is no picture on the clipboard.");
      return;
    }
    event.preventDefault();
    void this.take(file);
  };

  private readonly onDragOver = (event: DragEvent): void => {
    event.preventDefault();
    this.isDropping = true;
  };

  private readonly onDragLeave = (): void => {
    this.isDropping = false;
  };

  private readonly onDrop = (event: DragEvent): void => {
    event.preventDefault();
    this.isDropping = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (file === undefined) this.problem = t("That is not a file. Drop a picture file here.");
    else void this.take(file);
  };

  /** A picture that cannot be used leaves the one that is there. */
  private async take(file: Blob | undefined): Promise<void> {
    if (file === undefined || this.isBusy) return;
    this.opening = file;
    this.problem = undefined;
    const image = await openImage(file);
    if (this.opening !== file || !this.isOpen) {
      if (typeof image !== "string") image.close();
      return;
    }
    if (typeof image === "string") {
      this.problem = problemText(image);
      return;
    }
    this.image?.close();
    this.image = image;
    this.crop = wholeCrop(image);
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".crop")?.focus();
  }

  private readonly save = async (): Promise<void> => {
    const { image } = this;
    if (image === undefined || this.isBusy) return;
    this.isBusy = true;
    this.problem = undefined;
    this.problem = await this.send(image);
    this.isBusy = false;
    if (this.problem === undefined) this.close();
  };

  /** Resolves with what went wrong. */
  private async send(image: ImageBitmap): Promise<string | undefined> {
    try {
      const picture = await makePicture(image, this.crop);
      if (picture === undefined)
        return t("This picture cannot be made small enough. Choose another one.");
      return (await this.requests.setPicture({ picture: base64(picture.bytes) })).error;
    } catch {
      return t("The picture could not be saved. Try again.");
    }
  }

  private readonly close = (): void => {
    this.dialog.close();
  };

  private readonly onClose = (): void => {
    this.isOpen = false;
    this.image?.close();
    this.image = undefined;
    this.opening = undefined;
    this.problem = undefined;
    this.isDropping = false;
  };

  private move(right: number, down: number): void {
    if (this.image !== undefined) this.crop = moved(this.image, this.crop, right, down);
  }

  private zoom(zoom: number): void {
    if (this.image !== undefined) this.crop = zoomed(this.image, this.crop, zoom);
  }

  private readonly onZoom = (event: Event): void => {
    this.zoom(Number((event.target as HTMLInputElement).value));
  };

  private readonly onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.zoom(this.crop.zoom * (event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP));
  };

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const move = MOVES[event.key];
    const zoom = ZOOMS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (move !== undefined) this.move(...move);
    else if (zoom !== undefined) this.zoom(this.crop.zoom * zoom);
    else return;
    event.preventDefault();
  };

  private readonly onPointerDown = (event: PointerEvent): void => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };

  /** The picture goes with the pointer: what is shown of it goes the other way. */
  private readonly onPointerMove = (event: PointerEvent): void => {
    const square = event.currentTarget as HTMLElement;
    if (!square.hasPointerCapture(event.pointerId)) return;
    this.move(-event.movementX / square.clientWidth, -event.movementY / square.clientHeight);
  };
}

const MAX_FILE_MB = MAX_FILE_BYTES / 1024 / 1024;

function allowed(): string {
  return t("Choose a PNG, JPEG, GIF or WebP file of at most {0} MB.", MAX_FILE_MB);
}

function problemText(problem: FileProblem): string {
  switch (problem) {
    case "empty":
      return t("The file is empty. {0}", allowed());
    case "too-large":
      return t("The file is too large. {0}", allowed());
    case "svg":
      return t("SVG pictures can contain programs, so they cannot be used. {0}", allowed());
    case "heic":
      return t(
        "HEIC pictures cannot be opened here: save the picture as JPEG first. {0}",
        allowed(),
      );
    case "wrong-type":
      return t("This file is not a picture that can be used. {0}", allowed());
    case "damaged":
      return t("The picture is damaged and cannot be opened. {0}", allowed());
    case "too-many-pixels":
      return t(
        "The picture has too many pixels: at most {0} megapixels can be opened. Make it smaller first.",
        MAX_MEGAPIXELS,
      );
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

declare global {
  interface HTMLElementTagNameMap {
    "picture-dialog": PictureDialog;
  }
}
