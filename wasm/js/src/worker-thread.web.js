// What runs in a page's worker. It imports nothing later on, so that bundlers can make one classic script of it.

import { loaders } from "./load.js";
import { clients, vaults } from "./module.js";
import { serve } from "./serve.js";

const { init } = loaders(
  { module: vaults, file: () => new URL("./zkvault.wasm", import.meta.url) },
  { module: clients, file: () => new URL("./zkvault-client.wasm", import.meta.url) },
);
const answer = serve(init, (message) => self.postMessage(message));
self.addEventListener("message", ({ data }) => answer(data));
