// The service worker of Chromium: the vault's host is an offscreen document.

import { use } from "./background/host.js";
import "./background/main.js";
import * as offscreen from "./background/offscreen.js";

use(offscreen);
