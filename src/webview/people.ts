// The people of the conversation on screen.
import type { ConversationView, MemberView, PersonView } from "../bridge/view.js";
import { keepPerson, personFromNick } from "./person.js";

export class People {
  private people: ReadonlyMap<string, PersonView> = new Map();
  private roles: ReadonlyMap<string, MemberView["role"]> = new Map();

  /** Keeps the objects of people who did not change: a new one draws all their rows again. */
  read({ people, members }: ConversationView, before: ConversationView | undefined): void {
    if (before?.people !== people) {
      const known = this.people;
      this.people = new Map(
        people.map((person) => [person.key, keepPerson(known.get(person.key), person)]),
      );
    }
    if (before?.members !== members) this.roles = new Map(members.map((m) => [m.key, m.role]));
  }

  /** Who said something; someone who is not here is known by nick only. */
  of({ from, nick }: { readonly from: string; readonly nick: string }): PersonView {
    return this.people.get(from) ?? personFromNick(from, nick);
  }

  roleOf({ from }: { readonly from: string }): MemberView["role"] {
    return this.roles.get(from);
  }
}
