// What it means that something else answers than the server one looks for. Pure.
import { usesTls } from "../address.js";
import { hostPort } from "../../irc/host-port.js";
import * as commands from "./commands.js";
import {
  sentence,
  type Command,
  type Diagnosis,
  type DiagnosisCode,
  type Sentence,
} from "./diagnosis.js";
import type { Answer, EndpointCheck, JoinerFacts, Outcome, Platform } from "./facts.js";
import { isPrivate } from "./networks.js";
import { checkText, othersWords } from "./sentences.js";

/** https://www.rfc-editor.org/rfc/rfc6585#section-6 */
const NETWORK_AUTHENTICATION_REQUIRED = 511;

/** Whether this is the server one looks for, as far as that can be told without joining it. */
export function isExpectedAnswer(outcome: Outcome, transport: JoinerFacts["transport"]): boolean {
  if (outcome.type !== "open") return false;
  const { answer } = outcome;
  switch (transport) {
    case "plaintext":
    case "ws":
      return answer.kind === "irc" && answer.refusal === undefined;
    case "tls":
    case "wss":
      if (answer.kind !== "tls") return false;
      if (answer.certificate === "expected") return true;
      return (
        answer.certificate === "unknown" &&
        (answer.protocol === "parley" || answer.protocol === "irc") &&
        answer.refusal === undefined
      );
  }
}

/** `answer` is none that is expected. */
export function answerDiagnosis(
  check: EndpointCheck,
  answer: Answer,
  facts: JoinerFacts,
): Diagnosis {
  const { platform } = facts;
  const basis = [checkText(check)];
  switch (answer.kind) {
    case "http":
      return isPortal(check, answer)
        ? portalDiagnosis("likely", basis, platform)
        : otherProgram(
            check,
            facts,
            sentence("{0} is a web server, not a chat server.", hostPort(check.host, check.port)),
          );
    case "ssh":
      return otherProgram(
        check,
        facts,
        sentence("{0} is an SSH server, not a chat server.", hostPort(check.host, check.port)),
      );
    case "tls":
      return tlsDiagnosis(check, answer, facts);
    case "irc":
      if (answer.refusal !== undefined && !usesTls(facts.transport))
        return turnedAway(check, answer.refusal, facts);
      return {
        ...otherProgram(
          check,
          facts,
          sentence(
            "{0} is a chat server without encryption (TLS), so nothing was sent to it.",
            hostPort(check.host, check.port),
          ),
        ),
        code: "not-encrypted",
        fix: sentence(
          "Check the port; servers often have another one for encrypted connections. If you trust the network, join without encryption: irc://{0}",
          hostPort(check.host, check.port),
        ),
      };
    case "silent":
      return {
        ...otherProgram(
          check,
          facts,
          sentence(
            "{0} accepts connections but does not answer. The host's computer may be busy or asleep, or another program uses the port.",
            hostPort(check.host, check.port),
          ),
        ),
        code: "silent",
        certainty: "likely",
      };
    case "closed":
      return {
        ...otherProgram(
          check,
          facts,
          sentence(
            "{0} closes every connection at once. Another program uses the port, or something on the way (an antivirus program, a school's filter) cuts it.",
            hostPort(check.host, check.port),
          ),
        ),
        code: "closes-at-once",
        certainty: "likely",
      };
    case "tls-refused":
    case "other":
      return otherProgram(
        check,
        facts,
        sentence(
          "Another program than a chat server answers at {0}.",
          hostPort(check.host, check.port),
        ),
      );
  }
}

/** The network is fine, and the server wants no one who comes so. */
function turnedAway(check: EndpointCheck, refusal: string, facts: JoinerFacts): Diagnosis {
  const place = hostPort(check.host, check.port);
  const basis = [checkText(check)];
  const tried = [commands.tryConnection(facts.platform, check.address, check.port)];
  if (!usesTls(facts.transport) && /\b(?:TLS|SSL|encrypted|secure)\b/i.test(refusal))
    return {
      code: "needs-encryption",
      certainty: "likely",
      reason: sentence(
        "{0} is a chat server that accepts only encrypted connections (TLS).",
        place,
      ),
      basis,
      fix: sentence(
        "Join with encryption, by this address: {0}. Or ask the host for a new invite link.",
        `${facts.transport === "ws" ? "wss" : "ircs"}://${place}`,
      ),
      commands: tried,
    };
  return {
    code: "turned-away",
    certainty: "likely",
    reason: sentence("The chat server at {0} answers, but turns you away.", place),
    basis,
    fix: sentence(
      "It says why: “{0}”. If that is a limit, try again in some minutes; otherwise ask the people who run the server.",
      othersWords(refusal),
    ),
    commands: tried,
  };
}

