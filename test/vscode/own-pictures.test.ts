// Pictures that people have uploaded: which are kept, which are asked for, and when one's own is sent.
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { SessionError } from "../../src/client/session-error.js";
import { ChatService } from "../../src/extension/chat-service.js";
import { NetworkMemory } from "../../src/extension/network-memory.js";
import { OwnPicture } from "../../src/extension/own-picture.js";
import { Pictures } from "../../src/extension/pictures.js";
import { personIcon } from "../../src/extension/person-icon.js";
import { panelActions } from "../../src/extension/panel-actions.js";
import { pictureName } from "../../src/extension/picture-name.js";
import { MAX_PICTURES } from "../../src/extension/session-pictures.js";
import { createLog } from "../../src/extension/ui/log.js";
import { pictureId, type Picture } from "../../src/irc/picture.js";
import { onCleanup } from "../support/cleanup.js";
import { jpeg, picture, png } from "../support/pictures.js";
import { setSetting } from "./support/extension.js";
import { FakeMemento, noSecrets } from "./support/fake-memento.js";
import { FakeSession } from "./support/fake-session.js";

const urlOf = (n: number) =>
  `https://host/avatars/${"A".repeat(22)}/${n.toString(16).padStart(32, "0")}`;
const idOf = (n: number) => pictureId(urlOf(n)) ?? assert.fail();

/** A server that keeps pictures. */
class PictureSession extends FakeSession {
  takesPictures = true;
  readonly asked: string[] = [];
  readonly uploaded: Buffer[] = [];
  answer: (url: string) => Picture = () => picture(png());
  refusal: string | undefined;

  has(nick: string, url: string): void {
    this.draft.updateUser(nick, { online: true, metadata: new Map([["avatar", url]]) });
  }

  fetchPicture(url: string): Promise<Picture> {
    this.asked.push(url);
    return Promise.resolve().then(() => this.answer(url));
  }

  uploadPicture({ bytes }: Picture): Promise<void> {
    if (this.refusal !== undefined)
      return Promise.reject(new SessionError("refused", this.refusal));
    this.uploaded.push(Buffer.from(bytes));
    return Promise.resolve();
  }

  setMetadata(): void {
    // No one else listens.
  }
}

function start(session = new PictureSession(), now?: () => number) {
  const folder = mkdtempSync(path.join(tmpdir(), "parley-picture-"));
  const log = createLog("Pictures");
  const chat = new ChatService(new NetworkMemory(new FakeMemento(), noSecrets));
  const pictures = new Pictures(chat, log, now);
  const own = new OwnPicture(vscode.Uri.file(folder), chat, pictures, log);
  onCleanup(async () => {
    for (const part of [own, pictures, chat, log]) part.dispose();
    await setSetting("profile.avatar", undefined);
    rmSync(folder, { recursive: true, force: true });
  });
  const connect = () => chat.adopt(session.asSession(), { key: "k", label: "host" });
  return { session, chat, pictures, own, folder, connect };
}

describe("pictures of others", () => {
  it("are fetched once, and kept up to a bound: those used last", async () => {
    const { session, pictures, connect } = start();
    await connect();
    // One person after the other: the session knows few at once.
    const load = (n: number) => {
      session.has("bob", urlOf(n));
      return pictures.load(idOf(n));
    };
    await Promise.all([load(0), load(0)]);
    assert.deepEqual(session.asked, [urlOf(0)]);
    for (let n = 1; n < MAX_PICTURES; n++) await load(n);
    assert.equal(pictures.peek(idOf(0))?.type, "image/png");
    // The first was used just now: the second has to go.
    await load(MAX_PICTURES);
    session.asked.length = 0;
    await load(0);
    await load(1);
    assert.deepEqual(session.asked, [urlOf(1)]);
  });

  it("are encoded once for the trees, however often these are drawn", () => {
    const kept = picture(png());
    const bob = { key: "bob", nick: "bob", displayName: undefined, color: undefined };
    const person = { ...bob, avatar: undefined, picture: "id" };
    const draw = (own: Picture) => personIcon(person, vscode.Uri.file("/"), { peek: () => own });
    assert.match(draw(kept).toString(), /^data:image\/svg/);
    assert.equal(draw(kept), draw(kept));
    assert.notEqual(draw(kept), draw(picture(png())));
  });

  it("that no one here has are not asked for, nor one that has just failed", async () => {
    const { session, pictures, connect } = start();
    session.answer = () => {
      throw new SessionError("refused", "no");
    };
    session.has("bob", urlOf(1));
    session.has("eve", "https://evil.example/track.png");
    await connect();
    assert.equal(await pictures.load(idOf(2)), undefined);
    assert.equal(await pictures.load(idOf(1)), undefined);
    assert.equal(await pictures.load(idOf(1)), undefined);
    assert.deepEqual(session.asked, [urlOf(1)]);
  });
});

