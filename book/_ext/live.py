"""Sphinx extension: Python in the page.

Pages with figures or cells to change (tag ``live``) get the script ``live/live.js``, which starts the worker
``live/worker.js`` when a reader asks for it. A page that wants to run Python in its own way says so with
``env.metadata[docname]["live"] = True``. These scripts lie outside of _static, where Jupyter Book would put each
of them on every page. Without the runtime (``LIVE=0``) there are no buttons.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

SOURCE = Path(__file__).parent.parent / "live"
DATA = SOURCE.parent / "_data"
SHEET = "live.css"  # the page "Keep this book" wants it, too
SCRIPTS = ("live.js", SHEET, "worker.js", "kernel.py")
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
SLOT = '<div class="nnlib-figure-live">'


def version() -> str:
    """A hash of the scripts, which their addresses carry: a browser must not mix two editions."""
    return hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in SCRIPTS)).hexdigest()[:12]


def start_files(runtime: Path) -> list[Path]:
    """The files of the runtime that the first answer needs."""
    packages = json.loads((runtime / "pyodide-lock.json").read_text("utf8"))["packages"]
    return [
        runtime / name for name in (*CORE, packages["numpy"]["file_name"], packages["nnlib"]["file_name"])
    ]


def button(words: str) -> str:
    return f'<button type="button">{words}</button>'


def mark_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Put a button below each cell tagged ``live``, and note the page's cells for those who run them."""
    path = Path(app.env.doc2path(app.env.docname))
    if not app.config.live or path.suffix != ".ipynb":
        return
    codes = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
    places = [k for k, cell in enumerate(codes) if "live" in cell["metadata"].get("tags", [])]
    shown = [node for node in doctree.findall(nodes.container) if {"cell", "tag_live"} <= {*node["classes"]}]
    if len(shown) != len(places):
        raise ValueError(f"{path.name} shows {len(shown)} of its {len(places)} cells tagged live")
    for place, cell in zip(places, shown):
        html = f'<div class="nnlib-live-cell" data-cell="{place}">{button("Change it and run")}</div>'
        entry = next(k for k, part in enumerate(cell.children) if "cell_input" in part["classes"])
        cell.insert(entry + 1, nodes.raw("", html, format="html"))
    if places:
        sources = ["".join(cell["source"]) for cell in codes[: max(places)]]
        reads = any("_data/" in source for source in sources)
        files = sorted(f"_data/{path.name}" for path in DATA.iterdir()) if reads else []
        app.env.metadata[app.env.docname]["live"] = {"cells": sources, "files": files}


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """The script and the figures' buttons, on the pages that use them."""
    facts = app.env.metadata.get(pagename, {})
    if not app.config.live or app.builder.format != "html" or not (facts.get("figures") or facts.get("live")):
        return
    runtime = Path(app.outdir) / "live" / "pyodide"
    context["body"] = context["body"].replace(f"{SLOT}</div>", f"{SLOT}{button('Run live')}</div>")
    name = pagename.replace("/", "-")
    if isinstance(facts.get("live"), dict):
        folder = Path(app.outdir) / "live" / "pages"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(facts["live"]), "utf8")
    app.add_css_file("../live/live.css")
    app.add_js_file(
        "../live/live.js",
        loading_method="defer",
        **{
            "data-version": version(),
            "data-page": name,
            "data-bytes": str(sum(path.stat().st_size for path in start_files(runtime))),
        },
    )


def place(app: Sphinx) -> None:
    """Copy the scripts and the data that cells read; without live Python, take out what an earlier build left."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "live"
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target / "_data", ignore_errors=True)
    if app.config.live:
        shutil.copytree(DATA, target / "_data")
    else:
        shutil.rmtree(target / "pages", ignore_errors=True)
    for name in SCRIPTS:
        if app.config.live or name == SHEET:
            shutil.copyfile(SOURCE / name, target / name)
        else:
            (target / name).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", place, priority=900)  # after the runtime is there
    app.connect("doctree-read", mark_cells)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
