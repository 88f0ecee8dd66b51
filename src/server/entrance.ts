// Where people come in: the addresses the server listens on, and what those who come there speak.
import type { Addresses } from "./addresses.js";
import type { Certificate } from "./certificate.js";
import type { ServerConfig } from "./config.js";
import type { ListeningAddress } from "./control.js";
import type { Router } from "./http/router.js";
import { Intake, type Accept } from "./intake.js";
import { Listener } from "./listener.js";
import type { Logger } from "./logger.js";

/** Owns the listeners and the intake behind them. */
export class Entrance {
  private readonly intake: Intake;
  private readonly listeners: readonly Listener[];

  constructor(
    config: ServerConfig,
    certificate: Certificate,
    accept: Accept,
    logger: Logger,
    now: () => number,
    addresses: Addresses,
    router: Router,
  ) {
    this.intake = new Intake(config, certificate, accept, logger, now, addresses, router);
    this.listeners = config.listen.map(
      (address) =>
        new Listener(address, (socket) => {
          this.intake.take(socket);
        }),
    );
  }

  /** Resolves with the real addresses when people can come. @throws StartError */
  async open(): Promise<readonly ListeningAddress[]> {
    const addresses: ListeningAddress[] = [];
    for (const listener of this.listeners) addresses.push(await listener.start());
    return addresses;
  }

  /** Ends those that took too long to say what they are. */
  sweep(now: number): void {
    this.intake.sweep(now);
  }

  /** Who comes from now on is shown this one. */
  useCertificate(certificate: Certificate): void {
    this.intake.useCertificate(certificate);
  }

  /** No one comes any more. Resolves when the ports are free, which is when all have gone who came. */
  async close(): Promise<void> {
    const ports = this.listeners.map((listener) => listener.close());
    this.intake.close();
    await Promise.all(ports);
  }
}
