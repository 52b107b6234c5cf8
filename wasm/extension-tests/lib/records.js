// What the extension keeps on the disk, read and written past it, from one of its pages.

/** Runs in the page. Gives the record of a name as numbers, or writes records. */
async function inStore({ name, records = {} }) {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open("zkvault", 1));
  try {
    const store = database.transaction("records", "readwrite").objectStore("records");
    for (const [key, record] of Object.entries(records)) await done(store.put(Array.isArray(record) ? Uint8Array.from(record) : record, key));
    return name === undefined ? undefined : [...(await done(store.get(name)))];
  } finally {
    database.close();
  }
}

export const readRecord = (page, name) => page.evaluate(inStore, { name });
export const writeRecords = (page, records) => page.evaluate(inStore, { records });
