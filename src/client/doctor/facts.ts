// What the doctor has found out. Plain data, so that a diagnosis can be made, tested and reported without a network.

/** The systems that have commands of their own. */
export type Platform = "windows" | "macos" | "linux";

/** `lan`: wired or wireless; `vpn`: an overlay network; `virtual`: to virtual machines or containers on this computer. */
export type NetworkKind = "lan" | "vpn" | "virtual";

export interface LocalInterface {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly kind: NetworkKind;
}

/** What a name stands for. */
export interface Resolution {
  /** As the address has it: a name or an IP address. */
  readonly host: string;
  /** At most a few. */
  readonly addresses: readonly string[];
  /** The resolver's code where there are none: `ENOTFOUND`, or `EAI_AGAIN` when no name server answered. */
  readonly error?: string | undefined;
}

/** Who is behind an open port. */
export type Answer =
  | {
      readonly kind: "tls";
      /** How the certificate compares with the one that is expected; `unknown`: none is. */
      readonly certificate: "expected" | "other" | "unknown";
      /** Made by an IRC server of ours for itself, made by someone for others, or proved by a public authority. */
      readonly origin: "self-made" | "issued" | "public";
      /** What is spoken inside. */
      readonly protocol: "parley" | "irc" | "http" | "unknown";
      /** The name of who issued the certificate; others' words. */
      readonly issuer: string;
      /** Its ERROR, where it says no more than that; others' words. */
      readonly refusal?: string;
    }
  | {
      readonly kind: "http";
      readonly status: number;
      /** Where it redirects to. */ readonly redirectHost?: string;
    }
  | {
      /** Of a WebSocket: IRC in it. */
      readonly kind: "irc";
      /** Its ERROR, where it says no more than that; others' words. */
      readonly refusal?: string;
    }
  | { readonly kind: "ssh" | "tls-refused" | "other" | "silent" | "closed" };

export type Outcome =
  | { readonly type: "open"; readonly answer: Answer }
  /** `code` is the system's, such as ECONNREFUSED. */
  | {
      readonly type: "refused" | "timed-out" | "unreachable" | "denied" | "lost";
      readonly code: string;
    };

/** One attempt to connect. */
export interface EndpointCheck {
  /** As the address has it. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly outcome: Outcome;
}

/** What came of asking a member on another computer to try the server's addresses. */
export interface MemberTest {
  readonly nick: string;
  /** The address they are connected from. */
  readonly from: string;
  /** What they found at the addresses of the invite they joined by; undefined: they did not answer. */
  readonly found: readonly EndpointCheck[] | undefined;
}

/** Whether computers of one's own network answer when asked for by their address, below any firewall; undefined: not known. */
export interface Neighborhood {
  readonly gateway: string | undefined;
  readonly answers: Readonly<Record<string, boolean>>;
}

export interface FirewallFact {
  readonly name: "windows" | "macos" | "ufw" | "firewalld" | "nftables" | "iptables";
  readonly state: "active" | "inactive";
  /** Windows: it regards a connected network as public. */
  readonly isPublicNetwork?: boolean;
  /** Windows: it has a rule that blocks VS Code. */
  readonly blocksProgram?: boolean;
  /** nftables: where its rules stand, such as `inet filter input`. */
  readonly chain?: string;
  /** Whether its rules turn connections to the port away; undefined: that is not known, or not simple. */
  readonly blocksPort?: boolean;
  /** macOS: no program may be reached, whatever its permissions. */
  readonly blocksAll?: boolean;
}

interface CommonFacts {
  readonly platform: Platform;
  readonly port: number;
  readonly interfaces: readonly LocalInterface[];
  readonly checks: readonly EndpointCheck[];
}

export interface JoinerFacts extends CommonFacts {
  readonly side: "joiner";
  readonly transport: "tls" | "plaintext" | "wss" | "ws";
  readonly resolutions: readonly Resolution[];
  readonly neighborhood: Neighborhood;
  /** What answered at an address that no computer has. */
  readonly intercepted: { readonly port: number; readonly answer: Answer } | undefined;
  /** The same hosts at the default port, where nothing listens at the one asked for. */
  readonly defaultPort: readonly EndpointCheck[];
  /** Whether this window is connected to that server now. */
  readonly isConnected: boolean;
}

export interface HostFacts extends CommonFacts {
  readonly side: "host";
  readonly isRunning: boolean;
  /** Where the server listens: `machine`, `network`, or one address. */
  readonly scope: "machine" | "network" | { readonly address: string };
  /** Where the server runs when that is not the computer in front of the person: `wsl`, `ssh-remote`, … */
  readonly remoteName: string | undefined;
  /** Whether VS Code is shown by a web browser, where every window is a remote one. */
  readonly isInBrowser: boolean;
  readonly firewalls: readonly FirewallFact[];
  /** The program that VS Code is, for the firewalls that allow programs. */
  readonly program: string;
  /** Addresses of other computers that are connected. */
  readonly peers: readonly string[];
  /** Everyone who was asked to try. */
  readonly members: readonly MemberTest[];
}

export type Facts = JoinerFacts | HostFacts;

/** No computer has it: https://www.rfc-editor.org/rfc/rfc5737 keeps it for documents. */
export const CONTROL_ADDRESS = "192.0.2.1";
export const WEB_PORT = 80;
