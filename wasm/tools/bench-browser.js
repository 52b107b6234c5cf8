// Times an upload in Chromium against bare WebCrypto, in turn, and prints rows of a Markdown table:
// `node bench-browser.js FOLDER [ROUNDS]`. The storage is a `fetch` that takes everything at once: what is left is sealing,
// checksums, and moving bytes.

import path from "node:path";

import { openPage } from "../tests/lib/browser.js";

const folder = path.resolve(process.argv[2]);
const rounds = Number(process.argv[3] ?? 5);
const MB = 100;

/** Runs in the page. Milliseconds of each round. */
async function measure({ rounds, bytes }) {
  const { Vault, init, upload } = await import("/zkvault/index.web.js");
  const network = globalThis.fetch;
  globalThis.fetch = async (url, request) => {
    if (typeof url !== "string" || !url.includes("nowhere.example")) return network(url, request);
    // A token that may not read: nothing is looked up before or after.
    if (request.method !== "PUT") return new Response(null, { status: 403, headers: { "x-ms-error-code": "AuthorizationPermissionMismatch", "x-ms-version": "2025-11-05" } });
    return new Response(null, { status: 201, headers: { etag: '"1"', "last-modified": "Wed, 25 Nov 2026 00:00:00 GMT", "x-ms-request-server-encrypted": "true" } });
  };
  await init();
  const vault = Vault.fromKeys([crypto.getRandomValues(new Uint8Array(32))]);
  const content = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(content.subarray(at, at + 65_536));
  const file = new Blob([content]);

  const ours = () => upload("https://nowhere.example/files?sv=2024-11-04&sp=rwl&sig=none", file, { vault, name: "a.bin", overwrite: true });
  const aes = await crypto.subtle.importKey("raw", crypto.getRandomValues(new Uint8Array(32)), "AES-GCM", false, ["encrypt"]);
  /** As many blocks of 8 MiB at a time as an upload has on its way. */
  const theirs = async () => {
    let next = 0;
    const lane = async () => {
      for (let at; (at = next) < bytes; ) {
        next += 8 * 2 ** 20;
        const block = await file.slice(at, at + 8 * 2 ** 20).arrayBuffer();
        await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, aes, block);
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  };
  /** The same work as the format has it: an HMAC of each block, and chunks of 16 KiB, each with a tag of its own. */
  const inChunks = async () => {
    const mac = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    let next = 0;
    const lane = async () => {
      for (let at; (at = next) < bytes; ) {
        next += 8 * 2 ** 20;
        const block = new Uint8Array(await file.slice(at, at + 8 * 2 ** 20).arrayBuffer());
        await crypto.subtle.sign("HMAC", mac, block);
        let chunk = 0;
        const worker = async () => {
          while (chunk < block.length) {
            const from = chunk;
            chunk += 16_384;
            await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, aes, block.subarray(from, from + 16_384));
          }
        };
        await Promise.all(Array.from({ length: 64 }, worker));
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  };
  const times = [[], [], []];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [which, work] of [ours, theirs, inChunks].entries()) {
      const start = performance.now();
      await work();
      if (round > 0) times[which].push(performance.now() - start);
    }
  }
  return times;
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[numbers.length >> 1];
const afterwards = [];
try {
  const page = await openPage({ after: (end) => afterwards.push(end) }, { "/zkvault/": folder });
  const [ours, theirs, inChunks] = (await page.evaluate(measure, { rounds, bytes: MB * 1e6 })).map(median);
  if (page.complaints.length > 0) throw new Error(page.complaints.join("\n"));
  const speed = (time) => `${((MB * 1000) / time).toFixed(0)} MB/s`;
  console.log(`| upload of ${MB} MB in Chromium, to nowhere | ${speed(ours)} | WebCrypto alone, 8 MiB at a time: ${speed(theirs)} | ${(theirs / ours).toFixed(2)}× | ≥ 0.8× |`);
  console.log(`| the same | ${speed(ours)} | WebCrypto alone, as the format has it: ${speed(inChunks)} | ${(inChunks / ours).toFixed(2)}× | |`);
} finally {
  for (const end of afterwards.reverse()) await end();
}
