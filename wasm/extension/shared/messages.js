// How the parts of the extension speak to each other: a request { to, op, params }, an answer { result } or { error }.

/** What went wrong, with a stable word for programs and a sentence for people. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "Failure";
    this.code = code;
  }
}

/**
 * Asks a part for something.
 * @param {"background" | "host"} to
 * @param {string} op
 * @param {object} [params]
 * @returns {Promise<any>}
 */
export async function ask(to, op, params = {}) {
  const answer = await chrome.runtime.sendMessage({ to, op, params });
  if (answer?.error) throw new Failure(answer.error.code, answer.error.message);
  if (!answer) throw new Failure("no-answer", "zkvault did not answer. Try again.");
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

/**
 * @param {Record<string, (params: any) => any>} operations
 * @param {{ op: string, params: object }} message
 */
async function run(operations, { op, params }) {
  try {
    if (!Object.hasOwn(operations, op)) throw new Failure("argument", "There is no such operation.");
    return { result: (await operations[op](params)) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

/** What may be shown: our own failures and the package's. Anything else might quote a value. */
function describe(/** @type {any} */ error) {
  const told = error instanceof Failure || error?.name === "ZkvError";
  return told ? { code: error.code, message: error.message } : { code: "internal", message: "Something failed inside zkvault. Try again." };
}
