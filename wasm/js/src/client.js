import * as check from "./arguments.js";
import { ZkvError } from "./error.js";
import { clients } from "./module.js";
import { Owner, run } from "./task.js";

/** A client of a service. Its secret and tokens are in the module's memory and nowhere else. */
export class Client {
  /** The module's half; null once it is freed. */
  #handle;
  #tasks = new Owner();

  constructor(handle) {
    if (!(handle instanceof new.target.Handle)) throw new ZkvError("argument", `a client is made by ${new.target.name}.connect`);
    this.#handle = handle;
  }

  static async connect(connection) {
    const { url, apiKey, secret, signal } = check.options(connection);
    const given = [check.text(url, "url"), check.text(apiKey, "apiKey")];
    // The caller may wipe its own as soon as this returns.
    const kept = check.bytes(secret, "secret").slice();
    const client = await clients.ready().then(() => new this(clients.call(() => new this.Handle(...given, kept)))).finally(() => kept.fill(0));
    try {
      await client.ask({ signal }, (handle) => handle.logIn());
      return client;
    } catch (error) {
      client.free();
      throw error;
    }
  }

  get host() {
    return this.#use((handle) => handle.host);
  }

  /** Drives the task that `begin` makes; for the classes of this package. */
  ask(options, begin) {
    const { signal } = check.options(options);
    return run(() => this.#use(begin), signal, this.#tasks);
  }

  free() {
    const handle = this.#handle;
    this.#handle = null;
    this.#tasks.end(new ZkvError("closed", "the client was closed"));
    if (handle) clients.free(handle);
  }

  #use(work) {
    if (this.#handle === null) throw new ZkvError("closed", "the client was closed: its secret is wiped");
    return clients.call(() => work(this.#handle));
  }
}

if (Symbol.dispose) Client.prototype[Symbol.dispose] = Client.prototype.free;
