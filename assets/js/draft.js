// What is being collected, kept in this browser over a reload: classes and pictures in an IndexedDB of its own.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const NAME = "tlvsft-collect";
  const LIST = "list";

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const finished = (transaction) =>
    new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });

  const open = () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("pictures");
      request.result.createObjectStore("lists");
    };
    return done(request);
  };

  // A draft is `{ title, classes: [{ id, name, pictures: [{ id, blob, print }] }] }`; a list is the same without blobs.
  tlvsft.drafts = {
    // The kept draft; null if there is none, or if this browser keeps nothing.
    async read() {
      const database = await open();
      const transaction = database.transaction(["pictures", "lists"]);
      const [list, keys, blobs] = await Promise.all([
        done(transaction.objectStore("lists").get(LIST)),
        done(transaction.objectStore("pictures").getAllKeys()),
        done(transaction.objectStore("pictures").getAll()),
      ]);
      database.close();
      if (!list) return null;
      const byId = new Map(keys.map((key, place) => [key, blobs[place]]));
      const classes = list.classes.map((one) => ({
        ...one,
        pictures: one.pictures.map((picture) => ({ ...picture, blob: byId.get(picture.id) })).filter(({ blob }) => blob),
      }));
      return { ...list, classes };
    },

    // Writes what is new and deletes what is gone.
    async save(draft) {
      const database = await open();
      const transaction = database.transaction(["pictures", "lists"], "readwrite");
      const pictures = transaction.objectStore("pictures");
      const kept = new Set(await done(pictures.getAllKeys()));
      for (const { id, blob } of draft.classes.flatMap((one) => one.pictures)) {
        if (!kept.delete(id)) pictures.put(blob, id);
      }
      kept.forEach((id) => pictures.delete(id));
      const classes = draft.classes.map((one) => ({ ...one, pictures: one.pictures.map(({ id, print }) => ({ id, print })) }));
      transaction.objectStore("lists").put({ ...draft, classes }, LIST);
      await finished(transaction);
      database.close();
    },

    async discard() {
      const database = await open();
      const transaction = database.transaction(["pictures", "lists"], "readwrite");
      transaction.objectStore("pictures").clear();
      transaction.objectStore("lists").clear();
      await finished(transaction);
      database.close();
    },
  };
})();
