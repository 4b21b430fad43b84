"""Build JupyterLite from pinned parts and put the book's notebooks into it.

Each build of the application starts in an empty folder: a state left over from another build can drop
settings without a word, and a kernel without them asks a host on the internet for Python. `check` makes sure.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from tools.runtime.sources import Store

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "_build" / "lite"

APPS = ("notebooks", "tree", "edit")  # one notebook, the list of files, a text file
EXTENSIONS = ("jupyterlite_pyodide_kernel", "jupyterlab_widgets", "anywidget", "plotly")
UNUSED = ("build/fa-*.eot", "build/fa-*.svg", "build/fa-*.ttf", "build/fa-*.woff", "extensions/**/*.whl")
UNUSED += ("extensions/**/*.map",)
# Diagrams, which no page of the book has: parts of the bundle that only these load. jupyter-lite.json turns them off.
STRUCK = {
    "@jupyterlab/mermaid-extension": ("4406", "5095"),
    "@jupyterlab/vega5-extension": ("142", "644", "6607"),
}
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
KERNELSPEC = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
HEAD = '<meta charset="utf-8" />\n'
ICON = '    <link rel="icon" href="../../_static/favicon.svg" />\n'  # else a browser looks at the top of the host
BOOT = "await import(\n"  # where a page of JupyterLite starts the application
FRONT = """if (location.protocol === 'file:') {
          const words = 'Live notebooks need a server. In the folder of the book: python -m http.server';
          document.addEventListener('DOMContentLoaded', () => (document.body.textContent = words));
          return;
        }
        await (await import('../front.js')).ready;
        """
WHEN = "2026-01-01T00:00:00Z"  # a listing wants times; the same input gives the same listing


class LiteError(Exception):
    """JupyterLite was not built as it must be."""


def application(store: Store, under: Path = BUILT) -> Path:
    """JupyterLite without contents, made unless it is there from the last build."""
    key = hashlib.sha256(json.dumps(store.pins.sha256).encode() + version("jupyterlite-core").encode())
    for file in sorted(HERE.iterdir()):
        if file.is_file():
            key.update(file.read_bytes())
    target = under / key.hexdigest()[:16]
    if target.is_dir():
        return target
    under.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=under, prefix="partial-"))
    try:
        _make(store, made)
        for older in set(under.iterdir()) - {made}:
            shutil.rmtree(older)
        (made / "out").rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target


def _make(store: Store, folder: Path) -> None:
    """Run JupyterLite's own builder in an empty folder, strike what nobody asks for, add our front."""
    wheels = {wheel.name: wheel.file for wheel in store.pins.wheels if wheel.name in EXTENSIONS}
    paths = store.get(wheels.values())
    options = {
        "apps": APPS,
        "cache_dir": str(folder / "cache"),
        "federated_extensions": [str(paths[wheels[name]]) for name in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": "out",
    }
    (folder / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": options}))
    shutil.copyfile(HERE / "jupyter-lite.json", folder / "jupyter-lite.json")
    command = [sys.executable, "-W", "ignore", "-m", "jupyterlite_core", "build"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if run.returncode:
        raise LiteError(f"JupyterLite could not be built:\n{run.stdout}{run.stderr}")
    out = folder / "out"
    for pattern in UNUSED:
        for file in out.glob(pattern):
            file.unlink()
    for extension in STRUCK:
        for part in only_behind(out / "build", STRUCK[extension]):
            part.unlink()
    for name in ("front.js", "front.css"):
        shutil.copyfile(HERE / name, out / name)
    for app in APPS:
        page = out / app / "index.html"
        text = page.read_text("utf8")
        if text.count(BOOT) != 1:
            raise LiteError(f"{app}/index.html starts the application in another way than expected")
        text = text.replace(BOOT, FRONT + BOOT).replace(HEAD, HEAD + ICON)
        page.write_text(text, encoding="utf8")


def only_behind(bundle: Path, parts: Iterable[str]) -> list[Path]:
    """Those files of a webpack `bundle` that nothing loads but the numbered `parts`, and the parts themselves.

    Raises LiteError if a part is not there: another version numbers them differently.
    """
    found = {re.match(r"\d*", file.name)[0] or str(file): file for file in bundle.rglob("*.js")}
    if missing := [part for part in parts if part not in found]:
        raise LiteError(
            f"JupyterLite's bundle has no parts {', '.join(missing)}: another version than expected"
        )
    loads = {name: re.findall(r"\.e\((\d+)\)", file.read_text("utf8")) for name, file in found.items()}
    reached, todo = {*parts}, [name for name in found if not name.isdigit()]
    while todo:
        name = todo.pop()
        if name in found and name not in reached:
            reached.add(name)
            todo += loads[name]
    return [file for name, file in found.items() if name in parts or name not in reached]


def write_contents(target: Path, contents: dict[str, bytes]) -> None:
    """The files of the reader's file list, and the listing of each folder that JupyterLite asks for."""
    folders: dict[str, list[dict]] = {"": []}
    for path, content in sorted(contents.items()):
        file = target / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        above, _, name = path.rpartition("/")
        if above not in folders:
            folders[above] = []
            folders[""].append(_listed(above, above, "directory"))
        kind = "notebook" if name.endswith(".ipynb") else "file"
        folders[above].append(_listed(name, path, kind, len(content)))
    for folder, files in folders.items():
        listing = target / "api" / "contents" / folder / "all.json"
        listing.parent.mkdir(parents=True, exist_ok=True)
        whole = _listed(folder, folder, "directory") | {"content": files, "format": "json"}
        listing.write_text(json.dumps(whole, indent=1), encoding="utf8")
    editions = {path: _edition(content) for path, content in contents.items() if path.endswith(".ipynb")}
    (target / "editions.json").write_text(json.dumps(editions, indent=1), encoding="utf8")


def _listed(name: str, path: str, kind: str, size: int | None = None) -> dict:
    """An entry of a listing, in the form of Jupyter Server's contents."""
    return {
        "name": name, "path": path, "type": kind, "size": size, "writable": True, "created": WHEN,
        "last_modified": WHEN, "content": None, "format": None, "mimetype": None,
    }  # fmt: skip


def notebook(source: bytes) -> bytes:
    """A notebook as JupyterLite gets it: not yet run, its kernel's name, and which edition of the text it is.

    The reader's copy keeps the mark; by it `front.js` sees that the book has moved on since.
    """
    made = json.loads(source)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    made["metadata"]["kernelspec"] = KERNELSPEC
    text = json.dumps(made, sort_keys=True).encode()
    made["metadata"]["edition"] = hashlib.sha256(text).hexdigest()[:16]
    return json.dumps(made, indent=1, ensure_ascii=False).encode()


def _edition(content: bytes) -> str:
    return json.loads(content)["metadata"]["edition"]


def check(target: Path) -> None:
    """Raise LiteError unless the built configuration takes Python from this site and nowhere else."""
    given, built = (
        json.loads((folder / "jupyter-lite.json").read_text("utf8"))["jupyter-config-data"]
        for folder in (HERE, target)
    )
    if lacking := lost(given, built):
        raise LiteError(
            f"the built JupyterLite has lost {', '.join(lacking)}: it could ask another host for Python"
        )
    python = given["litePluginSettings"][KERNEL]["pyodideUrl"]
    if not (target / python).is_file():
        raise LiteError(f"JupyterLite would look for Python at {python}, and it is not there")


def lost(given: dict, built: dict, where: str = "") -> list[str]:
    """The settings of `given` that are missing in `built`, or different there."""
    names = []
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(built.get(name), dict):
            names += lost(value, built[name], f"{where}{name}/")
        elif built.get(name) != value:
            names.append(f"{where}{name}")
    return names
