// Waiting for a socket to become ready.
import type { Socket } from "node:net";
import { ConnectError } from "../connect-error.js";
import type { ConnectFailure } from "../status.js";

/** A socket's first event of three: it is ready, it failed, it took too long or no one wants it any more. */
export function settle<T>(
  socket: Socket,
  signal: AbortSignal,
  limit: { readonly ms: number; readonly failure: ConnectFailure },
  ready: { readonly event: string; readonly then: () => T },
  failed: (error: Error) => Error | Promise<Error>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off(ready.event, onReady).off("error", onError).off("close", onClose);
      // A late error of a socket no one waits for any more must not bring the process down.
      socket.on("error", () => undefined);
    };
    const fail = (error: Error) => {
      done();
      socket.destroy();
      reject(error);
    };
    const onReady = () => {
      done();
      try {
        resolve(ready.then());
      } catch (error) {
        socket.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onError = (error: Error) => {
      done();
      socket.destroy();
      Promise.resolve(failed(error)).then(reject, reject);
    };
    const onClose = () => {
      onError(Object.assign(new Error("closed before it was ready"), { code: "ECONNRESET" }));
    };
    const onAbort = () => {
      fail(new ConnectError({ code: "cancelled", detail: "cancelled" }));
    };
    const timer = setTimeout(() => {
      fail(new ConnectError(limit.failure));
    }, limit.ms);
    signal.addEventListener("abort", onAbort);
    socket.on(ready.event, onReady).on("error", onError).on("close", onClose);
    if (signal.aborted) onAbort();
  });
}
