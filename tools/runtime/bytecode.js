/* node bytecode.js FOLDER JOBS: bytecode.py's `compiled` in the Python of the runtime in FOLDER. */
"use strict";

const fs = require("fs"), path = require("path");
const [folder, jobs] = [path.resolve(process.argv[2]), JSON.parse(process.argv[3])];
const { loadPyodide } = require(path.join(folder, "pyodide.js"));

(async () => {
  const python = await loadPyodide({ indexURL: `${folder}/` });
  python.FS.writeFile("bytecode.py", fs.readFileSync(path.join(__dirname, "bytecode.py")));
  const { compiled } = python.pyimport("bytecode"), { Path } = python.pyimport("pathlib");
  for (const { from, to, sources, drop, docstrings } of jobs) {
    python.FS.writeFile("given", fs.readFileSync(path.join(folder, from)));
    const given = Path("given").read_bytes(), made = compiled(given, sources, drop || "", docstrings ?? true);
    fs.writeFileSync(`${to}.part`, made.toJs());
    fs.renameSync(`${to}.part`, to);
    given.destroy();
    made.destroy();
  }
})().catch((error) => { console.error(error); process.exit(1); });
