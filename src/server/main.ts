// The server as a program, or as a worker thread of whoever hosts it.
import { setFlagsFromString } from "node:v8";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { runCommandLine } from "./command-line.js";
import type { WorkerOptions } from "./control.js";
import { runWorker } from "./worker.js";

function isWorkerOptions(data: unknown): data is WorkerOptions {
  return (
    typeof data === "object" && data !== null && "kind" in data && data.kind === "parley-server"
  );
}

// V8 lets room for new objects grow with the busiest moment and keeps it: that would be most of what an idle client costs.
if (isMainThread) setFlagsFromString("--semi-space-growth-factor=1");

const data: unknown = workerData;
if (!isMainThread && parentPort !== null && isWorkerOptions(data))
  void runWorker(parentPort, data.options);
else void runCommandLine(process);
