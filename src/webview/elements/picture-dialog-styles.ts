import { css } from "lit";
import { floating } from "../styles.js";

export const pictureDialogStyles = css`
  dialog {
    box-sizing: border-box;
    width: min(400px, calc(100vw - 16px));
    max-height: calc(100vh - 16px);
    padding: 16px;
    ${floating}
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 40%);
  }
  h2 {
    margin: 0 0 12px;
    font-size: 1.1em;
    font-weight: 600;
  }
  p {
    margin: 8px 0 0;
    line-height: 1.4;
    overflow-wrap: anywhere;
  }
  .note,
  .problem {
    display: flex;
    gap: 6px;
    align-items: baseline;
  }
  .note {
    margin: 0 0 12px;
  }
  .problem {
    color: var(--error-foreground);
  }
  .problem:empty {
    display: none;
  }
  .note .icon::before,
  .problem .icon::before {
    font-size: 14px;
    vertical-align: -2px;
  }
  .drop {
    display: grid;
    justify-items: center;
    padding: 24px 12px;
    border: 1px dashed var(--vscode-descriptionForeground);
    border-radius: 4px;
    text-align: center;
  }
  .dropping .drop,
  .dropping .crop {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: 2px;
  }
  .crop {
    position: relative;
    width: min(240px, 100%);
    margin: 0 auto;
    overflow: hidden;
    aspect-ratio: 1;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    background: var(--vscode-editor-background);
    cursor: move;
    touch-action: none;
    user-select: none;
  }
  .crop:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: 2px;
  }
  canvas {
    display: block;
    width: 100%;
    height: 100%;
  }
  /* What is outside of the circle is not seen by others. */
  .crop::after {
    position: absolute;
    inset: 0;
    border: 1px solid rgb(255 255 255 / 80%);
    border-radius: 50%;
    box-shadow: 0 0 0 240px rgb(0 0 0 / 50%);
    content: "";
    pointer-events: none;
  }
  #hint {
    text-align: center;
  }
  .zoom {
    display: flex;
    gap: 10px;
    align-items: center;
    margin-top: 12px;
  }
  .zoom input {
    flex: 1;
    min-width: 0;
    height: 16px;
    background: none;
    appearance: none;
  }
  .zoom input::-webkit-slider-runnable-track {
    height: 4px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 3px;
    background: var(--vscode-scrollbarSlider-background);
  }
  .zoom input::-webkit-slider-thumb {
    width: 14px;
    height: 14px;
    margin-top: -6px;
    border: 0;
    border-radius: 50%;
    background: var(--vscode-button-background, currentColor);
    outline: 1px solid var(--vscode-contrastBorder, transparent);
    appearance: none;
  }
  .zoom input:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 2px;
  }
  .zoom input:disabled {
    opacity: 0.5;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 16px;
  }
`;
