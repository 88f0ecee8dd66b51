// What the doctor has found, as a dialog.
import * as vscode from "../vscode.js";
import { diagnose } from "../../client/doctor/diagnose.js";
import type { Diagnosis, Sentence } from "../../client/doctor/diagnosis.js";
import type { Facts } from "../../client/doctor/facts.js";
import { reportText } from "../../client/doctor/report.js";
import { l10n } from "../ui/l10n.js";
import { showInformationMessage } from "../ui/messages.js";

/** Shows it until the person has enough of it, or wants it to be looked for again. */
export async function showResult(facts: Facts): Promise<"again" | undefined> {
  const diagnoses = diagnose(facts);
  const [first, ...others] = diagnoses;
  if (first === undefined) return undefined;
  const copyCommand = l10n.t("Copy Command");
  const copyInvite = l10n.t("Copy Invite Link");
  const copyReport = l10n.t("Copy Report");
  const again = l10n.t("Run Again");
  const [command] = first.commands;
  const isFine = first.code === "reachable" || first.code === "looks-fine";
  // The first one is what Enter does: where nothing is wrong, a command is not the next step.
  const buttons = [
    ...(isFine && facts.side === "host" ? [copyInvite] : []),
    ...(command !== undefined && !isFine ? [copyCommand] : []),
    copyReport,
    ...(command !== undefined && isFine ? [copyCommand] : []),
    again,
  ];
  for (;;) {
    const choice = await showInformationMessage(
      textOf(first.reason),
      { modal: true, detail: detailText(first, others) },
      ...buttons,
    );
    let said: string;
    switch (choice) {
      case again:
        return "again";
      case copyInvite:
        await vscode.commands.executeCommand("parley.copyInviteLink");
        return undefined;
      case copyReport: {
        const report = reportText(facts, diagnoses, (text, ...args) => l10n.t(text, ...args));
        await vscode.env.clipboard.writeText(report);
        said = l10n.t("The report was copied. Paste it into a message to someone who can help.");
        break;
      }
      case copyCommand:
        if (command === undefined) return undefined;
        await vscode.env.clipboard.writeText(command.text);
        said = l10n.t("The command was copied. {0}: {1}", textOf(command.where), command.text);
        break;
      default:
        return undefined;
    }
    // A button closes the dialog, and only a notification tells that something came of it.
    const back = l10n.t("Show Result");
    if ((await showInformationMessage(said, back)) !== back) return undefined;
  }
}

function textOf({ text, args }: Sentence): string {
  return l10n.t(text, ...args);
}

/** The most likely reason with one command, the others by name: the report has all of all. */
function detailText({ basis, fix, commands }: Diagnosis, others: readonly Diagnosis[]): string {
  const [command, ...more] = commands;
  const isMore = more.length > 0 || others.some((other) => other.commands.length > 0);
  const lines = [
    l10n.t("What to do:"),
    textOf(fix),
    ...(command === undefined ? [] : ["", `${textOf(command.where)}:`, command.text]),
    "",
    l10n.t("This is based on:"),
    ...new Set(basis.map((found) => `• ${textOf(found)}`)),
  ];
  if (others.length > 0)
    lines.push(
      "",
      l10n.t("Other possible reasons:"),
      ...others.map(({ reason }) => `• ${textOf(reason)}`),
    );
  if (isMore) lines.push("", l10n.t("The report has more commands, and what each is for."));
  return lines.join("\n");
}
