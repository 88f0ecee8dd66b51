// One link to one network, kept up for as long as the person wants it: what it shows, and what one can do with it.
import { AVATAR_TOKEN } from "../irc/isupport.js";
import { message, parseMessage, toSingleLine } from "../irc/message.js";
import type { Picture } from "../irc/picture.js";
import type { EndpointCheck } from "./doctor/facts.js";
import type { Disposable } from "./emitter.js";
import type { ChatState, MessageEntry } from "./model.js";
import type { ReceivedMessage, RenamedBuffer } from "./news.js";
import {
  knockCollector,
  listCollector,
  releaseCollector,
  whoisCollector,
  type ListedChannel,
  type Whois,
} from "./queries.js";
import type { GapSide } from "./history.js";
import { recipientsIn, type Recipient } from "./recipients.js";
import { hasMessages, type RememberedConversation } from "./remembered.js";
import { SessionCore } from "./session-core.js";
import { SessionError } from "./session-error.js";
import type { SessionOptions } from "./session-options.js";
import { addInfo } from "./state-entries.js";
import { leaveChannel } from "./state-membership.js";
import type { ConnectionDetails, ConnectionStatus } from "./status.js";
import { TEST_BACK_TIMEOUT_MS, testBackCollector, testBackQuestion } from "./test-back.js";
import { COMMAND_ERRORS } from "./texts.js";
import { checkName } from "./words.js";

export type { Disposable } from "./emitter.js";
export type { GapSide } from "./history.js";
export type { ReceivedMessage, RenamedBuffer } from "./news.js";
export type { ListedChannel, Whois } from "./queries.js";

const DEFAULT_QUIT_MESSAGE = "Leaving";

/** Each wish ends in a part of the SessionCore that owns what it is about. */
export class Session {
  private readonly core: SessionCore;

  /** @throws RangeError when the client certificate cannot be used */
  constructor(private readonly options: SessionOptions) {
    this.core = new SessionCore(options);
  }

  // ---- what others see

  /** Everything known, as one immutable value. The same object for as long as nothing changes. */
  get state(): ChatState {
    return this.core.draft.publish();
  }

  get status(): ConnectionStatus {
    return this.core.news.status;
  }

  /** The connection there is, also before we are let in. */
  get details(): ConnectionDetails | undefined {
    return this.core.connector.link?.details;
  }

  /** What the next session should begin with: the conversations, and what is unread in them. */
  get remembered(): readonly RememberedConversation[] {
    return this.core.remembered();
  }

  /** Up to when (ms, the server's clock) no direct message can have been missed; for the next session's `caughtUpTo`. */
  get caughtUpTo(): number | undefined {
    return this.core.caughtUpUntil;
  }

  /** Called after changes of `state` or `status`, at most once a tick. */
  onDidChange(listener: () => void): Disposable {
    return this.core.news.onDidChange(listener);
  }

  /** Called for each live message of someone else; not for history. */
  onDidReceiveMessage(listener: (m: ReceivedMessage) => void): Disposable {
    return this.core.news.onDidReceiveMessage(listener);
  }

  /** Called when something the person said was not taken. */
  onDidFailToSend(listener: () => void): Disposable {
    return this.core.news.onDidFailToSend(listener);
  }

  /** Called when a conversation gets another name, before `onDidChange`. */
  onDidRenameBuffer(listener: (rename: RenamedBuffer) => void): Disposable {
    return this.core.news.onDidRenameBuffer(listener);
  }

  private changed(): void {
    this.core.news.changed();
  }

  // ---- the life of the connection

  /** Connects; also once more after the session has ended. Does nothing while it runs. */
  start(): void {
    this.core.connector.start();
  }

  /** Leaves. Resolves when the connection is closed. May be called at any time and more than once. */
  async close(quitMessage = this.options.quitMessage ?? DEFAULT_QUIT_MESSAGE): Promise<void> {
    await this.core.connector.close(toSingleLine(quitMessage));
    this.core.news.status = { phase: "closed", cause: { type: "left" } };
  }

  /** Ends the wait for the next attempt; starts again when the session had ended. */
  reconnectNow(): void {
    this.core.connector.reconnectNow();
  }

  /** Gives up connecting; the session ends with the last failure. Does nothing while online. */
  stopReconnecting(): void {
    this.core.connector.stopReconnecting();
  }