function isPortal(
  { host, address }: EndpointCheck,
  { status, redirectHost }: Answer & { kind: "http" },
): boolean {
  if (status === NETWORK_AUTHENTICATION_REQUIRED) return true;
  return redirectHost !== undefined && redirectHost !== host && redirectHost !== address;
}

function otherProgram(
  check: EndpointCheck,
  { platform }: JoinerFacts,
  reason: Sentence,
  code: DiagnosisCode = "other-program",
): Diagnosis {
  return {
    code,
    certainty: "certain",
    reason,
    basis: [checkText(check)],
    fix: sentence(
      "Check the address and the port, or ask the host for a new invite link. The host can choose another port in Chat: Host Server; the report has the commands that show which program uses this one.",
    ),
    commands: [
      commands.tryConnection(platform, check.address, check.port),
      ...commands.whoListensAtHost(platform, check.port),
    ],
  };
}

function tlsDiagnosis(
  check: EndpointCheck,
  answer: Answer & { kind: "tls" },
  facts: JoinerFacts,
): Diagnosis {
  const isChat = answer.protocol === "parley" || answer.protocol === "irc";
  if (answer.certificate === "unknown" && answer.refusal !== undefined)
    return turnedAway(check, answer.refusal, facts);
  if (!isChat) {
    if (answer.origin === "issued" && !(answer.protocol === "http" && isPrivate(check.address)))
      return interceptionDiagnosis(
        "likely",
        [checkText(check)],
        answer.issuer,
        commands.showCertificate(facts.platform, check.address, check.port),
      );
    return otherProgram(
      check,
      facts,
      sentence(
        "{0} is an encrypted server of another kind, not a chat server.",
        hostPort(check.host, check.port),
      ),
    );
  }
  if (answer.origin === "issued")
    return interceptionDiagnosis(
      "likely",
      [checkText(check)],
      answer.issuer,
      commands.showCertificate(facts.platform, check.address, check.port),
    );
  return {
    code: "another-parley",
    certainty: "certain",
    reason: sentence(
      "Another chat server answers at {0}: its certificate is not the one that Parley expects, so nothing was sent.",
      hostPort(check.host, check.port),
    ),
    basis: [checkText(check)],
    fix: sentence(
      "Ask the host for a new invite link. Either the host has a new certificate, or the address now belongs to someone else's server, or someone is pretending to be the host. If two people host on one computer, each needs a port of their own; the report has the commands that show which program uses this one.",
    ),
    commands: [
      commands.tryConnection(facts.platform, check.address, check.port),
      ...commands.whoListensAtHost(facts.platform, check.port),
    ],
  };
}

/** The network shows a page to sign in before it lets anyone out. */
export function portalDiagnosis(
  certainty: Diagnosis["certainty"],
  basis: readonly Sentence[],
  platform: Platform,
): Diagnosis {
  return {
    code: "captive-portal",
    certainty,
    reason: sentence(
      "This network wants you to sign in on a web page first, and answers everything with that page (a “captive portal”).",
    ),
    basis,
    fix: sentence(
      "Open a web browser and go to http://neverssl.com, sign in to the network there, then join again. The command shows where the network sends you.",
    ),
    commands: [commands.showPortal(platform)],
  };
}

/** Something opens encrypted connections and closes them again with a certificate of its own. */
export function interceptionDiagnosis(
  certainty: Diagnosis["certainty"],
  basis: readonly Sentence[],
  issuer: string,
  shown: Command,
): Diagnosis {
  return {
    code: "tls-interception",
    certainty,
    reason: sentence(
      "Something between you and the host opens encrypted connections (“TLS inspection”) and shows a certificate of its own, so nothing was sent. Its issuer is “{0}”.",
      othersWords(issuer),
    ),
    basis,
    fix: sentence(
      "Do not trust this certificate: the people who made it could read everything. Use another network, for example the hotspot of a phone, or a VPN that both of you are in. If it is an antivirus program on this computer, exclude VS Code from its inspection of encrypted connections. The command shows the certificate.",
    ),
    commands: [shown],
  };
}
