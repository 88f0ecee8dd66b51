// What a change of channel modes lacks: told before it is sent, as servers say nothing, or little, of it.
import { channelModeTypes, prefixModes, type Isupport } from "../irc/isupport.js";
import { formatModeChanges, parseModeChanges, type ModeChange } from "../irc/modes.js";

/** A mode, such as `+k`, and what has to follow it. */
export interface MissingParameter {
  readonly mode: string;
  readonly needs: string;
}

const NEEDS: Readonly<Record<string, string>> = { k: "key", l: "number" };

/** The first mode in `<modeString> <params…>` that lacks its parameter. */
export function missingParameter(
  isupport: Isupport,
  [modeString = "", ...params]: readonly string[],
): MissingParameter | undefined {
  const types = channelModeTypes(isupport);
  const needsParameter = ({ add, mode }: ModeChange) =>
    types.always.includes(mode) ||
    // Without a mask, + asks for the list.
    (!add && types.list.includes(mode)) ||
    (add && types.whenSet.includes(mode));
  const change = parseModeChanges(modeString, params, types).find(
    (one) => one.param === undefined && needsParameter(one) && !isKeyTakenBack(one),
  );
  return change === undefined
    ? undefined
    : { mode: signed(change), needs: needOf(isupport, change) };
}

/** See withOldKey(). */
function isKeyTakenBack({ add, mode }: ModeChange): boolean {
  return !add && mode === "k";
}

function signed({ add, mode }: ModeChange): string {
  return `${add ? "+" : "-"}${mode}`;
}

function needOf(isupport: Isupport, { mode }: ModeChange): string {
  if (prefixModes(isupport).some((rank) => rank.mode === mode)) return "nick";
  if (channelModeTypes(isupport).list.includes(mode)) return "mask";
  return NEEDS[mode] ?? "value";
}

/** The words of a MODE, with `key` where `-k` stands alone: most servers want a key there, and take any. */
export function withOldKey(isupport: Isupport, words: readonly string[], key = "*"): string[] {
  const [modeString = "", ...params] = words;
  const types = channelModeTypes(isupport);
  const changes = parseModeChanges(modeString, params, types);
  const lacksKey = ({ add, mode, param }: ModeChange) =>
    !add && mode === "k" && param === undefined && types.always.includes(mode);
  if (!changes.some(lacksKey)) return [...words];
  return formatModeChanges(
    changes.map((change) => (lacksKey(change) ? { ...change, param: key } : change)),
  );
}