  // ---- what the person does

  /** Runs a command that was typed in `buffer`: what the server answers to what it sends at once is told there. */
  runIn<T>(buffer: string, run: () => T): T {
    return this.core.runIn(buffer, run);
  }

  /**
   * Says `text` to a channel or a person, or to several, named with commas between them. It shows at once as pending and
   * is kept until the server has it. A long text becomes several messages, and so does one of several lines where the
   * server has no multiline.
   *
   * @throws SessionError when it is not taken; then it is shown nowhere
   */
  say(target: string, text: string, form: MessageEntry["form"] = "message"): void {
    const recipients = recipientsIn(this.core.draft, target);
    this.core.speech.checkRoom(
      recipients.map((recipient) => recipient.target),
      text,
      form,
    );
    for (const recipient of recipients) {
      if (recipient.kind === "direct") this.openDirect(recipient.buffer);
      else this.core.draft.openBuffer(recipient.buffer, recipient.kind);
      const buffer = this.core.draft.buffer(recipient.buffer)?.name;
      if (buffer === undefined)
        throw new SessionError("refused", "Too many conversations are open.");
      const to = recipient.target === recipient.buffer ? buffer : recipient.target;
      this.core.speech.say({ ...recipient, buffer, target: to }, text, form, this.core.typedIn);
    }
  }

  /**
   * Whether each channel among the recipients is one we are in. Messages for one we are coming back to wait; for any other most
   * servers refuse them. @throws SessionError
   */
  checkRecipients(target: string): void {
    const { draft, channels } = this.core;
    const isOut = ({ kind, buffer }: Recipient) =>
      kind === "channel" && draft.buffer(buffer)?.joined !== true && !channels.wants(buffer);
    const channel = recipientsIn(draft, target).find(isOut)?.buffer;
    if (channel === undefined) return;
    const text = COMMAND_ERRORS["not-in-channel"](channel);
    throw new SessionError("not-in-channel", text, channel);
  }

  /**
   * How many messages `text` would become for `target` with a block of code in it cut, each part of which is a block of its
   * own, if the server takes as much at once; undefined where no code is cut.
   */
  messagesOfCutCode(
    target: string,
    text: string,
    form: MessageEntry["form"] = "message",
  ): number | undefined {
    const counts = recipientsIn(this.core.draft, target).map((recipient) =>
      this.core.speech.messagesOfCutCode(recipient.target, text, form),
    );
    return counts.find((count) => count !== undefined);
  }

  /** Says a failed message again, with the same id. */
  retry(buffer: string, entryId: string): void {
    this.core.speech.retry(buffer, entryId);
    this.changed();
  }

  /** Takes a message that was not sent off the screen, and with it a conversation that holds nothing else. */
  discard(buffer: string, entryId: string): void {
    if (!this.core.speech.discard(buffer, entryId)) return;
    if (this.holdsNothing(buffer)) this.closeBuffer(buffer);
    this.changed();
  }

  /** Whether nothing was ever said in a direct message, as far as is known, to someone who is not there either. */
  private holdsNothing(name: string): boolean {
    const buffer = this.core.draft.buffer(name);
    if (buffer?.kind !== "direct" || buffer.entries.length > 0) return false;
    const isThere = this.state.users.get(name)?.online === true;
    return !isThere && this.core.reading.count(buffer, true).known === undefined;
  }

  /** Joins a channel, now and after every reconnect. Resolves with whether we are in. @throws SessionError */
  join(channel: string, key?: string): Promise<boolean> {
    checkName(channel);
    if (key !== undefined) checkName(key);
    this.core.channels.want(channel, key);
    return this.core.connector.isOpen ? this.core.channels.join(channel) : Promise.resolve(false);
  }

  /** Whether the last attempt to join a channel was refused for its key. */
  needsKey(channel: string): boolean {
    return this.core.channels.needsKey(channel);
  }

  part(channel: string, reason?: string): void {
    checkName(channel);
    this.core.channels.unwant(channel);
    this.core.ask("PART", channel, ...(reason === undefined ? [] : [toSingleLine(reason)]));
  }

