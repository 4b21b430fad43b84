"""Sphinx extension: what the site ships that others made, for the page "Licences", and the texts of the licences.

The directive ``{licences} pages``, ``runtime`` or ``lite`` lists a part of the site; the texts lie in the site's folder
licences. What Jupyter Book's extensions put into the site for another theme is taken out.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from licences.components import Component, LicenceError, components, jupyterlite, leftovers

RUNTIME = "live/pyodide"
FOLDER = "licences"
LACKING = "This copy of the book was built without this part and ships nothing of it."


class Licences(SphinxDirective):
    """The components of one part of the site as a table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # the files decide, not the page's text
        part = [component for component in self.env.licences if component.part == self.arguments[0]]
        if not part:
            return [nodes.paragraph("", LACKING)]
        return [nodes.raw("", table(part), format="html")]


def table(part: list[Component]) -> str:
    """Name, what it is, version, licences and their text."""
    rows = [
        f"<tr><td>{escape(c.name)}{escape(c.what and f': {c.what}').replace('/', '/<wbr>')}</td>"
        f"<td>{escape(c.version)}</td>"
        f'<td><a href="../{FOLDER}/{c.file}">{_unbroken(", ".join(c.licences))}</a></td></tr>'
        for c in part
    ]
    head = "".join(f'<th class="head">{name}</th>' for name in ("What", "Version", "Licence"))
    return f'<table class="docutils"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _unbroken(names: str) -> str:
    """Apache-2.0 stays whole in a narrow column, and is copied as SPDX writes it."""
    return re.sub(r"[^\s,]*-[^\s,]*", r'<span class="unbroken">\g<0></span>', escape(names))


def gather(app: Sphinx) -> None:
    """Find the components, once their files are there, and put their texts into the site."""
    runtime, lite = Path(app.outdir) / RUNTIME, Path(app.outdir) / "lite"
    try:
        app.env.licences = components(runtime if app.config.live and runtime.is_dir() else None)
        if app.config.live and lite.is_dir():
            app.env.licences.append(jupyterlite(lite))
    except LicenceError as problem:
        raise ExtensionError(str(problem)) from None
    if app.builder.format == "html":
        folder = Path(app.outdir) / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for component in app.env.licences:
            (folder / component.file).write_text(component.text, encoding="utf8")


def clean(app: Sphinx, error: Exception | None) -> None:
    """Take out of the site what no page of it uses."""
    if error is None and app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        for pattern in leftovers():
            for file in static.glob(pattern):
                file.unlink()


def setup(app: Sphinx) -> dict:
    app.setup_extension("runtime")
    app.add_directive("licences", Licences)
    app.connect("builder-inited", gather, priority=900)  # after the runtime and JupyterLite are there
    app.connect("build-finished", clean, priority=960)  # after the pages' style sheets are made
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
