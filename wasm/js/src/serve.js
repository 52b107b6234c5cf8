// The worker's side: vaults and clients by number, and one answer to every question.

import {
  LogMeOnce, Loome, Trust, Vault, ZkvError, decryptFile, download, encryptFile, listFiles, listSnapshots, pushSnapshot, restoreSnapshot, unlockSnapshot, upload,
} from "./api.js";

/** What makes a first object. */
const MAKERS = {
  fromKeys: (keys, options) => Vault.fromKeys(keys, options),
  create: (passphrase, options) => Vault.create(passphrase, options),
  unlock: (keyring, passphrase, options) => Vault.unlock(keyring, passphrase, options),
  unlockSnapshot: (sas, passphrase, options) => unlockSnapshot(sas, passphrase, options),
  logMeOnce: (connection) => LogMeOnce.connect(connection),
  loome: (connection) => Loome.connect(connection),
};

/** What is done with a vault, and is no method of it. The options come last. */
const WITH_VAULT = {
  upload: (vault, sas, content, options) => upload(sas, content, { ...options, vault }),
  encryptFile: (vault, content, options) => encryptFile(content, { ...options, vault }),
  decryptFile: (vault, file, options) => decryptFile(file, { ...options, vault }),
  download: (vault, sas, name, options) => download(sas, name, { ...options, vault }),
  listFiles: (vault, sas, options) => listFiles(sas, { ...options, vault }),
  pushSnapshot: (vault, sas, options) => pushSnapshot(sas, { ...options, vault }),
  listSnapshots: (vault, sas, options) => listSnapshots(sas, { ...options, vault }),
  restoreSnapshot: (vault, sas, options) => restoreSnapshot(sas, { ...options, vault }),
};

const KINDS = [Vault, Trust, LogMeOnce, Loome];

/** Answers questions, each with its `id`, by `post`. `init` loads the module before the first one. */
export function serve(init, post) {
  const [objects, underWay] = [new Map(), new Map()];
  let made = 0;

  async function answer({ object: number, method, parameters }) {
    const object = objects.get(number);
    if (number === undefined) return MAKERS[method](...parameters);
    if (method === "lock" || method === "free") objects.delete(number);
    return object instanceof Vault && method in WITH_VAULT ? WITH_VAULT[method](object, ...parameters) : object[method](...parameters);
  }

  /** An object stays here, and its number goes. */
  function shown(result, number) {
    if (KINDS.some((kind) => result instanceof kind)) {
      objects.set(++made, result);
      return { result: made, facts: factsOf(result) };
    }
    return { result, facts: factsOf(objects.get(number)) };
  }

  return async (question) => {
    const { id, abort } = question;
    if (abort !== undefined) return underWay.get(abort)?.abort();
    try {
      await init(); // once: later calls do nothing
      underWay.set(id, revive(question, post));
      post({ id, ...shown(await answer(question), question.object) });
    } catch (error) {
      const { code, message } = error instanceof ZkvError ? error : new ZkvError("internal", String(error));
      post({ id, error: { code, message } });
    } finally {
      underWay.delete(id);
      wipe(question.parameters);
    }
  };
}

/** What no message can carry: a signal, and who is told of progress and of the token that resumes. */
function revive({ id, parameters, abortable, reports, resumable }, post) {
  const control = new AbortController();
  const options = parameters.at(-1);
  if (abortable) options.signal = control.signal;
  if (reports) options.onProgress = (progress) => post({ id, progress });
  if (resumable) options.onResumable = (token) => post({ id, token });
  return control;
}

function factsOf(object) {
  if (object instanceof Trust) {
    const { host, revision, changed, unanchored } = object;
    return { host, revision, changed, unanchored };
  }
  return object instanceof LogMeOnce || object instanceof Loome ? { host: object.host } : undefined;
}

/** Wipes what came as bytes, alone, in a list, or as an option: these copies are the worker's own. */
function wipe(given) {
  if (given instanceof Uint8Array) given.fill(0);
  else if (Array.isArray(given)) given.forEach(wipe);
  else if (given?.code ?? given?.secret) wipe(given.code ?? given.secret);
}
