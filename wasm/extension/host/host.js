// The host document of Chromium: nobody sees it. It outlives the service worker, and ends with the vault.

import { serve } from "../shared/messages.js";
import { operations } from "./operations.js";

serve("host", operations);
