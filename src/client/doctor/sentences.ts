// Sentences that several diagnoses and the report share. Pure.
import { printable } from "../../irc/printable.js";
import { hostPort } from "../../irc/host-port.js";
import { sentence, type Sentence } from "./diagnosis.js";
import type { Answer, EndpointCheck, HostFacts, LocalInterface, MemberTest } from "./facts.js";

/** Others' words are cut to this. */
const MAX_OTHERS_WORDS = 60;

export function othersWords(text: string): string {
  const line = printable(text);
  return line.length <= MAX_OTHERS_WORDS ? line : `${line.slice(0, MAX_OTHERS_WORDS)}…`;
}

/** What came of an attempt to connect. */
export function checkText({ host, address, port, outcome }: EndpointCheck): Sentence {
  const place = host === address ? hostPort(host, port) : `${hostPort(host, port)} (${address})`;
  switch (outcome.type) {
    case "open":
      return answerText(place, outcome.answer);
    case "refused":
      return sentence("{0}: the connection was refused.", place);
    case "timed-out":
      return sentence("{0}: no answer in time.", place);
    case "unreachable":
      return sentence("{0}: cannot be reached ({1}).", place, outcome.code);
    case "denied":
      return sentence(
        "{0}: this computer does not allow the connection ({1}).",
        place,
        outcome.code,
      );
    case "lost":
      return sentence("{0}: the connection was cut ({1}).", place, outcome.code);
  }
}

function answerText(place: string, answer: Answer): Sentence {
  switch (answer.kind) {
    case "tls":
      return tlsText(place, answer);
    case "http":
      return answer.redirectHost === undefined
        ? sentence("{0}: a web server answers (status {1}).", place, answer.status)
        : sentence(
            "{0}: a web server answers (status {1}) and sends people to {2}.",
            place,
            answer.status,
            othersWords(answer.redirectHost),
          );
    case "irc":
      if (answer.refusal !== undefined) return refusalText(place, answer.refusal);
      return sentence("{0}: a chat server answers, without encryption.", place);
    case "ssh":
      return sentence("{0}: an SSH server answers.", place);
    case "tls-refused":
      return sentence("{0}: a program answers that refuses to connect.", place);
    case "other":
      return sentence("{0}: a program answers that is not a chat server.", place);
    case "silent":
      return sentence("{0}: the connection is accepted, but nothing answers.", place);
    case "closed":
      return sentence("{0}: the connection is accepted and closed at once.", place);
  }
}

function refusalText(place: string, refusal: string): Sentence {
  return sentence("{0}: a chat server answers: “{1}”.", place, othersWords(refusal));
}

function tlsText(
  place: string,
  { certificate, protocol, issuer, refusal }: Answer & { kind: "tls" },
): Sentence {
  if (certificate === "expected") return sentence("{0}: the expected server answers.", place);
  if (refusal !== undefined && certificate === "unknown") return refusalText(place, refusal);
  const isChat = protocol === "parley" || protocol === "irc";
  if (certificate === "unknown" && isChat) return sentence("{0}: a chat server answers.", place);
  return isChat
    ? sentence(
        "{0}: a chat server answers with another certificate than expected, issued by “{1}”.",
        place,
        othersWords(issuer),
      )
    : sentence(
        "{0}: a server answers with a certificate issued by “{1}”.",
        place,
        othersWords(issuer),
      );
}

/** What a member has found, or that they have not told. */
export function memberTexts(test: MemberTest, host: HostFacts): Sentence[] {
  const who = [othersWords(test.nick), test.from] as const;
  if (test.found === undefined)
    return [
      sentence(
        "{0}, from {1}, was asked to try your addresses, but did not answer. They may use another chat program.",
        ...who,
      ),
    ];
  if (test.found.length === 0)
    return [
      sentence(
        "{0}, from {1}, was asked to try your addresses, but their invite link has no address to try.",
        ...who,
      ),
    ];
  return test.found.map((check) => foundText(who, check, host));
}

function foundText(
  who: readonly [nick: string, from: string],
  { address, port, outcome }: EndpointCheck,
  host: HostFacts,
): Sentence {
  const place = hostPort(address, port);
  switch (outcome.type) {
    case "open":
      if (outcome.answer.kind !== "tls")
        return sentence("{0}, from {1}, finds another program at {2}.", ...who, place);
      return isOwnPlace({ address, port }, host)
        ? sentence("{0}, from {1}, reaches {2}.", ...who, place)
        : sentence(
            "{0}, from {1}, reaches your server at {2}, which is not an address of this computer (a relay or a forwarded port).",
            ...who,
            place,
          );
    case "refused":
      return sentence(
        "{0}, from {1}, does not reach {2}: the connection was refused.",
        ...who,
        place,
      );
    case "timed-out":
      return sentence("{0}, from {1}, does not reach {2}: no answer in time.", ...who, place);
    case "unreachable":
    case "denied":
    case "lost":
      return sentence("{0}, from {1}, does not reach {2} ({3}).", ...who, place, outcome.code);
  }
}

/** Whether the host's server itself listens there, without anything between. */
export function isOwnPlace(
  { address, port }: Pick<EndpointCheck, "address" | "port">,
  host: HostFacts,
): boolean {
  return port === host.port && host.interfaces.some((own) => own.address === address);
}

/** The networks this computer is in. */
export function networkNames(interfaces: readonly LocalInterface[]): Sentence {
  const names = interfaces.map(({ name, address }) => `${address} (${othersWords(name)})`);
  return names.length === 0
    ? sentence("This computer has no address in a network.")
    : sentence("This computer's addresses: {0}.", names.join(", "));
}
