// The log of everything that is said, as tests read and break it.
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { Peer } from "./peer.js";
import { startServer, temporaryFolder, type TestServer, type TestServerOptions } from "./server.js";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;

export const fileIn = (data: string) => join(data, "audit.log");
export const textOf = (data: string) => readFileSync(fileIn(data), "utf8");

/** The log without its times, and with every port as PORT. */
export function logIn(data: string): string[] {
  const text = textOf(data);
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => line.replace(TIME, "").replace(/port \d+/, "port PORT"));
}

/** A server that logs everything, and its folder. */
export async function audited(options: TestServerOptions = {}): Promise<[TestServer, string]> {
  const data = temporaryFolder();
  return [await startServer({ data, audit: true, ...options }), data];
}

/** From now on nothing can be written to the log. */
export function breakLog(data: string): void {
  rmSync(fileIn(data));
  mkdirSync(fileIn(data));
}

export function mendLog(data: string): void {
  rmdirSync(fileIn(data));
}

/** What the last of the peers has read, once each has read everything. */
export async function roundtrips(...peers: readonly Peer[]): Promise<string> {
  let seen: string[] = [];
  for (const peer of peers) seen = await peer.roundtrip();
  return seen.join("\n");
}
