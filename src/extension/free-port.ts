import { createServer } from "node:net";

/** A port that nothing listens on at `host`; 0 where one cannot listen at all: the reason comes with the attempt. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(0);
    });
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
