"""Sphinx extension: JupyterLite in the folder lite of the site, and on every page that is a notebook a link to it.

Every notebook of ``_toc.yml`` but `APART` goes in, with the stored measurements it reads; practice sheets are
the notebooks in ``book/practice``, on a page or not.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from docutils import nodes
from runtime import ROOT  # which also makes `tools` known
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools.lite.build import LiteError, build, notebook
from tools.runtime.pins import Pins
from tools.runtime.sources import Store, UnavailableError

BOOK = ROOT / "book"
APART = "book/beyond-one-machine"  # it wants a cluster
FOLDER = "lite"  # below the site's root


def notebooks(app: Sphinx) -> dict[str, Path]:
    """The notebooks that open live: path in the file list -> source."""
    pages = {name: Path(app.env.doc2path(name)) for name in app.env.found_docs if name != APART}
    sources = [path for path in pages.values() if path.suffix == ".ipynb"]
    sources += (BOOK / "practice").glob("*.ipynb")
    return {path.relative_to(BOOK).as_posix(): path for path in sources}


def contents(app: Sphinx) -> dict[str, bytes]:
    """All files of the reader's file list."""
    files = {name: notebook(path.read_bytes()) for name, path in notebooks(app).items()}
    files |= {f"_data/{path.name}": path.read_bytes() for path in (BOOK / "_data").glob("*.json")}
    readme = ROOT / "tools" / "lite" / "Read me first.md"
    return files | {readme.name: readme.read_bytes()}


def add_link(app: Sphinx, doctree, docname: str) -> None:
    """Under the title, relative: the site may stand in any folder of its host."""
    name = f"{docname.removeprefix('book/')}.ipynb"
    if not app.config.live or app.builder.format != "html" or name not in notebooks(app):
        return
    address = f"{'../' * docname.count('/')}{FOLDER}/notebooks/index.html?path={name}"
    html = (
        f'<p class="live-notebook"><a href="{escape(address)}">Open as a live notebook</a> '
        "<span>Python in your browser, nothing to install; what you change is kept here.</span></p>"
    )
    title = next(doctree.findall(nodes.title))
    title.parent.insert(title.parent.index(title) + 1, nodes.raw("", html, format="html"))


def put(app: Sphinx, exception) -> None:
    """After the pages: JupyterLite with the notebooks as they are now."""
    if exception or not app.config.live or app.builder.format != "html":
        return
    try:
        store = Store(Pins(), named=os.environ.get("RUNTIME", ""))
        build(store, Path(app.outdir) / FOLDER, contents(app))
    except (LiteError, UnavailableError) as problem:
        raise ExtensionError(str(problem)) from None


def setup(app: Sphinx) -> dict:
    app.setup_extension("runtime")
    app.connect("doctree-resolved", add_link)
    app.connect("build-finished", put)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
