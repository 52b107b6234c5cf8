// What runs in a page's worker.

import { init } from "./index.web.js";
import { serve } from "./serve.js";

const answer = serve(init, (message) => self.postMessage(message));
self.addEventListener("message", ({ data }) => answer(data));
