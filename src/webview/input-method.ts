/** https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode: "If an Input Method Editor is processing key input …, return 229." */
const INPUT_METHOD_KEY_CODE = 229;

/**
 * Whether the key belongs to an input method, which uses Enter and the arrows itself while it composes a word. Safari
 * says that the word has ended before it reports the Enter that ended it: there, only the key code tells.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells in Safari
export function isComposing({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === INPUT_METHOD_KEY_CODE;
}
