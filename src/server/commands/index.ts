// Every command the server knows.
import type { Command } from "../dispatch.js";
import { accountCommands } from "./accounts.js";
import { approvalCommands } from "./approval.js";
import { capCommands } from "./cap.js";
import { channelCommands } from "./channels.js";
import { filehostCommands } from "./filehost.js";
import { helpCommands } from "./help.js";
import { historyCommands } from "./history.js";
import { listCommands } from "./list.js";
import { messageCommands } from "./messages.js";
import { metadataCommands } from "./metadata.js";
import { modeCommands } from "./modes.js";
import { monitorCommands } from "./monitor.js";
import { multilineCommands } from "./multiline.js";
import { operatorCommands } from "./operators.js";
import { presenceCommands } from "./presence.js";
import { queryCommands } from "./queries.js";
import { readMarkerCommands } from "./read-marker.js";
import { redactionCommands } from "./redaction.js";
import { registrationCommands } from "./registration.js";
import { searchCommands } from "./search.js";
import { knockCommands } from "./waiting.js";
import { whoCommands } from "./who.js";
import { whoisCommands } from "./whois.js";
import { whowasCommands } from "./whowas.js";

export const commandTable: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...accountCommands,
    ...approvalCommands,
    ...capCommands,
    ...channelCommands,
    ...filehostCommands,
    ...helpCommands,
    ...historyCommands,
    ...knockCommands,
    ...listCommands,
    ...messageCommands,
    ...metadataCommands,
    ...modeCommands,
    ...monitorCommands,
    ...multilineCommands,
    ...operatorCommands,
    ...presenceCommands,
    ...queryCommands,
    ...readMarkerCommands,
    ...redactionCommands,
    ...registrationCommands,
    ...searchCommands,
    ...whoCommands,
    ...whoisCommands,
    ...whowasCommands,
  }),
);
