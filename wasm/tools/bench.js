// Times the built package against its peers, in turn, and prints Markdown tables: `node bench.js FOLDER [ROUNDS]`.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { argon2id } from "hash-wasm";

const folder = path.resolve(process.argv[2]);
const rounds = Number(process.argv[3] ?? 7);
const entry = pathToFileURL(path.join(folder, "index.node.js")).href;
const { Vault, init } = await import(entry);
await init();
const small = await import(pathToFileURL(path.join(folder, "values.node.js")).href);
await small.init();

const VALUES = 10_000;
const KEY = crypto.getRandomValues(new Uint8Array(32));
const VAULTS = { zkvault: Vault.fromKeys([KEY]), "zkvault/values": small.Vault.fromKeys([KEY]) };
const utf8 = (text) => new TextEncoder().encode(text);

const median = (numbers) => numbers.toSorted((left, right) => left - right)[numbers.length >> 1];

/** The median milliseconds of every candidate, each run once a round, in turn, after one round to warm up. */
async function compare(...candidates) {
  const times = candidates.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [number, candidate] of candidates.entries()) {
      const start = performance.now();
      const reported = await candidate();
      if (round > 0) times[number].push(reported ?? performance.now() - start);
    }
  }
  return times.map(median);
}

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const ms = (time) => `${time.toFixed(1)} ms`;

/** In a process of its own: what a program waits for before its first call. */
function loading() {
  const program = `const { init } = await import(${JSON.stringify(entry)}); const start = performance.now(); await init(); console.log(performance.now() - start);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program]));
}

async function values(name, vault) {
  const site = (id) => ({ id, login: { inputs: [{ name: "password", type: "password", value: `correct horse battery staple, number ${id}` }] } });
  const clear = JSON.stringify({ sites: Array.from({ length: VALUES }, (_, id) => site(id)) });
  const aes = await crypto.subtle.importKey("raw", KEY, "AES-GCM", false, ["decrypt"]);
  for (const [version, layout, goal] of [["v1", "vendor", 50], ["v2", "bound", 200]]) {
    const document = vault.encryptDocument(clear, { layout });
    const inputs = JSON.parse(document).sites.map(({ id, login: { inputs: [{ name, type, value }] } }) => [value, { siteId: id, name, type }]);
    const webCrypto = async () => {
      const decoder = new TextDecoder();
      for (const [value] of inputs) {
        const bytes = Buffer.from(value, "base64");
        decoder.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.subarray(5, 17) }, aes, bytes.subarray(17)));
      }
    };
    const ours = [
      () => void vault.decryptDocument(document),
      () => void inputs.forEach(([value, place]) => vault.decryptValue(value, place)),
    ];
    const [inDocument, oneByOne, peer] = await compare(...ours, ...(version === "v1" ? [webCrypto] : []));
    row(`${name}: ${VALUES.toLocaleString("en")} ${version} values in a document`, ms(inDocument), "", "", `< ${goal} ms`);
    row(`${name}: ${VALUES.toLocaleString("en")} ${version} values, one call each`, ms(oneByOne), peer ? `WebCrypto, awaited: ${ms(peer)}` : "", peer ? `${(peer / oneByOne).toFixed(1)}×` : "", `< ${goal} ms`);
  }
}

async function unlocking() {
  const passphrase = utf8("correct horse battery staple");
  for (const lanes of [1, 4]) {
    const keyring = Vault.create(passphrase, { lanes }).toKeyring();
    const [ours, theirs] = await compare(
      () => Vault.unlock(keyring, passphrase).lock(),
      () => argon2id({ password: passphrase, salt: new Uint8Array(16), parallelism: lanes, iterations: 3, memorySize: 65536, hashLength: 32 }).then(() => undefined),
    );
    row(`unlock, 64 MiB, t=3, p=${lanes}`, ms(ours), `hash-wasm, Argon2id alone: ${ms(theirs)}`, `${(theirs / ours).toFixed(1)}×`, "≥ 1.3×");
  }
}

row("work", "zkvault", "peer", "ratio", "goal");
row("---", "---", "---", "---", "---");
row("init() in a new process", ms((await compare(loading))[0]), "", "", "< 20 ms");
for (const [name, vault] of Object.entries(VAULTS)) await values(name, vault);
await unlocking();
