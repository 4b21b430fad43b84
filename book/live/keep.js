/* The page "Keep this book": what a copy would take, keeping it, removing it. Nothing is registered before a click. */
(function () {
  "use strict";

  const place = document.querySelector(".nnlib-keep");
  if (!place) return;
  const ROOT = new URL("..", document.currentScript.src).href, mega = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
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

  async function open() {
    const list = await store.listed().catch(() => null), note = await store.kept();
    const rows = list ? Object.entries(list.parts).map(([name, { bytes }]) => `<label><input type="checkbox" name="${name}" ${
      name === "pages" ? "checked disabled" : note?.parts.includes(name) ? "checked" : ""}> ${NAMES[name]} (${mega(bytes)})</label>`) : [];
    find(".nnlib-keep-choice").innerHTML = rows.join("");
    find("[data-do=keep]").hidden = !list;
    find("[data-do=keep]").textContent = note ? "Renew the copy" : "Keep this book";
    find("[data-do=remove]").hidden = !note;
    if (!note) say("No copy is kept.");
    else if (!list) say(`A copy is kept (${mega(note.bytes)}), and the server does not answer: you are reading the copy.`);
    else say(`A copy is kept: ${mega(note.bytes)}, ${note.edition === list.edition ? "of this edition" : "of another edition"}.`);
  }

  async function keep() {
    const bar = find("progress"), button = find("[data-do=keep]");
    button.disabled = true;
    bar.hidden = false;
    say("Keeping the book.");
    try {
      const parts = [...place.querySelectorAll("input:checked")].map(({ name }) => name), list = await store.listed();
      await store.keep(list, parts, (done, total) => {
        bar.max = total;
        bar.value = done;
        find(".nnlib-live-words").textContent = `${mega(done)} of ${mega(total)}`;
      });
      await navigator.serviceWorker.register(new URL("keep-worker.js", ROOT), { scope: ROOT });
      await navigator.serviceWorker.ready;
      await open();
    } catch (error) {
      say(error.name === "QuotaExceededError" ? "This browser has no room for the copy; nothing is kept of it."
        : `The copy could not be made (${error.message}).`);
    }
    button.disabled = false;
    bar.hidden = true;
    find(".nnlib-live-words").textContent = "";
  }

  async function remove() {
    const registration = await navigator.serviceWorker.getRegistration(ROOT);
    if (registration && registration.scope === ROOT) await registration.unregister();
    await store.remove();
    await open();
  }

  find("[data-do=keep]").addEventListener("click", keep);
  find("[data-do=remove]").addEventListener("click", remove);
  open();
})();
