// What is known of one person: how it begins, how long it may be, how much memory it takes.
import { shortened } from "./intake.js";
import { MAX_PROFILE_LENGTH, USER_OVERHEAD } from "./limits.js";
import type { User } from "./model.js";

const PROFILE_TEXTS = ["user", "host", "account", "realname", "away"] as const;

export function newUser(nick: string): User {
  return {
    nick,
    user: undefined,
    host: undefined,
    account: undefined,
    realname: undefined,
    away: undefined,
    isOperator: false,
    isBot: false,
    online: true,
    metadata: NO_METADATA,
  };
}

const NO_METADATA: User["metadata"] = new Map();

/** About how much memory it takes. */
export function sizeOfUser(user: User): number {
  let length = user.nick.length;
  for (const key of PROFILE_TEXTS) length += user[key]?.length ?? 0;
  for (const [key, value] of user.metadata) length += key.length + value.length;
  return USER_OVERHEAD + 2 * length;
}

/** The same with texts that are too long cut. */
export function shortProfile(patch: Partial<Omit<User, "nick">>): Partial<Omit<User, "nick">> {
  const isLong = (key: (typeof PROFILE_TEXTS)[number]) =>
    (patch[key]?.length ?? 0) > MAX_PROFILE_LENGTH;
  if (!PROFILE_TEXTS.some(isLong)) return patch;
  const short = PROFILE_TEXTS.filter(isLong).map((key) => [
    key,
    shortened(patch[key] ?? "", MAX_PROFILE_LENGTH),
  ]);
  return { ...patch, ...(Object.fromEntries(short) as Partial<User>) };
}

export function isSameUser(a: User, b: User): boolean {
  return (Object.keys(b) as (keyof User)[]).every((key) => a[key] === b[key]);
}
