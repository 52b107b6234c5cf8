// What runs in a worker thread of Node.

import { parentPort } from "node:worker_threads";

import { init } from "./index.node.js";
import { serve } from "./serve.js";

parentPort.on("message", serve(init, (message) => parentPort.postMessage(message)));
