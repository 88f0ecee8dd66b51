// Someone's picture, or the initials that stand for it.
import { html, type TemplateResult } from "lit";
import type { PersonView } from "../bridge/view.js";
import { cssProperties } from "./css-properties.js";
import { initials } from "../bridge/person.js";
import "./elements/own-picture.js";
import type { Palette } from "./theme.js";

/** Decoration: the name always stands beside it. `media` is the address of the folder `media/`, with a slash. */
export function avatar(
  person: PersonView,
  palette: Palette,
  media: string,
  size: "" | "small" = "",
): TemplateResult {
  return html`<span class="avatar ${size}" aria-hidden="true">
    ${
      person.avatar !== undefined
        ? html`<img src="${media}avatars/${person.avatar}.svg" alt="" draggable="false" />`
        : person.picture === undefined
          ? initialsOf(person, palette)
          : html`<own-picture .picture=${person.picture}
              >${initialsOf(person, palette)}</own-picture
            >`
    }
  </span>`;
}

function initialsOf(person: PersonView, palette: Palette): TemplateResult {
  const { disc, ink } = palette.colorsOf(person);
  return html`<span class="initials" ${cssProperties({ "--disc": disc, "--ink": ink })}
    >${initials(person.displayName ?? person.nick)}</span
  >`;
}
