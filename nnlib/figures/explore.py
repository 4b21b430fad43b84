"""``explore``: one call that shows a figure with its controls, on a page and in Jupyter.

On a page every state was computed when the notebook was recorded. Under a live Jupyter the kernel
computes the state that is asked for, and plotly draws it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from html import escape
from importlib.util import find_spec

from nnlib.figures.bundle import decode, encode, start_of
from nnlib.figures.controls import controls_of, is_number, named
from nnlib.figures.predictions import PREDICTIONS

MIME = "application/vnd.nnlib.figure+json"

# How plotly shows a role under a live Jupyter (light theme): colour, dash, marker, line width. The page's
# style sheet and script hold the same; a test compares them.
STYLES = {
    "value": ("#0a5ea8", "solid", "circle", 2.2),
    "gradient": ("#ab5500", "dash", "diamond", 2.2),
    "immediate": ("#8a50d0", "dot", "square", 2.2),
    "total": ("#004d45", "longdash", "triangle-up", 2.2),
    "wrong": ("#d3154a", "dashdot", "x", 2.2),
    "right": ("#12561c", "solid", "star", 3.6),
    "neutral": ("#666b75", "solid", "circle-open", 1.2),
    "second": ("#5f4b00", "longdashdot", "triangle-down", 2.2),
    "third": ("#8a1470", "2px,7px", "diamond-open", 3),
}
PATTERNS = {  # of bars: never colour alone
    "gradient": "/", "immediate": "|", "total": "-", "wrong": "x", "right": "+", "second": ".", "third": "\\",
}  # fmt: skip
LAYOUT = {"height": 360, "margin": {"t": 30, "b": 50, "l": 70, "r": 20}}


def explore(figure, /, alt: str | None = None, **controls):
    """Show `figure` with one control per argument; the last expression of a notebook's cell.

    Parameters
    ----------
    figure : function of the controls, returning ``{"data", "layout", "meta": {"alt", "sentence"}}``; what
        else it wants to know, stored measurements for instance, a `functools.partial` gives it.
    alt : what there is to see, instead of the figure's own text.
    controls : ``depth=(1, 12)``, every whole number; ``eta=(0.01, 1.0)``, nine steps; a longer tuple, a
        range stored at these values; a list, its choices. Each starts at the figure's own default. See
        `nnlib.figures.controls`.

    Raises ValueError as `nnlib.figures.bundle.encode` does.
    """
    return live(figure, controls) if is_live() else Explorer(encode(figure, controls, alt))


class Explorer:
    """A figure on a grid of states; a notebook stores `bundle`, a page draws it."""

    def __init__(self, bundle: dict):
        self.bundle = bundle

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {MIME: self.bundle, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return decode(self.bundle)[start_of(self.bundle["controls"])]["meta"]["sentence"]


def is_live() -> bool:
    """Whether a person's kernel shows the figure, so that every value can be computed on demand.

    Jupyter's server names the session it starts a kernel for; nbclient and pytest start kernels without
    one. JupyterLite's kernel, `pyodide_kernel`, is always a person's. ``NNLIB_LIVE=1`` or ``0`` decides in all
    other cases, and for recorders started from a notebook.
    """
    asked = os.environ.get("NNLIB_LIVE")
    started = "JPY_SESSION_NAME" in os.environ or "pyodide_kernel" in sys.modules
    wanted = asked == "1" if asked is not None else started
    return wanted and all(find_spec(name) for name in ("plotly", "ipywidgets", "anywidget"))


def live(figure, given: dict[str, tuple | list]):
    """Controls of ipywidgets and a plotly figure that follows them, computed by the kernel."""
    import ipywidgets
    from plotly.graph_objects import FigureWidget

    controls = {offered["name"]: _widget(ipywidgets, offered) for offered in controls_of(figure, given)}
    view, sentence = FigureWidget(), ipywidgets.HTML()
    question, told, explain = _prediction(ipywidgets, PREDICTIONS.get(named(figure)[0] or ""))

    def update(change=None):
        state = figure(**{name: widget.value for name, widget in controls.items()})
        with view.batch_update():
            view.update(_plain(styled(state)), overwrite=bool(view.data))
        sentence.value = escape(state["meta"]["sentence"])
        if change:
            explain()

    for widget in controls.values():
        widget.observe(update, names="value")
    update()
    return ipywidgets.VBox([*question, *controls.values(), view, sentence, *told])


def _prediction(ipywidgets, asked) -> tuple[list, list, Callable[[], None]]:
    """The widgets that ask for a prediction and that explain it, and what fills these after the first change."""
    if asked is None:
        return [], [], lambda: None
    answers = [answer for answer, _ in asked.answers]
    choice = ipywidgets.RadioButtons(options=answers, value=None, layout={"width": "auto"})
    told = ipywidgets.HTML()

    def explain() -> None:
        if choice.value is None:
            return
        shown = sorted({answers.index(choice.value), asked.right})
        lines = [(*asked.answers[k], "right" if k == asked.right else "no") for k in shown]
        told.value = "".join(f"<p><b>{escape(a)}</b>: {mark}. {escape(why)}</p>" for a, why, mark in lines)

    return [ipywidgets.HTML(f"<b>Predict first.</b> {escape(asked.question)}"), choice], [told], explain


def styled(state: dict) -> dict:
    """`state` for plotly's own display: roles become colours, dashes and markers."""
    data = []
    for trace in state["data"]:
        role = trace.get("meta", {}).get("role", "value")
        colour, dash, symbol, width = STYLES[role]
        look = {}
        if trace.get("type", "scatter") == "scatter":
            look["line"] = {"color": colour, "dash": dash, "width": width, **trace.get("line", {})}
            look["marker"] = {"color": colour, "symbol": symbol, **trace.get("marker", {})}
        elif trace["type"] == "bar":
            look["marker"] = {"color": colour, "pattern": {"shape": PATTERNS.get(role, "")}}
        data.append({**trace, **look})
    return {"data": data, "layout": LAYOUT | state.get("layout", {})}


def _plain(value):
    """`value` with whole numbers beyond 2^53 as floats: a browser's own kind for them is none that JSON knows."""
    if isinstance(value, dict):
        return {key: _plain(inside) for key, inside in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inside) for inside in value]
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _widget(ipywidgets, offered: dict):
    """A slider for numbers, a list for choices; of a range, over all that a live kernel may be asked."""
    values = offered.get("live", offered["values"])
    kind = ipywidgets.SelectionSlider if all(map(is_number, values)) else ipywidgets.Dropdown
    start = offered["values"][offered.get("start", 0)]
    return kind(options=values, value=start, description=offered["label"])
