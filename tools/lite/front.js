// Before JupyterLite starts: keep the reader's changes and the book's new text apart. After: a bar above the
// notebook with what is kept where, and how to take it along or start over.

const STORAGE_FULL = 5e6; // bytes left below which a save is likely to fail

const root = new URL(".", import.meta.url);
const path = new URLSearchParams(location.search).get("path") || "";
const notices = []; // [text, path of a file or ""]

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
    asked.onblocked = () => resolve(null);
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
async function setAside(db) {
  if (!db.objectStoreNames.contains("files")) return;
  const editions = await (await fetch(new URL("editions.json", root), { cache: "no-cache" })).json();
  const stores = ["files", "checkpoints"].filter((name) => db.objectStoreNames.contains(name));
  const transaction = db.transaction(stores, "readwrite");
  const finished = done(transaction);
  const files = transaction.objectStore("files");
  const paths = await answer(files.getAllKeys());
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
    notices.push([`The book has a new edition of ${kept}. What you changed is kept as`, aside]);
  }
  await finished;
}

async function prepare() {
  try {
    const db = await open();
    if (db) {
      await setAside(db).finally(() => db.close());
    }
  } catch (error) {
    console.warn(error);
    notices.push([
      "This browser does not let the page keep anything: what you change is lost when you close it. Download it first.",
      "",
    ]);
  }
  const space = await navigator.storage?.estimate?.().catch(() => null);
  if (space?.quota && space.quota - space.usage < STORAGE_FULL) {
    notices.push(["The browser's storage is nearly full: what you change may not be kept. Download it.", ""]);
  }
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

async function download() {
  const app = await application();
  await app.commands.execute("docmanager:save");
  await app.commands.execute("docmanager:download");
}

async function startOver() {
  const question = `Start over with ${path} as the book has it? What you changed in it is thrown away.`;
  if (!confirm(question)) return;
  const app = await application();
  await app.commands.execute("docmanager:save"); // else the browser asks whether to leave
  await app.serviceManager.contents.delete(path); // deletes the reader's copy; the book's stays
  location.reload();
}

function bar() {
  const parts = [];
  if (path.endsWith(".ipynb")) {
    const page = new URL(`../book/${path.replace(/\.ipynb$/, ".html")}`, root);
    const inBook = !path.includes(", yours of ") && !path.includes("/");
    parts.push(
      element("span", {}, "Ctrl-S keeps your changes in this browser."),
      element("button", { type: "button", onclick: download, title: "Save this notebook as a file" }, "Download"),
      element("button", { type: "button", onclick: startOver, title: "The notebook as the book has it" }, "Start over"),
      element("a", { href: new URL("tree/index.html", root).href }, "All notebooks"),
    );
    if (inBook) parts.push(element("a", { href: page.href }, "Page of the book"));
  } else {
    parts.push(element("a", { href: new URL("../index.html", root).href }, "The book"));
  }
  const told = notices.map(([text, file]) =>
    element("p", { role: "status" }, text, " ", ...(file ? [link(file), "."] : [])),
  );
  const header = element("header", { id: "book-bar" }, element("nav", { ariaLabel: "This notebook" }, ...parts), ...told);
  document.head.append(element("link", { rel: "stylesheet", href: new URL("front.css", root).href }));
  document.body.prepend(header);
  // JupyterLite lays itself out below: it measures the room it has.
  const fit = () => document.body.style.setProperty("--book-bar", `${header.offsetHeight}px`);
  new ResizeObserver(() => {
    fit();
    window.dispatchEvent(new Event("resize"));
  }).observe(header);
  fit();
}

export const ready = prepare().finally(bar);
