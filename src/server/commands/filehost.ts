// FILEHOST: how to upload one's own picture. Parley's own command (docs/decisions/own-pictures.md).
import { CAP } from "../../irc/caps.js";
import { UPLOAD_PATH } from "../../irc/picture.js";
import { UPLOAD_TOKEN } from "../../irc/standard-replies.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { originFor } from "../tickets.js";

export const filehostCommands: CommandTable = {
  FILEHOST: { run: filehost },
};

function filehost({ server, client, reply }: CommandContext): void {
  const { upload } = server.tickets.of(client);
  const url = originFor(client.connection.info) + UPLOAD_PATH;
  if (client.has(CAP.standardReplies))
    reply.note("FILEHOST", UPLOAD_TOKEN, url, upload, "Upload your picture there, with the token");
  else
    reply.message("NOTICE", [
      client.nick,
      `To upload your picture (PNG or JPEG): curl -k -T picture.png -H "Authorization: Bearer ${upload}" ${url}`,
    ]);
}
