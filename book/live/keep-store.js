/* The kept copy of the book: what the page "Keep this book" and the service worker both do with it.
 *
 * keep.json, written with the book, names its edition and lists its files with size and hash, by parts. A copy is one
 * cache for one edition; the note of which edition and parts are kept stands in a cache of its own and changes last.
 */
"use strict";

/* exported keepStore */
function keepStore(root) {
  const NOTES = `nnlib-keep ${root}`, NOTE = new URL("keep-note", root).href;
  const cacheOf = (edition) => `${NOTES} ${edition}`;

  /** What is kept, { edition, parts, bytes }, or null. */
  async function kept() {
    if (!(await caches.has(NOTES))) return null;
    const note = await (await caches.open(NOTES)).match(NOTE);
    return note ? note.json() : null;
  }

  /** The list of the book that the server has now. */
  async function listed() {
    const got = await fetch(new URL("keep.json", root), { cache: "no-store" });
    if (!got.ok) throw new Error(`keep.json: ${got.status}`);
    return got.json();
  }

  /** Keep these parts of the listed edition; files that did not change are taken from the copy before. */
  async function keep(list, parts, progress = () => {}) {
    const files = parts.flatMap((part) => list.parts[part].files), old = await kept(), name = cacheOf(list.edition);
    const total = files.reduce((sum, file) => sum + file.bytes, 0), target = await caches.open(name);
    const before = old && (await caches.open(cacheOf(old.edition))), same = new Set(old ? old.hashes : []);
    let done = 0;
    const todo = [...files];
    const fetchOne = async ({ path, bytes, hash }) => {
      const url = new URL(path, root).href;
      let response = same.has(`${path} ${hash}`) && before ? await before.match(url) : undefined;
      if (!response) {
        response = await fetch(url, { cache: "no-cache" });
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
      }
      await target.put(url, response);
      done += bytes;
      progress(done, total);
    };
    try {
      await Promise.all([1, 2, 3, 4].map(async () => { while (todo.length) await fetchOne(todo.shift()); }));
    } catch (error) {
      todo.length = 0;
      if (!old || old.edition !== list.edition) await caches.delete(name); // half an edition is none
      throw error;
    }
    const note = { edition: list.edition, parts, bytes: total, hashes: files.map(({ path, hash }) => `${path} ${hash}`) };
    await (await caches.open(NOTES)).put(NOTE, new Response(JSON.stringify(note)));
    if (old && old.edition !== list.edition) await caches.delete(cacheOf(old.edition));
    return note;
  }

  /** Replace the copy if the server has another edition; the copy stays if that fails. */
  async function renew() {
    const note = await kept();
    if (!note) return null;
    const list = await listed();
    if (list.edition === note.edition) return note;
    return keep(list, note.parts.filter((part) => list.parts[part]));
  }

  /** The kept answer to a request, or undefined. */
  async function answer(address) {
    const note = await kept();
    if (!note) return undefined;
    const url = new URL(address);
    url.search = url.hash = "";
    if (url.pathname.endsWith("/")) url.pathname += "index.html";
    return (await caches.open(cacheOf(note.edition))).match(url.href);
  }

  async function remove() {
    for (const name of await caches.keys()) if (name === NOTES || name.startsWith(`${NOTES} `)) await caches.delete(name);
  }

  return { kept, listed, keep, renew, answer, remove };
}
