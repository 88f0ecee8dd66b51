// Numeric replies. https://modern.ircdocs.horse/#numerics and the IRCv3 extensions that add to them

export const RPL_WELCOME = "001";
export const RPL_YOURHOST = "002";
export const RPL_CREATED = "003";
export const RPL_MYINFO = "004";
export const RPL_ISUPPORT = "005";
/** `<nick> <host> <port> :<text>`: use that server instead. */
export const RPL_REDIR = "010";
export const RPL_UMODEIS = "221";
export const RPL_ENDOFSTATS = "219";
export const RPL_LUSERCLIENT = "251";
export const RPL_LUSEROP = "252";
export const RPL_LUSERUNKNOWN = "253";
export const RPL_LUSERCHANNELS = "254";
export const RPL_LUSERME = "255";
export const RPL_ADMINEMAIL = "259";
export const RPL_TRYAGAIN = "263";
export const RPL_LOCALUSERS = "265";
export const RPL_GLOBALUSERS = "266";
/** What ngIRCd and Hybrid say for RPL_WHOISSECURE. */
export const RPL_WHOISSSL = "275";
export const RPL_WHOISCERTFP = "276";
export const RPL_AWAY = "301";
export const RPL_USERHOST = "302";
export const RPL_ISON = "303";
export const RPL_UNAWAY = "305";
export const RPL_NOWAWAY = "306";
export const RPL_WHOISUSER = "311";
export const RPL_WHOISSERVER = "312";
export const RPL_WHOISOPERATOR = "313";
export const RPL_WHOWASUSER = "314";
export const RPL_ENDOFWHO = "315";
export const RPL_WHOISIDLE = "317";
export const RPL_ENDOFWHOIS = "318";
export const RPL_WHOISCHANNELS = "319";
export const RPL_WHOISSPECIAL = "320";
export const RPL_LISTSTART = "321";
export const RPL_LIST = "322";
export const RPL_LISTEND = "323";
export const RPL_CHANNELMODEIS = "324";
export const RPL_CREATIONTIME = "329";
export const RPL_WHOISACCOUNT = "330";
export const RPL_NOTOPIC = "331";
export const RPL_TOPIC = "332";
export const RPL_TOPICWHOTIME = "333";
export const RPL_WHOISBOT = "335";
export const RPL_INVITELIST = "336";
export const RPL_ENDOFINVITELIST = "337";
export const RPL_WHOISACTUALLY = "338";
export const RPL_INVITING = "341";
export const RPL_INVEXLIST = "346";
export const RPL_ENDOFINVEXLIST = "347";
export const RPL_EXCEPTLIST = "348";
export const RPL_ENDOFEXCEPTLIST = "349";
export const RPL_VERSION = "351";
export const RPL_WHOREPLY = "352";
export const RPL_NAMREPLY = "353";
export const RPL_WHOSPCRPL = "354";
export const RPL_LINKS = "364";
export const RPL_ENDOFLINKS = "365";
export const RPL_ENDOFNAMES = "366";
export const RPL_BANLIST = "367";
export const RPL_ENDOFBANLIST = "368";
export const RPL_ENDOFWHOWAS = "369";
export const RPL_INFO = "371";
export const RPL_MOTD = "372";
export const RPL_ENDOFINFO = "374";
export const RPL_MOTDSTART = "375";
export const RPL_ENDOFMOTD = "376";
export const RPL_WHOISHOST = "378";
export const RPL_WHOISMODES = "379";
export const RPL_YOUREOPER = "381";
export const RPL_REHASHING = "382";
export const RPL_TIME = "391";
/** Our own host is shown otherwise from now on: `<nick> <host> :text`. */
export const RPL_HOSTHIDDEN = "396";
export const ERR_UNKNOWNERROR = "400";
export const ERR_NOSUCHNICK = "401";
export const ERR_NOSUCHSERVER = "402";
export const ERR_NOSUCHCHANNEL = "403";
export const ERR_CANNOTSENDTOCHAN = "404";
export const ERR_TOOMANYCHANNELS = "405";
export const ERR_WASNOSUCHNICK = "406";
export const ERR_TOOMANYTARGETS = "407";
export const ERR_NOORIGIN = "409";
export const ERR_INVALIDCAPCMD = "410";
export const ERR_NORECIPIENT = "411";
export const ERR_NOTEXTTOSEND = "412";
export const ERR_INPUTTOOLONG = "417";
export const ERR_UNKNOWNCOMMAND = "421";
export const ERR_NOMOTD = "422";
export const ERR_NONICKNAMEGIVEN = "431";
export const ERR_ERRONEUSNICKNAME = "432";
export const ERR_NICKNAMEINUSE = "433";
/** Banned in a channel, so no other nick while in it. */
export const ERR_BANNICKCHANGE = "435";
export const ERR_NICKCOLLISION = "436";
export const ERR_UNAVAILRESOURCE = "437";
export const ERR_NICKTOOFAST = "438";
export const ERR_TARGETTOOFAST = "439";
export const ERR_USERNOTINCHANNEL = "441";
export const ERR_NOTONCHANNEL = "442";
export const ERR_USERONCHANNEL = "443";
export const ERR_NONICKCHANGE = "447";
export const ERR_NOTREGISTERED = "451";
export const ERR_NEEDMOREPARAMS = "461";
export const ERR_ALREADYREGISTERED = "462";
export const ERR_NOPERMFORHOST = "463";
export const ERR_PASSWDMISMATCH = "464";
export const ERR_YOUREBANNEDCREEP = "465";
export const ERR_YOUWILLBEBANNED = "466";
export const ERR_KEYSET = "467";
export const ERR_CHANNELISFULL = "471";
export const ERR_UNKNOWNMODE = "472";
export const ERR_INVITEONLYCHAN = "473";
export const ERR_BANNEDFROMCHAN = "474";
export const ERR_BADCHANNELKEY = "475";
export const ERR_BADCHANMASK = "476";
export const ERR_NEEDREGGEDNICK = "477";
export const ERR_BANLISTFULL = "478";
export const ERR_BADCHANNAME = "479";
/** Too many joins of the channel in a short time (+j). */
export const ERR_THROTTLE = "480";
export const ERR_NOPRIVILEGES = "481";
export const ERR_CHANOPRIVSNEEDED = "482";
export const ERR_RESTRICTED = "484";
export const ERR_NONONREG = "486";
export const ERR_NOOPERHOST = "491";
export const ERR_NOCTCP = "492";
/** Too many joins of ours in a short time. */
export const ERR_TOOMANYJOINS = "500";
export const ERR_UMODEUNKNOWNFLAG = "501";
export const ERR_USERSDONTMATCH = "502";
/** `<nick> :To connect, type /QUOTE PONG <cookie>`. */
export const ERR_BADPING = "513";
export const ERR_HELPNOTFOUND = "524";
export const ERR_INVALIDKEY = "525";
export const ERR_CANTSENDTOUSER = "531";
/** Too many joins of the channel in a short time, as InspIRCd says it. */
export const ERR_UNAVAILABLE = "609";
export const RPL_WHOISSECURE = "671";
export const ERR_INVALIDMODEPARAM = "696";
export const RPL_HELPSTART = "704";
export const RPL_HELPTXT = "705";
export const RPL_ENDOFHELP = "706";
/** Whoever is written to reads only those they have accepted (caller ID). */
export const RPL_TARGUMODEG = "716";
export const RPL_MONONLINE = "730";
export const RPL_MONOFFLINE = "731";
export const RPL_MONLIST = "732";
export const RPL_ENDOFMONLIST = "733";
export const ERR_MONLISTFULL = "734";
export const RPL_WHOISKEYVALUE = "760";
export const RPL_KEYVALUE = "761";
export const RPL_KEYNOTSET = "766";
export const RPL_METADATASUBOK = "770";
export const RPL_METADATAUNSUBOK = "771";
export const RPL_METADATASUBS = "772";
export const RPL_METADATASYNCLATER = "774";
export const RPL_LOGGEDIN = "900";
export const RPL_LOGGEDOUT = "901";
export const ERR_NICKLOCKED = "902";
export const RPL_SASLSUCCESS = "903";
export const ERR_SASLFAIL = "904";
export const ERR_SASLTOOLONG = "905";
export const ERR_SASLABORTED = "906";
export const ERR_SASLALREADY = "907";
export const RPL_SASLMECHS = "908";
/** InspIRCd: a message has a word in it that the channel does not allow. */
export const ERR_WORDFILTERED = "936";
/** UnrealIRCd and InspIRCd: a command cannot be used now; it is named. */
export const ERR_CANNOTDOCOMMAND = "972";

/** They refuse a command as such, and name it, or what the server takes for one. */
export const ABOUT_COMMANDS: ReadonlySet<string> = new Set([
  RPL_TRYAGAIN,
  ERR_UNKNOWNERROR,
  ERR_INVALIDCAPCMD,
  ERR_INPUTTOOLONG,
  ERR_UNKNOWNCOMMAND,
  ERR_NOTREGISTERED,
  ERR_NEEDMOREPARAMS,
  ERR_CANNOTDOCOMMAND,
]);

/** InspIRCd and UnrealIRCd have some beyond the ranges for errors, between numerics that are none. */
const OTHER_ERRORS = /^(?:609|69[0-8]|92[67]|93[6-9]|94[2-4]|97[24]|998)$/;

/** Whether a numeric says that something was refused or went wrong. */
export function isErrorNumeric(command: string): boolean {
  return /^[45][0-9]{2}$/.test(command) || OTHER_ERRORS.test(command);
}
