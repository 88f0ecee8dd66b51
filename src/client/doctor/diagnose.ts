// From what was found to what is wrong. Pure.
import { hostDiagnoses } from "./diagnose-host.js";
import { joinerDiagnoses } from "./diagnose-joiner.js";
import type { Diagnosis, DiagnosisCode } from "./diagnosis.js";
import type { Facts } from "./facts.js";

const CERTAINTIES: readonly Diagnosis["certainty"][] = ["certain", "likely", "possible"];
/** That nothing was found comes before what is only a guess. */
const FINE_RANK = 1.5;

/** What can be wrong, most likely first, each once. Never empty. */
export function diagnose(facts: Facts): Diagnosis[] {
  const found = facts.side === "host" ? hostDiagnoses(facts) : joinerDiagnoses(facts);
  const rank = ({ code, certainty }: Diagnosis) =>
    code === "looks-fine" ? FINE_RANK : CERTAINTIES.indexOf(certainty);
  const sorted = found.toSorted((a, b) => rank(a) - rank(b));
  const byCode = new Map<DiagnosisCode, Diagnosis>();
  for (const diagnosis of sorted) {
    const { code, basis } = diagnosis;
    const first = byCode.get(code);
    // Several addresses can have the same trouble: one diagnosis, which rests on all of them.
    byCode.set(
      code,
      first === undefined ? diagnosis : { ...first, basis: [...first.basis, ...basis] },
    );
  }
  return [...byCode.values()];
}
