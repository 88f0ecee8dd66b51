// Sets CSS custom properties through the CSSOM. lit's styleMap writes a style attribute first, which the CSP forbids.
import { noChange } from "lit";
import { Directive, directive, type ElementPart, PartType, type PartInfo } from "lit/directive.js";

class CssProperties extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("cssProperties stands alone in a tag");
  }

  override render(_values: Readonly<Record<`--${string}`, string>>): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [values]: Parameters<this["render"]>): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(values)) style.setProperty(name, value);
    return noChange;
  }
}

/** `<span ${cssProperties({ "--nick-color": color })}>` */
export const cssProperties = directive(CssProperties);
