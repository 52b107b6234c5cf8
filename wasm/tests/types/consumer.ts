// What users of the package write, and what the types must not let through.

import {
  LogMeOnce, Loome, Vault, ZkvError, download, downloadStream, generatePassphrase, generatePassword, init, initSync, inspect, listFiles,
  listSnapshots, matchOrigin, pushSnapshot, restoreSnapshot, unlockSnapshot, upload,
} from "zkvault";
import type { Failure, Finding, KeyRow, ListedSnapshot, Place, RestoredSnapshot, SiteVerdict, UploadedFile, Trust, ValueVault, ZkvErrorCode } from "zkvault";
import { Vault as InlineVault } from "zkvault/inline";
import { Vault as SmallVault, init as initValues, inspect as inspectValue } from "zkvault/values";
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

export async function serve(vault: Vault, secret: Uint8Array, file: Blob, signal: AbortSignal): Promise<string> {
  using client: LogMeOnce = await LogMeOnce.connect({ url: "https://acme.logmeonce.com", apiKey: "k", secret, signal });
  const trust: Trust = vault.trust(null, { host: client.host, firstUse: true });
  const { document, setAside } = await client.sites({ signal });
  const verdicts: SiteVerdict[] = trust.assess(document, { setAside });
  const told = verdicts.flatMap(({ changes }) => changes).map((finding: Finding) => (finding.kind === "changed" ? finding.before : finding.what));
  const fits: boolean = matchOrigin({ pinnedLogin: "https://a.example", pageUrl: "https://a.example/b" });
  const loome: Loome = await Loome.connect({ url: "https://loome.example", apiKey: "k", secret });
  const sas: string = await loome.sas("1", "2", { expires: new Date(), readOnly: false });
  const stored: UploadedFile = await upload(sas, file, { vault, name: "a/b", onProgress: ({ done, total }) => total ?? done });
  const blob: Blob = await download(sas, stored.name, { vault });
  const { stream } = await downloadStream(sas, stored.name, { vault });
  const remote = await startWorker().fromKeys([secret]);
  const again: SiteVerdict[] = await (await remote.trust(trust.toBytes(), { host: client.host })).assess("[]");
  await remote.upload(sas, stream, { name: "c" });
  return [told, fits, blob.size, (await listFiles(sas, { vault })).length, again[0].fill].join();
}

export async function backUp(sas: string, vault: Vault, passphrase: Uint8Array, signal: AbortSignal): Promise<string> {
  const { head, gap } = await pushSnapshot(sas, { vault, host: "a.test", sites: "[]", users: null, pins: null, keyring: false, synced: new Date(), signal });
  const rows: ListedSnapshot[] = (await listSnapshots(sas, { vault, known: head, accept: gap })).snapshots;
  const fresh: Vault = await unlockSnapshot(sas, passphrase, { revision: rows[0].revision });
  const restored: RestoredSnapshot = await restoreSnapshot(sas, { vault: fresh, expect: head, onProgress: ({ done }) => done });
  const remote: RemoteVault = await startWorker().unlockSnapshot(sas, passphrase);
  return (await remote.restoreSnapshot(sas, { known: restored.newest })).sites + fresh.trust(restored.pins, restored).host;
}

/** Takes a vault of either entry. */
const passwordOf = (vault: ValueVault, value: string, place: Place): string => vault.decryptValue(value, place);

export async function show(key: Uint8Array, sites: Sites, place: Place): Promise<string> {
  await initValues();
  using small = SmallVault.fromKeys([key], { vendorLayout: null });
  const value: string = small.encryptValue("text", place, { layout: "bound" });
  const object: Sites = small.decryptDocument(small.encryptDocument(sites)).document;
  return [passwordOf(small, value, place), passwordOf(Vault.fromKeys([key]), value, place), object.sites[0].name, inspectValue(value).keyId].join();
}

// @ts-expect-error: keyrings are of the other entry
SmallVault.unlock(new Uint8Array(8), new Uint8Array(8));
// @ts-expect-error: files need a vault of the other entry
upload("", new Uint8Array(), { vault: SmallVault.fromKeys([new Uint8Array(32)]), name: "a" });
// @ts-expect-error: a backup is of an account
pushSnapshot("", { vault: Vault.fromKeys([new Uint8Array(32)]), sites: "[]" });
// @ts-expect-error: a secret is bytes
LogMeOnce.connect({ url: "", apiKey: "", secret: "text" });
// @ts-expect-error: pins are of an account
Vault.fromKeys([new Uint8Array(32)]).trust(null);
// @ts-expect-error: there is no public constructor
new Vault();
// @ts-expect-error: keys are bytes
Vault.fromKeys(["text"]);
// @ts-expect-error: a passphrase is bytes
Vault.unlock(new Uint8Array(8), "passphrase");
// @ts-expect-error: no such layout
Vault.fromKeys([new Uint8Array(32)]).encryptDocument("[]", { layout: "other" });
// @ts-expect-error: either from or code
Vault.fromKeys([new Uint8Array(32)]).activate("AQ==", { host: "a.test", userId: 1 });
// @ts-expect-error: no such word
const wrong: ZkvErrorCode = "nonsense";

export const same: typeof Vault = InlineVault;
