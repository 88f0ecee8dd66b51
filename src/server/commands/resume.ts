// Someone who stayed in their channels without a connection is back with a new one.
import { CAP } from "../../irc/caps.js";
import type { Client } from "../client.js";
import type { CommandContext } from "../dispatch.js";
import { Outgoing } from "../delivery.js";
import { enter, roleMessage, sendArrival } from "./channels.js";
import { showAbsence } from "./replay.js";

/** The client takes the place of `previous` in every channel; the others are told what has changed. */
export function resume(cx: CommandContext, previous: Client): void {
  const { server, client } = cx;
  const { source, away, realname } = previous;
  if (client.metadata.size === 0)
    for (const [key, value] of previous.metadata) client.metadata.set(key, value);
  for (const channel of [...previous.channels]) channel.replace(previous, client);
  server.people.resumed(previous);
  if (source !== client.source) tellNewHost(cx, source);
  if (away !== client.away)
    server.audience.tellOthers(
      client,
      CAP.awayNotify,
      client.outgoing("AWAY", client.away === undefined ? [] : [client.away], server.now()),
    );
  if (realname !== client.realname)
    server.audience.tellOthers(
      client,
      CAP.setname,
      client.outgoing("SETNAME", [client.realname], server.now()),
    );
  for (const channel of client.channels) sendArrival(cx, channel);
  showAbsence(cx, previous.absentSince, client.channels);
}

/** The client, which is here under another nick, comes into the channels of `previous`, who leaves. */
export function takeOver(cx: CommandContext, previous: Client): void {
  const channels = [...previous.channels].filter((channel) => !channel.has(cx.client));
  for (const channel of channels) enter(cx, channel, channel.ranksOf(previous));
  showAbsence(cx, previous.absentSince, channels);
  cx.server.people.quit(previous, "Reconnected");
}

/** chghost: those without it see a QUIT and a JOIN. https://ircv3.net/specs/extensions/chghost */
function tellNewHost({ server, client }: CommandContext, source: string): void {
  const time = server.now();
  const { account } = client;
  const changed = new Outgoing({
    source,
    command: "CHGHOST",
    params: [client.user, client.host],
    time,
    account,
  });
  const gone = new Outgoing({ source, command: "QUIT", params: ["Changing host"], time, account });
  server.audience.tellOthers(client, CAP.chghost, changed);
  for (const peer of server.audience.peersOf(client))
    if (!peer.has(CAP.chghost)) peer.deliver(gone);
  for (const channel of client.channels) {
    const plain = client.outgoing("JOIN", [channel.name], time);
    const extended = client.outgoing("JOIN", [channel.name, account ?? "*", client.realname], time);
    const ranks = channel.ranksOf(client);
    const roles = ranks === 0 ? undefined : roleMessage(server.name, channel, client, ranks, time);
    for (const member of channel.members.keys()) {
      if (member === client || member.has(CAP.chghost)) continue;
      member.deliver(member.has(CAP.extendedJoin) ? extended : plain);
      if (roles !== undefined) member.deliver(roles);
    }
  }
}
