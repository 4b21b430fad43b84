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
  /** One at a time, in all tabs and the service worker; where somebody is at it already `task` is called with null, or waits. */
  const alone = (options, task) => navigator.locks.request(NOTES, options, task);

  /** What is kept, { edition, parts, bytes, hashes }, or null. */
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

  /** The file as its edition lists it, or an error: a server that changes under a download must not mix editions. */
  async function fetched(url, { path, hash }, signal) {
    const response = await fetch(url, { cache: "no-cache", signal });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
    const found = [...new Uint8Array(digest.slice(0, 8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== hash) throw new Error(`${path} is not of the edition that was asked for; try again`);
    return response;
  }

  /** Take away what the note does not speak of: other editions, and files of no part that is kept. */
  async function tidy() {
    const note = await kept(), wanted = note && cacheOf(note.edition);
    for (const name of await caches.keys()) if (name.startsWith(`${NOTES} `) && name !== wanted) await caches.delete(name);
    if (!note) return;
    const cache = await caches.open(wanted), urls = new Set(note.hashes.map((file) => new URL(file.split(" ")[0], root).href));
    for (const { url } of await cache.keys()) if (!urls.has(url)) await cache.delete(url);
  }

  /** Keep these parts of the listed edition, whole or not at all; what did not change is taken from the copy before. */
  async function keep(list, parts, progress = () => {}, signal = undefined) {
    await tidy(); // what a page that was closed in the middle has left
    const files = parts.flatMap((part) => list.parts[part].files), old = await kept();
    const total = files.reduce((sum, file) => sum + file.bytes, 0), target = await caches.open(cacheOf(list.edition));
    const before = old && (await caches.open(cacheOf(old.edition))), same = new Set(old ? old.hashes : []);
    const todo = [...files];
    let done = 0;
    const keepNext = async () => {
      for (let file; (file = todo.shift());) {
        const url = new URL(file.path, root).href;
        const copy = same.has(`${file.path} ${file.hash}`) && before ? await before.match(url) : undefined;
        await target.put(url, copy || await fetched(url, file, signal));
        progress(done += file.bytes, total);
      }
    };
    const ended = await Promise.allSettled([1, 2, 3, 4].map(() => keepNext().catch((error) => { todo.length = 0; throw error; })));
    const failed = ended.find(({ status }) => status === "rejected");
    if (!failed) {
      const note = { edition: list.edition, parts, bytes: total, hashes: files.map(({ path, hash }) => `${path} ${hash}`) };
      await (await caches.open(NOTES)).put(NOTE, new Response(JSON.stringify(note)));
    }
    await tidy();
    if (failed) throw failed.reason;
  }

  /** Replace the copy if the server has another edition; the copy stays if that fails. */
  async function renew() {
    const note = await kept(), list = note && await listed();
    if (note && list.edition !== note.edition) await keep(list, note.parts.filter((part) => list.parts[part]));
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

  return {
    kept,
    listed,
    answer,
    keep: (...how) => alone({ signal: how[3] }, () => keep(...how)),
    renew: () => alone({ ifAvailable: true }, (lock) => lock && renew()),
    remove: () => alone({}, remove),
  };
}
