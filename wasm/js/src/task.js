// What takes time: the module's tasks, driven from here.

import { onAbort } from "./abort.js";
import { during } from "./host.js";
import { clients } from "./module.js";

/** What ends before its owner does: `owner.end(error)` gives all of it up. */
export class Owner {
  #tasks = new Set();

  add(task) {
    this.#tasks.add(task);
  }

  delete(task) {
    this.#tasks.delete(task);
  }

  end(error) {
    for (const task of this.#tasks) task.giveUp(error);
    this.#tasks.clear();
  }
}

/** One task of the module, from its beginning to its end. */
class Task {
  #control = new AbortController();
  #woken;
  #failure;

  get signal() {
    return this.#control.signal;
  }

  wake() {
    this.#woken?.();
  }

  giveUp(error) {
    this.#failure ??= error;
    this.wake();
  }

  async run(begin) {
    if (this.#failure) throw this.#failure;
    const task = clients.call(begin);
    try {
      for (;;) {
        const woken = new Promise((resolve) => (this.#woken = resolve));
        const done = clients.call(() => during(this, () => task.poll()));
        if (done) return done[0];
        await woken;
        if (this.#failure) throw this.#failure;
      }
    } finally {
      this.#control.abort();
      clients.free(task);
    }
  }
}

/** Drives the task that `begin` makes. It is given up by `signal`, or by the end of an owner. */
export async function run(begin, signal, ...owners) {
  const task = new Task();
  const off = onAbort(signal, (error) => task.giveUp(error));
  for (const owner of owners) owner.add(task);
  try {
    return await task.run(begin);
  } finally {
    off();
    for (const owner of owners) owner.delete(task);
  }
}
