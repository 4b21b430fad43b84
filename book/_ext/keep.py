"""Sphinx extension: what the page "Keep this book" may keep, listed in keep.json at the site's root.

Every file with its size and hash, by parts: the pages with all they load, and the runtime of live Python that a
page needs. The edition is a hash of them all, so a book built anew from the same sources is the same edition.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from sphinx.application import Sphinx

SOURCE = Path(__file__).parent.parent / "live"
SCRIPTS = ("keep.js", "keep-store.js")
PAGE = "book/keep"
RUNTIME = "live/pyodide"
OTHERS = ("lite", "_sources", ".buildinfo", "objects.inv", "keep.json", "keep-worker.js", ".doctrees")
IN_PAGES = {"numpy", "nnlib", "sympy", "mpmath"}  # packages that a page's Python loads
NEVER = (".mjs", ".zip.part")


def listing(site: Path) -> dict:
    """``{"edition": ..., "parts": {name: {"bytes": ..., "files": [{"path", "bytes", "hash"}]}}}``."""
    parts: dict[str, list[dict]] = {"pages": []}
    wheels = unneeded(site / RUNTIME)
    for path in sorted(p for p in site.rglob("*") if p.is_file()):
        name = path.relative_to(site).as_posix()
        if name.split("/")[0] in OTHERS or path.suffix in NEVER or path.name in wheels:
            continue
        content = path.read_bytes()
        part = "live" if name.startswith(f"{RUNTIME}/") else "pages"
        fact = {"path": name, "bytes": len(content), "hash": hashlib.sha256(content).hexdigest()[:16]}
        parts.setdefault(part, []).append(fact)
    edition = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    told = {
        name: {"bytes": sum(fact["bytes"] for fact in files), "files": files} for name, files in parts.items()
    }
    return {"edition": edition, "parts": told}


def unneeded(runtime: Path) -> set[str]:
    """The packages in the runtime's folder that only JupyterLite loads."""
    lock = runtime / "pyodide-lock.json"
    packages = json.loads(lock.read_text("utf8"))["packages"] if lock.exists() else {}
    return {entry["file_name"] for name, entry in packages.items() if name not in IN_PAGES}


def place(app: Sphinx) -> None:
    """The scripts; the service worker lies at the root, from where it sees every page."""
    if app.builder.format == "html":
        (Path(app.outdir) / "live").mkdir(parents=True, exist_ok=True)
        for name in SCRIPTS:
            shutil.copyfile(SOURCE / name, Path(app.outdir) / "live" / name)
        shutil.copyfile(SOURCE / "keep-worker.js", Path(app.outdir) / "keep-worker.js")


def add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if pagename == PAGE and app.builder.format == "html":
        app.add_css_file("../live/live.css")
        for name in ("keep-store.js", "keep.js"):
            app.add_js_file(f"../live/{name}", loading_method="defer")


def write(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        site = Path(app.outdir)
        (site / "keep.json").write_text(json.dumps(listing(site)), encoding="utf8")


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", place, priority=900)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write, priority=990)  # when everybody else has written
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
