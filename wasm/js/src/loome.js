import * as check from "./arguments.js";
import { Loome as Handle } from "./client-bindings.js";
import { Client } from "./client.js";
import { ZkvError } from "./error.js";

export class Loome extends Client {
  static Handle = Handle;

  async projects(email, options) {
    const address = check.text(email, "the email address");
    return this.#list(options, (handle) => handle.projects(address));
  }

  async repositories(projectId, options) {
    const project = check.text(projectId, "the project's id");
    return this.#list(options, (handle) => handle.repositories(project));
  }

  async sas(projectId, repositoryId, options) {
    const { expires, readOnly } = check.options(options);
    const ids = [check.text(projectId, "the project's id"), check.text(repositoryId, "the repository's id")];
    const end = check.optionalSeconds(expires, "expires");
    if (end === undefined) throw new ZkvError("argument", "expires must be a Date");
    const only = check.optionalFlag(readOnly, "readOnly") ?? true;
    return this.ask(options, (handle) => handle.sas(...ids, end, only));
  }

  async #list(options, begin) {
    const [objects, setAside] = await this.ask(options, begin);
    return { objects: JSON.parse(objects), setAside: JSON.parse(setAside) };
  }
}
