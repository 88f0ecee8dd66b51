// All that this layer uses beside the language: what Node.js and browsers both have. The libraries that TypeScript has for either
// declare much that the other does not have.

interface Timer {
  readonly isTimer: unique symbol;
}
declare function setTimeout(callback: () => void, ms: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare const performance: { now(): number };

declare class AbortSignal {
  readonly aborted: boolean;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(encoding: "utf-8", options: { readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
declare function btoa(bytes: string): string;
declare function atob(base64: string): string;

declare class URL {
  static canParse(url: string): boolean;
  constructor(url: string);
  hostname: string;
}

declare const crypto: { randomUUID(): string };

// One of these each has: turns.ts.
declare const setImmediate: ((callback: () => void) => unknown) | undefined;
declare class MessageChannel {
  readonly port1: { postMessage(message: undefined): void };
  readonly port2: { onmessage: (() => void) | null };
}

declare module "punycode.js" {
  const punycode: { toUnicode(domain: string): string };
  export default punycode;
}
