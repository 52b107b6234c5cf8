// What stays on the disk: a few records, all of them sealed under the person's own key, or the sealed keyring itself.

const NAME = "zkvault";
const STORE = "records";

/** @returns {Promise<IDBDatabase>} */
function connect() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} name */
export async function read(name) {
  const database = await connect();
  try {
    return await done(database.transaction(STORE).objectStore(STORE).get(name));
  } finally {
    database.close();
  }
}

/**
 * Writes records together, or none of them.
 * @param {Record<string, unknown>} records
 */
export async function write(records) {
  await change((store) => Object.entries(records).forEach(([name, record]) => store.put(record, name)));
}

/** Forgets everything. */
export async function clear() {
  await change((store) => store.clear());
}

/** @param {(store: IDBObjectStore) => void} work */
async function change(work) {
  const database = await connect();
  try {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    work(transaction.objectStore(STORE));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
