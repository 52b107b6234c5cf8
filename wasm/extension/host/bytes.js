/**
 * Calls `work` with a secret in UTF-8, and wipes that copy of it.
 * @template T
 * @param {string} secret
 * @param {(bytes: Uint8Array) => T} work
 */
export function withBytes(secret, work) {
  const bytes = new TextEncoder().encode(secret);
  try {
    return work(bytes);
  } finally {
    bytes.fill(0);
  }
}
