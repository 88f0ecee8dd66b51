// Mode strings. https://modern.ircdocs.horse/#mode-message

/** One mode set or taken back, with its parameter where it has one. */
export interface ModeChange {
  readonly add: boolean;
  readonly mode: string;
  readonly param: string | undefined;
}

/**
 * Which channel modes take a parameter, as CHANMODES and PREFIX announce them. https://modern.ircdocs.horse/#chanmodes-parameter
 * `list` (A) and `always` (B, and prefixes) always take one, `whenSet` (C) only when set, `never` (D) none.
 */
export interface ChannelModeTypes {
  readonly list: string;
  readonly always: string;
  readonly whenSet: string;
  readonly never: string;
}

/** The mode types of a CHANMODES value such as `beI,k,l,imnst`, with the modes of PREFIX among `always`. */
export function parseChanmodes(chanmodes: string, prefixLetters: string): ChannelModeTypes {
  const [list = "", always = "", whenSet = "", never = ""] = chanmodes.split(",");
  return { list, always: always + prefixLetters, whenSet, never };
}

/** The changes of `MODE <target> <modeString> <params…>`. A list mode without a parameter asks for the list. */
export function parseModeChanges(
  modeString: string,
  params: readonly string[],
  types: ChannelModeTypes,
): ModeChange[] {
  const changes: ModeChange[] = [];
  let add = true;
  let next = 0;
  for (const mode of modeString) {
    if (mode === "+" || mode === "-") {
      add = mode === "+";
      continue;
    }
    const takesParam =
      types.list.includes(mode) ||
      types.always.includes(mode) ||
      (add && types.whenSet.includes(mode));
    changes.push({ add, mode, param: takesParam ? params[next++] : undefined });
  }
  return changes;
}

/** The parameters `<modeString> <params…>` that say `changes`; none when there are none. */
export function formatModeChanges(changes: readonly ModeChange[]): string[] {
  if (changes.length === 0) return [];
  let modeString = "";
  let sign: boolean | undefined;
  const params: string[] = [];
  for (const { add, mode, param } of changes) {
    if (add !== sign) modeString += add ? "+" : "-";
    sign = add;
    modeString += mode;
    if (param !== undefined) params.push(param);
  }
  return [modeString, ...params];
}
