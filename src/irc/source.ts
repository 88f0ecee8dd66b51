// Who a message is from. https://modern.ircdocs.horse/#source

/** The parts of `nick!user@host`, or a server's name as `nick` alone. */
export interface Source {
  readonly nick: string;
  readonly user: string | undefined;
  readonly host: string | undefined;
}

/** The parts of a message's source. */
export function parseSource(source: string): Source {
  const at = source.indexOf("@");
  const host = at < 0 ? undefined : source.slice(at + 1);
  const before = at < 0 ? source : source.slice(0, at);
  const bang = before.indexOf("!");
  return bang < 0
    ? { nick: before, user: undefined, host }
    : { nick: before.slice(0, bang), user: before.slice(bang + 1), host };
}

/** `nick!user@host`, leaving out what is undefined. */
export function formatSource({ nick, user, host }: Source): string {
  return nick + (user === undefined ? "" : `!${user}`) + (host === undefined ? "" : `@${host}`);
}
