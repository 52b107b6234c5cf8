// The module of zkvault/values.

import { Module } from "./instance.js";
import * as bindings from "./values-bindings.js";

export const values = new Module(bindings);
