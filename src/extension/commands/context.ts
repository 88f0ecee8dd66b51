// The parts every command may use. Built once, by activate().
import type * as vscode from "../vscode.js";
import type { ChatPanel } from "../chat-panel.js";
import type { ChatService } from "../chat-service.js";
import type { Connector } from "../connector.js";
import type { EmbeddedServer } from "../embedded-server.js";
import type { Hosting } from "../hosting.js";
import type { Joins } from "../joins.js";
import type { KnownServers } from "../known-servers.js";
import type { Milestones } from "../milestones.js";
import type { OwnPicture } from "../own-picture.js";
import type { Resume } from "../resume.js";
import type { ServerLog } from "../server-log.js";
import type { Log } from "../ui/log.js";

export interface CommandContext {
  readonly chat: ChatService;
  readonly server: EmbeddedServer;
  readonly hosting: Hosting;
  readonly connector: Connector;
  readonly joins: Joins;
  readonly known: KnownServers;
  readonly panel: ChatPanel;
  readonly ownPicture: OwnPicture;
  readonly resume: Resume;
  readonly milestones: Milestones;
  readonly serverLog: ServerLog;
  readonly extensionUri: vscode.Uri;
  readonly log: Log;
}
