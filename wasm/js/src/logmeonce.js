import * as check from "./arguments.js";
import { LogMeOnce as Handle } from "./client-bindings.js";
import { Client } from "./client.js";

export class LogMeOnce extends Client {
  static Handle = Handle;

  async sites(options) {
    return this.#list(options, (handle) => handle.sites());
  }

  async site(id, options) {
    const number = check.apiId(id, "the site's id");
    return this.ask(options, (handle) => handle.site(number));
  }

  async search(text, options) {
    const phrase = check.text(text, "the text");
    return this.#list(options, (handle) => handle.sites(phrase));
  }

  async users(options) {
    return this.#list(options, (handle) => handle.users());
  }

  async groups(options) {
    return this.#list(options, (handle) => handle.groups());
  }

  async #list(options, begin) {
    const [document, setAside] = await this.ask(options, begin);
    return { document, setAside: JSON.parse(setAside) };
  }
}