  /** Opens the conversation with one person. */
  openDirect(nick: string): void {
    checkName(nick);
    const existing = this.core.draft.buffer(nick);
    if (existing !== undefined && hasMessages(existing)) return;
    if (this.core.draft.openBuffer(nick, "direct") === undefined)
      throw new SessionError("refused", "Too many conversations are open.");
    this.core.arrival.openDirect(nick, this.core.connector.isOpen);
    this.changed();
  }

  /** Takes a conversation off the list; leaves it if it is a channel. The server's own stays. */
  closeBuffer(name: string): void {
    const buffer = this.core.draft.buffer(name);
    if (buffer === undefined || buffer.kind === "server") return;
    if (buffer.kind === "channel") {
      if (buffer.joined) this.part(buffer.name);
      this.core.channels.unwant(buffer.name);
      leaveChannel(this.core.draft, buffer.name);
    } else if (this.core.draft.get().isupport.has("MONITOR"))
      this.core.send("MONITOR", "-", buffer.name);
    this.core.speech.forget(name);
    this.core.arrival.closed(name);
    this.core.draft.removeBuffer(name);
    this.changed();
  }

  /** Shows something to the person alone, such as a command's answer: a row, perhaps of several lines. */
  note(buffer: string, text: string): void {
    addInfo(this.core.draft, buffer, message("NOTE"), text);
    this.changed();
  }

  /** Empties the view of a conversation. What is still to be sent stays; the rest can be loaded again where there is history. */
  clear(name: string): void {
    const { draft } = this.core;
    draft.change(name, (timeline) => {
      timeline.clear();
    });
    draft.patchBuffer(name, { unread: 0, mentions: 0, unreadFrom: undefined });
    this.changed();
  }

  /**
   * Asks for another nick; without a connection it is the one the next connection begins with. Resolves with why the server
   * refused it; undefined: it did not. @throws SessionError when it is no name
   */
  setNick(nick: string): Promise<string | undefined> {
    checkName(nick);
    if (this.core.connector.isOpen) return this.core.nicks.change(nick);
    this.core.nicks.desired = nick;
    return Promise.resolve(undefined);
  }

  /** Asks for a channel's topic, which is told where that was typed. */
  askTopic(channel: string): void {
    checkName(channel);
    this.core.ask("TOPIC", channel);
  }

  setTopic(channel: string, topic: string): void {
    checkName(channel);
    this.core.ask("TOPIC", channel, toSingleLine(topic));
  }

  /** Away with a message, or back with undefined; also after a reconnect. */
  setAway(text: string | undefined): void {
    this.core.self.setAway(text);
  }

  /** Whether we are away, or asked to be. */
  get isAway(): boolean {
    return this.state.isAway || this.core.self.isAway;
  }

  /** What lets us into a channel, as far as we know. */
  keyOf(channel: string): string | undefined {
    return this.core.channels.keyOf(channel);
  }

  /** Sets one of our own draft/metadata-3 values, or takes it back; also after a reconnect. */
  setMetadata(key: string, value: string | undefined): void {
    this.core.self.setMetadata(key, value);
    this.changed();
  }

  /** Whether the server keeps pictures that people upload of themselves. */
  get takesPictures(): boolean {
    return this.options.net.openHttp !== undefined && this.state.isupport.has(AVATAR_TOKEN);
  }

  /** A picture that someone has uploaded to this server, by their value of `avatar`. @throws SessionError */
  async fetchPicture(avatar: string): Promise<Picture> {
    this.checkTakesPictures();
    return this.core.pictures.fetch(avatar);
  }

  /** Makes a picture our own for all who are here. @throws SessionError */
  async uploadPicture(picture: Picture): Promise<void> {
    this.checkTakesPictures();
    await this.core.pictures.upload(picture);
  }

  private checkTakesPictures(): void {
    this.checkConnected();
    if (!this.takesPictures) throw new SessionError("refused", "This server keeps no pictures.");
  }

  kick(channel: string, nick: string, reason: string): void {
    checkName(channel);
    checkName(nick);
    this.core.ask("KICK", channel, nick, toSingleLine(reason));
  }

  kill(nick: string, reason: string): void {
    checkName(nick);
    this.core.ask("KILL", nick, toSingleLine(reason));
  }

  invite(nick: string, channel: string): void {
    checkName(nick);
    checkName(channel);
    this.core.ask("INVITE", nick, channel);
  }

  mode(target: string, ...modes: string[]): void {
    for (const word of [target, ...modes]) checkName(word);
    this.core.ask("MODE", target, ...modes);
  }

