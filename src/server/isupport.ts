// What the server says of itself in RPL_ISUPPORT. Every limit here is one that is kept.
import { AVATAR_TOKEN, FLOOD_TOKEN, formatIsupportToken } from "../irc/isupport.js";
import { CHANNEL_MAX_BYTES, NICK_MAX_BYTES, USER_MAX_BYTES } from "../irc/names.js";
import { MAX_PICTURE_BYTES } from "../irc/picture.js";
import { ROLES } from "./channel.js";
import type { ServerConfig } from "./config.js";

export const TOPIC_MAX_BYTES = 300;
export const KICK_MAX_BYTES = 200;
export const AWAY_MAX_BYTES = 200;
export const REALNAME_MAX_BYTES = 128;
export const KEY_MAX_BYTES = 32;
export const MAX_MODES = 6;
export const MAX_TARGETS = 4;
export const CHATHISTORY_MAX = 500;
export const MULTILINE_MAX_BYTES = 16_384;
export const MULTILINE_MAX_LINES = 100;
export const SEARCH_MAX = 100;
export const LIST_MODES = "beI";
export const CHANMODES = `${LIST_MODES},k,l,Cimnst`;

/** The tokens as they stand on the wire, in lines of ten. */
export function isupportLines(config: ServerConfig): string[][] {
  const { limits, floodControl } = config;
  const flood = floodControl ? `${limits.floodBurst},${limits.floodLinesPerSecond}` : "";
  const prefix = `(${ROLES.map((r) => r.mode).join("")})${ROLES.map((r) => r.prefix).join("")}`;
  const tokens: readonly (readonly [string, string])[] = [
    ["ACCOUNTEXTBAN", "account,a"],
    ["AWAYLEN", String(AWAY_MAX_BYTES)],
    ["BOT", "B"],
    ["CASEMAPPING", "ascii"],
    ["CHANLIMIT", `#:${limits.maxChannelsPerClient}`],
    ["CHANMODES", CHANMODES],
    ["CHANNELLEN", String(CHANNEL_MAX_BYTES)],
    ["CHANTYPES", "#"],
    ["CHATHISTORY", String(CHATHISTORY_MAX)],
    ["ELIST", "CMNTU"],
    ["EXCEPTS", "e"],
    ["EXTBAN", "~,am"],
    ["HOSTLEN", "64"],
    ["INVEX", "I"],
    ["KEYLEN", String(KEY_MAX_BYTES)],
    ["KICKLEN", String(KICK_MAX_BYTES)],
    ["MAXLIST", Array.from(LIST_MODES, (mode) => `${mode}:${limits.maxListModes}`).join(",")],
    ["MAXTARGETS", String(MAX_TARGETS)],
    ["MODES", String(MAX_MODES)],
    ["MONITOR", String(limits.maxMonitors)],
    ["MSGREFTYPES", "msgid,timestamp"],
    ["NAMELEN", String(REALNAME_MAX_BYTES)],
    ["NETWORK", config.network],
    ["NICKLEN", String(NICK_MAX_BYTES)],
    ["PREFIX", prefix],
    ["SAFELIST", ""],
    ["STATUSMSG", ROLES.map((r) => r.prefix).join("")],
    [
      "TARGMAX",
      `NAMES:,LIST:,KICK:,WHOIS:1,PRIVMSG:${MAX_TARGETS},NOTICE:${MAX_TARGETS},TAGMSG:${MAX_TARGETS},JOIN:,PART:`,
    ],
    ["TOPICLEN", String(TOPIC_MAX_BYTES)],
    ["USERLEN", String(USER_MAX_BYTES)],
    ["UTF8ONLY", ""],
    ["WHOX", ""],
    [AVATAR_TOKEN, String(MAX_PICTURE_BYTES)],
    [FLOOD_TOKEN, flood],
  ];
  const formatted = tokens.map(([name, value]) => formatIsupportToken(name, value));
  const lines: string[][] = [];
  while (formatted.length > 0) lines.push(formatted.splice(0, 10));
  return lines;
}
