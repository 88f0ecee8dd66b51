// The tests of irctest that do not pass, each with the reason. All others must.
import type { Expectation } from "./compare.js";

const OTHER_CASEMAPPING = "is for servers that fold as RFC 1459 does; ours says CASEMAPPING=ascii";
const NO_AGREEMENT =
  "is marked by its authors as not consistently implemented, and skipped for all";
const ONLY_UTF8 = "sends bytes that are not UTF-8, which a server with UTF8ONLY refuses";
const NOT_AWAITED =
  "asks one connection whether it has got what another has sent, without waiting until that was read";

export const EXPECTED: readonly Expectation[] = [
  {
    id: "channel.ChannelCaseSensitivityTestCase.testChannelsEquivalent[rfc1459-#Foo-#foo]",
    outcome: "skipped",
    reason: OTHER_CASEMAPPING,
  },
  {
    id: "channel.ChannelCaseSensitivityTestCase.testChannelsEquivalent[rfc1459-#F]|oo{-#f}\\\\oo[]",
    outcome: "skipped",
    reason: OTHER_CASEMAPPING,
  },
  {
    id: "channel.ChannelCaseSensitivityTestCase.testChannelsEquivalent[rfc1459-#F}o\\\\o[-#f]o|o{]",
    outcome: "skipped",
    reason: OTHER_CASEMAPPING,
  },
  {
    id: "channel.ChannelCaseSensitivityTestCase.testChannelsNotEquivalent[rfc1459-#Foo-#fooa]",
    outcome: "skipped",
    reason: OTHER_CASEMAPPING,
  },
  {
    id: "websocket.WebsocketTestCase.testSubprotocolNegotiation[binary-only]",
    outcome: "varies",
    reason: NOT_AWAITED,
  },
  {
    id: "websocket.WebsocketTestCase.testSubprotocolNegotiation[text-only]",
    outcome: "varies",
    reason: NOT_AWAITED,
  },
  {
    id: "websocket.WebsocketTestCase.testSubprotocolNegotiation[binary-first]",
    outcome: "varies",
    reason: NOT_AWAITED,
  },
  {
    id: "websocket.WebsocketTestCase.testSubprotocolNegotiation[text-first]",
    outcome: "varies",
    reason: NOT_AWAITED,
  },
  { id: "websocket.WebsocketTestCase.testSendNonUtf8Text", outcome: "failed", reason: ONLY_UTF8 },
  {
    id: "websocket.WebsocketTestCase.testReceiveNonUtf8Text",
    outcome: "failed",
    reason: ONLY_UTF8,
  },
  {
    id: "who.WhoTestCase.testWhoUsernameRealName[username]",
    outcome: "skipped",
    reason: NO_AGREEMENT,
  },
  {
    id: "who.WhoTestCase.testWhoUsernameRealName[realname-mask]",
    outcome: "skipped",
    reason: NO_AGREEMENT,
  },
  {
    id: "who.WhoTestCase.testWhoUsernameRealName[hostname]",
    outcome: "skipped",
    reason: NO_AGREEMENT,
  },
  { id: "who.WhoTestCase.testWhoRealNameSpaces", outcome: "skipped", reason: NO_AGREEMENT },
];
