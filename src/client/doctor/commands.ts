// The commands a diagnosis tells people to run. They look, or open one port to one program: none switches a protection off.
// Hosts come from an address that was parsed, so no character in them means anything to a shell.
import { hostPort } from "../../irc/host-port.js";
import { sentence, type Command, type Sentence } from "./diagnosis.js";
import type { FirewallFact, Platform } from "./facts.js";

const SHELL: Readonly<Record<Platform, Sentence>> = {
  windows: sentence("On this computer, in PowerShell"),
  macos: sentence("On this computer, in Terminal"),
  linux: sentence("On this computer, in a terminal"),
};
const ADMIN_SHELL: Readonly<Record<Platform, Sentence>> = {
  ...SHELL,
  windows: sentence("On this computer, in PowerShell, opened with “Run as administrator”"),
};
const AT_HOST: Readonly<Record<Platform, Sentence>> = {
  windows: sentence(
    "On the host's computer, if it has Windows, in PowerShell, opened with “Run as administrator”",
  ),
  macos: sentence("On the host's computer, if it is a Mac, in Terminal"),
  linux: sentence("On the host's computer, if it has Linux, in a terminal"),
};
/** For those who cannot join. */
const AT_JOINER: Readonly<Record<Platform, Sentence>> = {
  windows: sentence("On their computer, if it has Windows, in PowerShell"),
  macos: sentence("On their computer, if it is a Mac, in Terminal"),
  linux: sentence("On their computer, if it has Linux, in a terminal"),
};
const PLATFORMS: readonly Platform[] = ["windows", "macos", "linux"];

type Texts = Readonly<Record<Platform, string>>;

function here(platform: Platform, texts: Texts): Command {
  return { where: SHELL[platform], text: texts[platform] };
}

/** The likeliest first: that the other computer is like ours. */
function elsewhere(
  where: Readonly<Record<Platform, Sentence>>,
  own: Platform,
  texts: Texts,
): Command[] {
  return [own, ...PLATFORMS.filter((other) => other !== own)].map((platform) => ({
    where: where[platform],
    text: texts[platform],
  }));
}

const atHost = (platform: Platform, texts: Texts) => elsewhere(AT_HOST, platform, texts);
const atJoiner = (platform: Platform, texts: Texts) => elsewhere(AT_JOINER, platform, texts);

const IN_WINDOW = sentence("In the terminal of this window (Terminal: Create New Terminal)");

/** For a remote window: "this computer" is not the one in front of the person. */
export function inRemoteWindow(command: Command): Command {
  const isHere = [...Object.values(SHELL), ...Object.values(ADMIN_SHELL)].includes(command.where);
  return isHere ? { ...command, where: IN_WINDOW } : command;
}

const connections = (host: string, port: number): Texts => ({
  windows: `Test-NetConnection ${host} -Port ${port}`,
  macos: `nc -vz -G 5 ${host} ${port}`,
  linux: `nc -vz -w 5 ${host} ${port}`,
});
/** Tries to connect, and says how that went. */
export const tryConnection = (platform: Platform, host: string, port: number) =>
  here(platform, connections(host, port));
export const tryConnectionAtJoiner = (platform: Platform, host: string, port: number) =>
  atJoiner(platform, connections(host, port));

const pings = (host: string): Texts => ({
  windows: `ping -n 3 ${host}`,
  macos: `ping${host.includes(":") ? "6" : ""} -c 3 ${host}`,
  linux: `ping -c 3 ${host}`,
});
export const ping = (platform: Platform, host: string) => here(platform, pings(host));
export const pingAtJoiner = (platform: Platform, host: string) => atJoiner(platform, pings(host));

const ADDRESSES: Texts = { windows: "ipconfig", macos: "ifconfig", linux: "ip -brief address" };
export const listAddresses = (platform: Platform) => here(platform, ADDRESSES);
export const listHostAddresses = (platform: Platform) => atHost(platform, ADDRESSES);

