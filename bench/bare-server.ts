// What a Node process costs that relays lines and does nothing else: no history, no limits, no checks, no answers but those
// the load waits for. What our own server costs beyond this is ours; below it nobody gets in Node. Its only argument is the port.
import { createServer, type Socket } from "node:net";

interface Client {
  readonly socket: Socket;
  /** The beginning of a line whose end has not come yet. */
  rest: string;
  nick: string;
  /** `:nick!user@host `, as it stands before what the client says. */
  source: string;
  /** Lines for this client alone. */
  own: string;
}

interface Said {
  /** Who does not hear it. */
  readonly by: Client | undefined;
  readonly line: string;
}

const NAME = "bare.bench.example";
const clients = new Map<string, Client>();
const room = new Set<Client>();
let waiting = new Set<Client>();
let said: Said[] = [];
let isPlanned = false;

createServer({ noDelay: true }, (socket) => {
  const client: Client = { socket, rest: "", nick: "", source: "", own: "" };
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clients.delete(client.nick);
    room.delete(client);
  });
  socket.on("data", (chunk: Buffer) => {
    const lines = (client.rest + chunk.toString("latin1")).split("\r\n");
    client.rest = lines.pop() ?? "";
    for (const line of lines) handle(client, line);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");

function handle(client: Client, line: string): void {
  if (line.startsWith("PRIVMSG #")) {
    said.push({ by: client, line: `${client.source}${line}\r\n` });
    plan();
  } else if (line.startsWith("PRIVMSG ")) {
    const target = clients.get(line.slice("PRIVMSG ".length, line.indexOf(" ", "PRIVMSG ".length)));
    if (target !== undefined) tell(target, `${client.source}${line}\r\n`);
  } else if (line.startsWith("NICK ")) {
    client.nick = line.slice("NICK ".length);
    client.source = `:${client.nick}!~bench@0123456789abcdef.guest `;
    clients.set(client.nick, client);
  } else if (line.startsWith("USER ")) {
    tell(client, `:${NAME} 001 ${client.nick} :Welcome\r\n:${NAME} 422 ${client.nick} :None\r\n`);
  } else if (line.startsWith("JOIN ")) {
    // What was said before is not for those who come now.
    flush();
    room.add(client);
    broadcast([{ by: undefined, line: `${client.source}${line}\r\n` }]);
    tell(client, `:${NAME} 366 ${client.nick} ${line.slice("JOIN ".length)} :End\r\n`);
  } else if (line.startsWith("PING ")) {
    tell(client, `:${NAME} PONG ${NAME} ${line.slice("PING ".length)}\r\n`);
  }
}

function tell(client: Client, lines: string): void {
  client.own += lines;
  waiting.add(client);
  plan();
}

/** Written once a tick, as our own server does. */
function plan(): void {
  if (isPlanned) return;
  isPlanned = true;
  setImmediate(() => setImmediate(flush));
}

function flush(): void {
  isPlanned = false;
  const [told, lines] = [waiting, said];
  waiting = new Set();
  said = [];
  if (lines.length > 0) broadcast(lines);
  for (const client of told) {
    client.socket.write(client.own, "latin1");
    client.own = "";
  }
}

function broadcast(lines: readonly Said[]): void {
  const all = Buffer.from(lines.map(({ line }) => line).join(""), "latin1");
  const speakers = new Set(lines.map(({ by }) => by));
  for (const client of room) {
    if (!speakers.has(client)) client.socket.write(all);
    else client.socket.write(lines.map(({ by, line }) => (by === client ? "" : line)).join(""));
  }
}
