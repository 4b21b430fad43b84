"""Sphinx extension: JupyterLite in the folder lite of the site, and on every page that has a notebook a link to it.

Every notebook of ``_toc.yml`` but `APART` goes in, with the stored measurements it reads, a notebook of practice for
each page of exercises, and the sheets that `classroom` hands out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

from runtime import ROOT, place  # which also makes `tools` known
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from nnlib.exercises import CHAPTERS
from nnlib.exercises.notebooks import notebook as practice
from tools.lite.build import LiteError, application, check, notebook, write_contents

BOOK = ROOT / "book"
APART = "book/beyond-one-machine"  # it wants a cluster
SHEETS = "book/teaching"  # the page that leads to the sheets
FOLDER = "lite"  # below the site's root
WORDS = "Open as a live notebook"


@cache
def sheets() -> dict[str, bytes]:
    """What students get of the sheets: file name -> notebook."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "classroom.generate", "--out", out]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            raise ExtensionError(f"the sheets could not be made:\n{run.stderr}")
        return {path.name: path.read_bytes() for path in sorted(Path(out, "lite").glob("*.ipynb"))}


def notebooks(app: Sphinx, page: str) -> dict[str, bytes]:
    """The notebooks that `page` leads to: file name -> source."""
    path = Path(app.env.doc2path(page))
    if path.suffix == ".ipynb" and page != APART:
        return {path.name: path.read_bytes()}
    chapter = page.removeprefix("book/exercises-").replace("-", "_")
    if chapter in CHAPTERS:
        return {f"{path.stem}.ipynb": practice(chapter).encode()}
    return sheets() if page == SHEETS else {}


def contents(app: Sphinx) -> dict[str, bytes]:
    """All files of the reader's file list."""
    pages = sorted(app.env.found_docs)
    files = {name: notebook(source) for page in pages for name, source in notebooks(app, page).items()}
    files |= {f"_data/{path.name}": path.read_bytes() for path in (BOOK / "_data").glob("*.json")}
    readme = ROOT / "tools" / "lite" / "Read me first.md"
    return files | {readme.name: readme.read_bytes()}


def add_link(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Above the title, relative: the site may stand in any folder of its host."""
    if not app.config.live or app.builder.format != "html" or pagename not in app.env.found_docs:
        return
    for name in notebooks(app, pagename):
        words = f"{WORDS}: {name.removesuffix('.ipynb')}" if pagename == SHEETS else WORDS
        url = f"{context['pathto'](f'{FOLDER}/notebooks/index.html', True)}?path={quote(name)}"
        context.setdefault("page_actions", []).append({"text": words, "url": url})


def put(app: Sphinx) -> None:
    """Before a page is written: JupyterLite without contents, so that others see what the site will have."""
    try:
        place(app, FOLDER, application)
    except LiteError as problem:
        raise ExtensionError(str(problem)) from None


def fill(app: Sphinx, exception) -> None:
    """After the pages: the notebooks as they are now."""
    if exception or not app.config.live or app.builder.format != "html":
        return
    target = Path(app.outdir) / FOLDER
    write_contents(target, contents(app))
    try:
        check(target)
    except LiteError as problem:
        raise ExtensionError(str(problem)) from None


def setup(app: Sphinx) -> dict:
    app.setup_extension("runtime")
    app.connect("html-page-context", add_link)
    app.connect("builder-inited", put)  # after the runtime
    app.connect("build-finished", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
