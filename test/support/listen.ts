import type { AddressInfo, Server } from "node:net";
import { onCleanup } from "./cleanup.js";

/** Lets `server` listen on loopback until the test is over, and returns its port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onCleanup(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
