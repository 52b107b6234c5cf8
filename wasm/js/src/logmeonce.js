import * as check from "./arguments.js";
import { LogMeOnce as Handle } from "./bindings.js";
import { ZkvError } from "./error.js";
import { call } from "./module.js";
import { Owner, run } from "./task.js";

/** A client of the LogMeOnce API. Its secret and tokens are in the module's memory and nowhere else. */
export class LogMeOnce {
  /** The module's half; null once it is freed. */
  #handle;
  #tasks = new Owner();

  constructor(handle) {
    if (!(handle instanceof Handle)) throw new ZkvError("argument", "a client is made by LogMeOnce.connect");
    this.#handle = handle;
  }

  static async connect(connection) {
    const { url, apiKey, secret, signal } = check.options(connection);
    const given = [check.text(url, "url"), check.text(apiKey, "apiKey"), check.bytes(secret, "secret")];
    const client = new LogMeOnce(call(() => new Handle(...given)));
    try {
      await client.#ask(signal, (handle) => handle.logIn());
      return client;
    } catch (error) {
      client.free();
      throw error;
    }
  }

  get host() {
    return this.#use((handle) => handle.host);
  }

  async sites(options) {
    return this.#ask(check.options(options).signal, (handle) => handle.sites());
  }

  async site(id, options) {
    const number = check.apiId(id, "the site's id");
    return this.#ask(check.options(options).signal, (handle) => handle.site(number));
  }

  async search(text, options) {
    const phrase = check.text(text, "the text");
    return this.#ask(check.options(options).signal, (handle) => handle.sites(phrase));
  }

  async users(options) {
    return this.#ask(check.options(options).signal, (handle) => handle.users());
  }

  async groups(options) {
    return this.#ask(check.options(options).signal, (handle) => handle.groups());
  }

  free() {
    const handle = this.#handle;
    this.#handle = null;
    this.#tasks.end("closed", "the client was closed");
    if (handle) call(() => handle.free());
  }

  #use(work) {
    if (this.#handle === null) throw new ZkvError("closed", "the client was closed: its secret is wiped");
    return call(() => work(this.#handle));
  }

  #ask(signal, begin) {
    return run(() => this.#use(begin), signal, this.#tasks);
  }
}

if (Symbol.dispose) LogMeOnce.prototype[Symbol.dispose] = LogMeOnce.prototype.free;
