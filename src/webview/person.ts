// What the page says of people.
import type { MemberRole, MemberView, PersonView } from "../bridge/view.js";
import { t } from "./l10n.js";

/** What to show of a person of whom only the nick is known. */
export function personFromNick(key: string, nick: string): PersonView {
  return {
    key,
    nick,
    displayName: undefined,
    color: undefined,
    avatar: undefined,
    picture: undefined,
  };
}

/** `known` where it looks the same as `person`: a new object would draw all rows of that person again. */
export function keepPerson(known: PersonView | undefined, person: PersonView): PersonView {
  const isSame =
    known?.nick === person.nick &&
    known.displayName === person.displayName &&
    known.color === person.color &&
    known.avatar === person.avatar &&
    known.picture === person.picture;
  return isSame ? known : person;
}

/** The word for a role, or undefined for someone without one. */
export function roleName(role: MemberView["role"]): string | undefined {
  switch (role) {
    case "host":
      return t("host");
    case "admin":
      return t("admin");
    case "operator":
      return t("operator");
    case "halfop":
      return t("half-operator");
    case "voice":
      return t("voice");
    case undefined:
      return undefined;
  }
}

/** Who a message reaches that was said to the members of a role and those above it. */
export function visibility(role: MemberRole): string {
  switch (role) {
    case "host":
      return t("Visible to the host only");
    case "admin":
      return t("Visible to admins and the host only");
    case "operator":
      return t("Visible to operators only");
    case "halfop":
      return t("Visible to half-operators and operators only");
    case "voice":
      return t("Visible to voiced members and operators only");
  }
}
