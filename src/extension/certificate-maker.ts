// Makes the certificate of this installation, in a thread of the server's bundle: that has the library for it.
import { Worker } from "node:worker_threads";
import type { ClientCertificate } from "../client/session-options.js";
import type { CertificateEvent, CertificateOptions } from "../server/control.js";

/** A new key and certificate. Rejects when the thread cannot make one. */
export function makeCertificate(bundle: string): Promise<ClientCertificate> {
  const workerData: CertificateOptions = { kind: "parley-certificate" };
  const worker = new Worker(bundle, { workerData, env: {} });
  return new Promise((resolve, reject) => {
    worker.once("message", ({ cert, key }: CertificateEvent) => {
      resolve({ cert, key });
    });
    worker.once("error", reject);
    worker.once("exit", () => {
      reject(new Error("the thread ended without a certificate"));
    });
  });
}
