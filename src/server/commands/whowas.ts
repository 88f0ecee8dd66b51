// WHOWAS. https://modern.ircdocs.horse/#whowas-message
import {
  ERR_NONICKNAMEGIVEN,
  ERR_WASNOSUCHNICK,
  RPL_ENDOFWHOWAS,
  RPL_WHOISACTUALLY,
  RPL_WHOISSERVER,
  RPL_WHOWASUSER,
} from "../../irc/numerics.js";
import { addressParam } from "../cloak.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError } from "../errors.js";
import { shown } from "../reply.js";

export const whowasCommands: CommandTable = {
  WHOWAS: { run: whowas },
};

function whowas({ server, client, params, reply }: CommandContext): void {
  const [nick = "", count = ""] = params;
  if (nick === "") throw new CommandError(ERR_NONICKNAMEGIVEN, "No nickname given");
  // "If given, <count> SHOULD be a positive number. Otherwise, a full search is done."
  const wanted = /^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : Infinity;
  const found = server.departures.of(nick).slice(0, wanted);
  if (found.length === 0)
    reply.numeric(ERR_WASNOSUCHNICK, shown(nick), "There was no such nickname");
  for (const { nick: spelling, user, host, realname, address, time } of found) {
    reply.numeric(RPL_WHOWASUSER, spelling, user, host, "*", realname);
    if (client.seesAddresses)
      reply.numeric(
        RPL_WHOISACTUALLY,
        spelling,
        `${user}@${address}`,
        addressParam(address),
        "Was using host",
      );
    reply.numeric(RPL_WHOISSERVER, spelling, server.name, new Date(time).toUTCString());
  }
  reply.numeric(RPL_ENDOFWHOWAS, shown(nick), "End of WHOWAS");
}
