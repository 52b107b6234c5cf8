// The host's part of what the module does over time: requests, waiting, and the clock. Whatever a task begins belongs
// to it, wakes it, and ends with it.

/** Milliseconds without a sign of life after which a request is given up. What is sent needs its time to go out. */
const SILENCE = 60_000;
const SLOWEST_BYTES_PER_MS = 32;

/** The task that is polled just now: `wake()`, and `signal`, which ends all that it has begun. */
let current;

/** Runs `poll` for a task. */
export function during(task, poll) {
  current = task;
  try {
    return poll();
  } finally {
    current = undefined;
  }
}

/** Something under way. `take` gives nothing, then an array of what came of it, or a text that says why nothing did. */
class Pending {
  #result;

  constructor(work) {
    const task = current;
    const settle = (result) => ((this.#result = result), task.wake());
    work.then(settle, (error) => settle(reason(error)));
  }

  take() {
    return this.#result;
  }
}

/** Never the error's own text: it may name the address, and that may be a secret. */
function reason(error) {
  if (error?.name === "TimeoutError") return "timeout";
  const code = error?.cause?.code;
  return typeof code === "string" ? `the network failed (${code})` : "the network failed, or the service does not let this page ask it (CORS)";
}

/** A request that ends with its task, and by itself when nothing is heard of it. */
class Exchange {
  #control = new AbortController();
  #reader;

  constructor(signal) {
    if (signal.aborted) this.#control.abort();
    else signal.addEventListener("abort", () => this.#control.abort(), { once: true });
  }

  async begin(method, url, headers, body) {
    const response = await this.#heard(SILENCE + (body?.length ?? 0) / SLOWEST_BYTES_PER_MS, () =>
      fetch(url, {
        method, headers, body, redirect: "manual", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
        signal: this.#control.signal,
      }));
    this.#reader = response.body?.getReader();
    // A redirect that is not followed is shown to pages without its status.
    const status = response.type === "opaqueredirect" ? 302 : response.status;
    return [status, [...response.headers].flat(), this];
  }

  async piece() {
    if (!this.#reader) return [];
    const { value } = await this.#heard(SILENCE, () => this.#reader.read());
    return [value];
  }

  async #heard(milliseconds, work) {
    const timer = setTimeout(() => this.#control.abort(new DOMException("nothing was heard", "TimeoutError")), milliseconds);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

export function send(method, url, headers, body) {
  // The host counts itself, and browsers let nobody else.
  const pairs = headers.flatMap((name, at) => (at % 2 === 0 && name !== "content-length" ? [[name, headers[at + 1]]] : []));
  return new Pending(new Exchange(current.signal).begin(method, url, pairs, body));
}

export function read(exchange) {
  return new Pending(exchange.piece());
}

export function sleep(milliseconds) {
  const { signal } = current;
  return new Pending(new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), milliseconds);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }));
}

export function now() {
  return Date.now();
}