/** Shows who has issued the certificate that a server shows. */
export function showCertificate(platform: Platform, host: string, port: number): Command {
  const openssl = `openssl s_client -connect ${hostPort(host, port)} </dev/null | openssl x509 -noout -issuer -subject`;
  return here(platform, {
    windows: `$c = [Net.Sockets.TcpClient]::new("${host}", ${port}); $s = [Net.Security.SslStream]::new($c.GetStream(), $false, {$true}); $s.AuthenticateAsClient("${host}"); $s.RemoteCertificate.Issuer`,
    macos: openssl,
    linux: openssl,
  });
}

/** Shows where a network sends web browsers. The site exists for this. */
export function showPortal(platform: Platform): Command {
  const url = "http://neverssl.com";
  return here(platform, {
    windows: `curl.exe -sI ${url}`,
    macos: `curl -sI ${url}`,
    linux: `curl -sI ${url}`,
  });
}

export function lookUp(platform: Platform, name: string): Command {
  return here(platform, {
    windows: `Resolve-DnsName ${name}`,
    macos: `dscacheutil -q host -a name ${name}`,
    linux: `getent ahosts ${name}`,
  });
}

const listeners = (port: number): Texts => ({
  windows: `Get-Process -Id (Get-NetTCPConnection -LocalPort ${port} -State Listen).OwningProcess`,
  macos: `lsof -nP -iTCP:${port} -sTCP:LISTEN`,
  linux: `ss -ltnp "sport = :${port}"`,
});
export const whoListens = (platform: Platform, port: number) => here(platform, listeners(port));
export const whoListensAtHost = (platform: Platform, port: number) =>
  atHost(platform, listeners(port));

/** Opens the port to programs of other computers, where the host's firewall is not known. */
export function allowPortAtHost(platform: Platform, port: number): Command[] {
  return atHost(platform, {
    windows: windowsRule(port),
    macos: macProgram("/Applications/Visual Studio Code.app"),
    linux: `sudo ufw allow ${port}/tcp`,
  });
}

/** Lets other computers reach the port, in the words of the firewall. */
export function allowPort(
  { name, chain = "inet filter input" }: FirewallFact,
  port: number,
  program: string,
): Command {
  const platform = name === "windows" || name === "macos" ? name : "linux";
  const texts: Readonly<Record<FirewallFact["name"], string>> = {
    windows: windowsRule(port),
    macos: macProgram(program),
    ufw: `sudo ufw allow ${port}/tcp`,
    firewalld: `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`,
    nftables: `sudo nft insert rule ${chain} tcp dport ${port} accept`,
    iptables: `sudo iptables -I INPUT -p tcp --dport ${port} -j ACCEPT`,
  };
  return { where: ADMIN_SHELL[platform], text: texts[name] };
}

function windowsRule(port: number): string {
  return `New-NetFirewallRule -DisplayName "Parley ${port}" -Direction Inbound -Protocol TCP -LocalPort ${port} -Action Allow -Profile Private`;
}

function macProgram(program: string): string {
  const app = /^.*?\.app(?=\/|$)/.exec(program)?.[0] ?? program;
  const tool = "/usr/libexec/ApplicationFirewall/socketfilterfw";
  const quoted = `'${app.replaceAll("'", String.raw`'\''`)}'`;
  return `sudo ${tool} --add ${quoted} && sudo ${tool} --unblockapp ${quoted}`;
}

/** Windows: lets computers of the same network reach the port, also where Windows regards that network as public. */
export function allowPortInNetwork(port: number): Command {
  return {
    where: ADMIN_SHELL.windows,
    text: `New-NetFirewallRule -DisplayName "Parley ${port}" -Direction Inbound -Protocol TCP -LocalPort ${port} -Action Allow -Profile Any -RemoteAddress LocalSubnet`,
  };
}

/** Windows: turns the rules that block a program into rules that allow it. Windows makes them when its question is canceled. */
export function allowProgram(program: string): Command {
  const quoted = `'${program.replaceAll("'", "''")}'`;
  return {
    where: ADMIN_SHELL.windows,
    text: `Get-NetFirewallApplicationFilter -Program ${quoted} | Get-NetFirewallRule | Where-Object Action -eq Block | Set-NetFirewallRule -Action Allow`,
  };
}

export function openLocalNetworkSettings(): Command {
  return {
    where: SHELL.macos,
    text: "open 'x-apple.systempreferences:com.apple.preference.security?Privacy_LocalNetwork'",
  };
}
