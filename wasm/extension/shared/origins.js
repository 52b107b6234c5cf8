// Where a login may be filled at all: pages whose traffic nobody on the way can read or change.

/**
 * Names and addresses of this machine. Browsers take them for it without asking a name server, and call http there as trustworthy
 * as https: Secure Contexts, section 3.1. page/write.js has the same list.
 */
const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

/** Pages that a login may be filled into, as patterns of the browser. */
export const PAGES = ["https://*/*", ...LOOPBACK.map((host) => `http://${host}/*`)];

/** Whether an origin is encrypted, or does not leave this machine. @param {string | null | undefined} origin */
export function isTrustworthy(origin) {
  if (!origin || !URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
}
