// The turns of the event loop.

/** Calls `callback` in the next turn, after what has arrived meanwhile. Those of one turn are called in their order. */
export const inNextTurn: (callback: () => void) => void =
  typeof setImmediate === "undefined" ? viaChannel() : setImmediate;

/** In browsers, where timers wait for four milliseconds once they follow each other. */
function viaChannel(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port2.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port1.postMessage(undefined);
  };
}
