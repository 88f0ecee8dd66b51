// Uploading and fetching pictures in tests, over real sockets.
import { strict as assert } from "node:assert";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import type { Peer } from "./peer.js";
import { png } from "./pictures.js";
import type { TestServer } from "./server.js";

/** Those of someone who sees pictures, and can read why something was refused. */
export const PICTURE_CAPS = ["draft/metadata-3", "standard-replies", "batch"];

export interface Fetched {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request on a connection of its own. */
export function ask(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Uint8Array,
): Promise<Fetched> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const options = { method, headers, agent: false as const, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      buffer(response).then((received) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received });
      }, reject);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/** Where, and with which token, the peer may upload. */
export async function filehost(peer: Peer): Promise<{ url: string; token: string }> {
  peer.send("FILEHOST");
  const line = (await peer.until(/ UPLOAD_TOKEN /)).at(-1) ?? "";
  const [, url = "", token = ""] = / UPLOAD_TOKEN (\S+) (\S+) :/.exec(line) ?? [];
  return { url, token };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** Uploads a picture as a peer with standard replies. */
export async function upload(peer: Peer, picture: Uint8Array): Promise<Fetched> {
  const { url, token } = await filehost(peer);
  return ask("PUT", url, bearer(token), picture);
}

/** The address of someone's picture as the peer is told it. */
export async function avatarOf(peer: Peer, nick: string): Promise<string | undefined> {
  peer.send(`METADATA ${nick} GET avatar`);
  const lines = await peer.roundtrip();
  assert.ok(!lines.some((line) => line.includes(" FAIL ")), lines.join());
  const line = lines.findLast((told) => / 76[16] /.test(told)) ?? "";
  return / 761 \S+ \S+ avatar \* :?(\S+)$/.exec(line)?.[1];
}

/** Alice with a picture, and Bob, in one channel. */
export async function twoPeople(
  server: TestServer,
  picture = png(),
): Promise<{ alice: Peer; bob: Peer }> {
  const alice = await server.join("alice", "#room", ...PICTURE_CAPS);
  const bob = await server.join("bob", "#room", ...PICTURE_CAPS);
  bob.send("METADATA * SUB avatar");
  await bob.roundtrip();
  await alice.roundtrip();
  assert.equal((await upload(alice, picture)).status, 201);
  return { alice, bob };
}
