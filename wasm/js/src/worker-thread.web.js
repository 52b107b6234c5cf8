// What runs in a page's worker. It imports nothing later on, so that bundlers can make one classic script of it.

import { loaders } from "./load.js";
import { serve } from "./serve.js";

const { init } = loaders({
  vault: { file: () => new URL("./zkvault.wasm", import.meta.url) },
  client: { file: () => new URL("./zkvault-client.wasm", import.meta.url) },
});
const answer = serve(init, (message) => self.postMessage(message));
self.addEventListener("message", ({ data }) => answer(data));
