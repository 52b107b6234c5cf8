// The two modules of the package's main entry: what the vault needs, and what talks to services and storages, which is fetched
// when it is first needed. Neither sees the other's memory.

import * as clientBindings from "./client-bindings.js";
import { Module } from "./instance.js";
import * as vaultBindings from "./vault-bindings.js";

export const vaults = new Module(vaultBindings);
export const clients = new Module(clientBindings);
