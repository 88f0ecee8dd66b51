// What operators do about those who wait, and about those who may come again.
import { ERR_NOSUCHNICK } from "../../irc/numerics.js";
import { cutToBytes } from "../../irc/utf8.js";
import { printable } from "../../irc/printable.js";
import type { Applicant } from "../approval-queue.js";
import type { Client } from "../client.js";
import type { Decision } from "../control.js";
import type { CommandContext, CommandTable } from "../dispatch.js";
import { CommandError, StandardError, errorText } from "../errors.js";
import { KICK_MAX_BYTES } from "../isupport.js";
import { isSameName } from "../nicks.js";
import { shown } from "../reply.js";

export const approvalCommands: CommandTable = {
  APPROVE: { run: approve, minParams: 1, operator: true },
  BAN: { run: ban, minParams: 1, operator: true },
  DECISIONS: { run: decisions, operator: true },
  DENY: { run: deny, minParams: 1, operator: true },
  FORGET: { run: forget, minParams: 1, operator: true },
  WAITING: { run: waiting, operator: true },
};

function tell({ client, reply }: CommandContext, text: string): void {
  reply.message("NOTICE", [client.nick, printable(text)]);
}

function approve(cx: CommandContext): void {
  const { server, client, params } = cx;
  const [nick = "", how = ""] = params;
  const isAlways = how.toUpperCase() === "ALWAYS";
  if (how !== "" && !isAlways)
    throw new StandardError(
      "INVALID_PARAMS",
      [how],
      "Write APPROVE <nick>, or APPROVE <nick> ALWAYS to let them in without a question from now on",
    );
  const target = requireWaiting(cx, nick);
  const { nick: spelling } = target;
  server.logger.info(`${client.nick} approves ${spelling}`);
  const kept = server.approval.admit(target, isAlways ? "approved" : "visiting");
  tell(cx, `${spelling} is in`);
  if (kept === "could not be stored")
    tell(
      cx,
      `${spelling} could not be remembered, and waits again next time: the server could not store it, see its log`,
    );
  else if (isAlways && kept === "no one in particular")
    tell(
      cx,
      `${spelling} cannot be remembered, and waits again next time: they have no account and no certificate`,
    );
}

function deny(cx: CommandContext): void {
  const { server, client, params } = cx;
  const [nick = "", reason = ""] = params;
  const target = requireWaiting(cx, nick);
  const { nick: spelling } = target;
  server.logger.info(`${client.nick} denies ${spelling}`);
  server.approval.deny(target, cutToBytes(reason, KICK_MAX_BYTES));
  tell(cx, `${spelling} was not let in`);
}

/** Someone who waits, or is here. */
function ban(cx: CommandContext): void {
  const { server, client, params } = cx;
  const [nick = "", reason = ""] = params;
  const target = server.clients.find(nick) ?? requireWaiting(cx, nick);
  const { nick: spelling } = target;
  if (target.isOperator)
    throw new StandardError("OPERATOR", [spelling], "Operators cannot be banned");
  try {
    server.approval.ban(target, cutToBytes(reason, KICK_MAX_BYTES), client.source);
  } catch (error) {
    throw notStored(cx, error);
  }
  server.logger.info(`${client.nick} banned ${spelling}`);
  tell(cx, `${spelling} is banned; FORGET ${spelling} takes that back`);
}

function waiting(cx: CommandContext): void {
  const { queue } = cx.server.approval;
  for (const applicant of queue.values()) {
    tell(cx, describe(cx, applicant));
    cx.server.approval.announced.told(cx.client, applicant.client);
  }
  const count = queue.size;
  if (count === 0) tell(cx, "No one is waiting");
  else
    tell(
      cx,
      `${count} waiting. APPROVE <nick> [ALWAYS], DENY <nick> [reason], BAN <nick> [reason]`,
    );
}

function describe({ server }: CommandContext, applicant: Applicant): string {
  const { client, since, hasPassword, line } = applicant;
  const { address, isSecure, certificateFingerprint } = client.connection.info;
  const facts = [
    address,
    client.account === undefined
      ? "no account"
      : `${server.accounts.isProvisional(client.account) ? "new account" : "account"} ${client.account}`,
    certificateFingerprint === undefined
      ? "no certificate"
      : `certificate ${certificateFingerprint.slice(0, 16)}`,
    isSecure ? "encrypted" : "unencrypted",
    hasPassword ? "has the password" : "without a password",
    `for ${Math.round((server.ticks() - since) / 1000)} s`,
  ];
  const said = line === undefined ? "" : ` says: ${line}`;
  return `${client.nick} (${facts.join(", ")})${said}`;
}

const WORDS = {
  approved: "is always let in",
  visiting: "is let in until the server stops",
  banned: "is banned",
} as const;

function decisions(cx: CommandContext): void {
  const all = cx.server.approval.decisions.all();
  for (const decision of all) tell(cx, textOf(decision));
  tell(cx, all.length === 0 ? "Nothing is remembered" : "FORGET <nick or value> takes one back");
}

function textOf(decision: Decision): string {
  const { nick, verdict, reason } = decision;
  return `${nick} ${WORDS[verdict]} (${keysText(decision)})${reason === "" ? "" : `: ${reason}`}`;
}

function keysText({ keys }: Decision): string {
  return keys.map(({ kind, value }) => `${kind} ${value}`).join(", ");
}

function forget(cx: CommandContext): void {
  const { approval, logger } = cx.server;
  const [name = ""] = cx.params;
  const found = approval.decisions
    .all()
    .filter(({ nick, keys }) => isSameName(nick, name) || keys.some(({ value }) => value === name));
  if (found.length === 0)
    throw new StandardError(
      "NO_SUCH_DECISION",
      [name],
      "Nothing is remembered of them; see DECISIONS",
    );
  try {
    approval.forget(found.flatMap(({ keys }) => keys));
  } catch (error) {
    throw notStored(cx, error);
  }
  logger.info(`${cx.client.nick} took back what was decided about ${shown(name)}`);
  for (const decision of found) tell(cx, `Forgotten: ${decision.nick} (${keysText(decision)})`);
}

function requireWaiting(cx: CommandContext, nick: string): Client {
  const { server } = cx;
  const { announced, decisions: made } = server.approval;
  const client = server.clients.findWaiting(nick);
  if (client === undefined || !isSameName(client.nick, nick))
    throw new CommandError(ERR_NOSUCHNICK, nick, "No one of this nick is waiting; see WAITING");
  const known = announced.known(cx.client, nick);
  if (known !== undefined && known !== client && !made.isDeniedAgain(client, known))
    throw new StandardError(
      "NICKNAME_CHANGED",
      [nick],
      "Someone else has this nick now: see WAITING, then send this again",
    );
  return client;
}

function notStored({ server }: CommandContext, error: unknown): StandardError {
  server.logger.error(`could not store what was decided: ${errorText(error)}`);
  return new StandardError(
    "TEMPORARILY_UNAVAILABLE",
    [],
    "This could not be stored, so nothing was done; try again later",
  );
}
