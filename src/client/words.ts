// What may stand on a line of IRC as one word, or as the last.
import { SessionError } from "./session-error.js";

/** Nothing that could make two parameters, or two lines, of one. @throws SessionError */
export function checkName(name: string): void {
  // eslint-disable-next-line no-control-regex -- what a parameter cannot carry
  if (name === "" || name.startsWith(":") || /[\s\x00-\x1f]/.test(name))
    throw new SessionError("bad-name", `“${name}” is not a name.`);
}

/** A user name every server takes. */
export function userNameOf(nick: string): string {
  const plain = nick
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 10);
  return plain === "" ? "user" : plain;
}