describe("a person's picture", () => {
  const refuse = (isRefused: (url: string) => boolean) => (url: string) => {
    if (isRefused(url)) throw new SessionError("refused", "no");
    return picture(png());
  };
  const forged = (n: number) => urlOf(1).replace("A".repeat(22), String(n).padStart(22, "x"));

  it("is not hidden by others who say that theirs is the same one elsewhere", async () => {
    const { session, pictures, connect } = start();
    for (let n = 0; n < 5; n++) session.has(`evil${n}`, forged(n));
    session.has("alice", urlOf(1));
    session.answer = refuse((url) => url !== urlOf(1));
    await connect();
    assert.ok((await pictures.load(idOf(1))) !== undefined);
  });

  it("is asked for by the address that a true one has, where very many say the same", async () => {
    const { session, pictures, connect } = start();
    session.has("bob", urlOf(2));
    for (let n = 0; n < 50; n++) session.has(`evil${n}`, forged(n));
    session.has("alice", urlOf(1));
    session.answer = refuse((url) => url !== urlOf(1) && url !== urlOf(2));
    await connect();
    await pictures.load(idOf(2));
    assert.ok((await pictures.load(idOf(1))) !== undefined);
    assert.deepEqual(session.asked, [urlOf(2), urlOf(1)]);
  });

  it("costs a bounded number of requests, and the next try goes on from there", async () => {
    const { session, pictures, connect } = start();
    for (let n = 0; n < 20; n++) session.has(`evil${n}`, forged(n));
    session.has("alice", urlOf(1));
    session.answer = refuse((url) => url !== urlOf(1));
    await connect();
    assert.equal(await pictures.load(idOf(1)), undefined);
    assert.ok(session.asked.length < 20);
    await pictures.load(idOf(1));
    assert.ok((await pictures.load(idOf(1))) !== undefined);
  });

  it("is not that of another server, whatever that one says it is called", async () => {
    const { session, pictures, chat, connect } = start();
    const eve = new PictureSession();
    eve.answer = () => picture(jpeg());
    for (const each of [eve, session]) each.has("alice", urlOf(1));
    await chat.adopt(eve.asSession(), { key: "eve", label: "eve" });
    assert.equal((await pictures.load(idOf(1)))?.type, "image/jpeg");
    await connect();
    assert.equal(pictures.peek(idOf(1)), undefined);
    assert.equal((await pictures.load(idOf(1)))?.type, "image/png");
  });

  it("that comes from the server before is not kept for this one", async () => {
    const { session, pictures, chat, connect } = start();
    const eve = new PictureSession();
    let give: (picture: Picture) => void = () => undefined;
    eve.fetchPicture = () => new Promise((resolve) => (give = resolve));
    for (const each of [eve, session]) each.has("alice", urlOf(1));
    await chat.adopt(eve.asSession(), { key: "eve", label: "eve" });
    const late = pictures.load(idOf(1));
    await connect();
    const wanted = pictures.load(idOf(1));
    give(picture(jpeg()));
    await late;
    assert.equal((await wanted)?.type, "image/png");
    assert.equal((await pictures.load(idOf(1)))?.type, "image/png");
  });

  it("has another name on the page for each session, by which no other session is asked", async () => {
    const { session, pictures, own, chat, connect } = start();
    session.has("alice", urlOf(1));
    await connect();
    const { picture: ask } = panelActions(chat, pictures, own);
    const name = pictureName(chat.sessionNumber, idOf(1));
    assert.match((await ask({ id: name })).data ?? "", /^data:image\/png/);
    await chat.adopt(session.asSession(), { key: "k2", label: "other" });
    assert.notEqual(pictureName(chat.sessionNumber, idOf(1)), name);
    assert.deepEqual(await ask({ id: name }), { data: undefined });
  });

  it("that could not be had is asked for again on the next connection, and after some time", async () => {
    let time = 0;
    const { session, pictures, connect } = start(new PictureSession(), () => time);
    session.has("bob", urlOf(1));
    session.answer = refuse(() => true);
    await connect();
    await pictures.load(idOf(1));
    session.status = { phase: "online" };
    await pictures.load(idOf(1));
    await pictures.load(idOf(1));
    assert.equal(session.asked.length, 2);
    time += 60_000;
    session.answer = refuse(() => false);
    assert.ok((await pictures.load(idOf(1))) !== undefined);
  });

  it("is asked for as soon as we are connected, if we were not", async () => {
    const { session, pictures, connect } = start();
    session.has("bob", urlOf(1));
    session.answer = () => {
      throw new SessionError("not-connected", "Not connected.");
    };
    await connect();
    await pictures.load(idOf(1));
    session.answer = refuse(() => false);
    assert.ok((await pictures.load(idOf(1))) !== undefined);
  });
});

