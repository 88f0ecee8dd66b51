// The doctor's look around, as a program of its own that runs in some network: prints the facts as JSON.
import { examineHost, examineJoiner } from "../../src/client/net/doctor/examine.js";

const [side = "", question = ""] = process.argv.slice(2);
const { signal } = new AbortController();
const asked = JSON.parse(question) as never;
const examined =
  side === "host"
    ? examineHost({ ...(asked as object), signal } as never).then((facts) => ({
        ...facts,
        members: [],
      }))
    : examineJoiner({ address: asked, isConnected: false, signal });
void examined.then((facts) => {
  process.stdout.write(JSON.stringify(facts), () => process.exit(0));
});
