// The theme the page is shown in, as far as colors must be computed for it.
import type { PersonView } from "../bridge/view.js";
import {
  contrastRatio,
  inkOn,
  mix,
  parseColor,
  readable,
  toHex,
  type Rgb,
} from "../bridge/contrast.js";
import { colorFromKey } from "../bridge/person.js";
import type { TextColors } from "./markdown-tree.js";

export interface Theme {
  readonly isHighContrast: boolean;
  /** What text of a list may stand on: the editor's background, plain and tinted. */
  readonly backgrounds: readonly Rgb[];
  readonly foreground: Rgb;
}

export interface PersonColors {
  /** For the nick as text. */
  readonly nick: string;
  /** For the disc with initials, and the letters on it. */
  readonly disc: string;
  readonly ink: string;
}

/** WCAG 2.2 AA for text; high contrast themes promise AAA. */
const MINIMUM_RATIO = 4.5;
const HIGH_CONTRAST_RATIO = 7;
/** How strongly styles.ts tints the rows that mention us or have the pointer over them. */
const TINTS = [
  ["--vscode-list-hoverBackground", 1],
  ["--vscode-editorWarning-foreground", 0.06],
] as const;

/** Reads the theme from the variables VS Code sets. `variable` gives the value of one, "" where it has none. */
export function readTheme(
  variable: (name: string) => string,
  bodyClasses: Pick<DOMTokenList, "contains">,
): Theme {
  const isLight =
    bodyClasses.contains("vscode-light") || bodyClasses.contains("vscode-high-contrast-light");
  const fallback = parseColor(isLight ? "#fff" : "#1f1f1f");
  const base = parseColor(variable("--vscode-editor-background")) ?? fallback;
  if (base === undefined) throw new Error("A literal color did not parse");
  const tinted = TINTS.flatMap(([name, amount]) => {
    const color = parseColor(variable(name), base);
    return color === undefined ? [] : [mix(base, color, amount)];
  });
  const ink = inkOn(base);
  return {
    foreground: parseColor(variable("--vscode-foreground"), base) ?? ink,
    isHighContrast: [...HIGH_CONTRAST_CLASSES].some((name) => bodyClasses.contains(name)),
    backgrounds: [base, ...tinted],
  };
}

const HIGH_CONTRAST_CLASSES = ["vscode-high-contrast", "vscode-high-contrast-light"] as const;

export function isSameTheme(a: Theme, b: Theme): boolean {
  const colors = ({ backgrounds, foreground }: Theme): string =>
    [...backgrounds, foreground].map(toHex).join();
  return a.isHighContrast === b.isHighContrast && colors(a) === colors(b);
}

/** The colors of people in one theme, worked out once for each color. */
export class Palette {
  private readonly known = new Map<string, PersonColors>();

  constructor(readonly theme: Theme) {}

  colorsOf(person: Pick<PersonView, "key" | "color">): PersonColors {
    const chosen = person.color ?? colorFromKey(person.key);
    const known = this.known.get(chosen);
    if (known !== undefined) return known;
    const colors = this.work(chosen);
    this.known.set(chosen, colors);
    return colors;
  }

  /** Colors someone gave a text, changed as far as they must be to be read: a text cannot be hidden. */
  textColors({ color, background, reverse }: TextColors): {
    readonly color: string;
    readonly background: string | undefined;
  } {
    const { foreground, backgrounds } = this.theme;
    const [base = foreground] = backgrounds;
    const front = (color === undefined ? undefined : parseColor(color)) ?? foreground;
    const back = background === undefined ? undefined : parseColor(background);
    const [ink, ground] = reverse ? [back ?? base, front] : [front, back];
    const grounds = ground === undefined ? backgrounds : [ground];
    return {
      color: toHex(readable(ink, grounds, this.minimumRatio())),
      background: ground && toHex(ground),
    };
  }

  private minimumRatio(): number {
    return this.theme.isHighContrast ? HIGH_CONTRAST_RATIO : MINIMUM_RATIO;
  }

  private work(chosen: string): PersonColors {
    const { backgrounds } = this.theme;
    const color = parseColor(chosen) ?? { r: 128, g: 128, b: 128 };
    const minimum = this.minimumRatio();
    const ink = inkOn(color);
    // A mid-grey disc may give neither black nor white letters enough: then the disc gives way.
    const disc =
      contrastRatio(ink, color) >= MINIMUM_RATIO ? color : readable(color, [ink], MINIMUM_RATIO);
    return {
      nick: toHex(readable(color, backgrounds, minimum)),
      disc: toHex(disc),
      ink: toHex(ink),
    };
  }
}

/** Calls `onChange` when VS Code changes the theme; the result ends that. */
export function watchTheme(document: Document, onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  // VS Code names the theme on the body and sets its variables on the root element.
  observer.observe(document.body, { attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributeFilter: ["style", "class"] });
  return () => {
    observer.disconnect();
  };
}
