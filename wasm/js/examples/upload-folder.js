// Encrypts a folder and uploads it: `node upload-folder.js KEYRING FOLDER`, with the keyring's passphrase in ZKV_PASSPHRASE
// and the address of the container, with its SAS token, in ZKV_SAS.

import { openAsBlob } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

import { init, upload, Vault } from "zkvault";

const [keyring, folder] = process.argv.slice(2);
const { ZKV_PASSPHRASE, ZKV_SAS } = process.env;
await init();
const vault = Vault.unlock(await readFile(keyring), new TextEncoder().encode(ZKV_PASSPHRASE));
for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = path.join(entry.parentPath, entry.name);
  const name = path.join(path.basename(folder), path.relative(folder, file)).replaceAll(path.sep, "/");
  const { size } = await upload(ZKV_SAS, await openAsBlob(file), { vault, name });
  console.log(`${size} bytes, ${name}`);
}
vault.lock();
