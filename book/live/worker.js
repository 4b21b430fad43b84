/* Python of a page: one worker, which loads Pyodide when it is told to and then answers one request after another.
 *
 * A request is { id, what, ... }, an answer { id, value } or { id, error }; in between come { id, began } when a
 * request's turn has come, { id, output: [kind, text] } and { progress: { words, part } }. Classic script: Pyodide
 * is loaded with importScripts, from the folder beside this one.
 */
"use strict";

const HERE = new URL(".", location.href);
const RUNTIME = new URL("pyodide/", HERE).href;
const FOLDER = "/home/pyodide/book"; // where cells find _data

const tell = (words, part) => postMessage({ progress: { words, part } });
const mega = (bytes) => (bytes / 1e6).toFixed(1);

/** Count what arrives of the files that the start needs; `total` is their size. */
function counting(total) {
  const get = self.fetch.bind(self);
  let got = 0;
  self.fetch = async (...request) => {
    const response = await get(...request), counted = response.clone().body?.getReader();
    (async () => {
      for (let next; counted && !(next = await counted.read()).done;) {
        got = Math.min(total, got + next.value.length);
        if (got < total) tell(`Downloading Python: ${mega(got)} of ${mega(total)} MB`, 0.5 * (got / total));
        else if (!self.python) tell("Starting Python", 0.6);
      }
    })().catch(() => {}); // whoever reads the response itself says what is wrong
    return response;
  };
  return () => { self.fetch = get; };
}

async function start({ total, version }) {
  const done = counting(total), source = self.fetch(new URL(`kernel.py?v=${version}`, HERE));
  importScripts(`${RUNTIME}pyodide.js`);
  const python = await loadPyodide({ indexURL: RUNTIME, packages: ["numpy", "nnlib"] });
  done();
  self.python = python;
  tell("Loading numpy and nnlib", 0.85);
  python.FS.writeFile("/home/pyodide/kernel.py", await (await source).text());
  python.runPython("import sys; sys.path.append('/home/pyodide')");
  self.kernel = python.pyimport("kernel");
  self.kernel.settle(FOLDER);
  self.spaces = new Map();
  python.runPython("import numpy, nnlib.figures");
  tell("Python is ready", 1);
}

/** The variables of cells, by a name; a page's cells share one. */
function space(name) {
  if (!self.spaces.has(name)) self.spaces.set(name, self.python.toPy({}));
  return self.spaces.get(name);
}

/** Load what the code imports, from the runtime's own lock file. */
async function packages(code) {
  const load = { messageCallback: () => {}, errorCallback: () => {} };
  if (self.kernel.needs_sympy(code)) await self.python.loadPackage("sympy", load);
  await self.python.loadPackagesFromImports(code, load).catch(() => {}); // running it names the line
}

const does = {
  start,

  async figure({ function: name, values }) {
    const given = self.python.toPy(values);
    try {
      return JSON.parse(self.kernel.answer(name, given));
    } finally {
      given.destroy();
    }
  },

  async run({ id, code, space: name }) {
    await packages(code);
    postMessage({ id, began: true });
    return JSON.parse(self.kernel.run(code, space(name), (kind, text) => postMessage({ id, output: [kind, text] })));
  },

  async prepare({ code, space: name }) {
    await packages(code);
    return JSON.parse(self.kernel.prepare(code, space(name)));
  },

  /** Put a file where cells find it by its relative name. */
  async file({ name }) {
    const response = await fetch(new URL(name, HERE));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    const path = `${FOLDER}/${name}`;
    self.python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    self.python.FS.writeFile(path, new Uint8Array(await response.arrayBuffer()));
  },
};

let turn = Promise.resolve();
onmessage = ({ data }) => {
  turn = turn.then(async () => {
    try {
      postMessage({ id: data.id, value: await does[data.what](data) });
    } catch (error) {
      // An exception of Python leaves it whole; anything else that is thrown out of it does not.
      const lines = String(error.message || error).trim().split("\n");
      const broken = data.what !== "file" && error.constructor.name !== "PythonError";
      postMessage({ id: data.id, error: lines[lines.length - 1], broken });
    }
  });
};
