// What Playwright does not reach: popups, offscreen documents and workers, over the DevTools protocol.

/** Sends commands to one target through a session that leads to it, and hears its events. */
export class Target {
  #parent;
  #session;
  #id = 0;
  #waiting = new Map();
  #listeners = new Map();
  /** Whether the target is gone, as a popup is when it closed itself. */
  closed = false;

  constructor(parent, session) {
    this.#parent = parent;
    this.#session = session;
    parent.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => sessionId === session && this.#receive(JSON.parse(message)));
    parent.on("Target.detachedFromTarget", ({ sessionId }) => sessionId === session && this.#close());
  }

  #close() {
    this.closed = true;
    for (const { reject } of this.#waiting.values()) reject(new Error("the target is gone"));
  }

  /** The first target of the browser that `matches`, when it is there. */
  static async find(browser, matches) {
    for (let tries = 0; tries < 600; tries += 1) {
      const { targetInfos } = await browser.send("Target.getTargets", { filter: [{}] });
      const found = targetInfos.find(matches);
      if (found) return Target.attach(browser, found.targetId);
      await pause(50);
    }
    throw new Error("there is no such target");
  }

  static async attach(browser, targetId) {
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: false });
    return new Target(browser, sessionId);
  }

  /** The tabs of the browser, each with the page that it shows. Which page that is only the tab's own session says. */
  static async tabs(browser) {
    const { targetInfos } = await browser.send("Target.getTargets", { filter: [{ type: "tab" }] });
    return Promise.all(targetInfos.map(({ targetId }) => Target.#tab(browser, targetId)));
  }

  static async #tab(browser, tabId) {
    const tab = await Target.attach(browser, tabId);
    let pageId;
    tab.on("Target.attachedToTarget", ({ targetInfo }) => (pageId = targetInfo.targetId));
    await tab.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    await tab.detach();
    return { tabId, pageId };
  }

  async detach() {
    await this.#parent.send("Target.detachFromTarget", { sessionId: this.#session });
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  async send(method, params = {}) {
    const id = ++this.#id;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    answer.catch(() => {}); // it may fail before anybody waits for it
    await this.#parent.send("Target.sendMessageToTarget", { sessionId: this.#session, message: JSON.stringify({ id, method, params }) });
    return answer;
  }

  #receive({ id, result, error, method, params }) {
    if (method) for (const listener of this.#listeners.get(method) ?? []) listener(params);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  /** Runs a function there, with JSON arguments, and gives what it returns. */
  async evaluate(work, ...parameters) {
    const expression = `(${work})(${parameters.map((one) => JSON.stringify(one)).join(",")})`;
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Runs a function there with an array of all memories of WebAssembly, and JSON arguments. */
  async withMemories(work, ...parameters) {
    const { result: prototype } = await this.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
    const { objects } = await this.send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    const functionDeclaration = `function (...parameters) { return (${work})(this, ...parameters); }`;
    const given = { objectId: objects.objectId, arguments: parameters.map((value) => ({ value })), returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.callFunctionOn", { functionDeclaration, ...given });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until a function gives something that holds. */
  async until(work, ...parameters) {
    for (let tries = 0; tries < 1200; tries += 1) {
      const value = await this.evaluate(work, ...parameters);
      if (value) return value;
      await pause(50);
    }
    throw new Error(`it did not become true: ${work}`);
  }

  /** The first worker that this target started. */
  async worker() {
    const attached = new Promise((resolve) =>
      this.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => targetInfo.type === "worker" && resolve(new Target(this, sessionId))),
    );
    await this.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return attached;
  }

  async press(key, { ctrl = false } = {}) {
    const codes = { Enter: 13, ArrowDown: 40, ArrowUp: 38, ArrowRight: 39, Escape: 27, Tab: 9 };
    const code = codes[key] ?? key.toUpperCase().charCodeAt(0);
    const text = key === "Enter" ? "\r" : key.length === 1 && !ctrl ? key : undefined;
    const event = { key, windowsVirtualKeyCode: code, modifiers: ctrl ? 2 : 0, text };
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event, text: undefined }).catch(() => {});
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }

  async screenshot() {
    return Buffer.from((await this.send("Page.captureScreenshot", { format: "png" })).data, "base64");
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
