// The report that people copy: what was found and what it means, without anything secret. Pure.
// It has addresses, and names of computers and of the members who were asked, which it says. It has no password, token or
// fingerprint, and no link.
import { sentence, type Diagnosis, type Sentence } from "./diagnosis.js";
import type { Facts } from "./facts.js";
import { checkText, memberTexts, networkNames } from "./sentences.js";

/** Puts the arguments into a sentence, in the person's language. */
export type Translate = (text: string, ...args: readonly (string | number)[]) => string;

export function reportText(
  facts: Facts,
  diagnoses: readonly Diagnosis[],
  translate: Translate,
): string {
  const t = ({ text, args }: Sentence) => translate(text, ...args);
  const side =
    facts.side === "host"
      ? sentence("Host, port {0}, {1}", facts.port, facts.platform)
      : sentence("Joining, port {0}, {1}", facts.port, facts.platform);
  return [
    t(sentence("Parley: Why Can't They Join?")),
    t(side),
    t(
      sentence(
        "This report contains addresses and names of computers and people. It contains no passwords and no invite link.",
      ),
    ),
    ...diagnoses.flatMap((diagnosis, index) => [
      "",
      `${index + 1}. ${diagnosisText(diagnosis, translate)}`,
    ]),
    "",
    t(sentence("What was tried:")),
    ...tried(facts).map((found) => `- ${t(found)}`),
    `- ${t(networkNames(facts.interfaces))}`,
    ...(facts.side === "joiner" ? resolutions(facts, t) : firewalls(facts, t)),
  ].join("\n");
}

function tried(facts: Facts): Sentence[] {
  return facts.side === "joiner"
    ? [...facts.checks, ...facts.defaultPort].map(checkText)
    : [
        ...facts.checks.map(checkText),
        ...facts.members.flatMap((member) => memberTexts(member, facts)),
      ];
}

/** One diagnosis, in lines. */
export function diagnosisText(
  { code, certainty, reason, basis, fix, commands }: Diagnosis,
  translate: Translate,
): string {
  const t = ({ text, args }: Sentence) => translate(text, ...args);
  return [
    `${t(reason)} (${code}, ${certainty})`,
    ...new Set(basis.map((found) => `   - ${t(found)}`)),
    `   ${t(sentence("What to do:"))} ${t(fix)}`,
    ...commands.map(({ where, text }) => `   ${t(where)}: ${text}`),
  ].join("\n");
}

function resolutions(facts: Facts & { side: "joiner" }, t: (found: Sentence) => string): string[] {
  return facts.resolutions
    .filter(({ host, addresses }) => !addresses.includes(host))
    .map(
      ({ host, addresses, error }) =>
        `- ${t(addresses.length === 0 ? sentence("{0}: no such name ({1}).", host, error ?? "?") : sentence("{0} leads to {1}.", host, addresses.join(", ")))}`,
    );
}

function firewalls(facts: Facts & { side: "host" }, t: (found: Sentence) => string): string[] {
  return facts.firewalls.map(
    ({ name, state }) =>
      `- ${t(state === "active" ? sentence("Firewall {0}: active.", name) : sentence("Firewall {0}: inactive.", name))}`,
  );
}
