/* The page "Keep this book": what a copy would take, keeping it, removing it. Nothing is registered before a click. */
(function () {
  "use strict";

  const place = document.querySelector(".nnlib-keep");
  if (!place) return;
  const ROOT = new URL("..", document.currentScript.src).href, mega = (bytes) => `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
  const NAMES = { pages: "pages, figures and their states", live: "live Python: numpy, nnlib, sympy" };
  const say = (words) => { place.querySelector("[role=status]").textContent = words; };

  const file = location.protocol === "file:"; // some browsers call it secure, and none registers a worker there
  if (file || !("serviceWorker" in navigator) || !window.isSecureContext) {
    say(file
      ? "This page comes from a file: you have the book already, and it needs no copy."
      : "A browser keeps a copy only from an https address or from this machine itself, and this page comes from neither.");
    return;
  }

  const store = keepStore(ROOT), find = (what) => place.querySelector(what);
  let cancel = null; // while the book is being kept

  async function show() {
    const note = await store.kept(), list = await store.listed().catch(() => null);
    const rows = list ? Object.entries(list.parts).map(([name, { bytes }]) => `<label><input type="checkbox" name="${name}" ${
      name === "pages" ? "checked disabled" : note?.parts.includes(name) ? "checked" : ""}> ${NAMES[name]} (${mega(bytes)})</label>`) : [];
    find(".nnlib-keep-choice").innerHTML = rows.join("");
    find("[data-do=keep]").hidden = !list;
    find("[data-do=keep]").textContent = note ? "Renew the copy" : "Keep this book";
    find("[data-do=remove]").hidden = !note;
    if (!note) return "No copy is kept.";
    if (!list) return `A copy is kept (${mega(note.bytes)}), and the server does not answer: you are reading the copy.`;
    return `A copy is kept: ${mega(note.bytes)}, ${note.edition === list.edition ? "of this edition" : "of another edition"}.`;
  }

  /** Why it failed, in words; what is kept now is said by `show`. */
  function why({ name, message }) {
    if (name === "AbortError") return "Cancelled.";
    if (name === "QuotaExceededError") return "This browser has no room for the copy.";
    return `The copy could not be made (${message}).`;
  }

  async function keep() {
    const bar = find("progress"), button = find("[data-do=keep]"), words = find(".nnlib-live-words");
    const parts = [...place.querySelectorAll("input:checked")].map(({ name }) => name);
    cancel = new AbortController();
    button.textContent = "Cancel";
    find("[data-do=remove]").hidden = true;
    bar.hidden = false;
    bar.value = 0;
    say("Keeping the book.");
    let trouble = "";
    try {
      await store.keep(await store.listed(), parts, (done, total) => {
        [bar.max, bar.value, words.textContent] = [total, done, `${mega(done)} of ${mega(total)}`];
      }, cancel.signal);
      await navigator.serviceWorker.register(new URL("keep-worker.js", ROOT), { scope: ROOT });
      await navigator.serviceWorker.ready;
    } catch (error) {
      trouble = `${why(error)} `;
      if (!await registered()) await store.remove(); // nobody would ever read it
    }
    cancel = null;
    bar.hidden = true;
    words.textContent = "";
    say(trouble + await show());
  }

  /** The service worker of this book; another may own a folder above. */
  async function registered() {
    const registration = await navigator.serviceWorker.getRegistration(ROOT);
    return registration?.scope === ROOT ? registration : null;
  }

  async function remove() {
    await (await registered())?.unregister();
    await store.remove();
    say(await show());
    find("[data-do=keep]").focus(); // its own button is gone
  }

  find("[data-do=keep]").addEventListener("click", () => (cancel ? cancel.abort() : keep()));
  find("[data-do=remove]").addEventListener("click", remove);
  show().then(say, () => say("This browser lets the page store nothing, so it cannot keep a copy."));
})();
