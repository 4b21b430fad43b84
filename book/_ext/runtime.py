"""Sphinx extension: the folder live/pyodide of the site, from which a page and JupyterLite load Python.

`tools.runtime` fetches, verifies and lays it out. ``LIVE=0`` in the environment builds a book without it;
the configuration value ``live`` tells other extensions.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # jupyter-book is a script elsewhere and does not look here

from tools.runtime.folder import lay_out, link_or_copy  # noqa: E402
from tools.runtime.pins import Pins  # noqa: E402
from tools.runtime.sources import Store, UnavailableError  # noqa: E402

FOLDER = "live/pyodide"  # below the site's root


def place(app: Sphinx, folder: str, make: Callable[[Store], Path]) -> None:
    """Link what `make` makes into `folder` of the site; with `LIVE=0` take away what an earlier build left."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / folder
    if not app.config.live:
        shutil.rmtree(target, ignore_errors=True)
        return
    try:
        link_or_copy(make(Store(Pins(), named=os.environ.get("RUNTIME", ""))), target)
    except UnavailableError as problem:
        raise ExtensionError(str(problem)) from None


def put(app: Sphinx) -> None:
    """Before a page is written, so that a build that cannot have the files ends at once and says so."""
    place(app, FOLDER, lay_out)


def setup(app: Sphinx) -> dict:
    app.add_config_value("live", os.environ.get("LIVE", "1") != "0", "env", [bool])
    app.connect("builder-inited", put)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
