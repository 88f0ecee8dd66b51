// The process's own streams. The disk behind one may be full, whoever read it may be gone: the server goes on.
import { writeSync } from "node:fs";

export interface ProcessStream {
  readonly fd: number;
  write(text: string): unknown;
  on(event: "error", listener: () => void): unknown;
}

/** Writes to `stream`; once that has failed, each text is tried on its own, and lost where it cannot be written. */
export function lasting(stream: ProcessStream): { write(text: string): void } {
  let hasFailed = false;
  stream.on("error", () => {
    hasFailed = true;
  });
  return {
    write(text) {
      if (!hasFailed) {
        stream.write(text);
        return;
      }
      // Node closes a stream that has failed, for good. A full disk has room again some day.
      try {
        writeSync(stream.fd, text);
      } catch {
        // There is nowhere left to tell it.
      }
    },
  };
}
