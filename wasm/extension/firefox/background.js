// The event page of Firefox. It has no offscreen document, and needs none: it is a document itself, so the host is here.

import "../background.js";
import { use } from "../background/host.js";
import * as host from "./host.js";

use(host);
