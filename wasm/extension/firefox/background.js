// The event page of Firefox. It has no offscreen document, and needs none: it is a document itself, so the host is here.

import { use } from "../background/host.js";
import "../background/main.js";
import * as host from "./host.js";

use(host);
