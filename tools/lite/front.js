// Before JupyterLite starts: keep the reader's changes and the book's new text apart. After: a bar above the
// notebook with what is kept where, and how to take it along or start over.

const NEARLY_FULL = 5e6; // bytes left below which a save is likely to fail

const root = new URL(".", import.meta.url);
const path = new URLSearchParams(location.search).get("path") || "";
let keeps = true; // whether this browser stores anything: JupyterLite does not start without
const notices = element("div", { role: "status" });

// JupyterLite's storage: a database of this name, notebooks in "files", the last saved states in "checkpoints".
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(`JupyterLite Storage - ${root.pathname}`);
    let made = false;
    asked.onupgradeneeded = () => {
      made = true;
      asked.transaction.abort(); // there is none yet: JupyterLite shall make it
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => (made ? resolve(null) : reject(asked.error));
  });
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// A notebook that was changed in an earlier edition moves aside under a name of its own; the new text comes
// under the old name. Both are in the list of files.
async function setAside(db, editions) {
  if (!db.objectStoreNames.contains("files")) return;
  const stores = ["files", "checkpoints"].filter((name) => db.objectStoreNames.contains(name));
  const transaction = db.transaction(stores, "readwrite");
  const finished = done(transaction);
  const files = transaction.objectStore("files");
  const paths = await answer(files.getAllKeys());
  const moved = [];
  for (const kept of paths.filter((name) => name in editions)) {
    const file = await answer(files.get(kept));
    if (!file?.content?.metadata || file.content.metadata.edition === editions[kept]) continue;
    const stem = kept.replace(/\.ipynb$/, `, yours of ${(file.last_modified || "").slice(0, 10)}`);
    let aside = `${stem}.ipynb`;
    for (let n = 2; paths.includes(aside); n++) aside = `${stem} (${n}).ipynb`;
    paths.push(aside);
    files.put({ ...file, path: aside, name: aside.split("/").pop() }, aside);
    files.delete(kept);
    if (stores.includes("checkpoints")) transaction.objectStore("checkpoints").delete(kept);
    moved.push([kept, aside]);
  }
  await finished;
  for (const [kept, aside] of moved) {
    tell(`The book has a new edition of ${kept}, which you see under this name. What you changed is kept as `, link(aside), ".");
  }
}

async function prepare() {
  let db = null;
  try {
    db = await open();
  } catch {
    keeps = false;
    tell(
      "This browser does not let the page store anything, and a live notebook does not start without. Allow this " +
        "address to store data (cookies and site data, in the browser's settings), or take the notebook along: ",
      element("a", { href: new URL(`files/${path}`, root).href, download: "" }, path),
      ".",
    );
  }
  try {
    const editions = db && (await fetch(new URL("editions.json", root), { cache: "no-cache" }));
    if (db) await setAside(db, await editions.json());
  } catch (error) {
    tell(
      `Whether the book has a new edition could not be seen (${error.message}). What you changed is still here; ` +
        "download it before you start over.",
    );
  }
  db?.close();
  const space = await navigator.storage?.estimate?.().catch(() => null);
  if (space?.quota && space.quota - space.usage < NEARLY_FULL) {
    tell("The browser's storage is nearly full: what you change may not be kept. Download it.");
  }
  if (!navigator.serviceWorker) {
    const why = isSecureContext ? "in this window (a private one, perhaps)" : "for an address without https";
    tell(`The browser runs no service worker ${why}: cells that read a file, or ask for input(), fail. All others work.`);
  }
}

function tell(...words) {
  const notice = element("p", {}, ...words);
  notices.append(notice);
  return notice;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function link(file) {
  const address = new URL(`notebooks/index.html?path=${encodeURIComponent(file)}`, root);
  return element("a", { href: address.href }, file);
}

// The application, once it has started and opened the file.
async function application() {
  while (!window.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 100));
  await window.jupyterapp.restored;
  return window.jupyterapp;
}

// A save that fails is said on the page until one succeeds, in place of JupyterLite's dialog at each attempt.
async function watchSaves() {
  const { contents } = (await application()).serviceManager;
  const save = contents.save.bind(contents);
  let notice = null;
  contents.save = async (...given) => {
    try {
      const saved = await save(...given);
      notice?.remove();
      notice = null;
      return saved;
    } catch (error) {
      notice ??= tell(
        `Your last changes could not be stored (${error.message}): the browser's storage is full, perhaps. ` +
          "Download them, or free space and save again.",
      );
      throw Object.assign(new Error(error.message), { name: "ModalCancelError" }); // which JupyterLite takes quietly
    }
  };
}

// What stands on the page, stored or not.
async function download() {
  const { content } = (await application()).shell.currentWidget;
  const text = new Blob([JSON.stringify(content.model.toJSON(), null, 1)], { type: "application/x-ipynb+json" });
  const file = element("a", { href: URL.createObjectURL(text), download: path.split("/").pop() });
  file.click();
  setTimeout(() => URL.revokeObjectURL(file.href), 10000);
}

async function startOver() {
  const question = `Start over with ${path} as the book has it? What you changed in it is thrown away.`;
  if (!confirm(question)) return;
  const app = await application();
  await app.commands.execute("docmanager:save").catch(() => null); // else the browser asks whether to leave
  await app.serviceManager.contents.delete(path); // deletes the reader's copy; the book's stays
  location.reload();
}

function button(words, title, onclick) {
  return element("button", { type: "button", title, onclick }, words);
}

function bar() {
  const parts = [element("a", { href: new URL("../index.html", root).href }, "The book")];
  if (keeps && path.endsWith(".ipynb")) {
    parts.unshift(
      element("span", {}, "Your changes are kept in this browser."),
      button("Download", "Save this notebook, with your changes, as a file", download),
      button("Start over", "Throw your changes away: the notebook as the book has it", startOver),
      element("a", { href: new URL("tree/index.html", root).href }, "All notebooks"),
    );
  }
  const header = element("header", { id: "book-bar" }, element("nav", { ariaLabel: "Book" }, ...parts), notices);
  document.head.append(element("link", { rel: "stylesheet", href: new URL("front.css", root).href }));
  document.body.prepend(header);
  // JupyterLite lays itself out below: it measures the room it has.
  new ResizeObserver(() => {
    document.body.style.setProperty("--book-bar", `${header.offsetHeight}px`);
    window.dispatchEvent(new Event("resize"));
  }).observe(header);
}

async function start() {
  await prepare();
  bar();
  if (keeps) {
    watchSaves();
  } else {
    document.getElementById("jupyterlite-loading-indicator")?.remove();
    await new Promise(() => {}); // for good
  }
}

export const ready = start();
