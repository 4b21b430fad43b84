"""Sphinx extension: every display equation carries its verdict, and the book does not build without.

What must hold is in `checks`, what the claims come to in `proving`, the mark beside an equation in
`marks`, the ledger, the errata and the concordance in `generated`, the table of notation in `tables`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import selfhosted
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from verdicts import checks, generated, marks, proving, tables

logger = logging.getLogger(__name__)


def _key(app: Sphinx, config) -> None:
    """Make the state of the code a configuration value: when it changes, all pages are read anew."""
    try:
        registry = import_module(config.verdicts_registry)
        registry.claims()
    except Exception as error:
        raise ExtensionError(
            f"the claims of {config.verdicts_registry} cannot be loaded: {error!r}"
        ) from error
    config.verdicts_key = proving.fingerprint(registry)


def _prove(app: Sphinx) -> None:
    """Prove what is not proved yet, before the first page is read."""

    def progress(proved, count):
        return status_iterator(proved, "proving claims... ", "green", count, app.verbosity, lambda result: "")

    registry = import_module(app.config.verdicts_registry)
    app.verdicts = registry
    app.verdicts_results = proving.results(registry, Path(app.outdir).parent / "verdicts.json", progress)
    app.verdicts_entries = generated.bibliography(app)


def _read(app: Sphinx, doctree: nodes.document) -> None:
    """Note the facts of a page, then put the marks beside its equations."""
    docname = app.env.docname
    _pages(app.env)[docname] = checks.read(doctree, _complaint(app))
    uri = app.builder.get_relative_uri(docname, app.config.verdicts_references)
    maker = marks.Marks(app.verdicts, app.verdicts_results, app.verdicts_entries)
    for block in list(filter(checks.written, doctree.findall(nodes.math_block))):
        maker.attach(block, docname, uri)


def _complaint(app: Sphinx):
    """What KaTeX finds wrong with a formula, where KaTeX sets the pages."""
    if "selfhosted" not in app.extensions:
        return lambda formula: ""
    return lambda formula: selfhosted.typeset(formula.astext(), isinstance(formula, nodes.math_block))[1]


def _pages(env: BuildEnvironment) -> dict[str, checks.Page]:
    if not hasattr(env, "verdicts_pages"):
        env.verdicts_pages = {}
    return env.verdicts_pages


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _pages(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    _pages(env).update({name: _pages(other)[name] for name in docnames if name in _pages(other)})


def _rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The generated pages are written again when an equation has moved or changed anywhere."""
    now = {
        label: (name, latex) for name, page in _pages(env).items() for label, latex in page.equations.items()
    }
    before, env.verdicts_equations = getattr(env, "verdicts_equations", None), now
    return [] if now == before else sorted(getattr(env, "verdicts_generated", set()) & env.found_docs)


def _judge(app: Sphinx, error: Exception | None) -> None:
    """End the build in failure, all that is wrong in one list. The pages are written all the same."""
    if error is None and app.builder.format == "html":
        code = proving.shipped(app.verdicts)
        found = checks.problems(
            _pages(app.env), app.verdicts, app.verdicts_results, app.verdicts_entries, code
        )
        if found:
            lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(found, 1))
            raise ExtensionError(f"{len(found)} problem(s) with the book's equations and claims:\n{lines}")
        logger.info("all %d claims hold, every equation has its verdict", len(app.verdicts_results))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("verdicts_registry", "nnlib.proofs", "env")
    app.add_config_value("verdicts_references", "book/references", "env")
    app.add_config_value("verdicts_key", "", "env")
    marks.add_nodes(app)
    generated.add_directives(app)
    tables.add_directives(app)
    app.connect("config-inited", _key)
    app.connect("builder-inited", _prove)
    app.connect("doctree-read", _read)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("env-get-updated", _rewrite)
    app.connect("doctree-resolved", generated.fill)
    app.connect(
        "build-finished", _judge, priority=100
    )  # before those that clean up, and would have to do it twice
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