describe("one's own picture", () => {
  it("is used from when it was chosen, and sent to servers that keep pictures", async () => {
    const { session, own, connect } = start();
    await connect();
    assert.deepEqual(await own.set(jpeg()), { error: undefined });
    assert.deepEqual(session.uploaded, [jpeg()]);
    assert.equal(vscode.workspace.getConfiguration("parley").get("profile.avatar"), "own");
    assert.deepEqual(Buffer.from((await own.read())?.bytes ?? []), jpeg());
  });

  it("is not sent where the server has it, but where it has another one", async () => {
    const { session, own, folder, connect } = start();
    await setSetting("profile.avatar", "own");
    writeFileSync(path.join(folder, "own-picture"), png());
    session.has("ann", urlOf(1));
    await connect();
    await own.publish();
    assert.deepEqual(session.uploaded, []);
    writeFileSync(path.join(folder, "own-picture"), jpeg());
    await own.publish();
    assert.deepEqual(session.uploaded, [jpeg()]);
  });

  it("is not sent where pictures are not kept, nor while another one is used", async () => {
    const { session, own, connect } = start();
    session.takesPictures = false;
    await connect();
    assert.deepEqual(await own.set(png()), { error: undefined });
    session.takesPictures = true;
    await setSetting("profile.avatar", "fox");
    await own.publish();
    assert.deepEqual(session.uploaded, []);
  });

  it("that the server refuses is kept, and the person hears why", async () => {
    const { session, own, connect } = start();
    session.refusal = "Too many requests: wait a little";
    await connect();
    assert.match(
      (await own.set(png())).error ?? "",
      /did not take your picture: Too many requests/,
    );
    assert.ok((await own.read()) !== undefined);
  });

  it("can be used again after another one, and deleted", async () => {
    const { session, own, connect } = start();
    const used = () => vscode.workspace.getConfiguration("parley").get("profile.avatar");
    await connect();
    await own.set(png());
    await setSetting("profile.avatar", "fox");
    session.uploaded.length = 0;
    assert.deepEqual(await own.useAgain(), { error: undefined });
    assert.equal(used(), "own");
    assert.deepEqual(session.uploaded, [png()]);
    await own.delete();
    assert.equal(used(), "");
    assert.equal(await own.read(), undefined);
    await own.delete();
  });

  it("is nothing else than a picture", async () => {
    const { session, own, connect } = start();
    await connect();
    assert.match((await own.set(Buffer.from("<svg>"))).error ?? "", /cannot be used/);
    assert.deepEqual(session.uploaded, []);
    assert.equal(await own.read(), undefined);
  });
});
