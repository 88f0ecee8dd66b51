// An ordinary IRC client in the same room: a story, each test standing on the ones before it.
import { strict as assert } from "node:assert";
import { parseAddress } from "../../src/client/address.js";
import { readmeLines } from "../support/readme.js";
import { Weechat } from "../support/weechat.js";
import { host, part, people, type Person } from "./people.js";

describe("a terminal client (WeeChat)", () => {
  let ann: Person;
  let weechat: Weechat;

  before(async () => {
    ({ ann } = await people());
    const parsed = parseAddress(await host(ann));
    assert.ok("address" in parsed);
    const { port, fingerprint, token } = parsed.address;
    assert.ok(fingerprint !== undefined && token !== undefined);
    weechat = await Weechat.start();
    const [lines = []] = readmeLines("weechat", {
      "192.168.1.20": "127.0.0.1",
      "9898": String(port),
      FINGERPRINT: fingerprint,
      TOKEN: token,
      NICK: "wendy",
    });
    await weechat.command(...lines);
  });

  after(async () => {
    await weechat.stop();
    await part(await people());
  });

  it("comes in by TLS, with the fingerprint and the token of the invite link", async () => {
    await ann.panel.user("wendy").waitFor();
    await weechat.sees("#general", /-->\twendy/);
  });

  it("reads what is written in the panel", async () => {
    await ann.panel.say("#general", "hello terminal – ünïcödé 🙂");

    await weechat.sees("#general", /ann\thello terminal – ünïcödé 🙂$/);
  });

  it("is read in the panel", async () => {
    await weechat.type("#general", "hello panel");

    await ann.panel.message("wendy", "hello panel").waitFor();
  });

  it("several lines from the panel arrive one by one", async () => {
    await ann.panel.say("#general", "first line\nsecond line");

    await weechat.sees("#general", /ann\tfirst line$/);
    await weechat.sees("#general", /ann\tsecond line$/);
  });

  it("direct messages go both ways", async () => {
    await ann.panel.user("wendy").click();
    await ann.panel.say("wendy", "between us");
    await weechat.sees("ann", /ann\tbetween us$/);
    await weechat.type("ann", "just us two");

    await ann.panel.message("wendy", "just us two").waitFor();
    await ann.panel.tab("#general").click();
  });

  it("its topic, its absence and its going are seen", async () => {
    await weechat.type("#general", "/away gone fishing");
    await ann.panel.user("wendy").filter({ hasText: "away" }).waitFor();
    await weechat.type("#general", "/quit see you");

    await ann.panel.text(/wendy left/).waitFor();
    await ann.panel.user("wendy").waitFor({ state: "hidden" });
  });
});
