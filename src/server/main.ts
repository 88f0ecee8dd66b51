// The server as a program, or as a worker thread of whoever hosts it.
import { setFlagsFromString } from "node:v8";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { runCommandLine } from "./command-line.js";
import type { CertificateOptions, WorkerOptions } from "./control.js";
import { runCertificateWorker, runWorker } from "./worker.js";

type Wish = WorkerOptions | CertificateOptions;

function isWish<K extends Wish["kind"]>(data: unknown, kind: K): data is Wish & { kind: K } {
  return typeof data === "object" && data !== null && "kind" in data && data.kind === kind;
}

// V8 lets room for new objects grow with the busiest moment and keeps it: that would be most of what an idle client costs.
if (isMainThread) setFlagsFromString("--semi-space-growth-factor=1");

const data: unknown = workerData;
if (!isMainThread && parentPort !== null && isWish(data, "parley-server"))
  void runWorker(parentPort, data.options);
else if (!isMainThread && parentPort !== null && isWish(data, "parley-certificate"))
  void runCertificateWorker(parentPort);
else void runCommandLine(process);