  /** What the server tells of `nick`. @throws SessionError */
  async whois(nick: string): Promise<Whois> {
    checkName(nick);
    this.checkConnected();
    const answer = this.core.inbox.roundtrips.ask(
      whoisCollector(nick, this.core.draft.mapping),
      this.core.timing.replyTimeoutMs,
    );
    // The nick twice asks the server that knows how long they have been idle.
    this.core.send("WHOIS", nick, nick);
    return answer;
  }

  /** The channels of the network. @throws SessionError */
  async list(): Promise<readonly ListedChannel[]> {
    this.checkConnected();
    const answer = this.core.inbox.roundtrips.ask(listCollector(), this.core.timing.replyTimeoutMs);
    this.core.send("LIST");
    return answer;
  }

  /** Takes a nick from whoever owns it; for operators of a Parley server. @throws SessionError */
  async releaseNick(nick: string): Promise<void> {
    checkName(nick);
    this.checkConnected();
    const answer = this.core.inbox.roundtrips.ask(
      releaseCollector(),
      this.core.timing.replyTimeoutMs,
    );
    this.core.send("RELEASE", nick);
    await answer;
  }

  /**
   * Lets a member try which addresses of this server they reach: those of the invite they joined by. Only operators are answered,
   * and only by Parley. `port`: of those who do not say which one they tried. @throws SessionError when there is no answer
   */
  async testBack(nick: string, port: number): Promise<readonly EndpointCheck[]> {
    checkName(nick);
    this.checkConnected();
    const id = crypto.randomUUID().slice(0, 8);
    const isAsked = (other: string) => this.core.draft.isSame(other, nick);
    const answer = this.core.inbox.roundtrips.ask(
      testBackCollector(isAsked, id, port),
      TEST_BACK_TIMEOUT_MS,
    );
    this.core.connector.link?.send(testBackQuestion(nick, id));
    return answer;
  }

  /** Says one line to the host, who has yet to let us in. @throws SessionError when they do not get it */
  async knock(text: string): Promise<void> {
    const { status } = this;
    const line = toSingleLine(text).trim();
    if (line === "") throw new SessionError("refused", "There is no text.");
    if (status.phase !== "connecting" || status.step !== "approval")
      throw new SessionError("not-connected", "You are not waiting to be let in.");
    const answer = this.core.inbox.roundtrips.ask(
      knockCollector(),
      this.core.timing.replyTimeoutMs,
    );
    this.core.send("KNOCK", line);
    await answer;
    this.core.said(line);
  }

  /** Sends a line as it is. @throws SessionError when it is none */
  raw(line: string): void {
    this.checkConnected();
    const parsed = parseMessage(line);
    if (parsed === undefined) throw new SessionError("bad-name", "This is not a line of IRC.");
    if (parsed.command === "NICK") this.core.nicks.wished(parsed.params[0] ?? "");
    this.core.raw(line, parsed);
  }

  private checkConnected(): void {
    if (!this.core.connector.isOpen) throw new SessionError("not-connected", "Not connected.");
  }

  /** Everything up to this entry has been read. */
  markRead(buffer: string, entryId: string): void {
    const before = this.state;
    this.core.reading.markRead(buffer, entryId);
    if (this.state !== before) this.changed();
  }

  /** Everything in the buffer has been read, also what an earlier session counted and cannot be shown. */
  markAllRead(buffer: string): void {
    const before = this.state;
    this.core.reading.markAllRead(buffer);
    if (this.state !== before) this.changed();
  }

  /**
   * Asks for a page of what a gap stands for: "after" gives the entries just before the one that follows the gap, "before"
   * those just after the one that precedes it. The gap goes when the page reaches its other side or there is no more.
   * Does nothing when there is no such gap any more. @throws SessionError when it could not be loaded; the gap stays
   */
  async loadGap(buffer: string, gapId: string, side: GapSide): Promise<void> {
    await this.core.history.loadGap(buffer, gapId, side);
    this.changed();
  }

  /**
   * Tells where the person looks: what is far from there, and from the end, is what a full buffer lets go. undefined: at the end.
   */
  setFocus(buffer: string, entryId: string | undefined): void {
    this.core.draft.setFocus(buffer, entryId);
  }
}
