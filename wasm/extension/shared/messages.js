// How the parts of the extension speak to each other: a request { to, op, params }, an answer { result } or { error }.

import { Failure, run } from "./answer.js";

export { Failure };

/**
 * Asks a part for something.
 * @param {"background" | "host"} to
 * @param {string} op
 * @param {object} [params]
 * @returns {Promise<any>}
 */
export async function ask(to, op, params = {}) {
  // The receiver may be ended meanwhile: then there is an error of the browser's, or nothing.
  const answer = await chrome.runtime.sendMessage({ to, op, params }).catch(() => undefined);
  if (!answer) throw new Failure("no-answer", "zkvault was interrupted. Try again.");
  if (answer.error) throw new Failure(answer.error.code, answer.error.message);
  return answer.result;
}

/**
 * Answers what the extension's own pages ask. Messages of content scripts, pages and other extensions are not heard.
 * @param {"background" | "host"} name
 * @param {Record<string, (params: any) => any>} operations
 */
export function serve(name, operations) {
  chrome.runtime.onMessage.addListener((message, sender, respond) => {
    if (message?.to !== name || !fromOurselves(sender)) return false;
    run(operations, message).then(respond);
    return true;
  });
}

/**
 * By the address, which the browser fills in, and which the service worker has too.
 * @param {chrome.runtime.MessageSender} sender
 */
function fromOurselves({ id, url }) {
  return id === chrome.runtime.id && url !== undefined && new URL(url).origin === location.origin;
}
