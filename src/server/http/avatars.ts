// Pictures of people over HTTP: one's own is uploaded, others' are fetched (docs/decisions/own-pictures.md).
import type { IncomingMessage } from "node:http";
import {
  MAX_PICTURE_BYTES,
  PICTURE_PATH,
  PICTURE_PROBLEMS,
  UPLOAD_PATH,
  type Picture,
} from "../../irc/picture.js";
import { changeOwnMetadata } from "../commands/metadata.js";
import { StandardError, errorText } from "../errors.js";
import { pictureUrl, pictureValue } from "../metadata.js";
import { checkedPicture } from "../pictures.js";
import type { Server } from "../server.js";
import { isIn, type Ticket } from "../tickets.js";
import { HttpError, bearerToken, readBody, type Answer, type Route } from "./router.js";

export function avatarRoutes(server: Server): readonly Route[] {
  return [
    {
      method: "PUT",
      path: new RegExp(`^${UPLOAD_PATH}$`),
      handle: (request) => upload(server, request),
    },
    {
      method: "GET",
      path: PICTURE_PATH,
      handle: (_, [token = "", id = ""]) => show(server, token, id),
    },
  ];
}

/** Whoever may ask METADATA for a person's picture may fetch it: everyone who is in, of everyone who is here. */
function show(server: Server, token: string, id: string): Answer {
  const ticket = server.tickets.viewer(token);
  if (ticket === undefined) throw new HttpError(404, "There is nothing at this address");
  charge(ticket.views, server);
  const picture = server.pictures.of(id);
  if (picture === undefined) throw new HttpError(404, "There is nothing at this address");
  return { status: 200, type: picture.type, body: picture.bytes };
}

async function upload(server: Server, request: IncomingMessage): Promise<Answer> {
  const ticket = server.tickets.uploader(bearerToken(request));
  if (ticket === undefined) throw unknownToken();
  if (ticket.isUploading)
    throw new HttpError(429, "Another upload of yours is not over", { "Retry-After": "1" });
  charge(ticket.uploads, server);
  ticket.isUploading = true;
  try {
    const bytes = await readBody(request, MAX_PICTURE_BYTES);
    // Meanwhile the connection may have ended.
    if (!isIn(ticket)) throw unknownToken();
    return take(server, ticket, pictureOf(bytes));
  } finally {
    ticket.isUploading = false;
  }
}

function unknownToken(): HttpError {
  return new HttpError(
    401,
    "Only people who are connected can upload a picture: ask for a token by FILEHOST on your IRC connection",
    { "WWW-Authenticate": "Bearer" },
  );
}

function pictureOf(bytes: Buffer): Picture {
  const picture = checkedPicture(bytes);
  if (typeof picture !== "string") return picture;
  throw new HttpError(picture === "wrong-type" ? 415 : 422, PICTURE_PROBLEMS[picture]);
}

function take(server: Server, { client }: Ticket, picture: Picture): Answer {
  let id: string | undefined;
  try {
    id = server.pictures.keep(picture);
    changeOwnMetadata({ server, client }, "avatar", pictureValue(id));
    const Location = pictureUrl(server, client, id);
    return {
      status: 201,
      type: "text/plain",
      body: "This is your picture now\n",
      headers: { Location },
    };
  } catch (error) {
    if (id !== undefined) server.pictures.released(pictureValue(id));
    if (error instanceof StandardError) throw new HttpError(409, error.description);
    server.logger.warn(`could not store a picture: ${errorText(error)}`);
    throw new HttpError(507, "The server could not store the picture; tell its host");
  }
}

function charge(bucket: Ticket["views"], server: Server): void {
  if (bucket?.take(server.ticks()) === false)
    throw new HttpError(429, "Too many requests: wait a little", { "Retry-After": "5" });
}
