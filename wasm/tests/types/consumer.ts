// What users of the package write, and what the types must not let through.

import { Vault, ZkvError, generatePassphrase, generatePassword, init, initSync, inspect } from "zkvault";
import type { Failure, KeyRow, Place, ZkvErrorCode } from "zkvault";
import { Vault as InlineVault } from "zkvault/inline";
import { startWorker } from "zkvault/worker";
import type { RemoteVault } from "zkvault/worker";

interface Sites {
  sites: { id: number; name: string }[];
}

export async function use(key: Uint8Array, sites: Sites): Promise<string> {
  await init();
  initSync(new Uint8Array(8));
  using vault = Vault.fromKeys([key]);
  const place: Place = { siteId: 1n, type: "text", name: "user" };
  const value: string = vault.encryptValue(vault.decryptValue("AQ==", place), { ...place, siteId: "1" }, { layout: "vendor" });

  const object: Sites = vault.decryptDocument(sites).document;
  const failures: Failure[] = vault.decryptDocument(sites).failures;
  const text: string = vault.encryptDocument(JSON.stringify(object), { layout: "bound", key: "vault" });
  const rows: KeyRow[] = vault.keys();
  vault.activate("AQ==", { host: "a.test", userId: 1, code: key });

  const worker = startWorker();
  const remote: RemoteVault = await worker.unlock(vault.toKeyring(), key);
  const again: Sites = (await remote.decryptDocument(sites)).document;
  const plain: string = await remote.decryptValue(value);
  await remote.lock();

  try {
    inspect(value).layouts.map(({ layout, plaintextLen }) => `${layout}: ${plaintextLen}`);
  } catch (error) {
    if (error instanceof ZkvError) {
      const code: ZkvErrorCode = error.code;
      return code;
    }
  }
  return [generatePassword({ length: 8 }).text, generatePassphrase().text, text, again.sites[0].name, plain, rows[0].id, failures[0].code].join();
}

// @ts-expect-error: there is no public constructor
new Vault();
// @ts-expect-error: keys are bytes
Vault.fromKeys(["text"]);
// @ts-expect-error: a passphrase is bytes
Vault.unlock(new Uint8Array(8), "passphrase");
// @ts-expect-error: no such layout
Vault.fromKeys([]).encryptDocument("[]", { layout: "other" });
// @ts-expect-error: either from or code
Vault.fromKeys([]).activate("AQ==", { host: "a.test", userId: 1 });
// @ts-expect-error: no such word
const wrong: ZkvErrorCode = "nonsense";

export const same: typeof Vault = InlineVault;
