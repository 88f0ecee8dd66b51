// Which firewalls this computer has, and whether they are on. Only looks, and needs no rights of an administrator.
import { readFile } from "node:fs/promises";
import type { FirewallFact, Platform } from "../../doctor/facts.js";
import { parseIptables } from "../../doctor/iptables.js";
import { parseNftables } from "../../doctor/nftables.js";
import { runCommand, windowsProgram } from "./run-command.js";

export interface FirewallQuestion {
  readonly platform: Platform;
  readonly port: number;
  /** The program that listens. */
  readonly program: string;
  readonly signal: AbortSignal;
}

export function findFirewalls(question: FirewallQuestion): Promise<FirewallFact[]> {
  switch (question.platform) {
    case "windows":
      return windowsFirewall(question);
    case "macos":
      return macFirewall(question);
    case "linux":
      return linuxFirewalls(question);
  }
}

async function windowsFirewall({ program, signal }: FirewallQuestion): Promise<FirewallFact[]> {
  const shell = windowsProgram("WindowsPowerShell", "v1.0", "powershell.exe");
  const ask = (script: string) =>
    runCommand(shell, ["-NoProfile", "-NonInteractive", "-Command", script], signal);
  const quoted = `'${program.replaceAll("'", "''")}'`;
  const [profiles, networks, blocked] = await Promise.all([
    ask("Get-NetFirewallProfile | Where-Object Enabled -eq True | ForEach-Object { $_.Name }"),
    ask("Get-NetConnectionProfile | ForEach-Object { $_.NetworkCategory }"),
    ask(
      `(Get-NetFirewallApplicationFilter -Program ${quoted} | Get-NetFirewallRule | Where-Object { $_.Action -eq 'Block' -and $_.Enabled -eq 'True' }).Count`,
    ),
  ]);
  if (profiles === undefined) return [];
  return [
    {
      name: "windows",
      state: profiles.trim() === "" ? "inactive" : "active",
      isPublicNetwork: /^Public\s*$/m.test(networks ?? ""),
      blocksProgram: Number(blocked?.trim() ?? 0) > 0,
    },
  ];
}

async function macFirewall({ signal }: FirewallQuestion): Promise<FirewallFact[]> {
  const tool = "/usr/libexec/ApplicationFirewall/socketfilterfw";
  const [state, all] = await Promise.all([
    runCommand(tool, ["--getglobalstate"], signal),
    runCommand(tool, ["--getblockall"], signal),
  ]);
  if (state === undefined) return [];
  return [
    {
      name: "macos",
      state: /State = [12]|enabled/i.test(state) ? "active" : "inactive",
      blocksAll:
        state.includes("State = 2") || /block all.*enabled|enabled.*block all/i.test(all ?? ""),
    },
  ];
}

/** ufw and firewalld write rules of nftables or iptables, so those are looked at only where neither is on. */
async function linuxFirewalls(question: FirewallQuestion): Promise<FirewallFact[]> {
  const { signal, port } = question;
  const [ufw, firewalld] = await Promise.all([
    readFile("/etc/ufw/ufw.conf", "utf8").catch(() => ""),
    runCommand("firewall-cmd", ["--state"], signal),
  ]);
  const found: FirewallFact[] = [];
  if (/^\s*ENABLED\s*=\s*"?yes/im.test(ufw)) found.push({ name: "ufw", state: "active" });
  if (firewalld?.trim() === "running") found.push({ name: "firewalld", state: "active" });
  if (found.length > 0) return found;
  const ruleset = await runCommand("nft", ["list", "ruleset"], signal);
  if (ruleset !== undefined) return parseNftables(ruleset, port);
  const rules = await runCommand("iptables", ["-S", "INPUT"], signal);
  return rules === undefined ? [] : parseIptables(rules, port);
}
