// The router of this computer's network, and who in that network says that they have an address: what the operating system has
// found out by itself when someone tried to connect. That works below all firewalls, so it tells an absent computer from one
// that does not want to be reached.
import { createSocket } from "node:dgram";
import { readFile } from "node:fs/promises";
import type { Platform } from "../../doctor/facts.js";
import { runCommand, windowsProgram } from "./run-command.js";

/** https://www.rfc-editor.org/rfc/rfc863: what comes here is thrown away. */
const DISCARD_PORT = 9;
const NO_MAC = /^(?:00[:-]){5}00$/;

/** The router that packets for elsewhere go to; undefined where there is none. */
export async function findGateway(
  platform: Platform,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (platform) {
    case "linux":
      return gatewayOfProc(await readText("/proc/net/route"));
    case "macos":
      return /gateway: ([\d.]+)/.exec(
        (await runCommand("/sbin/route", ["-n", "get", "default"], signal)) ?? "",
      )?.[1];
    case "windows":
      return /^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([\d.]+)/m.exec(
        (await runCommand(windowsProgram("route.exe"), ["print", "-4", "0.0.0.0"], signal)) ?? "",
      )?.[1];
  }
}

/** Lets the operating system look for a computer of this network. Nothing is said to it that anyone would hear. */
export function lookFor(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("error", () => {
      resolve();
    });
    socket.send(Buffer.alloc(1), DISCARD_PORT, address, () => {
      socket.close();
      resolve();
    });
  });
}

/** Whether those the operating system has looked for have answered; undefined where it does not tell. */
export async function neighborAnswers(
  platform: Platform,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | undefined> {
  const table = await neighborTable(platform, signal);
  return table === undefined ? undefined : parseNeighbors(table, platform);
}

function neighborTable(platform: Platform, signal: AbortSignal): Promise<string | undefined> {
  switch (platform) {
    case "linux":
      return readText("/proc/net/arp");
    case "macos":
      return runCommand("/usr/sbin/arp", ["-an"], signal);
    case "windows":
      return runCommand(windowsProgram("arp.exe"), ["-a"], signal);
  }
}

export function parseNeighbors(table: string, platform: Platform): ReadonlyMap<string, boolean> {
  const line = {
    linux: /^([\d.]+)\s+0x\S+\s+0x\S+\s+(\S+)/,
    macos: /^\S+ \(([\d.]+)\) at (\S+)/,
    windows: /^\s+([\d.]+)\s+([0-9a-f-]{17})\s/i,
  }[platform];
  const answers = new Map<string, boolean>();
  for (const text of table.split(/\r?\n/)) {
    const [, address, mac] = line.exec(text) ?? [];
    if (address === undefined || mac === undefined) continue;
    answers.set(address, mac.length > 10 && !mac.includes("incomplete") && !NO_MAC.test(mac));
  }
  return answers;
}

/** Addresses are written as one hexadecimal number there, in the order of this computer's bytes. */
function gatewayOfProc(table: string | undefined): string | undefined {
  const hex = /^\S+\s+00000000\s+([0-9A-F]{8})\s/m.exec(table ?? "")?.[1];
  if (hex === undefined || hex === "00000000") return undefined;
  return (hex.match(/../g) ?? [])
    .map((byte) => parseInt(byte, 16))
    .reverse()
    .join(".");
}

function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
